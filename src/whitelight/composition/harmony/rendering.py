"""From genome to notes: voices are led through the chords, strokes laid over them, and whatever would rub is left out.

Everything here is counted in pulses, exact music; `playing` puts it in ticks with small differences.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

import numpy as np

from whitelight.composition.harmony.counterpoint import place_line
from whitelight.composition.harmony.genome import (
    COUNTER_LINE,
    HELD,
    INNER,
    PULSED,
    QUARTET,
    SILENT,
    EnsembleGenome,
    LineNote,
)
from whitelight.composition.harmony.instruments import PAD_RANGE, QUARTET_PARTS, playable
from whitelight.composition.harmony.playing import Part, PulseNote, play_part
from whitelight.composition.harmony.surroundings import Surroundings
from whitelight.composition.harmony.voicing import Asked, Desk, leading_tone, tendencies_of, voice_chords
from whitelight.composition.sounding import SoundingChord
from whitelight.music import Piece

SPACING = (4, 6, 8)  # semitones between neighboring voices, by openness
CELLO_ALONE, CELLO_OVER_BASS = 43, 52  # where the cello lies when it is the bass, and when there is one
LONGEST_BARS = 2  # a bow or breath
MIN_RUN_S = 0.25  # of a note that steps aside for the melody: less is left out

_start_of = attrgetter("start")
_Stroke = tuple[int, int, int]  # start, end, place of its chord


@dataclass(frozen=True, slots=True)
class Rendered:
    """A candidate as it sounds.

    Attributes
    ----------
    voicings : of every chord, ascending; none in a counter-line. voices : the notes of each voice, lowest first.
    """

    piece: Piece
    parts: tuple[Part, ...]
    voices: tuple[tuple[PulseNote, ...], ...]
    voicings: tuple[tuple[int, ...], ...]


def render(genome: EnsembleGenome, around: Surroundings) -> Rendered:
    """Play a genome."""
    voicings = () if genome.family == COUNTER_LINE else voice(genome, around)
    if genome.family == COUNTER_LINE:
        voices: tuple[tuple[PulseNote, ...], ...] = (_line_notes(genome, around),)
    else:
        voices = _voice_notes(genome, around, voicings)
    parts = _parts(genome, voices)
    tracks = [play_part(part, rank, genome, around) for rank, part in enumerate(parts)]
    return Rendered(around.context.piece(tracks), parts, voices, voicings)


def voice(genome: EnsembleGenome, around: Surroundings) -> tuple[tuple[int, ...], ...]:
    """Lead the voices of a pad or quartet through all chords."""
    context = around.context
    chords, key = context.chords, context.key
    if not chords:
        return ()
    asked = [
        Asked(chord.tones, chord.bass, _desks(genome, chord, has_bass=around.has_bass), leading_tone(chord, key))
        for chord in chords
    ]
    tendencies = [tendencies_of(before, after, key) for before, after in pairwise(chords)]
    return voice_chords(asked, tendencies, [around.share_in_the_way(chord.start, chord.end) for chord in chords])


def _desks(genome: EnsembleGenome, chord: SoundingChord, *, has_bass: bool) -> tuple[Desk, ...]:
    """Where each voice should lie; the cello takes the sounding bass unless somebody else does."""
    spacing = SPACING[genome.openness]
    if genome.family != QUARTET:
        middle = (genome.n_voices - 1) / 2
        places = [round(genome.center + (rank - middle) * spacing) for rank in range(genome.n_voices)]
        return tuple(Desk(*PAD_RANGE, place) for place in places)
    cello, *others = QUARTET_PARTS
    lowest = (
        Desk(CELLO_ALONE, cello.high, CELLO_OVER_BASS)
        if has_bass
        else Desk(cello.low, cello.high, CELLO_ALONE, (chord.bass,))
    )
    upper = (Desk(one.low, one.high, genome.center + (rank - 1) * spacing) for rank, one in enumerate(others))
    return (lowest, *upper)


def _voice_notes(
    genome: EnsembleGenome, around: Surroundings, voicings: Sequence[Sequence[int]]
) -> tuple[tuple[PulseNote, ...], ...]:
    """Lay strokes over the voicings; tones that stay are bound where chords are held."""
    if not voicings:
        return ()
    held, struck = list(_held(genome, around)), list(_struck(genome, around)) if genome.figure != HELD else []
    found = []
    for rank in range(genome.n_voices):
        is_held = genome.figure == HELD or (genome.figure == INNER and rank in (0, genome.n_voices - 1))
        notes = [(start, end, voicings[place][rank]) for start, end, place in (held if is_held else struck)]
        bound = _bind(notes, LONGEST_BARS * around.context.grid.bar_pulses) if is_held else notes
        found.append(tuple(_step_aside(bound, around)))
    return tuple(found)


def _held(genome: EnsembleGenome, around: Surroundings) -> Iterator[_Stroke]:
    """One stroke per chord in the bars that play, anew every `LONGEST_BARS` bars."""
    chords, bar_pulses = around.context.chords, around.context.grid.bar_pulses
    for start, end in _runs(genome, bar_pulses):
        cuts = {start, end, *range(start, end, LONGEST_BARS * bar_pulses)}
        cuts |= {chord.start for chord in chords if start < chord.start < end}
        for low, high in pairwise(sorted(cuts)):
            yield low, high, _chord_place(chords, low)


def _struck(genome: EnsembleGenome, around: Surroundings) -> Iterator[_Stroke]:
    """Strokes of the patterns, each at most until the next, its chord's end or the silence."""
    chords, bar_pulses = around.context.chords, around.context.grid.bar_pulses
    for start, end in _runs(genome, bar_pulses):
        bars = range(start // bar_pulses, end // bar_pulses)
        pulses = {bar * bar_pulses + offset for bar in bars for offset in genome.rhythms[genome.bar_rhythms[bar]]}
        changes = {chord.start for chord in chords if start <= chord.start < end}
        strokes = sorted(pulses | changes) if genome.figure == PULSED else sorted(pulses)
        for low, high in zip(strokes, [*strokes[1:], end], strict=True):
            place = _chord_place(chords, low)
            yield low, min(high, chords[place].end), place


def _runs(genome: EnsembleGenome, bar_pulses: int) -> Iterator[tuple[int, int]]:
    """Stretches of bars that play, in pulses."""
    start = None
    for bar, rhythm in enumerate((*genome.bar_rhythms, SILENT)):
        if rhythm != SILENT and start is None:
            start = bar
        elif rhythm == SILENT and start is not None:
            yield start * bar_pulses, bar * bar_pulses
            start = None


def _chord_place(chords: Sequence[SoundingChord], pulse: int) -> int:
    return bisect_right(chords, pulse, key=_start_of) - 1


def _bind(notes: Sequence[PulseNote], longest: int) -> list[PulseNote]:
    """Hold on to a tone that comes again."""
    bound: list[PulseNote] = []
    for start, end, pitch in notes:
        if bound and bound[-1][1:] == (start, pitch) and end - bound[-1][0] <= longest:
            bound[-1] = (bound[-1][0], end, pitch)
        else:
            bound.append((start, end, pitch))
    return bound


def _step_aside(notes: Sequence[PulseNote], around: Surroundings) -> Iterator[PulseNote]:
    """Leave out what would rub; what remains of a note sounds when it is long enough to be heard."""
    least = max(1, round(MIN_RUN_S / around.context.grid.pulse_s))
    for start, end, pitch in notes:
        blocked = around.in_the_way[pitch, start:end]
        if not blocked.any():
            yield start, end, pitch
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[True], blocked, [True]]).astype(np.int8)))
        for low, high in edges.reshape(-1, 2).tolist():
            if high - low >= least:
                yield start + low, start + high, pitch


