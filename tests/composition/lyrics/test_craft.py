import json
import time

import numpy as np
import pytest

from whitelight.composition.lyrics import (
    STAGE,
    LyricBrief,
    NoMelodyError,
    RepeatKind,
    candidate_text,
    genome_from_dict,
    learn_words,
)
from whitelight.composition.lyrics.bank import plain
from whitelight.composition.lyrics.theory import TERMS
from whitelight.dataset.midi_lyrics import read_midi_lyrics
from whitelight.music import Notes, read_midi


@pytest.fixture(scope="module")
def brief(corpus):
    return LyricBrief(learn_words(corpus), "The Lighthouse Keeps Count", "a keeper counts the ships that never arrive")


@pytest.fixture(scope="module")
def craft(sung, brief):
    return STAGE.craft(sung(), brief)


def drafts(craft, n=30, seed=0):
    rng = np.random.default_rng(seed)
    found = [craft.compose(rng) for _ in range(n)]
    for _ in range(n):
        first, second = (found[int(k)] for k in rng.integers(len(found), size=2))
        found.append(craft.mutate(craft.cross(first, second, rng), rng))
    return found


def test_the_file_holds_the_melody_and_a_syllable_for_each_note(craft):
    melody = craft.setting.context.notes_of("melody")
    for genome in drafts(craft, 10):
        piece = read_midi(craft.play(genome).midi)
        (voice,) = piece.midi_tracks
        assert voice.name == "Vocal"
        assert piece.end_tick == craft.setting.context.end_tick
        for column in ("onset_tick", "duration_ticks", "pitch"):
            assert np.array_equal(getattr(voice.notes, column), getattr(melody, column))
        ticks = [event.tick for event in voice.lyrics]
        assert set(ticks) <= set(voice.notes.onset_tick.tolist())
        assert len(set(ticks)) == len(ticks)
        sung = [word.text.casefold() for word in read_midi_lyrics(piece).words]
        wanted = [plain(word) for line in genome.stanzas[0] for word in line.words]
        assert "".join(sung).replace(",", "") == "".join(wanted)


def test_lines_fit_and_keep_their_stress(craft):
    played = [craft.play(genome) for genome in drafts(craft)]
    for name, least in (("syllable_fit", 0.95), ("stress_rule", 0.9), ("rhyme_plan", 0.8)):
        values = [p.terms[name] for p in played if p.terms[name] is not None]
        assert np.mean(values) >= least, name
    assert all(0.0 <= value <= 1.0 for p in played for value in p.terms.values() if value is not None)


def test_every_line_is_new(craft, brief):
    for genome in drafts(craft):
        for line in (line for lines in genome.stanzas for line in lines):
            assert not brief.style.copies([plain(word) for word in line.words]), line.text


def test_genomes_are_plain_data_and_draws_repeat(craft):
    first, again = drafts(craft, 5, seed=3), drafts(craft, 5, seed=3)
    assert first == again
    assert [craft.play(g).midi for g in first] == [craft.play(g).midi for g in again]
    for genome in first:
        assert genome_from_dict(json.loads(genome.to_json())) == genome
        assert len({genome, genome_from_dict(json.loads(genome.to_json()))}) == 1


def test_words_of_the_theme_are_sung(craft):
    text = "\n".join(craft.play(genome).lyrics for genome in drafts(craft)).casefold()
    assert sum(text.count(word) for word in ("lighthouse", "keeper", "ships", "count")) >= 10


@pytest.mark.parametrize(("role", "kind", "n_stanzas"), [("chorus", "same", 1), ("bridge", "contrast", 1)])
def test_roles_decide_how_words_come_back(sung, brief, role, kind, n_stanzas):
    genome = STAGE.craft(sung(role=role), brief).compose(np.random.default_rng(0))
    assert (str(genome.kind), len(genome.stanzas)) == (kind, n_stanzas)


def test_a_verse_goes_on_and_a_refrain_returns(sung, brief):
    import dataclasses

    for kind in (RepeatKind.NEW, RepeatKind.REFRAIN):
        craft = STAGE.craft(sung(), dataclasses.replace(brief, kind=kind))
        for genome in drafts(craft, 8):
            first, second = genome.stanzas
            assert first != second
            if kind is RepeatKind.REFRAIN:
                assert first[-1] == second[-1]
            assert candidate_text(genome).count("\n\n") == 1


def test_again_changes_velocities_alone(craft):
    genome = craft.compose(np.random.default_rng(1))
    other = craft.again(genome)
    assert craft.play(genome).midi != craft.play(other).midi
    assert craft.play(genome).terms == craft.play(other).terms
    assert craft.idea(genome) == craft.idea(other)


def test_no_term_is_dead(sung, brief):
    spreads = dict.fromkeys(TERMS, 0.0)
    for seed, role in enumerate(("verse", "chorus", "verse")):
        rng = np.random.default_rng(seed)
        starts = sorted(rng.choice([k for k in range(120) if k % 32 < 24], size=34, replace=False).tolist())
        rows = [(start, 1 + int(rng.integers(3)), int(rng.integers(60, 72))) for start in starts]
        craft = STAGE.craft(sung(rows, role=role), brief)
        terms = [craft.play(g).terms for g in drafts(craft, 25)]
        for name in TERMS:
            values = [t[name] for t in terms if t[name] is not None]
            spreads[name] = max(spreads[name], float(np.std(values)) if values else 0.0)
    del spreads["syllable_fit"]  # our own lines all fit; it tells words of people and models apart
    assert not [name for name, spread in spreads.items() if spread < 0.02]


def test_without_a_melody_it_says_what_to_do(sung, brief):
    with pytest.raises(NoMelodyError, match="approve a melody first"):
        STAGE.craft(sung([]), brief)


def test_title_and_concept_of_the_song_reach_the_words(brief):
    assert STAGE.brief(None, "Low Tide", "the sea") == LyricBrief(title="Low Tide", concept="the sea")
    assert STAGE.brief(brief.style, "Low Tide", "the sea").style is brief.style
    assert STAGE.brief(brief, "Low Tide", "the sea") == brief


def test_one_note_is_one_word(sung, brief):
    craft = STAGE.craft(sung([(0, 8, 60)]), brief)
    for genome in drafts(craft, 5):
        assert all(len(lines) == 1 and len(lines[0].notes) <= 1 for lines in genome.stanzas)
        craft.play(genome)


def test_without_a_corpus_the_facts_say_so(sung):
    craft = STAGE.craft(sung(), None)
    genome = craft.compose(np.random.default_rng(0))
    assert craft.facts(genome)["learned_from"] == "shipped lines"
    assert isinstance(craft.setting.context.notes_of("melody"), Notes)


@pytest.mark.slow
def test_a_candidate_takes_milliseconds(craft):
    rng = np.random.default_rng(5)
    genomes = [craft.compose(rng) for _ in range(20)]
    start = time.perf_counter()
    for _ in range(50):
        genomes.append(craft.mutate(genomes[-1], rng))
        craft.play(genomes[-1])
        craft.play(craft.compose(rng))
    assert (time.perf_counter() - start) / 100 < 0.02  # 5 ms on a free machine
