"""What every bass line keeps, whatever the section: one voice, the real bass at changes, no sour strong beat."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.composition.bass import STAGE, BassStyle
from whitelight.composition.bass.genome import genome_from_dict
from whitelight.composition.bass.line import CHROMATIC, HIGHEST, LOWEST, PEDAL, STEP
from whitelight.composition.bass.rendering import render
from whitelight.composition.bass.setting import NoChordsError
from whitelight.composition.bass.styles import Habit, shipped_styles
from whitelight.composition.context import make_context
from whitelight.composition.form import SectionPlan
from whitelight.composition.judging import Judge
from whitelight.composition.scorer import DeafScorer
from whitelight.composition.search import Search, keep_diverse, measure_noise, run_generation
from whitelight.music import Key, Meter, read_midi

METERS = ("4/4", "3/4", "5/8", "7/8", "6/8", "11/8", "18/32", "12/8", "5/4", "2/2", "3/8", "1/4", "3+2+2/8")
SCALES = ("major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "harmonic minor", "melodic minor")
KEYS = [f"{tonic} {scale}" for tonic in ("C", "Db", "D", "F#", "A", "Bb") for scale in SCALES]


def breed(craft, seed, turns=4):
    rng = np.random.default_rng(seed)
    genome = craft.cross(craft.compose(rng), craft.compose(rng), rng)
    for _ in range(turns):
        genome = craft.mutate(genome, rng)
    return genome


def check_promises(genome, craft):
    """Every rule of `line.settle`, said in other words."""
    setting = craft.setting
    by_start = {note.start: note for note in genome.notes}
    assert len(by_start) == len(genome.notes)
    for chord in setting.chords:
        note = by_start[chord.start]
        assert note.pitch % 12 == chord.bass or (note.role == PEDAL and note.pitch % 12 in chord.tones)
    for note, after in pairwise((*genome.notes, None)):
        chord = setting.chord(note.start)
        assert LOWEST <= note.pitch <= HIGHEST
        assert after is None or note.end <= after.start
        if note.pitch % 12 in {*chord.tones, chord.bass}:
            continue
        assert not setting.is_strong(note.start)
        assert note.role in (STEP, CHROMATIC)
        assert 1 <= abs(after.pitch - note.pitch) <= 2
        if note.pitch % 12 not in setting.scale:
            assert note.role == CHROMATIC
            assert abs(after.pitch - note.pitch) == 1
            assert after.start == chord.end
            assert setting.weight(note.start) <= 1


HABITS = st.builds(
    Habit,
    style=st.sampled_from(sorted(shipped_styles())),
    notes_per_s=st.floats(0.1, 12),
    center=st.floats(20, 70),
    gate=st.floats(0.25, 1),
    program=st.integers(0, 127),
    meter=st.sampled_from(("4/4", "7/8")),
    onsets=st.lists(st.floats(0, 1), min_size=14, max_size=16).map(tuple),
)
STYLES = st.one_of(st.none(), HABITS.map(lambda habit: BassStyle((habit,), 8)))


@settings(max_examples=30, deadline=None)
@given(
    meter=st.sampled_from(METERS),
    tempo=st.floats(20, 400),
    energy=st.floats(0, 1),
    key=st.sampled_from(KEYS),
    n_bars=st.sampled_from((4, 8)),
    drums=st.booleans(),
    style=STYLES,
    seed=st.integers(0, 2**32),
)
def test_any_section_has_a_line(context_for, meter, tempo, energy, *, key, n_bars, drums, style, seed):
    context = context_for(meter, tempo, energy, n_bars=n_bars, key=key, drums=drums, seed=seed)
    craft = STAGE.craft(context, style)
    for genome in (craft.compose(np.random.default_rng(seed)), breed(craft, seed)):
        check_promises(genome, craft)
        played = craft.play(genome)
        piece = read_midi(played.midi)
        (part,) = piece.midi_tracks
        rows = part.notes.to_rows()
        assert rows == render(genome, context).piece.midi_tracks[0].notes.to_rows()
        assert (part.name, part.program, len(rows)) == ("Bass", genome.program, len(genome.notes))
        assert piece.end_tick == context.end_tick
        assert all(0 <= onset < onset + duration <= context.end_tick for onset, duration, _, _ in rows)
        assert all(a[0] + a[1] <= b[0] for a, b in pairwise(rows))
        assert all(value is None or 0 <= value <= 1 for value in played.terms.values())
        assert set(played.measures) == set(craft.ranges)
        assert craft.play(genome).midi == played.midi
        assert genome_from_dict(json.loads(genome.to_json())) == genome
        json.dumps(craft.facts(genome))
        hash((genome, craft.idea(genome)))


@pytest.mark.parametrize("style", sorted(shipped_styles()))
def test_every_style_stands_on_the_real_bass(slash_context, style):
    craft, rng = STAGE.craft(slash_context, BassStyle(style=style)), np.random.default_rng(0)
    right = total = 0
    for _ in range(20):
        genome = craft.compose(rng)
        assert genome.style == style
        check_promises(genome, craft)
        on = {note.start: note.pitch % 12 for note in genome.notes}
        right += sum(on[chord.start] == chord.bass for chord in slash_context.chords)
        total += len(slash_context.chords)
    assert [chord.bass for chord in slash_context.chords[:4]] == [0, 11, 9, 9]
    assert right / total >= (0.9 if style == PEDAL else 1.0)


def test_downbeats_of_changes_carry_the_bass_over_all_styles(context_for):
    right = total = 0
    for seed in range(12):
        craft = STAGE.craft(context_for(seed=seed, key=KEYS[seed * 4]), None)
        genome = craft.compose(np.random.default_rng(seed))
        on = {note.start: note.pitch % 12 for note in genome.notes}
        right += sum(on[chord.start] == chord.bass for chord in craft.setting.chords)
        total += len(craft.setting.chords)
    assert right / total >= 0.95


def test_the_line_hangs_on_the_kick(context_for):
    shares = {}
    for drums in (True, False):
        context = context_for(energy=0.7, drums=drums)
        craft = STAGE.craft(context, BassStyle(style="locked"))
        kicks = STAGE.craft(context_for(energy=0.7), None).setting.kicks
        rng = np.random.default_rng(0)
        lines = [[n.start for n in craft.compose(rng).notes] for _ in range(30)]
        shares[drums] = np.mean([kicks[start] for starts in lines for start in starts])
    assert shares[True] > 0.7
    assert shares[True] > shares[False] + 0.15


def test_energy_drives_how_much_is_played(context_for):
    counts = []
    for energy in (0.1, 0.5, 0.9):
        craft, rng = STAGE.craft(context_for(energy=energy), None), np.random.default_rng(0)
        counts.append(np.mean([len(craft.compose(rng).notes) / 8 for _ in range(40)]))
    assert counts[0] < counts[1] < counts[2]
    assert 1.0 < counts[0] < 3.0
    assert 2.0 < counts[1] < 4.2


def test_the_register_is_that_of_a_bass(context_for):
    pitches = []
    for seed in range(12):
        craft = STAGE.craft(context_for(seed=seed, key=KEYS[seed * 4]), None)
        pitches += [n.pitch for s in range(5) for n in craft.compose(np.random.default_rng(s)).notes]
    low, middle, high = np.percentile(pitches, [5, 50, 95])
    assert low >= 36
    assert 42 <= middle <= 50
    assert high <= 58


def test_about_a_third_of_changes_are_entered_by_step(context_for):
    moves = []
    for seed in range(12):
        craft = STAGE.craft(context_for(seed=seed, key=KEYS[seed * 4]), None)
        starts = {chord.start for chord in craft.setting.chords[1:]}
        for s in range(5):
            line = craft.compose(np.random.default_rng(s)).notes
            moves += [abs(b.pitch - a.pitch) for a, b in pairwise(line) if b.start in starts]
    assert 0.25 < np.mean([move in (1, 2) for move in moves]) < 0.6


def test_mutation_changes_and_crossing_joins(context_for):
    craft, rng = STAGE.craft(context_for(), None), np.random.default_rng(0)
    genomes = [craft.compose(rng) for _ in range(40)]
    changed = [craft.mutate(genome, rng) for genome in genomes]
    assert all(a != b for a, b in zip(genomes, changed, strict=True))
    assert sum(craft.idea(a) != craft.idea(b) for a, b in zip(genomes, changed, strict=True)) > 15
    first, second = genomes[:2]
    child = craft.cross(first, second, rng)
    assert child.notes[0] == first.notes[0]
    assert child.notes[-1] == second.notes[-1]


def test_playing_again_changes_small_things_only(context_for):
    craft = STAGE.craft(context_for(), None)
    genome = craft.compose(np.random.default_rng(3))
    again = craft.again(genome)
    one, other = (render(g, craft.setting.context).piece.midi_tracks[0].notes for g in (genome, again))
    assert genome.notes == again.notes
    assert one.pitch.tolist() == other.pitch.tolist()
    assert one.onset_tick.tolist() != other.onset_tick.tolist()
    assert np.abs(one.onset_tick - other.onset_tick).max() < craft.setting.context.pulse_ticks
    noise = measure_noise(craft, [craft.compose(np.random.default_rng(s)) for s in range(6)])
    assert noise["tones"] == noise["recall"] == 0
    assert 0 < noise["dynamics"] < 0.2


def test_same_seed_same_line(context_for):
    crafts = [STAGE.craft(context_for(), None) for _ in range(2)]
    lines = [c.play(c.compose(np.random.default_rng(seed))).midi for c in crafts for seed in (1, 2)]
    assert lines[:2] == lines[2:]
    assert lines[0] != lines[1]


def test_without_chords_there_is_no_ground():
    context = make_context(SectionPlan("intro", "intro", 4, 0.3), key=Key.parse("C"), meter=Meter(4, 4), tempo_bpm=90)
    with pytest.raises(NoChordsError, match="section 'intro': no chords"):
        STAGE.craft(context, None)


def test_evolution_improves_and_keeps_different_lines(context_for):
    gains = []
    for seed in range(3):
        search = Search(STAGE.craft(context_for(), None), np.random.default_rng(seed))
        batches = [run_generation(search, Judge(DeafScorer(), None), 30) for _ in range(4)]
        gains.append(np.mean([c.fitness for c in batches[-1]]) - np.mean([c.fitness for c in batches[0]]))
        assert len({c.idea for c in keep_diverse(search.archive.ranked(), 4)}) == 4
    assert np.mean(gains) > 0.2  # standard deviations of a first generation
