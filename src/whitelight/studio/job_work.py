"""What a job does, in a process of its own: it can be ended at any moment, and the page stays quick meanwhile.

Everything a stage writes is written whole or not at all, review last, so nothing half-made stays behind.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from whitelight.errors import WhitelightError
from whitelight.workers import end_with_parent

TOLD_EVERY_S = 0.1
_NICENESS = 5  # the page and the sound come first


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done, as plain data for another process.

    Attributes
    ----------
    stage : None for the next open one, and where a stage means nothing. sections, like, kinds : all when empty.
    candidates, generations : of the search; its own defaults when None.
    """

    kind: str
    folder: Path
    stage: str | None = None
    sections: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    candidates: int | None = None
    generations: int | None = None
    kinds: tuple[str, ...] = ()
    model: Path | None = None
    dataset: Path | None = None
    taste: Path | None = None
    soundfont: Path | None = None
    force: bool = False


Told = Callable[[int, int], None]


def work(order: Order, pipe: Connection) -> None:
    """Run in the child: do what is ordered, tell how far it is, and say last how it ended.

    Messages are ``("progress", done, total)``, then ``("done", outcome)`` or ``("failed", reason)``.
    """
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is the server's to answer
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that a write that is under way cleans up
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    try:
        pipe.send(("done", carry_out(order, _thinned(pipe))))
    except WhitelightError as err:
        pipe.send(("failed", str(err)))
    except OSError as err:
        pipe.send(("failed", f"the system refused: {err.strerror or err}"))
    except Exception as err:  # noqa: BLE001  whatever went wrong is said in the job; the process ends here
        pipe.send(("failed", f"a mistake of whitelight's own: {type(err).__name__}: {err}"))


def _thinned(pipe: Connection) -> Told:
    """Progress at most ten times a second; the last step is always told."""
    told_at = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told_at
        now = time.monotonic()
        if done >= total or now - told_at >= TOLD_EVERY_S:
            told_at = now
            pipe.send(("progress", done, total))

    return tell


def carry_out(order: Order, progress: Told) -> dict[str, Any]:
    """Do what is ordered; return ``added`` ids, ``files`` below the song's folder, ``problems``, and the ``stage``."""
    if order.kind == "assemble":
        return _assemble(order)
    return _export(order) if order.kind == "export" else _compose(order, progress)


def _compose(order: Order, progress: Told) -> dict[str, Any]:
    from whitelight.composition.desk import ComposingDesk, next_open_stage  # noqa: PLC0415  only this process pays
    from whitelight.composition.section_search import Effort  # noqa: PLC0415  as above
    from whitelight.composition.taste import open_taste  # noqa: PLC0415  as above
    from whitelight.scoring import ChromaticScorer  # noqa: PLC0415  as above

    assert order.model is not None
    asked = {"n_candidates": order.candidates, "n_generations": order.generations}
    effort = Effort(**{name: value for name, value in asked.items() if value is not None})
    stage = order.stage or next_open_stage(order.folder)
    taste = open_taste(order.taste)
    desk = ComposingDesk(ChromaticScorer(order.model), order.dataset, taste, order.force)
    options: dict[str, Any] = {"sections": order.sections, "effort": effort, "progress": progress}
    said: tuple[str, ...] = ()
    if order.kind == "evolve":
        report = desk.evolve(order.folder, stage, like=order.like, **options)
    elif order.kind == "regenerate":
        report = desk.regenerate(order.folder, stage, **options)
    else:
        report, said = desk.compose(order.folder, stage, **options)
    return {"stage": stage, "added": list(report.added), "files": [], "problems": [*said, *report.problems]}


def _assemble(order: Order) -> dict[str, Any]:
    from whitelight.composition.arrangement import read_arrangement, write_song  # noqa: PLC0415  as above
    from whitelight.composition.decisions import record_decisions  # noqa: PLC0415  as above

    report = write_song(order.folder)
    record_decisions(order.folder, read_arrangement(order.folder).parts_used())
    stale = [f"stems/{path.name}: not in the song any more; delete it if you do not want it" for path in report.stale]
    return {"added": [], "files": _names(order.folder, report.written), "problems": [*report.problems, *stale]}


def _export(order: Order) -> dict[str, Any]:
    from whitelight.composition.exports import export_song  # noqa: PLC0415  as above

    report = export_song(order.folder, order.kinds, soundfont=order.soundfont)
    return {"added": [], "files": _names(order.folder, report.files), "problems": list(report.problems)}


def _names(folder: Path, files: Any) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in files]
