"""From genome to the drum track that is written: hits, their loudness, their place in time.

Conventions: one MIDI track named "Drums"; hits last a pulse at most and end where their voice is struck again, an open
hat where the hat closes. A hit never leaves its own end of the section, and never falls before tick 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.context import SectionContext
from whitelight.composition.drums.genome import Bar, DrumGenome
from whitelight.composition.drums.take import Take, take_of
from whitelight.composition.drums.voices import CYMBALS, LANES, NOTES, TOMS
from whitelight.composition.timing import MAX_SHIFT, pulse_ticks, sway, ticks_per_second
from whitelight.music import MidiTrack, Notes, Piece

MIDI_TRACK_NAME = "Drums"
KICK_EARLY_MS, SNARE_EARLY_MS = 4.0, 2.0  # against the cymbal (Groove: 5 and 3, partly the kit)
HAT_SPREAD = 0.7  # the hat's own part against kick and snare: 9 to 13 ms
GHOST_LEVEL, GHOST_MAX, SNARE_MIN = 32, 47, 52  # ghosts stay ghosts, and a stroke is none, at every level
WOBBLE = 4.0  # standard deviation of what two equal strokes differ by, velocity
FILL_RISE = 6.0  # velocity per group of the bar
_SNARES = ("snare", "stick", "clap")
_SNARE_NOTES = tuple(NOTES[voice] for voice in _SNARES)
_HAT_NOTES = (NOTES["hat"], NOTES["foot"], NOTES["open"])
_BELOW = {"time": -15, "open": 2, "foot": -26, "color": -8}

Hit = tuple[int, str, float]  # pulse of the section, voice, velocity before the small differences


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A candidate as it sounds, and as its descriptors are counted."""

    piece: Piece
    take: Take
    fill_velocity: tuple[tuple[int, int], ...]  # (pulse, velocity) of what is struck in fills


def hits_of(genome: DrumGenome, context: SectionContext) -> Iterator[Hit]:
    """Everything that is struck, bar by bar."""
    grid, size = context.grid, context.grid.bar_pulses
    fills = {fill.bar: fill for fill in genome.fills}
    for place, bar in enumerate(genome.bars):
        fill, start = fills.get(place), place * size
        end = size if fill is None else fill.start
        is_crashed = place in genome.crashes
        if is_crashed:
            yield start, "crash", genome.feel.level + 14.0
        yield from _groove_hits(genome, bar, start, end, context, is_crashed=is_crashed)
        if fill is not None:
            group = size / max(len(grid.groups), 1)
            for pulse, voice in fill.hits:
                rise = min(FILL_RISE * (pulse - fill.start) / group, 24.0)
                stress = 2.0 * grid.weights[pulse] - (8.0 if voice == "kick" else 3.0)
                loudness = genome.feel.level + rise + stress
                yield start + pulse, voice, max(loudness, SNARE_MIN) if voice in _SNARES else loudness


def _groove_hits(
    genome: DrumGenome, bar: Bar, start: int, end: int, context: SectionContext, *, is_crashed: bool
) -> Iterator[Hit]:
    """Hits of one bar before `end`; a crash takes the hand from the cymbals."""
    feel, weights = genome.feel, context.grid.weights
    swell = feel.swell * (start / max(context.n_pulses, 1) - 0.4)
    voices = {"kick": "kick", "snare": genome.snare, "ghost": "snare", "time": genome.time, "open": "open"}
    voices |= {"foot": "foot", "color": genome.color}
    for lane, pulses in zip(LANES, bar.lanes, strict=True):
        for pulse in pulses:
            if pulse >= end or (is_crashed and pulse == 0 and lane in ("time", "open", "color")):
                continue
            weight = weights[pulse]
            if lane == "kick":
                loudness = feel.level - 14.0 + 4.0 * weight + swell
            elif lane == "snare":
                loudness = max(feel.level + (feel.accent if pulse in genome.backbeat else 0) + swell, SNARE_MIN)
            elif lane == "ghost":
                loudness = min(GHOST_LEVEL * feel.level / 75.0 + 2.0, GHOST_MAX)
            else:
                on_beat = 0.5 if weight >= 2 or (weight == 1 and context.grid.unit_pulses > 2) else -0.5
                loudness = feel.level + _BELOW[lane] + feel.depth * on_beat + swell
            yield start + pulse, voices[lane], loudness


