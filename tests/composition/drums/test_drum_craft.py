"""What every drum part keeps, whatever the section: a file that reads back, two hands, two feet, an end."""

import io
import json
from itertools import pairwise

import mido
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whitelight.composition.drums import STAGE, DrumStyle, learn_drums
from whitelight.composition.drums.genome import genome_from_dict
from whitelight.composition.drums.rendering import render
from whitelight.composition.drums.voices import NOTES
from whitelight.composition.judging import Judge
from whitelight.composition.scorer import DeafScorer
from whitelight.composition.search import Search, keep_diverse, measure_noise, run_generation
from whitelight.music import Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap, read_midi

METERS = ("4/4", "3/4", "5/8", "7/8", "6/8", "11/8", "18/32", "12/8", "5/4", "2/2", "3/8", "1/4", "3+2+2/8")
HAND = {NOTES[v] for v in NOTES} - {NOTES["kick"], NOTES["foot"]}


def breed(craft, seed, turns=3):
    """A genome that went through everything."""
    rng = np.random.default_rng(seed)
    genome = craft.cross(craft.compose(rng), craft.compose(rng), rng)
    for _ in range(turns):
        genome = craft.mutate(genome, rng)
    return genome


def check_file(context, midi):
    piece = read_midi(midi)
    (part,) = piece.midi_tracks
    assert (part.name, part.is_drum) == ("Drums", True)
    assert piece.end_tick == context.end_tick
    assert piece.ticks_per_beat == context.ticks_per_beat
    rows = part.notes.to_rows()
    assert all(0 <= onset < onset + duration <= context.end_tick for onset, duration, _, _ in rows)
    assert all(row[2] in NOTES.values() for row in rows)
    for pitch in {row[2] for row in rows}:
        own = [row for row in rows if row[2] == pitch]
        assert all(a[0] + a[1] <= b[0] for a, b in pairwise(own))
    return rows


