"""From genome to the piece that is written: the same notes are scored, reviewed and promoted.

Conventions: one MIDI track named "Chords"; markers name the section and every chord; the piece ends exactly at its last
bar line; two notes of one pitch never overlap and none outlives its chord (an approach note ends with it too).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from whitelight.composition.chords.genome import ChordGene, ChordGenome, Touch
from whitelight.composition.chords.naming import chord_symbol
from whitelight.composition.chords.setting import Setting
from whitelight.composition.chords.vocabulary import pitch_class_offsets
from whitelight.composition.chords.voicing import ChordTones, Voicing, voice_progression
from whitelight.composition.meter_grid import ticks_per_beat
from whitelight.music import KeyChange, MeterChange, MidiTrack, Notes, Piece, TempoMap, TextEvent

MIDI_TRACK_NAME = "Chords"
PROGRAMS = {"strum": 25, "hold": 0, "broken": 0, "alternate": 0}  # General MIDI: steel guitar, grand piano
_TOP = -1
LOWEST_BASS = 33  # A1

Note = tuple[int, int, int, int]  # onset_tick, duration_ticks, pitch, velocity


@dataclass(frozen=True, slots=True)
class Rendered:
    """A candidate as it sounds."""

    piece: Piece
    voicings: tuple[Voicing, ...]


@dataclass(frozen=True, slots=True)
class _Stroke:
    """One movement of the hand within a chord, in ticks from the start of the section."""

    tick: int
    until: int
    index: int  # 0 is the stroke that brings the chord
    weight: int
    velocity: int


def chord_tones(chord: ChordGene, tonic: int) -> ChordTones:
    """Absolute pitch classes of a gene."""
    tones = tuple((tonic + offset) % 12 for offset in pitch_class_offsets(chord.root, chord.quality))
    return ChordTones(tones, tones[chord.inversion])


def render(genome: ChordGenome, setting: Setting) -> Rendered:
    """Play a genome."""
    tones = [chord_tones(chord, setting.key.tonic) for chord in genome.chords]
    voicings = voice_progression(
        tones, center=genome.center, openness=genome.openness, n_upper=genome.n_upper, floor=genome.floor
    )
    resolution = ticks_per_beat(setting.meter, setting.grid)
    pulse_ticks = setting.meter.bar_ticks(resolution) // setting.grid.bar_pulses
    rows = _cut_overlaps(_all_notes(genome, setting, voicings, pulse_ticks))
    markers = [TextEvent(0, setting.section.name)]
    markers += [
        TextEvent(start * pulse_ticks, chord_symbol(chord, setting.key))
        for start, chord in zip(genome.starts, genome.chords, strict=True)
    ]
    piece = Piece(
        ticks_per_beat=resolution,
        tempo_map=TempoMap.constant(setting.tempo_bpm, resolution),
        meters=(MeterChange(0, setting.meter),),
        keys=(KeyChange(0, setting.key),),
        markers=tuple(markers),
        midi_tracks=(MidiTrack(MIDI_TRACK_NAME, program=PROGRAMS[genome.touch.figure], notes=Notes.from_rows(rows)),),
        end_tick=setting.n_pulses * pulse_ticks,
    )
    return Rendered(piece, voicings)


def _all_notes(genome: ChordGenome, setting: Setting, voicings: Sequence[Voicing], pulse_ticks: int) -> list[Note]:
    wobble = np.random.default_rng(genome.touch.grain).integers(-4, 5, size=setting.n_pulses + 8).tolist()
    notes: list[Note] = []
    for place, (start, chord) in enumerate(zip(genome.starts, genome.chords, strict=True)):
        strokes = _strokes(genome.touch, setting, start, chord.duration, pulse_ticks=pulse_ticks, wobble=wobble)
        following = voicings[place + 1] if place + 1 < len(voicings) else None
        approach = _approach_pitch(chord, voicings[place], following, setting)
        played = _play(genome.touch, strokes, voicings[place], pulse_ticks, is_last=following is None)
        notes += played if approach is None else _lead_on(played, strokes, voicings[place], approach)
    return notes


def _strokes(
    touch: Touch, setting: Setting, start: int, duration: int, *, pulse_ticks: int, wobble: Sequence[int]
) -> list[_Stroke]:
    """Strokes of one chord: its beginning, then every stroke of the bars' patterns until it ends."""
    grid, end = setting.grid, start + duration
    pulses = [start]
    for bar in range(start // grid.bar_pulses, -(-end // grid.bar_pulses)):
        rhythm = touch.rhythms[touch.bar_rhythms[bar % len(touch.bar_rhythms)]]
        pulses += [p for p in (bar * grid.bar_pulses + offset for offset in rhythm) if start < p < end]
    if len(pulses) > 1 and (pulses[1] - start) * grid.pulse_s < 0.1:  # a syncopated pattern just after the change
        pulses.pop(1)
    ends = [*pulses[1:], end]
    return [
        _Stroke(
            tick=_tick(pulse, touch, setting, pulse_ticks),
            until=_tick(until, touch, setting, pulse_ticks),
            index=index,
            weight=grid.weights[pulse % grid.bar_pulses],
            velocity=_velocity(touch, setting, pulse, wobble[pulse]),
        )
        for index, (pulse, until) in enumerate(zip(pulses, ends, strict=True))
    ]


def _tick(pulse: int, touch: Touch, setting: Setting, pulse_ticks: int) -> int:
    """Where a pulse falls: swing moves what lies inside a beat, beats stay."""
    unit = setting.grid.unit_pulses
    whole, share = pulse // unit, pulse % unit / unit
    if touch.swing == 0.5 or not share:
        return pulse * pulse_ticks
    late = 2 * share * touch.swing if share < 0.5 else touch.swing + (2 * share - 1) * (1 - touch.swing)
    return round((whole + late) * unit * pulse_ticks)


def _velocity(touch: Touch, setting: Setting, pulse: int, wobble: int) -> int:
    """Level, metrical accent, and an arch over each four-bar phrase that relaxes into its end."""
    grid = setting.grid
    weight = grid.weights[pulse % grid.bar_pulses]
    phrase = 4 * grid.bar_pulses
    along = (pulse % phrase) / phrase
    arch = float(np.sin(np.pi * min(1.0, along / 0.62) / 2) if along < 0.62 else np.cos(np.pi * (along - 0.62) / 0.76))
    return round(touch.level + touch.accent * (weight - 2) / 2 + touch.swell * (arch - 0.6) + wobble)


def _play(touch: Touch, strokes: Sequence[_Stroke], voicing: Voicing, pulse_ticks: int, *, is_last: bool) -> list[Note]:
    """Turn strokes into notes according to the figure."""
    if touch.figure == "broken" and len(strokes) > len(voicing.upper) // 2 + 1:
        return _broken(touch, strokes, voicing)
    if touch.figure == "alternate" and len(strokes) > 1:
        return _alternate(touch, strokes, voicing, is_last=is_last)
    return _struck(touch, strokes, voicing, pulse_ticks)


def _struck(touch: Touch, strokes: Sequence[_Stroke], voicing: Voicing, pulse_ticks: int) -> list[Note]:
    """Strike all voices with the chord; later strokes repeat the upper ones, upstrokes only the highest."""
    chord_end, again = strokes[-1].until, touch.bass_again and touch.figure != "hold"
    bass_until = chord_end if not again and (touch.gate > 0.6 or touch.figure == "hold") else None
    notes: list[Note] = []
    for stroke in strokes:
        is_up = stroke.weight <= 1 and stroke.index > 0 and not touch.full_again
        if stroke.index == 0 or (again and not is_up):
            notes.append(_note(stroke, voicing.bass, stroke.velocity + 4, bass_until, touch))
        voices = voicing.upper[-3:] if is_up and touch.figure == "strum" else voicing.upper
        until = chord_end if touch.figure == "hold" else None
        delays = _roll_delays(len(voices), touch.roll * pulse_ticks // 16, stroke, is_up=is_up)
        for rank, (pitch, delay) in enumerate(zip(voices, delays, strict=True)):
            lift = 4 if rank == len(voices) - 1 else -3
            velocity = stroke.velocity + lift - (6 if is_up else 0)
            notes.append(_note(stroke, pitch, velocity, until, touch, delay=delay))
    return notes


def _roll_delays(n_voices: int, roll_ticks: int, stroke: _Stroke, *, is_up: bool) -> list[int]:
    """Ticks by which each voice follows the first; upstrokes begin at the top."""
    roll_ticks = min(roll_ticks, (stroke.until - stroke.tick) // 3)
    delays = [roll_ticks * (rank + 1) // n_voices for rank in range(n_voices)]
    return delays[::-1] if is_up else delays


def _broken(touch: Touch, strokes: Sequence[_Stroke], voicing: Voicing) -> list[Note]:
    """Sound the upper voices one after the other above the bass; they ring on when the gate is 1."""
    chord_end = strokes[-1].until
    until = chord_end if touch.gate >= 1.0 else None
    order = _arpeggio_order(len(voicing.upper), touch.arpeggio)
    notes = [
        _note(strokes[0], voicing.bass, strokes[0].velocity + 3, chord_end if not touch.bass_again else until, touch)
    ]
    for stroke in strokes:
        pitch = voicing.upper[order[stroke.index % len(order)]]
        lift = 2 if pitch == voicing.upper[_TOP] else -2
        notes.append(_note(stroke, pitch, stroke.velocity + lift, until, touch))
    return notes


def _arpeggio_order(n_voices: int, arpeggio: str) -> tuple[int, ...]:
    up = tuple(range(n_voices))
    if arpeggio == "up-down":
        return up + up[-2:0:-1]
    if arpeggio == "inside-out":
        return (*up[1:2], *up[2:], *up[:1])
    return up[::-1] if arpeggio == "down" else up


def _alternate(touch: Touch, strokes: Sequence[_Stroke], voicing: Voicing, *, is_last: bool) -> list[Note]:
    """Bass on the heavy strokes, chord on the others; the first stroke sounds both."""
    basses = (voicing.bass, voicing.bass) if is_last else _alternating_basses(voicing)  # a close stays on its root
    notes, n_basses = list[Note](), 0
    for stroke in strokes:
        is_heavy = stroke.weight >= 3 or stroke.index == 0
        if is_heavy:
            notes.append(_note(stroke, basses[n_basses % 2], stroke.velocity + 5, None, touch))
            n_basses += 1
        if not is_heavy or stroke.index == 0 or len(strokes) < 3:
            softer = 8 if is_heavy else 2
            for pitch in voicing.upper:
                lift = 3 if pitch == voicing.upper[_TOP] else -3
                notes.append(_note(stroke, pitch, stroke.velocity + lift - softer, None, touch))
    return notes


def _alternating_basses(voicing: Voicing) -> tuple[int, int]:
    """The bass and its fifth where the chord has one and there is room below the other voices, else the bass twice."""
    fifths = (voicing.bass - 5, voicing.bass + 7)
    sounding = {pitch % 12 for pitch in voicing.upper}
    fits = [pitch for pitch in fifths if pitch % 12 in sounding and LOWEST_BASS <= pitch <= voicing.upper[0] - 5]
    return voicing.bass, fits[0] if fits else voicing.bass


def _note(stroke: _Stroke, pitch: int, velocity: int, until: int | None, touch: Touch, *, delay: int = 0) -> Note:
    """One note of a stroke; `until` rings on to that tick, None ends by the gate before the next stroke."""
    gate = touch.gate if until is None else 1.0
    end = stroke.until if until is None else until
    duration = max(round((end - stroke.tick) * gate) - delay, 1)
    return stroke.tick + delay, duration, pitch, min(max(velocity, 20), 122)


def _approach_pitch(chord: ChordGene, voicing: Voicing, following: Voicing | None, setting: Setting) -> int | None:
    """Scale step next to the following bass, on the asked side; None when the bass already stands there."""
    if chord.approach == "none" or following is None or following.bass == voicing.bass:
        return None
    step = -1 if chord.approach == "below" else 1
    scale = set(setting.key.scale_pitch_classes)
    pitch = following.bass + step
    while pitch % 12 not in scale:
        pitch += step
    return None if pitch in (voicing.bass, *voicing.upper) or pitch < LOWEST_BASS else pitch


def _lead_on(notes: list[Note], strokes: Sequence[_Stroke], voicing: Voicing, approach: int) -> list[Note]:
    """End the bass early and put the approach note at the last stroke."""
    last = strokes[-1]
    if last.index == 0:
        return notes
    kept = []
    for onset, duration, pitch, velocity in notes:
        if pitch == voicing.bass and onset >= last.tick:
            continue
        cut = min(duration, last.tick - onset) if pitch == voicing.bass else duration
        kept.append((onset, cut, pitch, velocity))
    return [*kept, (last.tick, last.until - last.tick, approach, min(max(last.velocity, 20), 122))]


def _cut_overlaps(notes: Sequence[Note]) -> list[Note]:
    """End every note where its pitch sounds again; of two at one moment the louder stays."""
    following: dict[int, int] = {}
    kept: list[Note] = []
    for onset, duration, pitch, velocity in sorted(notes, key=lambda note: (note[0], note[3]), reverse=True):
        again = following.get(pitch)
        if again == onset:
            continue
        kept.append((onset, duration if again is None else min(duration, again - onset), pitch, velocity))
        following[pitch] = onset
    return kept[::-1]
