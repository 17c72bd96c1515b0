"""Theory terms: what a melody does well, each a number in [0, 1] with a name a singer knows.

Bands were counted on 4/4 and 3/4; where none applies a term returns None. What a term is worth is decided in `fitness`
by its spread, never here.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.clashes import LineJudgment, judge_line
from whitelight.composition.melody.descriptors import bar_patterns, describe
from whitelight.composition.melody.layout import Sung
from whitelight.composition.melody.rendering import Rendered
from whitelight.composition.melody.setting import Setting
from whitelight.composition.melody.tables import band_fit
from whitelight.music import Notes

BAND_METERS = ((4, 4), (3, 4), (2, 4), (2, 2))
EASY_BREATH_S, BREATHING_S = 5.0, 0.25
_STRONG_TONES = ((0.5, 0.75, 0.9, 1.0), (0.0, 1.0, 1.0, 0.6))  # shares and what they are worth
_AWKWARD = {6: 1.0, 10: 0.7, 11: 1.0, 8: 0.25, 9: 0.25}  # semitones → how hard to sing; beyond an octave 1
_LAST_STEPS = {-1: 1.0, -2: 1.0, 1: 0.8, 2: 0.8, 0: 0.5}  # last interval of a section, semitones; others .3


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A melody as the terms see it; it has notes.

    Attributes
    ----------
    line : what was sung. judged : every note against the chords. numbers : see `descriptors`.
    pitches : MIDI, shape (n_notes,). phrases : first and first-after note of each turn that sings.
    """

    setting: Setting
    line: tuple[Sung, ...]
    notes: Notes
    judged: LineJudgment
    numbers: Mapping[str, float]
    pitches: NDArray[np.int64]
    phrases: tuple[tuple[int, int], ...]


Term = Callable[[Heard], float | None]


def hear(rendered: Rendered, setting: Setting) -> Heard:
    """Collect what the terms need."""
    notes = rendered.notes
    judged = judge_line(notes, setting.frame)
    numbers = describe(notes, judged, setting.frame, setting.context.grid)
    turns = np.array([note.turn for note in rendered.line])
    edges = [0, *(np.flatnonzero(np.diff(turns)) + 1).tolist(), len(turns)]
    phrases = tuple(pairwise(edges))
    return Heard(setting, rendered.line, notes, judged, numbers, notes.pitch.astype(np.int64), phrases)


def strong_tones(heard: Heard) -> float | None:
    """Strong places are mostly chord tones, and not all of them."""
    strong = heard.judged.is_strong
    if not heard.setting.frame.has_chords or not strong.any():
        return None
    share = float(heard.judged.is_tone[strong].mean())
    return ramp(share, *_STRONG_TONES)


def phrase_ends(heard: Heard) -> float:
    """Phrases end on usual degrees, tones of the chord that is there or arrives, on strong places."""
    closes, worth = heard.setting.closes, []
    for _, end in heard.phrases[:-1]:
        note = heard.line[end - 1]
        is_tone = bool(heard.judged.is_tone_in_the_end[end - 1]) or not heard.setting.frame.has_chords
        weight = int(heard.judged.weight[end - 1])
        usual = closes.get(note.height % 7, 0.0) / max(closes.values())
        worth.append((0.5 + 0.3 * usual + 0.2 * (weight >= 2)) if is_tone else 0.0)
    return sum(worth) / len(worth) if worth else 0.5


def cadence(heard: Heard) -> float:
    """The section comes home: tonic, or third or fifth, over the last chord, by step, long, on a strong place."""
    last = heard.line[-1]
    home = {0: 1.0, 2: 0.75, 4: 0.6}.get(last.height % 7, 0.1)
    frame = heard.setting.frame
    is_rest = bool(frame.tones[-1, last.pitch % 12]) or not frame.has_chords
    step = _LAST_STEPS.get(int(heard.pitches[-1] - heard.pitches[-2]), 0.3) if len(heard.pitches) > 1 else 0.3
    length = min((last.end - last.start) * heard.setting.context.grid.pulse_s / 1.2, 1.0)
    strong = min(int(heard.judged.weight[-1]) / 3, 1.0)
    return 0.4 * home * (1.0 if is_rest else 0.4) + 0.25 * step + 0.2 * length + 0.15 * strong