@st.composite
def styles(drawn):
    """None, or what a part of random hits in some meter teaches."""
    if drawn(st.booleans()):
        return None
    meter = Meter.parse(drawn(st.sampled_from(("4/4", "7/8", "6/8", "3/4", "18/32"))))
    size, notes = meter.bar_ticks(480), st.sampled_from(sorted({*NOTES.values(), 35, 41, 57, 22}))
    hits = drawn(st.sets(st.tuples(st.integers(0, 15), notes), min_size=1, max_size=20))
    velocity = drawn(st.integers(20, 120))
    rows = [(bar * size + p * size // 16, 30, note, velocity) for bar in range(3) for p, note in sorted(hits)]
    track = MidiTrack("drums", is_drum=True, notes=Notes.from_rows(rows))
    changes = (MeterChange(0, meter),)
    return learn_drums([Piece(480, TempoMap.constant(110), changes, midi_tracks=(track,), end_tick=3 * size)])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    meter=st.sampled_from(METERS),
    tempo=st.floats(20, 400),
    energy=st.floats(0, 1),
    lift=st.floats(-1, 1),
    n_bars=st.sampled_from((4, 8)),
    style=styles(),
    seed=st.integers(0, 2**32),
)
def test_any_section_has_a_playable_part(context_for, meter, tempo, energy, *, lift, n_bars, style, seed):
    context = context_for(meter, tempo, energy, n_bars=n_bars, lift=lift)
    craft = STAGE.craft(context, style)
    for genome in (craft.compose(np.random.default_rng(seed)), breed(craft, seed)):
        played = craft.play(genome)
        rows = check_file(context, played.midi)
        assert rows == render(genome, context).piece.midi_tracks[0].notes.to_rows()
        assert all(value is None or 0 <= value <= 1 for value in played.terms.values())
        assert set(played.measures) == set(craft.ranges)
        assert all(np.isfinite(value) for value in played.measures.values())
        assert craft.play(genome).midi == played.midi
        assert genome_from_dict(json.loads(genome.to_json())) == genome
        json.dumps(craft.facts(genome))
        hash((genome, craft.idea(genome)))
        for bar in genome.bars:
            check_limbs(bar, context.grid.bar_pulses)


def check_limbs(bar, size):
    hands = [pulse for name in ("snare", "ghost", "time", "open", "color") for pulse in bar.lane(name)]
    assert all(hands.count(pulse) <= 2 for pulse in set(hands))
    assert not set(bar.lane("time")) & set(bar.lane("open"))
    assert not set(bar.lane("snare")) & set(bar.lane("ghost"))
    assert all(0 <= pulse < size and list(lane) == sorted(set(lane)) for lane in bar.lanes for pulse in lane)


def test_at_most_two_hands_at_once(context_for):
    """In the file itself: at a tempo where timing cannot blur two pulses into one moment."""
    context = context_for("7/8", 60, 0.9)
    craft = STAGE.craft(context, None)
    for seed in range(20):
        notes = read_midi(craft.play(breed(craft, seed)).midi).all_notes()
        pulses = np.rint(notes.onset_tick / context.pulse_ticks).astype(int)
        struck = [int(pulse) for pulse, pitch in zip(pulses, notes.pitch, strict=True) if int(pitch) in HAND]
        assert max(struck.count(pulse) for pulse in set(struck)) <= 2


def test_the_file_is_the_same_for_another_reader(context_for):
    craft = STAGE.craft(context_for("7/8", 130), None)
    midi = craft.play(craft.compose(np.random.default_rng(2))).midi
    file = mido.MidiFile(file=io.BytesIO(midi))
    on = [m for t in file.tracks for m in t if m.type == "note_on" and m.velocity]
    assert {m.channel for m in on} == {9}
    assert len(on) == len(read_midi(midi).all_notes())


def test_same_seed_same_bytes_other_seed_other_bytes(context_for):
    first, second = (STAGE.craft(context_for(), None) for _ in range(2))
    parts = [
        craft.play(craft.compose(np.random.default_rng(seed))).midi for craft in (first, second) for seed in (1, 2)
    ]
    assert parts[:2] == parts[2:]
    assert parts[0] != parts[1]


def test_mutation_always_changes_something(context_for):
    craft, rng = STAGE.craft(context_for(), None), np.random.default_rng(0)
    genomes = [craft.compose(rng) for _ in range(40)]
    changed = [craft.mutate(genome, rng) for genome in genomes]
    assert all(a != b for a, b in zip(genomes, changed, strict=True))
    assert sum(craft.idea(a) != craft.idea(b) for a, b in zip(genomes, changed, strict=True)) > 15


def test_a_child_has_something_of_both(context_for):
    craft, rng = STAGE.craft(context_for(), None), np.random.default_rng(0)
    first, second = craft.compose(rng), craft.compose(rng)
    child = craft.cross(first, second, rng)
    assert child.family == first.family
    assert child.bars[0].lane("kick") == first.bars[0].lane("kick")
    assert child.bars[-1].lane("kick") == second.bars[-1].lane("kick")


def test_playing_again_changes_small_things_only(context_for):
    craft = STAGE.craft(context_for(), None)
    genome = craft.compose(np.random.default_rng(3))
    one, other = (render(g, craft.setting.context).piece.midi_tracks[0].notes for g in (genome, craft.again(genome)))
    assert craft.idea(genome) == craft.idea(craft.again(genome))
    assert sorted(one.pitch) == sorted(other.pitch)
    assert one.onset_tick.tolist() != other.onset_tick.tolist()
    assert np.abs(np.sort(one.onset_tick) - np.sort(other.onset_tick)).max() < craft.setting.context.pulse_ticks
    noise = measure_noise(craft, [craft.compose(np.random.default_rng(s)) for s in range(6)])
    assert noise["steadiness"] == 0
    assert 0 < noise["timing"] < 0.2


def test_energy_drives_density_and_loudness(context_for):
    rate, loud = [], []
    for energy in (0.1, 0.5, 0.9):
        craft, rng = STAGE.craft(context_for(energy=energy), None), np.random.default_rng(0)
        parts = [read_midi(craft.play(craft.compose(rng)).midi).all_notes() for _ in range(30)]
        rate.append(np.mean([len(part) for part in parts]))
        loud.append(np.mean([part.velocity.mean() for part in parts]))
    assert rate[0] < 0.7 * rate[1] < 0.7 * 0.85 * rate[2]
    assert loud[0] + 8 < loud[1] < loud[2] - 8


def test_fills_grow_with_what_follows(context_for):
    sizes = []
    for lift in (-0.5, 0.0, 0.5):
        craft, rng = STAGE.craft(context_for(lift=lift), None), np.random.default_rng(0)
        fills = [[f for f in craft.compose(rng).fills if f.bar == 7] for _ in range(40)]
        sizes.append(np.mean([1 - found[0].start / 16 if found else 0.0 for found in fills]))
    assert sizes[0] < sizes[1] < sizes[2]


def test_hits_lie_on_the_groups_of_the_meter(context_for):
    craft, rng = STAGE.craft(context_for("2+2+3/8", 120), None), np.random.default_rng(0)
    struck = np.zeros(14)
    for _ in range(40):
        for bar in craft.compose(rng).bars:
            struck[list(bar.lane("kick") + bar.lane("snare"))] += 1
    on, off = struck[[0, 4, 8]], np.delete(struck, [0, 4, 8])
    assert on.min() > 1.5 * np.mean(off)
    assert struck.argmax() == 0


def test_an_asked_family_is_played(context_for):
    craft, rng = STAGE.craft(context_for(), DrumStyle(family="jazz")), np.random.default_rng(0)
    assert {craft.compose(rng).family for _ in range(10)} == {"jazz"}


def test_evolution_improves_and_keeps_different_grooves(context_for):
    gains = []
    for seed in range(3):
        search = Search(STAGE.craft(context_for(), None), np.random.default_rng(seed))
        batches = [run_generation(search, Judge(DeafScorer(), None), 30) for _ in range(4)]
        gains.append(np.mean([c.fitness for c in batches[-1]]) - np.mean([c.fitness for c in batches[0]]))
        assert len({c.idea for c in keep_diverse(search.archive.ranked(), 4)}) == 4
    assert np.mean(gains) > 0.2  # standard deviations of a first generation
