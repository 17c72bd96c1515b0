"""Marks as training data: `decisions.yml` follows a few seconds behind `review.yml`.

A mark is safe in `review.yml` before the page hears of it; records are made of what stands there, so a studio that is
killed loses none: the next one catches up when the song is opened. Waiting leaves out what was taken back at once.
"""

import logging
from pathlib import Path
from threading import Lock, Timer
from typing import TYPE_CHECKING

from whitelight.composition.decisions import record_decisions
from whitelight.errors import WhitelightError

if TYPE_CHECKING:
    from whitelight.studio.journal import Journal

WAIT_S = 3.0
_LOG = logging.getLogger(__name__)


class DecisionKeeper:
    """Records the decisions of songs some time after they were made; does nothing when the studio must not write."""

    def __init__(self, journal: "Journal", *, is_on: bool, wait_s: float = WAIT_S) -> None:
        self._journal, self._is_on, self._wait_s = journal, is_on, wait_s
        self._waiting: dict[Path, Timer] = {}
        self._lock = Lock()

    def record_soon(self, folder: Path) -> None:
        """Record after a while without further marks."""
        if not self._is_on:
            return
        with self._lock:
            if (before := self._waiting.pop(folder, None)) is not None:
                before.cancel()
            timer = Timer(self._wait_s, self.record, (folder,))
            timer.daemon = True
            self._waiting[folder] = timer
            timer.start()

    def record(self, folder: Path) -> None:
        """Record now; a file that cannot be added to is left to `whitelight compose promote` to complain of."""
        with self._lock:
            if (before := self._waiting.pop(folder, None)) is not None:
                before.cancel()
        if self._is_on:
            try:
                with self._journal.lock(folder):
                    record_decisions(folder)
            except (WhitelightError, OSError) as err:
                _LOG.warning("decisions of %s were not recorded: %s", folder.name, err)

    def close(self) -> None:
        """Record what waits."""
        with self._lock:
            waiting = list(self._waiting)
        for folder in waiting:
            self.record(folder)
