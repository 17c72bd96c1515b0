"""Breath: no singer holds a note or sings on without end, however slow the song."""

import math
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

SUNG_S = 7.2  # at most, without a breath
NOTE_S = 4.5  # at most, of one note
REST_S = 0.3  # a quick breath
EARLIEST_S = 2.5  # after the last breath one does not breathe again at once


class Timed(Protocol):
    """A note from `start` to `end`, in pulses."""

    @property
    def start(self) -> int:
        """First pulse."""

    @property
    def end(self) -> int:
        """First pulse after it."""


N = TypeVar("N", bound=Timed)


def breathe(line: Sequence[N], pulse_s: float, shorten: Callable[[N, int], N]) -> list[N]:
    """Shorten notes so that the line can be sung; in coarse grids a note is left out instead.

    Parameters
    ----------
    line : in order of time. shorten : makes the same note with another end.
    """
    rest, longest = math.ceil(REST_S / pulse_s), max(int(NOTE_S / pulse_s), 1)
    found: list[N] = []
    since = 0  # place in `found` of the first note after the last breath
    for note in line:
        held = note if note.end - note.start <= longest else shorten(note, note.start + longest)
        if found and held.start - found[-1].end >= rest:
            since = len(found)
        elif found[since:] and (held.end - found[since].start) * pulse_s > SUNG_S:
            since = _take_breath(found, since, held, rest=rest, earliest=EARLIEST_S / pulse_s, shorten=shorten)
            if since > len(found):  # no note could be shortened
                since = len(found)
                continue
        found.append(held)
    return found


def _take_breath(
    found: list[N], since: int, following: Timed, *, rest: int, earliest: float, shorten: Callable[[N, int], N]
) -> int:
    """End the longest late note of the stretch early; return where the next stretch begins, beyond all if nowhere."""
    begin = found[since].start
    places = [p for p in range(since, len(found)) if found[p].end - found[p].start > rest]
    late = [p for p in places if found[p].end - begin >= earliest] or places
    if not late:
        return len(found) + 1
    best = max(late, key=lambda p: (found[p].end - found[p].start, p))
    until = found[best + 1].start if best + 1 < len(found) else following.start
    found[best] = shorten(found[best], max(min(found[best].end, until - rest), found[best].start + 1))
    return best + 1
