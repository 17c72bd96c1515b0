"""Whatever the key, meter and tempo: a line that can be sung and rubs with nothing by accident."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.composition.clashes import ClashCount, clash_frame, count_clashes
from whitelight.composition.context import SectionContext
from whitelight.composition.melody import STAGE
from whitelight.composition.melody.genome import MelodyGenome, genome_from_dict
from whitelight.composition.melody.rendering import render
from whitelight.composition.melody.setting import RANGE_ST
from whitelight.composition.melody.theory import MEASURES, hear, longest_breath_s
from whitelight.music import SCALES, read_midi

METERS = ["4/4", "3/4", "5/8", "7/8", "6/8", "11/8", "18/32", "12/8", "5/4"]
TONICS = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]


def some_genomes(craft, seed: int) -> list[MelodyGenome]:
    rng = np.random.default_rng(seed)
    found = [craft.compose(rng), craft.compose(rng)]
    found.append(craft.cross(found[0], found[1], rng))
    for _ in range(3):
        found.append(craft.mutate(found[-1], rng))
    return found


def check(context: SectionContext, seed: int) -> ClashCount:
    """Play a few genomes, refuse what no melody may do, return what rubs."""
    craft, frame, total = STAGE.craft(context, None), clash_frame(context), ClashCount()
    for genome in some_genomes(craft, seed):
        played = craft.play(genome)
        piece = read_midi(played.midi)
        (part,) = [one for one in piece.midi_tracks if len(one.notes)]
        assert part.name == "Melody"
        assert piece.end_tick == context.end_tick
        count = count_clashes(part.notes, frame, context.notes_of("bass"))
        assert (count.n_hanging, count.n_overlapping, count.n_foreign, count.n_against_unintended) == (0, 0, 0, 0)
        assert np.ptp(part.notes.pitch) <= RANGE_ST
        assert all(value is None or 0.0 <= value <= 1.0 for value in played.terms.values())
        assert set(played.measures) == set(MEASURES)
        assert longest_breath_s(hear(render(genome, craft.setting), craft.setting)) <= 8.0
        assert genome_from_dict(json.loads(genome.to_json())) == genome
        total += count
    return total


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(st.sampled_from(TONICS), st.sampled_from(sorted(SCALES))).map(" ".join),
    st.sampled_from(METERS),
    st.floats(20, 400),
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["verse", "chorus", "bridge", "solo", "outro"]),
            "n_bars": st.sampled_from([4, 8]),
            "energy": st.floats(0, 1),
            "seed": st.integers(0, 999),
        }
    ),
)
def test_any_section_is_sung(section_for, key, meter, tempo_bpm, plan) -> None:
    context, seed = section_for(key, meter, round(tempo_bpm, 1), **plan), plan["seed"]
    count = check(context, seed)
    assert count.n_strong_unintended <= 0.02 * count.n_strong
    assert count.n_phrase_tones >= 0.75 * count.n_phrases


def test_strong_places_and_phrase_ends_lie_in_the_bands(section_for) -> None:
    total = ClashCount()
    for seed, tonic in enumerate(TONICS):
        for meter in ("4/4", "7/8"):
            key = f"{tonic} {sorted(SCALES)[seed % len(SCALES)]}"
            total += check(section_for(key, meter, 70.0 + 6 * seed, seed=seed), seed)
    assert 0.75 <= total.strong_tone_share <= 0.9
    assert total.strong_clash_share <= 0.02
    assert total.phrase_end_share >= 0.9
    assert total.n_held_clashes == 0


@pytest.mark.slow
@pytest.mark.parametrize("scale", sorted(SCALES))
def test_every_key_in_every_meter(scale, section_for) -> None:
    total = ClashCount()
    for place, tonic in enumerate(TONICS):
        for row, meter in enumerate(METERS):
            tempo_bpm = float(np.geomspace(20, 400, 12)[(place + 5 * row) % 12])
            total += check(section_for(f"{tonic} {scale}", meter, tempo_bpm, seed=place), place)
    assert total.strong_clash_share <= 0.02
    assert total.phrase_end_share >= 0.9


def test_the_same_seed_is_the_same_file(section_for) -> None:
    def files() -> list[bytes]:
        craft = STAGE.craft(section_for("A minor"), None)
        return [craft.play(genome).midi for genome in some_genomes(craft, 3)]

    assert files() == files()


def test_again_is_the_same_music_played_otherwise(section_for) -> None:
    craft = STAGE.craft(section_for("A minor"), None)
    genome = craft.compose(np.random.default_rng(1))
    other = craft.again(genome)
    assert craft.idea(other) == craft.idea(genome)
    first, second = (read_midi(craft.play(one).midi).all_notes() for one in (genome, other))
    assert first.pitch.tolist() == second.pitch.tolist()
    assert first != second


def test_borrowed_chords_change_the_degrees(section_for) -> None:
    for seed in range(60):
        context = section_for("C major", seed=seed)
        borrowed = [chord for chord in context.chords if chord.leaves(context.key)]
        if borrowed:
            break
    craft = STAGE.craft(context, None)
    rng, chromatic = np.random.default_rng(0), ClashCount()
    for _ in range(20):
        chromatic += count_clashes(render(craft.compose(rng), craft.setting).notes, craft.setting.frame)
    assert chromatic.n_foreign == 0
    assert chromatic.n_chromatic > 0  # borrowed tones are sung, not avoided


def test_returning_chords_bring_the_melody_back(section_for) -> None:
    shares = []
    for seed in range(12):
        craft = STAGE.craft(section_for("G major", seed=seed), None)
        rng = np.random.default_rng(seed)
        found = [craft.play(craft.compose(rng)).terms["memory"] for _ in range(10)]
        shares += [value for value in found if value is not None]
    assert np.mean(shares) > 0.5


@pytest.mark.parametrize("meter", ["4/4", "6/8"])
def test_energy_lifts_and_thickens(meter, section_for) -> None:
    def mean(energy: float, role: str) -> tuple[float, float, float]:
        craft = STAGE.craft(section_for("D major", meter, 90.0, energy=energy, role=role), None)
        rng = np.random.default_rng(0)
        notes = [render(craft.compose(rng), craft.setting).notes for _ in range(40)]
        numbers = [(len(one), float(one.pitch.mean()), float(one.velocity.mean())) for one in notes]
        return tuple(np.mean(numbers, axis=0))

    calm, wild, chorus = mean(0.1, "verse"), mean(0.9, "verse"), mean(0.1, "chorus")
    assert all(more > less for more, less in zip(wild, calm, strict=True))
    assert chorus[1] > calm[1]


def test_without_chords_or_bass_there_is_a_melody_all_the_same(section_for) -> None:
    context = section_for("E minor", has_bass=False)
    check(context, 0)
    bare = replace(context, heard={}, chords=())
    craft = STAGE.craft(bare, None)
    played = craft.play(craft.compose(np.random.default_rng(0)))
    assert played.terms["strong_tones"] is None
    assert len(read_midi(played.midi).all_notes()) > 8


def test_facts_tell_what_is_sung(section_for) -> None:
    craft = STAGE.craft(section_for("Bb major"), None)
    facts = craft.facts(craft.compose(np.random.default_rng(2)))
    assert json.loads(json.dumps(facts)) == facts
    assert (facts["clashes"], facts["out_of_key"]) == (0, 0)
    assert len(facts["phrases"]) <= len(facts["plan"])
    assert STAGE.needs == ("chords",)
