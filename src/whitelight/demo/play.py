"""From a song plan to a piece: all parts played, clipped to the song, with tempo, meter, key, names and markers."""

import numpy as np

from whitelight.demo.drums import play_drums
from whitelight.demo.grammar import PARTS
from whitelight.demo.parts import play_bass, play_chords, play_melody
from whitelight.demo.plan import SongPlan
from whitelight.demo.steps import TICKS_PER_BEAT
from whitelight.music import KeyChange, MeterChange, MidiTrack, Notes, Piece, TempoMap, TextEvent


def play_song(plan: SongPlan, rng: np.random.Generator) -> Piece:
    """Play the plan: a piece with one named MIDI track per part that plays at all."""
    rows = {
        "chords": play_chords(plan, rng),
        "bass": play_bass(plan, rng),
        "drums": play_drums(plan, rng) if plan.has_drums else [],
        "melody": play_melody(plan, rng),
    }
    album = plan.album
    programs = {"chords": album.chords.program, "bass": album.bass.program, "melody": album.melody.program}
    end_tick = plan.n_bars * plan.bar_ticks
    tracks = tuple(
        MidiTrack(part, programs.get(part, 0), part == "drums", Notes.from_rows(_clipped(rows[part], end_tick)))
        for part in PARTS
        if rows[part]
    )
    markers = tuple(TextEvent(section.start_bar * plan.bar_ticks, section.name) for section in plan.sections)
    return Piece(
        TICKS_PER_BEAT,
        TempoMap.constant(plan.tempo_bpm, TICKS_PER_BEAT),
        (MeterChange(0, plan.meter),),
        (KeyChange(0, plan.key),),
        markers,
        tracks,
        end_tick,
    )


def _clipped(rows: list[tuple[int, int, int, int]], end_tick: int) -> list[tuple[int, int, int, int]]:
    """Cut what sounds past the end, keep velocities in range, and end a note where its pitch starts again."""
    starts: dict[int, int] = {}
    kept = []
    for onset, duration, pitch, velocity in sorted(rows, reverse=True):
        length = min(duration, end_tick - onset, starts.get(pitch, end_tick) - onset)
        if length > 0:
            starts[pitch] = onset
            kept.append((onset, length, pitch, min(max(velocity, 1), 127)))
    return kept
