"""Theory terms: what a chord candidate does well, each a number in [0, 1] with a name a musician knows.

A term that has no business with the material at hand (bands were counted on 4/4 and 3/4, major and minor) returns None:
"no band applies". What a term is worth is decided in `fitness` by its spread in the batch, never here.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.bands import read_bands
from whitelight.composition.chords.genome import ChordGene, ChordGenome
from whitelight.composition.chords.rendering import Rendered
from whitelight.composition.chords.setting import Setting
from whitelight.composition.chords.transitions import SHIPPED_FILE
from whitelight.composition.chords.vocabulary import pitch_class_offsets
from whitelight.composition.chords.voicing import Voicing, paired_motion

BAND_METERS = ((4, 4), (3, 4), (2, 4), (2, 2))
BAND_SCALES = ("major", "minor", "harmonic minor", "melodic minor")
SEVENTHS = ("7", "maj7", "min7", "minmaj7", "hdim7", "dim7", "9", "maj9", "min9")
_BASS_MOVES = {0: 0.6, 1: 1.0, 2: 1.0, 3: 0.8, 4: 0.8, 5: 0.95, 6: 0.3, 7: 0.75}  # by semitones; wider leaps 0.2


@dataclass(frozen=True, slots=True)
class Heard:
    """A candidate as the terms see it."""

    genome: ChordGenome
    setting: Setting
    voicings: tuple[Voicing, ...]
    velocities: NDArray[np.int16]
    changes: tuple[tuple[int, int], ...]  # places (before, after) at which the chord really changes

    @property
    def chords(self) -> tuple[ChordGene, ...]:
        """Genes in order."""
        return self.genome.chords


Term = Callable[[Heard], float | None]


def hear(genome: ChordGenome, setting: Setting, rendered: Rendered) -> Heard:
    """Collect what the terms need."""
    pairs = zip(genome.chords, genome.chords[1:], strict=False)
    changes = tuple((i, i + 1) for i, (a, b) in enumerate(pairs) if (a.root, a.quality) != (b.root, b.quality))
    notes = rendered.piece.midi_tracks[0].notes
    return Heard(genome, setting, rendered.voicings, notes.velocity, changes)


def cadence(heard: Heard) -> float:
    """How well the section closes: a usual chord before the tonic, room on the tonic, an open inner phrase end."""
    chain, chords = heard.setting.chain, heard.chords
    usual = float(chain.cadence[chords[-2].degree] / chain.cadence.max()) if len(chords) > 1 else 0.0
    room = min(1.0, chords[-1].duration / heard.setting.grid.bar_pulses)
    inner = _inner_end(heard)
    openness = 1.0 if inner is None else float(chain.inner_end[inner.degree] / chain.inner_end.max())
    return 0.6 * usual + 0.2 * room + 0.2 * openness


def flow(heard: Heard) -> float:
    """How usual the chord changes are: geometric mean of P(next) over the best P(next) of each chord."""
    table = heard.setting.chain.next_degree
    steps = [(heard.chords[a].degree, heard.chords[b].degree) for a, b in heard.changes]
    moved = [(a, b) for a, b in steps if a != b]
    if not moved:
        return 0.0
    return float(np.exp(np.mean([np.log((table[a, b] + 1e-4) / (table[a].max() + 1e-4)) for a, b in moved])))


def voice_leading(heard: Heard) -> float:
    """Upper voices move little, paired one to one, and the top never leaps beyond a fourth."""
    if not heard.changes:
        return 0.0
    pairs = [(heard.voicings[a], heard.voicings[b]) for a, b in heard.changes]
    leaps = sum(abs(b.upper[-1] - a.upper[-1]) > 5 for a, b in pairs) / len(pairs)
    return band_fit("upper_motion", sum(paired_motion(a, b) for a, b in pairs) / len(pairs)) * (1.0 - leaps)


def outer_voices(heard: Heard) -> float:
    """Top voice and bass go their own ways: contrary 1, oblique 0.9, similar 0.6, parallel octaves or fifths 0."""
    if not heard.changes:
        return 0.0
    return float(np.mean([_independence(heard.voicings[a], heard.voicings[b]) for a, b in heard.changes]))


def bass_line(heard: Heard) -> float:
    """The bass moves by steps, thirds, fourths: a line one could sing."""
    if not heard.changes:
        return 0.0
    moves = [abs(heard.voicings[b].bass - heard.voicings[a].bass) for a, b in heard.changes]
    return float(np.mean([_BASS_MOVES.get(move, 0.2) for move in moves]))


def harmonic_rhythm(heard: Heard) -> float | None:
    """Chord changes per bar lie where songs have them."""
    return band_fit("changes_per_bar", changes_per_bar(heard)) if _has_band_meter(heard) else None


def common_tones(heard: Heard) -> float:
    """Neighboring chords share about one tone."""
    if not heard.changes:
        return 0.0
    tones = [set(pitch_class_offsets(chord.root, chord.quality)) for chord in heard.chords]
    return band_fit("common_tones", float(np.mean([len(tones[a] & tones[b]) for a, b in heard.changes])))


def tonic_balance(heard: Heard) -> float | None:
    """The tonic is home, not the whole journey."""
    if not _has_band_scale(heard):
        return None
    return band_fit("tonic_time", _time_share(heard, lambda chord: chord.degree == 0))


def root_motion(heard: Heard) -> float | None:
    """Fourths and fifths carry, steps connect."""
    if not _has_band_scale(heard):
        return None
    moves = [(heard.chords[b].root - heard.chords[a].root) % 12 for a, b in heard.changes]
    if not moves:
        return 0.0
    fourths = sum(move in (5, 7) for move in moves) / len(moves)
    steps = sum(move in (1, 2, 10, 11) for move in moves) / len(moves)
    return 0.5 * band_fit("fourth_moves", fourths) + 0.5 * band_fit("step_moves", steps)


def variety(heard: Heard) -> float:
    """Enough different chords, not a new one each time (entropy of time over functions)."""
    times: dict[int, int] = {}
    for chord in heard.chords:
        times[chord.root] = times.get(chord.root, 0) + chord.duration
    shares = np.array(list(times.values())) / heard.setting.n_pulses
    return band_fit("entropy", float(-(shares * np.log2(shares)).sum()))


def recall(heard: Heard) -> float | None:
    """The second phrase remembers the first, and goes on."""
    bars = _bar_roots(heard)
    if len(bars) <= 4:
        return None
    return band_fit("recall", sum(bars[i] == bars[i - 4] for i in range(4, len(bars))) / (len(bars) - 4))


def color(heard: Heard) -> float | None:
    """Sevenths and borrowed chords season, they do not cover."""
    if not _has_band_scale(heard):
        return None
    sevenths = _time_share(heard, lambda chord: chord.quality in SEVENTHS)
    borrowed = _time_share(heard, lambda chord: chord.is_borrowed)
    return 0.5 * band_fit("sevenths_time", sevenths) + 0.5 * band_fit("chromatic_time", borrowed)


def space(heard: Heard) -> float | None:
    """Notes per bar leave room for a voice."""
    if not _has_band_meter(heard):
        return None
    return band_fit("notes_per_bar", len(heard.velocities) / heard.setting.section.n_bars)


def dynamics(heard: Heard) -> float:
    """Velocities live: their spread is that of played piano."""
    return band_fit("velocity_sd", float(heard.velocities.std()))


TERMS: dict[str, Term] = {
    term.__name__: term
    for term in (
        cadence, flow, voice_leading, outer_voices, bass_line, harmonic_rhythm, common_tones, tonic_balance,
        root_motion, variety, recall, color, space, dynamics,
    )
}  # fmt: skip


def theory_terms(heard: Heard) -> dict[str, float | None]:
    """All terms of one candidate."""
    return {name: term(heard) for name, term in TERMS.items()}


MEASURES = {"changes_per_bar": (0.4, 2.0), "strokes_per_second": (0.5, 4.5), "color_time": (0.0, 0.6)}


def measures(heard: Heard) -> dict[str, float]:
    """Where a candidate lies, whatever it is worth: the axes of the archive, see `MEASURES` for their range."""
    colored = _time_share(heard, lambda chord: chord.is_borrowed or chord.quality not in ("maj", "min", "dim"))
    touch, grid = heard.genome.touch, heard.setting.grid
    strokes = sum(len(touch.rhythms[rhythm]) for rhythm in touch.bar_rhythms) / len(touch.bar_rhythms)
    per_second = max(strokes, len(heard.chords) / heard.setting.section.n_bars) / grid.bar_s
    return {"changes_per_bar": changes_per_bar(heard), "strokes_per_second": per_second, "color_time": colored}


def changes_per_bar(heard: Heard) -> float:
    """Chords that really begin (the first included), per bar."""
    return (len(heard.changes) + 1) / heard.setting.section.n_bars


def band_fit(name: str, value: float) -> float:
    """Fit to a band of the chord tables."""
    return read_bands(SHIPPED_FILE).fit(name, value)


def _has_band_meter(heard: Heard) -> bool:
    meter = heard.setting.meter
    return (meter.numerator, meter.denominator) in BAND_METERS


def _has_band_scale(heard: Heard) -> bool:
    return heard.setting.key.scale_name in BAND_SCALES


def _time_share(heard: Heard, chosen: Callable[[ChordGene], bool]) -> float:
    return sum(chord.duration for chord in heard.chords if chosen(chord)) / heard.setting.n_pulses


def _inner_end(heard: Heard) -> ChordGene | None:
    """Chord that sounds at the end of bar 4 when the section goes on."""
    boundary = 4 * heard.setting.grid.bar_pulses
    if boundary >= heard.setting.n_pulses:
        return None
    return [chord for start, chord in zip(heard.genome.starts, heard.chords, strict=True) if start < boundary][-1]


def _bar_roots(heard: Heard) -> list[tuple[tuple[int, int], ...]]:
    """Per bar, what sounds: (place in the bar, root) of every chord in it."""
    size = heard.setting.grid.bar_pulses
    bars: list[list[tuple[int, int]]] = [[] for _ in range(heard.setting.section.n_bars)]
    for start, chord in zip(heard.genome.starts, heard.chords, strict=True):
        for bar in range(start // size, -(-(start + chord.duration) // size)):
            bars[bar].append((max(start - bar * size, 0), chord.root))
    return [tuple(bar) for bar in bars]


def _independence(before: Voicing, after: Voicing) -> float:
    top, bass = after.upper[-1] - before.upper[-1], after.bass - before.bass
    if top == 0 or bass == 0:
        return 0.9 if top or bass else 0.5
    if top * bass < 0:
        return 1.0
    is_parallel = (before.upper[-1] - before.bass) % 12 == (after.upper[-1] - after.bass) % 12
    return 0.0 if is_parallel and (after.upper[-1] - after.bass) % 12 in (0, 7) else 0.6
