"""Whatever the section, a supporting part is whole: in time, in range, in key, never in the way."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whitelight.composition.clashes import clash_frame, clashes_against
from whitelight.composition.context import SectionContext
from whitelight.composition.harmony import STAGE
from whitelight.composition.harmony.craft import HarmonyCraft
from whitelight.composition.harmony.genome import FAMILIES, EnsembleGenome, genome_from_dict
from whitelight.composition.harmony.instruments import LINE_INSTRUMENTS, QUARTET_PARTS
from whitelight.composition.harmony.theory import MEASURES
from whitelight.composition.stages import find_stage
from whitelight.music import SCALES, Key, Notes, Piece, read_midi

RANGES = {one.name: one for one in QUARTET_PARTS}
METERS = ["4/4", "3/4", "5/8", "7/8", "6/8", "11/8", "18/32"]


def candidates(craft: HarmonyCraft, n: int, seed: int = 0) -> list[EnsembleGenome]:
    """Fresh ones, their mutants and crossings."""
    rng = np.random.default_rng(seed)
    fresh = [craft.compose(rng) for _ in range(n)]
    mutants = [craft.mutate(craft.mutate(genome, rng), rng) for genome in fresh]
    crossed = [craft.cross(a, b, rng) for a, b in zip(fresh, mutants[::-1], strict=True)]
    return [*fresh, *mutants, *crossed]


def overlapping(notes: Notes) -> int:
    ends: dict[int, int] = {}
    found = 0
    for onset, duration, pitch, _ in notes.to_rows():
        found += onset < ends.get(pitch, 0)
        ends[pitch] = onset + duration
    return found


def check_whole(piece: Piece, context: SectionContext, genome: EnsembleGenome) -> None:
    chords = context.chords
    assert piece.end_tick == context.end_tick
    assert not [t for t in piece.midi_tracks if t.is_drum]
    for track in piece.midi_tracks:
        notes = track.notes
        assert notes.last_tick <= context.end_tick
        assert overlapping(notes) == 0
        low, high = (RANGES[track.name].low, RANGES[track.name].high) if track.name in RANGES else (30, 96)
        if track.name == "Counter-line":
            low, high = LINE_INSTRUMENTS[track.program].low, LINE_INSTRUMENTS[track.program].high
            assert (notes.end_tick[:-1] <= notes.onset_tick[1:]).all()  # one voice
        assert ((notes.pitch >= low) & (notes.pitch <= high)).all()
        for onset, _, pitch, _ in notes.to_rows():
            pulse = min(round(onset / context.pulse_ticks), context.n_pulses - 1)
            near = {t for c in chords if c.start - 1 <= pulse < c.end + 1 for t in c.tones}
            assert pitch % 12 in near | set(context.key.scale_pitch_classes), f"{genome.family} {pitch} at {pulse}"


@settings(max_examples=18, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    meter=st.sampled_from(METERS),
    tonic=st.integers(0, 11),
    scale=st.sampled_from(sorted(SCALES)),
    tempo_bpm=st.sampled_from([20.0, 40.0, 92.0, 150.0, 220.0, 400.0]),
    energy=st.sampled_from([0.0, 0.3, 0.6, 1.0]),
    n_bars=st.sampled_from([4, 8]),
    melody=st.booleans(),
    bass=st.booleans(),
)
def test_any_section(make_section, meter, tonic, scale, *, tempo_bpm, energy, n_bars, melody, bass) -> None:
    key = str(Key(tonic, scale))
    context = make_section(
        meter, key, tempo_bpm=tempo_bpm, energy=energy, n_bars=n_bars, melody=melody, bass=bass, seed=tonic
    )
    craft = STAGE.craft(context, None)
    for genome in candidates(craft, 3, seed=tonic):
        played = craft.play(genome)
        check_whole(read_midi(played.midi), context, genome)
        assert all(value is None or 0.0 <= value <= 1.0 for value in played.terms.values()), played.terms
        assert set(played.measures) == set(MEASURES)
        assert np.isfinite(list(played.measures.values())).all()
        assert craft.idea(genome)
        assert len(craft.facts(genome)["bars"]) == n_bars


@pytest.mark.parametrize("meter", METERS)
def test_nothing_rubs_against_what_is_held(make_section, meter: str) -> None:
    """Semitones against melody and bass are left to notes too short to be heard out."""
    context = make_section(meter, "G minor", tempo_bpm=90, seed=8)
    craft, frame = STAGE.craft(context, None), clash_frame(context)
    rubs = total = 0
    for genome in candidates(craft, 10):
        for track in read_midi(craft.play(genome).midi).midi_tracks:
            for stage in ("melody", "bass"):
                other = context.notes_of(stage)
                is_held = other.duration_ticks * context.grid.pulse_s >= 0.2 * context.pulse_ticks
                found = clashes_against(track.notes, other.select(is_held), frame)
                rubs, total = rubs + int(found.sum()), total + len(found)
    assert total > 500
    assert rubs / total <= 0.02


def test_it_follows_the_bass_or_leaves_room_for_it(make_section) -> None:
    alone, accompanied = make_section(bass=False), make_section(bass=True)
    for context in (alone, accompanied):
        craft = STAGE.craft(context, None)
        rng = np.random.default_rng(2)
        quartets = [g for g in (craft.compose(rng) for _ in range(40)) if g.family == "quartet"]
        for genome in quartets:
            cello = read_midi(craft.play(genome).midi).midi_tracks[-1]
            assert cello.name == "Cello"
            for onset, duration, pitch, _ in cello.notes.to_rows():
                middle = min((onset + duration // 2) // context.pulse_ticks, context.n_pulses - 1)
                if context is alone:
                    chord = context.chord_at(middle)
                    assert chord is not None
                    assert pitch % 12 == chord.bass
                else:
                    bass = context.notes_of("bass")
                    sounding = (bass.onset_tick <= onset + duration // 2) & (bass.end_tick > onset + duration // 2)
                    assert (pitch > bass.pitch[sounding]).all()


def test_energy_brings_it_in(make_section) -> None:
    def sounding(energy: float) -> float:
        craft = STAGE.craft(make_section(energy=energy), None)
        rng = np.random.default_rng(0)
        return float(np.mean([craft.play(craft.compose(rng)).measures["fullness"] for _ in range(30)]))

    assert sounding(0.1) < 0.75 * sounding(0.9)


def test_all_families_and_the_same_seed_the_same_bytes(make_section) -> None:
    craft = STAGE.craft(make_section(), None)
    genomes = candidates(craft, 10)
    assert {genome.family for genome in genomes} == set(FAMILIES)
    assert genomes == candidates(craft, 10)
    other = STAGE.craft(make_section(), None)
    assert [craft.play(g).midi for g in genomes[:8]] == [other.play(g).midi for g in genomes[:8]]


def test_again_is_the_same_music_in_another_hand(make_section) -> None:
    craft = STAGE.craft(make_section(), None)
    genome = craft.compose(np.random.default_rng(4))
    again = craft.again(genome)
    assert craft.idea(genome) == craft.idea(again)
    first, second = (read_midi(craft.play(one).midi).all_notes() for one in (genome, again))
    assert first != second
    assert sorted(first.pitch.tolist()) == sorted(second.pitch.tolist())


def test_a_genome_is_plain_data(make_section) -> None:
    import json

    craft = STAGE.craft(make_section(), None)
    for genome in candidates(craft, 5):
        assert genome_from_dict(json.loads(genome.to_json())) == genome


def test_without_chords_a_line_keeps_to_the_scale(make_section) -> None:
    from dataclasses import replace

    context = replace(make_section(melody=False, bass=False), heard={}, chords=())
    craft = STAGE.craft(context, None)
    for genome in candidates(craft, 6):
        notes = read_midi(craft.play(genome).midi).all_notes()
        assert set((notes.pitch % 12).tolist()) <= set(context.key.scale_pitch_classes)


def test_the_stage_is_found_by_name() -> None:
    assert find_stage("harmony") is STAGE
    assert STAGE.needs == ("chords",)


@pytest.mark.parametrize("with_melody", [True, False])
def test_terms_can_tell_candidates_apart(make_section, with_melody: bool) -> None:
    craft = STAGE.craft(make_section(melody=with_melody), None)
    rng = np.random.default_rng(9)
    played = [craft.play(craft.compose(rng)).terms for _ in range(50)]
    spreads = {}
    for name in played[0]:
        values = [terms[name] for terms in played if terms[name] is not None]
        if values:
            spreads[name] = float(np.std(values))
    silent = {"consonance", "gap_answering", "register_fit"}
    assert set(played[0]) - set(spreads) == (set() if with_melody else silent)
    assert all(spread >= 0.02 for spread in spreads.values()), spreads


def test_pads_over_other_chords_are_other_ideas(make_section) -> None:
    """A held pad is not the same music in every song: what the upper voice has counts."""
    ideas = []
    for seed in (3, 4):
        craft = STAGE.craft(make_section(melody=False, seed=seed), None)
        rng = np.random.default_rng(0)
        pads = [genome for genome in (craft.compose(rng) for _ in range(40)) if genome.family == "pad"]
        ideas.append({step for genome in pads for step in craft.idea(genome)})
    assert len(ideas[0] & ideas[1]) < 0.5 * min(len(one) for one in ideas)


def test_it_keeps_clear_of_the_melody(make_section) -> None:
    """Unisons double a held melody note; nothing else sounds within two semitones of it."""
    context = make_section(tempo_bpm=80, seed=5)
    craft, melody = STAGE.craft(context, None), context.notes_of("melody").to_rows()
    least = 0.3 / context.grid.pulse_s * context.pulse_ticks
    for genome in candidates(craft, 8):
        notes = read_midi(craft.play(genome).midi).all_notes()
        for onset, duration, pitch, _ in melody:
            together = np.minimum(notes.end_tick, onset + duration) - np.maximum(notes.onset_tick, onset)
            near = np.abs(notes.pitch - pitch)[(together > context.pulse_ticks) & (duration >= least)]
            assert not ((near == 1) | (near == 2)).any()