def contour(heard: Heard) -> float:
    """Phrases have a shape: they peak early and span a third to a ninth."""
    worth = []
    for start, end in heard.phrases:
        pitches = [note.pitch for note in heard.line[start:end]]
        if len(pitches) < 3:
            worth.append(0.3)
            continue
        highest = max(pitches)
        peak, span = pitches.index(highest) / (len(pitches) - 1), highest - min(pitches)
        shape = 1.0 if span >= 4 else span / 4
        worth.append(shape * (1.0 if peak <= 0.5 else 1.0 - 1.1 * (peak - 0.5)))
    return sum(worth) / len(worth)


def climax(heard: Heard) -> float:
    """The line has one summit: its highest note is short of common, and stands in one or two phrases."""
    pitches = [note.pitch for note in heard.line]
    highest = max(pitches)
    n_phrases = sum(highest in pitches[start:end] for start, end in heard.phrases)
    often = pitches.count(highest) / len(pitches)
    return 0.6 * ramp(often, (0.02, 0.1, 0.3), (1.0, 0.8, 0.0)) + 0.4 / math.sqrt(n_phrases)


def leap_recovery(heard: Heard) -> float:
    """Leaps of a fourth and more turn back, best by a step; counted as if one leap more had half recovered."""
    moves = np.diff(heard.pitches)
    leaps = np.flatnonzero(np.abs(moves[:-1]) >= 5)
    after = moves[leaps + 1] * np.sign(moves[leaps])
    good = np.where((after < 0) & (after >= -2), 1.0, np.where(after < 0, 0.6, np.where(after == 0, 0.4, 0.0)))
    return float((good.sum() + 0.5) / (len(leaps) + 1))


def motif(heard: Heard) -> float:
    """Ideas come again: rhythm of bars, and runs of four notes."""
    numbers = heard.numbers
    again = ramp(numbers["step_ngrams_again"], (0.0, 0.25, 0.55, 0.9), (0.0, 1.0, 1.0, 0.4))
    return 0.5 * again + 0.5 * ramp(numbers["rhythm_recurs"], (0.2, 0.7, 1.0), (0.0, 1.0, 0.9))


def memory(heard: Heard) -> float | None:
    """Where chords return after four bars the melody returns with them; None where they do not."""
    bars = dict(bar_patterns(heard.judged.pulse, heard.setting.context.grid.bar_pulses))
    size, roots = heard.setting.context.grid.bar_pulses, heard.setting.frame.chord_at
    chords = heard.setting.context.chords
    if not chords:
        return None
    found = []
    for bar in range(4, heard.setting.context.section.n_bars):
        here, before = ([chords[index].tones for index in roots[b * size : (b + 1) * size]] for b in (bar, bar - 4))
        if here == before:
            same_rhythm = bars.get(bar) == bars.get(bar - 4)
            found.append(0.5 * same_rhythm + 0.5 * (same_rhythm and _pitches(heard, bar) == _pitches(heard, bar - 4)))
    return sum(found) / len(found) if found else None


def compass(heard: Heard) -> float:
    """Range of a section: wide enough to tell something, narrow enough to sing."""
    return band_fit("section_range_st", heard.numbers["range_st"])


def pace(heard: Heard) -> float:
    """Notes per sung second as the section's energy and role want them."""
    ratio = heard.numbers["notes_per_sung_second"] / heard.setting.notes_per_s
    return math.exp(-0.5 * (math.log(ratio) / 0.3) ** 2)


def space(heard: Heard) -> float:
    """Rests leave room to breathe and for others to answer."""
    return band_fit("rest_share", heard.numbers["rest_share"])


def steps(heard: Heard) -> float:
    """Steps and repeated notes as in sung lines."""
    numbers = heard.numbers
    return 0.6 * band_fit("step_share", numbers["step_share"]) + 0.4 * band_fit(
        "repeated_share", numbers["repeated_share"]
    )


def leaps(heard: Heard) -> float:
    """Leaps season the line."""
    return 0.5 * band_fit("leap_share", heard.numbers["leap_share"]) + 0.5 * band_fit(
        "mean_interval_st", heard.numbers["mean_interval_st"]
    )


