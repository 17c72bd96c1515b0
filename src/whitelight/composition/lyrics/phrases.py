"""Phrases of a melody, and what each of its notes offers to a syllable: weight, length, height.

A phrase is notes until a rest of a quarter or more, or until an onset two quarters or more later that is also three
times the median gap. What is longer than a breath is cut at its longest notes, so that a line of words stays a line.
"""

import itertools
from dataclasses import dataclass
from statistics import median

from whitelight.composition.context import SectionContext
from whitelight.composition.lyrics.words import Kind
from whitelight.errors import WhitelightError
from whitelight.music import Notes

MAX_SYLLABLES = 14  # longest line; phrases of songs have 1 to 19 (5th to 95th percentile)
LONG = 1.5  # times the median length: a held note
# P(place | kind of syllable) counted on OpenEWLD (217 songs): bar line, half bar, other beat, off-beat
PLACES = {
    Kind.STRONG: (0.56, 0.23, 0.13, 0.08),
    Kind.WEAK: (0.03, 0.08, 0.32, 0.57),
    Kind.CONTENT: (0.41, 0.18, 0.20, 0.21),
    Kind.FUNCTION: (0.11, 0.09, 0.31, 0.49),
}


class NoMelodyError(WhitelightError):
    """There is nothing to put words on."""


@dataclass(frozen=True, slots=True)
class SungNote:
    """A note that can carry a syllable.

    Attributes
    ----------
    onset, duration : ticks. weight : 4 bar line, 3 half bar, 2 group, 1 unit, 0 between; that of the beat it holds into
        when it comes half a beat early. is_long : at least `LONG` times the median. height : semitones above the median.
    """

    onset: int
    duration: int
    pitch: int
    weight: int
    own_weight: int
    is_long: bool
    height: int

    @property
    def place(self) -> int:
        """Column of `PLACES`."""
        return 0 if self.weight == 4 else 1 if self.weight == 3 else 2 if self.weight == 2 else 3

    @property
    def strength(self) -> float:
        """How much it stands out: the beat first, then length, then height."""
        return self.weight + 1.0 * self.is_long + 0.02 * max(min(self.height, 12), -12)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Notes of one line."""

    notes: tuple[SungNote, ...]

    def __len__(self) -> int:
        return len(self.notes)

    @property
    def end(self) -> int:
        """Tick at which it ends."""
        return self.notes[-1].onset + self.notes[-1].duration


def melody_notes(notes: Notes) -> list[tuple[int, int, int, int]]:
    """One voice: of notes struck together the highest; a note ends where the next begins."""
    top: dict[int, tuple[int, int, int, int]] = {}
    for row in notes.to_rows():
        if row[0] not in top or row[2] > top[row[0]][2]:
            top[row[0]] = row
    rows = [top[onset] for onset in sorted(top)]
    following = [*(row[0] for row in rows[1:]), 1 << 60][: len(rows)]
    return [(row[0], min(row[1], after - row[0]), row[2], row[3]) for row, after in zip(rows, following, strict=True)]


def find_phrases(melody: Notes, context: SectionContext) -> tuple[Phrase, ...]:
    """Cut a melody into phrases; none without notes."""
    rows = melody_notes(melody)
    if not rows:
        return ()
    middle, usual = median(row[2] for row in rows), median(row[1] for row in rows)
    notes = [_sung(row, context, middle, usual) for row in rows]
    cuts = [k for k in _borders(notes, context.ticks_per_beat) if 0 < k < len(notes)]
    groups = [notes[a:b] for a, b in zip([0, *cuts], [*cuts, len(notes)], strict=True)]
    return tuple(Phrase(tuple(part)) for group in groups for part in _breaths(group))


def _sung(row: tuple[int, int, int, int], context: SectionContext, middle: float, usual: float) -> SungNote:
    onset, duration, pitch, _ = row
    grid, pulse_ticks = context.grid, context.pulse_ticks
    pulse = round(onset / pulse_ticks)
    own = grid.weights[pulse % grid.bar_pulses]
    reach = round(0.5 * context.ticks_per_beat / pulse_ticks)  # an eighth ahead
    held = [
        grid.weights[(pulse + k) % grid.bar_pulses]
        for k in range(1, reach + 1)
        if k * pulse_ticks < duration and own <= 1 and duration >= context.ticks_per_beat / 2
    ]
    weight = max([own, *(w for w in held if w >= 3)])
    return SungNote(onset, duration, pitch, weight, own, duration >= LONG * usual, round(pitch - middle))


def _borders(notes: list[SungNote], quarter: int) -> list[int]:
    gaps = [after.onset - note.onset for note, after in itertools.pairwise(notes)]
    usual = median(gaps) if gaps else 0
    rests = [gap - note.duration for gap, note in zip(gaps, notes, strict=False)]
    return [
        k + 1
        for k, (gap, rest) in enumerate(zip(gaps, rests, strict=True))
        if rest >= quarter or (gap >= 2 * quarter and gap >= 3 * usual)
    ]


def _breaths(notes: list[SungNote]) -> list[list[SungNote]]:
    """Cut what is longer than a line behind the note that is held longest, near the middle."""
    if len(notes) <= MAX_SYLLABLES:
        return [notes]
    gaps = [after.onset - note.onset for note, after in itertools.pairwise(notes)]
    middle, inner = len(notes) / 2, range(3, len(notes) - 3)
    cut = max(inner, key=lambda k: (gaps[k - 1] * (1.0 - abs(k - middle) / len(notes)), -k))
    return [*_breaths(notes[:cut]), *_breaths(notes[cut:])]