def render(genome: DrumGenome, context: SectionContext) -> Rendered:
    """Play a genome."""
    loud = {(pulse, voice): velocity for pulse, voice, velocity in hits_of(genome, context)}
    hits = list(loud)
    rng = np.random.default_rng(genome.feel.grain)
    pulses = np.array([pulse for pulse, _ in hits], dtype=np.int64)
    pitch = np.array([NOTES[voice] for _, voice in hits], dtype=np.int16)
    velocity = np.array([loud[hit] for hit in hits]) + np.clip(
        rng.normal(0, WOBBLE, len(hits)), -2 * WOBBLE, 2 * WOBBLE
    )
    is_ghost = np.array([loud[hit] <= GHOST_MAX and hit[1] == "snare" for hit in hits], dtype=bool)
    low, high = np.where(is_ghost, 12, 20), np.where(is_ghost, GHOST_MAX, 126)
    low = np.where(np.isin(pitch, _SNARE_NOTES) & ~is_ghost, SNARE_MIN, low)
    velocity = np.rint(np.clip(velocity, low, high)).astype(np.int16)
    late_s = _late_s(genome, context, pulses, hits, rng)
    ticks = pulse_ticks(context, genome.feel.swing)
    onset = ticks[pulses] + np.rint(late_s * ticks_per_second(context)).astype(np.int64)
    onset = np.clip(onset, 0, context.end_tick - 1)
    order = np.lexsort((pitch, onset))
    notes = Notes(onset[order], _durations(onset[order], pitch[order], context), pitch[order], velocity[order])
    take = take_of(
        pitch[order],
        velocity[order],
        pulses[order],
        late_s[order],
        grid=context.grid,
        n_bars=len(genome.bars),
        swing=genome.feel.swing,
    )
    fills = [(fill.bar * context.grid.bar_pulses + pulse, voice) for fill in genome.fills for pulse, voice in fill.hits]
    struck = dict(zip(hits, velocity.tolist(), strict=True))
    piece = context.piece([MidiTrack(MIDI_TRACK_NAME, is_drum=True, notes=notes)])
    return Rendered(piece, take, tuple((pulse, struck[pulse, voice]) for pulse, voice in fills))


def _late_s(
    genome: DrumGenome,
    context: SectionContext,
    pulses: NDArray[np.int64],
    hits: list[tuple[int, str]],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Seconds each hit comes after its place: the wander of the player, the lead of a limb, its own small part."""
    feel, voices = genome.feel, [voice for _, voice in hits]
    own = np.array([HAT_SPREAD if voice in CYMBALS else 1.0 for voice in voices])
    lead = np.array(
        [KICK_EARLY_MS if v == "kick" else SNARE_EARLY_MS if v in ("snare", *TOMS) else 0.0 for v in voices]
    )
    wander = sway(np.asarray(pulses * context.grid.pulse_s, dtype=np.float64), rng) * feel.sway_ms
    late = (wander - lead + rng.normal(0, 1.0, len(hits)) * own * feel.spread_ms) / 1e3
    most = MAX_SHIFT * context.grid.pulse_s
    return np.asarray(np.clip(late, -most, most))


def _durations(onset: NDArray[np.int64], pitch: NDArray[np.int16], context: SectionContext) -> NDArray[np.int64]:
    """A pulse, or less: until the voice is struck again, the hat closes or the section ends."""
    longest, end, following = context.pulse_ticks, context.end_tick, dict[int, int]()
    pitches, ticks = pitch.tolist(), onset.tolist()
    found = np.empty(len(onset), dtype=np.int64)
    for place in range(len(onset) - 1, -1, -1):
        note, tick = pitches[place], ticks[place]
        until = following.get(note, end)
        if note == NOTES["open"]:
            until = min([until, *(following[hat] for hat in _HAT_NOTES if following.get(hat, tick) > tick)])
            found[place] = max(min(2 * longest, until - tick), 1)
        else:
            found[place] = max(min(longest, until - tick), 1)
        following[note] = tick
    return found
