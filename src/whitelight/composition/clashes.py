"""Counting what rubs: notes of one line against chords, scale, another part and the end of the section.

Places are those of the nearest pulse, since hands are early and late; strong is the bar line and the half bar (grid
weight 3 and more). A *clash* is a note a semitone from a tone of the sounding chord and no tone of it; it is *prepared*
when it is reached by step or repeated, left by step and lasts a quarter at most (passing note, suspension,
appoggiatura). Nothing is judged against chords where there are none. Phrases end with a rest of a quarter, or with a
gap of two quarters between onsets that is also thrice the usual one (COMPOSING, "Reading the data").

Make a `ClashFrame` once per section; `judge_line` tells every note's place, `count_clashes` sums up.
"""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.context import SectionContext
from whitelight.music import Notes

STRONG = 3  # weight of a half bar in the `MeterGrid`
WHOLE_STEP = 2  # semitones
PHRASE_REST, PHRASE_GAP, PHRASE_GAP_RATIO = 1.0, 2.0, 3.0  # quarters, quarters, times the median gap
LONGEST_PREPARED = 1.0  # quarters

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ClashFrame:
    """What notes of a section are laid against; build with `clash_frame`.

    Attributes
    ----------
    pulse_ticks, quarter_ticks, end_tick : ticks of a pulse, of a quarter note, of the section.
    weights : shape (n_pulses,), metrical weight 0–4. chord_at : shape (n_pulses,), index of the sounding chord.
    chord_edges : shape (n_chords + 1,), ticks. tones, near : shape (n_chords, 12); tones of a chord, and what lies a
        semitone from one without being one. scale : shape (12,). has_chords : whether any chord was heard.
    """

    pulse_ticks: int
    quarter_ticks: int
    end_tick: int
    weights: NDArray[np.int64]
    chord_at: NDArray[np.int64]
    chord_edges: NDArray[np.int64]
    tones: Mask
    near: Mask
    scale: Mask
    has_chords: bool


@dataclass(frozen=True, slots=True, eq=False)
class LineJudgment:
    """What every note of a line is; all of shape (n_notes,).

    Attributes
    ----------
    pulse, weight : nearest pulse of the section and its metrical weight. chord : index of the chord at the onset.
    is_tone : of the chord at the onset. is_clash : a semitone from one and no tone. is_prepared : a clash that was meant.
    is_held_clash : sounds a quarter or more into a later chord with which it clashes.
    is_chromatic : outside the scale, and meant: a tone of a chord that sounds with it, or it leads on by a semitone.
    is_foreign : outside the scale and not meant. is_first, is_last : of its phrase.
    is_tone_in_the_end : of any chord that sounds while it is held.
    """

    pulse: NDArray[np.int64]
    weight: NDArray[np.int64]
    chord: NDArray[np.int64]
    is_tone: Mask
    is_clash: Mask
    is_prepared: Mask
    is_held_clash: Mask
    is_chromatic: Mask
    is_foreign: Mask
    is_first: Mask
    is_last: Mask
    is_tone_in_the_end: Mask

    @property
    def is_strong(self) -> Mask:
        """On a bar line or half bar."""
        return self.weight >= STRONG


