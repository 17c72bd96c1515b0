"""What may change in a piece without changing what it is: drawn first, applied second.

Every draw comes from (seed, epoch, row), so it needs no state: a run that was killed draws the same again.
"""

from dataclasses import dataclass, replace

import numpy as np

from whitelight.music import MidiTrack, Notes, Piece, TempoMap
from whitelight.music.tempo import MAX_US_PER_BEAT, MIN_US_PER_BEAT
from whitelight.training.networks.settings import AugmentationSettings


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes
    ----------
    semitones, velocity : shifts. tempo : factor of the duration of everything, > 0. note_drop : share left out.
    """

    semitones: int = 0
    velocity: int = 0
    tempo: float = 1.0
    note_drop: float = 0.0


def draw_change(settings: AugmentationSettings, rng: np.random.Generator) -> Change:
    """Draw how a piece is changed."""
    return Change(
        semitones=int(rng.integers(-settings.transpose, settings.transpose + 1)),
        velocity=int(rng.integers(-settings.velocity, settings.velocity + 1)),
        tempo=float((1.0 + settings.tempo) ** rng.uniform(-1.0, 1.0)),
        note_drop=float(rng.uniform(0.0, settings.note_drop)),
    )


def change_piece(piece: Piece, change: Change, rng: np.random.Generator) -> Piece:
    """Return the changed piece; what would leave the range of MIDI is shifted as far as it goes."""
    (track,) = piece.midi_tracks
    return replace(
        piece,
        tempo_map=_at_tempo(piece.tempo_map, change.tempo),
        midi_tracks=(MidiTrack(notes=_changed(track.notes, change, rng)),),
    )


def _changed(notes: Notes, change: Change, rng: np.random.Generator) -> Notes:
    kept = rng.random(len(notes)) >= change.note_drop
    if not kept.any():
        kept[:] = True
    pitch = notes.pitch[kept]
    step = int(np.clip(change.semitones, -int(pitch.min()), 127 - int(pitch.max())))
    velocity = np.clip(notes.velocity[kept] + change.velocity, 1, 127)
    return Notes.from_checked(
        notes.onset_tick[kept],
        notes.duration_ticks[kept],
        (pitch + step).astype(np.int16),
        velocity.astype(np.int16),
    )


def _at_tempo(tempo_map: TempoMap, factor: float) -> TempoMap:
    if factor == 1.0:
        return tempo_map
    us = (round(min(max(us * factor, MIN_US_PER_BEAT), MAX_US_PER_BEAT)) for us in tempo_map.us_per_beat)
    return TempoMap(tempo_map.ticks_per_beat, tempo_map.change_ticks, tuple(us))