def singability(heard: Heard) -> float:
    """No tritones or sevenths, short breaths, no long stay at the edge of the voice."""
    moves = np.abs(np.diff(heard.pitches))
    awkward = sum(_AWKWARD.get(move, 1.0 if move > 12 else 0.0) for move in moves.tolist())
    low, high = heard.setting.register
    edge = float(((heard.pitches <= low + 2) | (heard.pitches >= high - 2)).mean())
    breath = min(EASY_BREATH_S / max(longest_breath_s(heard), 1e-9), 1.0)
    return max(1.0 - 4.0 * awkward / max(len(moves), 1), 0.0) * 0.5 + 0.25 * breath**2 + 0.25 * (1.0 - edge)


def syncopation(heard: Heard) -> float | None:
    """Off the beat as often as songs are."""
    if not _has_band_meter(heard):
        return None
    numbers = heard.numbers
    return 0.6 * band_fit("off_beat_share", numbers["off_beat_share"]) + 0.4 * band_fit(
        "syncopations_per_bar", numbers["syncopations_per_bar"]
    )


def friction(heard: Heard) -> float | None:
    """Chord tones and passing notes in the measure of songs: neither an arpeggio nor beside the chords."""
    if not heard.setting.frame.has_chords:
        return None
    return 0.6 * band_fit("tone_share", heard.numbers["tone_share"]) + 0.4 * band_fit(
        "beat_tone_share", heard.numbers["beat_tone_share"]
    )


def dynamics(heard: Heard) -> float:
    """Loudness lives."""
    return band_fit("velocity_sd", float(heard.notes.velocity.std()))


TERMS: dict[str, Term] = {
    term.__name__: term
    for term in (
        strong_tones, phrase_ends, cadence, contour, climax, leap_recovery, motif, memory, compass, pace, space, steps,
        leaps, singability, syncopation, friction, dynamics,
    )
}  # fmt: skip

MEASURES = {"notes_per_second": (0.6, 2.6), "mean_height_st": (3.0, 15.0), "off_beat_share": (0.1, 0.85)}


def theory_terms(heard: Heard) -> dict[str, float | None]:
    """All terms of one candidate."""
    return {name: term(heard) for name, term in TERMS.items()}


def measures(heard: Heard) -> dict[str, float]:
    """Where a candidate lies: pace over the whole section, height above the voice's low end, off-beat onsets."""
    duration_s = heard.setting.context.n_pulses * heard.setting.context.grid.pulse_s
    return {
        "notes_per_second": len(heard.notes) / duration_s,
        "mean_height_st": float(heard.pitches.mean()) - heard.setting.register[0],
        "off_beat_share": heard.numbers["off_beat_share"],
    }


def ramp(value: float, places: Sequence[float], worth: Sequence[float]) -> float:
    """Straight lines between corners, flat outside them; for one number faster than `np.interp`."""
    if value <= places[0]:
        return worth[0]
    for (left, low), (right, high) in pairwise(zip(places, worth, strict=True)):
        if value <= right:
            return low + (value - left) / (right - left) * (high - low)
    return worth[-1]


def longest_breath_s(heard: Heard) -> float:
    """Seconds of the longest stretch without a rest of `BREATHING_S`."""
    tick_s = heard.setting.context.grid.pulse_s / heard.setting.frame.pulse_ticks
    rests = heard.notes.onset_tick[1:] - heard.notes.end_tick[:-1]
    cuts = np.flatnonzero(rests * tick_s >= BREATHING_S)
    starts = heard.notes.onset_tick[np.append(0, cuts + 1)]
    return float((heard.notes.end_tick[np.append(cuts, len(heard.notes) - 1)] - starts).max()) * tick_s


def _pitches(heard: Heard, bar: int) -> list[int]:
    size = heard.setting.context.grid.bar_pulses
    return [note.pitch for note in heard.line if note.start // size == bar]


def _has_band_meter(heard: Heard) -> bool:
    meter = heard.setting.context.meter
    return (meter.numerator, meter.denominator) in BAND_METERS