def _line_notes(genome: EnsembleGenome, around: Surroundings) -> tuple[PulseNote, ...]:
    low, high = playable(genome)
    pitches = place_line(genome.line, around, center=genome.center, low=low, high=high)
    notes = [
        (note.start, _held_until(note, pitch, around), pitch)
        for note, pitch in zip(genome.line, pitches, strict=True)
        if pitch is not None
    ]
    return tuple(_step_aside(notes, around))


def _held_until(note: LineNote, pitch: int, around: Surroundings) -> int:
    """End of a note of the line: its own, or the change to a chord that does not have it."""
    end = min(note.start + note.duration, around.context.n_pulses)
    changes = (c.start for c in around.context.chords if note.start < c.start < end and pitch % 12 not in c.tones)
    return min(changes, default=end)


def _parts(genome: EnsembleGenome, voices: Sequence[tuple[PulseNote, ...]]) -> tuple[Part, ...]:
    """One part for a line or pad, four for a quartet, from the highest."""
    if genome.family == COUNTER_LINE:
        return (Part("Counter-line", genome.program, voices[0]),)
    if genome.family != QUARTET:
        return (Part("Pad", genome.program, tuple(sorted({note for notes in voices for note in notes}))),)
    pairs = zip(QUARTET_PARTS, voices or ((),) * 4, strict=True)
    return tuple(Part(one.name, one.program, notes) for one, notes in pairs)[::-1]