@dataclass(frozen=True, slots=True)
class ClashCount:
    """How often; counts of several parts can be added. What has no chords under it has no strong notes.

    Attributes
    ----------
    n_notes : all. n_tones : on any place, tones of the sounding chord. n_strong, n_strong_tones : on strong places.
    n_strong_clashes, n_strong_prepared : the prepared ones are among the clashes. n_held_clashes : see `LineJudgment`.
    n_chromatic, n_foreign : outside the scale, meant and not meant. n_phrases, n_phrase_tones : phrases, and those whose
        last note is a chord tone when the chord that arrives under it counts.
    n_against, n_against_prepared : notes a semitone or minor ninth from a note of the other part; meant ones among them.
    n_hanging : notes that outlast the section. n_overlapping : notes that sound on into the next one.
    """

    n_notes: int = 0
    n_tones: int = 0
    n_strong: int = 0
    n_strong_tones: int = 0
    n_strong_clashes: int = 0
    n_strong_prepared: int = 0
    n_held_clashes: int = 0
    n_chromatic: int = 0
    n_foreign: int = 0
    n_phrases: int = 0
    n_phrase_tones: int = 0
    n_against: int = 0
    n_against_prepared: int = 0
    n_hanging: int = 0
    n_overlapping: int = 0

    def __add__(self, other: "ClashCount") -> "ClashCount":
        return ClashCount(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def n_strong_unintended(self) -> int:
        """Strong clashes that nothing prepared."""
        return self.n_strong_clashes - self.n_strong_prepared

    @property
    def n_against_unintended(self) -> int:
        """Clashes with the other part that nothing prepared."""
        return self.n_against - self.n_against_prepared

    @property
    def strong_tone_share(self) -> float:
        """Share of strong notes that are chord tones; real songs have .75 to .90."""
        return self.n_strong_tones / max(self.n_strong, 1)

    @property
    def strong_clash_share(self) -> float:
        """Share of strong notes that clash and were not prepared."""
        return self.n_strong_unintended / max(self.n_strong, 1)

    @property
    def foreign_share(self) -> float:
        """Share of notes outside the scale that were not meant."""
        return self.n_foreign / max(self.n_notes, 1)

    @property
    def against_share(self) -> float:
        """Share of notes that clash with the other part and were not prepared."""
        return self.n_against_unintended / max(self.n_notes, 1)

    @property
    def phrase_end_share(self) -> float:
        """Share of phrases that end on a chord tone."""
        return self.n_phrase_tones / max(self.n_phrases, 1)


def clash_frame(context: SectionContext) -> ClashFrame:
    """Prepare the chords, scale and meter of a section."""
    chords, n_pulses = context.chords, context.n_pulses
    tones = np.zeros((max(len(chords), 1), 12), dtype=bool)
    for row, chord in enumerate(chords):
        tones[row, list(chord.tones)] = True
    starts = [chord.start for chord in chords] or [0]
    scale = np.zeros(12, dtype=bool)
    scale[list(context.key.scale_pitch_classes)] = True
    return ClashFrame(
        pulse_ticks=context.pulse_ticks,
        quarter_ticks=context.ticks_per_beat,
        end_tick=context.end_tick,
        weights=np.resize(np.array(context.grid.weights, dtype=np.int64), n_pulses),
        chord_at=np.searchsorted(starts, np.arange(n_pulses), side="right").clip(1) - 1,
        chord_edges=np.array([*starts, n_pulses], dtype=np.int64) * context.pulse_ticks,
        tones=tones,
        near=(np.roll(tones, 1, axis=1) | np.roll(tones, -1, axis=1)) & ~tones,
        scale=scale,
        has_chords=bool(chords),
    )


def phrase_starts(notes: Notes, quarter_ticks: int) -> Mask:
    """Whether each note of a line begins a phrase; shape (n_notes,)."""
    first = np.ones(len(notes), dtype=bool)
    if len(notes) < 2:
        return first
    gap = np.diff(notes.onset_tick)
    rest = notes.onset_tick[1:] - np.maximum.accumulate(notes.end_tick)[:-1]
    is_far = (gap >= PHRASE_GAP * quarter_ticks) & (gap >= PHRASE_GAP_RATIO * float(np.median(gap)))
    first[1:] = (rest >= PHRASE_REST * quarter_ticks) | is_far
    return first


def nearest_pulse(ticks: NDArray[np.int64], frame: ClashFrame) -> NDArray[np.int64]:
    """Pulse a moment belongs to, since hands are early and late; the last one for what lies beyond the end."""
    return np.minimum((ticks + frame.pulse_ticks // 2) // frame.pulse_ticks, len(frame.weights) - 1)


def judge_line(notes: Notes, frame: ClashFrame) -> LineJudgment:
    """Say of each note of a line (one note at a time) what it is against chords and scale."""
    pulse = nearest_pulse(notes.onset_tick, frame)
    chord, pitch_class = frame.chord_at[pulse], notes.pitch % 12
    is_first = phrase_starts(notes, frame.quarter_ticks)
    is_last = np.append(is_first[1:], np.ones(min(len(notes), 1), dtype=bool))
    is_tone, is_clash = frame.tones[chord, pitch_class], frame.near[chord, pitch_class]
    held = _held_ticks(notes, frame)
    ever = (frame.tones[:, pitch_class].T & (held > frame.pulse_ticks // 2)).any(axis=1) | is_tone
    rubs = frame.near[:, pitch_class].T & (held >= frame.quarter_ticks - frame.pulse_ticks // 2)
    rubs &= np.arange(len(frame.tones)) > chord[:, None]
    is_held_clash: Mask = np.logical_or.reduce(rubs, axis=1)
    is_outside = ~frame.scale[pitch_class]
    is_chromatic = is_outside & (ever | _leads_on(notes, is_last))
    return LineJudgment(
        pulse=pulse,
        weight=frame.weights[pulse],
        chord=chord,
        is_tone=is_tone,
        is_clash=is_clash,
        is_prepared=is_clash & is_prepared(notes, is_first, is_last, frame),
        is_held_clash=is_held_clash,
        is_chromatic=is_chromatic,
        is_foreign=is_outside & ~is_chromatic,
        is_first=is_first,
        is_last=is_last,
        is_tone_in_the_end=ever,
    )


def is_prepared(notes: Notes, is_first: Mask, is_last: Mask, frame: ClashFrame) -> Mask:
    """Whether each note is reached by step or repeated, left by step, both inside its phrase, and short."""
    if len(notes) < 3:
        return np.zeros(len(notes), dtype=bool)
    move = np.abs(np.diff(notes.pitch.astype(np.int64)))
    gap = np.diff(notes.onset_tick)
    found = np.zeros(len(notes), dtype=bool)
    is_short = gap[1:] <= LONGEST_PREPARED * frame.quarter_ticks + frame.pulse_ticks // 2
    found[1:-1] = (move[:-1] <= WHOLE_STEP) & (move[1:] >= 1) & (move[1:] <= WHOLE_STEP) & is_short
    return found & ~is_first & ~is_last


def clashes_against(notes: Notes, other: Notes, frame: ClashFrame) -> Mask:
    """Whether each note sounds a semitone or minor ninth from a note of another part for more than half a pulse.

    A major seventh between two tones of one chord is what the chord wants and no clash; shape (n_notes,).
    """
    if not len(notes) or not len(other):
        return np.zeros(len(notes), dtype=bool)
    start = np.maximum(notes.onset_tick[:, None], other.onset_tick)  # (n_notes, n_other)
    overlap = np.minimum(notes.end_tick[:, None], other.end_tick) - start
    meets = np.argwhere(overlap > frame.pulse_ticks // 2)
    above, below = notes.pitch[meets[:, 0]].astype(np.int64), other.pitch[meets[:, 1]].astype(np.int64)
    interval = (above - below) % 12
    rubs = (interval == 1) | (interval == 11)
    found = np.zeros(len(notes), dtype=bool)
    meets, above, below, interval = meets[rubs], above[rubs], below[rubs], interval[rubs]
    pulse = nearest_pulse(start[meets[:, 0], meets[:, 1]], frame)
    chord = frame.chord_at[pulse]
    is_wanted = frame.tones[chord, above % 12] & frame.tones[chord, below % 12]
    is_wanted &= np.where(above > below, interval, 12 - interval) == 11
    found[meets[~is_wanted, 0]] = True
    return found


def count_clashes(notes: Notes, frame: ClashFrame, other: Notes | None = None) -> ClashCount:
    """Count what rubs in a line (one note at a time).

    Parameters
    ----------
    other : notes of another part, say the bass, to lay the line against; None leaves those counts 0.
    """
    if not len(notes):
        return ClashCount()
    line = judge_line(notes, frame)
    strong = line.is_strong & frame.has_chords
    against = np.zeros(len(notes), dtype=bool) if other is None else clashes_against(notes, other, frame)
    meant = is_prepared(notes, line.is_first, line.is_last, frame) if against.any() else against
    return ClashCount(
        n_notes=len(notes),
        n_tones=int(line.is_tone.sum()),
        n_strong=int(strong.sum()),
        n_strong_tones=int((strong & line.is_tone).sum()),
        n_strong_clashes=int((strong & line.is_clash).sum()),
        n_strong_prepared=int((strong & line.is_prepared).sum()),
        n_held_clashes=int(line.is_held_clash.sum()),
        n_chromatic=int(line.is_chromatic.sum()),
        n_foreign=int(line.is_foreign.sum()),
        n_phrases=int(line.is_last.sum()) if frame.has_chords else 0,
        n_phrase_tones=int((line.is_last & line.is_tone_in_the_end).sum()),
        n_against=int(against.sum()),
        n_against_prepared=int((against & meant).sum()),
        n_hanging=int((notes.end_tick > frame.end_tick).sum()),
        n_overlapping=int((notes.end_tick[:-1] > notes.onset_tick[1:]).sum()),
    )


def _held_ticks(notes: Notes, frame: ClashFrame) -> NDArray[np.int64]:
    """Ticks each note sounds over each chord; shape (n_notes, n_chords)."""
    edges = frame.chord_edges
    return np.minimum(notes.end_tick[:, None], edges[1:]) - np.maximum(notes.onset_tick[:, None], edges[:-1])


def _leads_on(notes: Notes, is_last: Mask) -> Mask:
    """Whether the next note of the phrase lies a semitone away."""
    leads = np.zeros(len(notes), dtype=bool)
    leads[:-1] = np.abs(np.diff(notes.pitch.astype(np.int64))) == 1
    return leads & ~is_last
