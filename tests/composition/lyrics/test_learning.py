from typing import Any

import numpy as np
import pytest

from whitelight.catalog import read_catalog
from whitelight.catalog.song import Catalog, LyricLine, Song
from whitelight.composition.lyrics import STAGE, LyricBrief, catalog_lines, dataset_lines, learn_words, style_of_dataset
from whitelight.composition.lyrics.bank import line_bank, plain
from whitelight.composition.lyrics.theme import closeness, theme_words
from whitelight.dataset import build_dataset
from whitelight.music import Meter
from whitelight.ontology import load_ontology


def test_a_small_corpus_is_helped_out_and_says_so(corpus):
    assert learn_words([]).source == "shipped lines"
    assert learn_words(corpus).source == "corpus and shipped lines"
    many = [f"{line} {name}" for line in corpus for name in ("again", "tonight", "alone")]
    style = learn_words(many)
    assert (style.source, style.n_lines) == ("corpus", len(many))


def test_copies_are_known_whatever_their_case(corpus):
    style = learn_words(corpus)
    assert style.copies(["Oh", "the", "FERRY", "leaves", "at", "seven", "tonight"])
    assert style.copies(["you", "can", "have", "the", "rain"])
    assert not style.copies(["the", "ferry", "leaves", "at", "noon"])


def test_equal_lines_count_once_and_order_is_kept(corpus):
    assert learn_words([*corpus, *corpus]) == learn_words(corpus)
    assert hash(learn_words(corpus)) == hash(learn_words(list(corpus)))


def test_rows_of_a_dataset_teach():
    rows = [{"lyric_lines": [{"text": "one lamp"}, {"text": "two lamps"}]}, {"lyric_text": "three\nfour"}, {}]
    assert dataset_lines(rows) == ["one lamp", "two lamps", "three", "four"]


def bank_lines(bank, n):
    group = bank.group(n)
    return () if group is None else group.lines


def test_a_bank_is_the_same_every_time_and_copies_nothing(corpus):
    style, theme = learn_words(corpus), theme_words("Low Tide", "the sea takes the harbor")
    first = line_bank(style, theme, "x")
    line_bank.cache_clear()
    second = line_bank(style, theme, "x")
    assert [bank_lines(first, n) for n in range(1, 15)] == [bank_lines(second, n) for n in range(14, 0, -1)][::-1]
    lines = [line for n in range(1, 15) for line in bank_lines(first, n)]
    assert len(lines) > 300
    assert not any(style.copies([plain(word) for word in line.words]) for line in lines)


def test_theme_words_are_those_of_title_and_concept():
    words = theme_words("The Breathing Machine", "This song explores an engine. The engine breathes.")
    assert [word.text for word in words[:2]] == ["breathing", "machine"]
    assert "engine" in {word.text for word in words}
    assert not {"song", "explores", "this"} & {word.text for word in words}
    assert closeness(["machines", "of", "the"], words) == pytest.approx(1 / 3)
    assert theme_words("", "") == ()


def test_real_lyrics_teach_and_are_not_copied(shared_data, sung):
    lines = catalog_lines(read_catalog(shared_data / "earthlyframes"))
    style = learn_words(lines)
    assert style.source == "corpus"
    craft = STAGE.craft(sung(), LyricBrief(style, "The Breathing Machine", "an engine under the city"))
    rng = np.random.default_rng(0)
    rules = []
    for _ in range(40):
        genome = craft.compose(rng)
        rules.append(craft.play(genome).terms["stress_rule"])
        for stanza in genome.stanzas:
            for line in stanza:
                assert not style.copies([plain(word) for word in line.words]), line.text
    assert np.mean([rule for rule in rules if rule is not None]) >= 0.9


def test_the_words_of_a_dataset_teach(tmp_path, corpus):
    texts = [f"{line} {name}" for line in corpus for name in ("again", "tonight", "alone")]
    lines = tuple(LyricLine(5.0 * k, 5.0 * (k + 1), text, text) for k, text in enumerate(texts))
    end_s = 5.0 * len(texts)
    empty: dict[str, Any] = dict.fromkeys(
        ("sections", "stems", "mood", "genres", "sounds_like", "lyric_lines"), ()
    ) | dict.fromkeys(("class_name", "album", "concept", "split"), "")
    plain = {"tempo_bpm": 120.0, "meter": Meter(4, 4), "musical_key": None, "sequence": 1, "duration_s": end_s}
    files = {"main_audio_file": None, "main_midi_file": None}
    songs = [
        Song(song_id=name, group_id=name, title=name, folder=name, content_hash=name, **(empty | plain | files | sung))
        for name, sung in (("01_01", {"lyric_lines": lines, "class_name": "Red"}),)
    ]
    build_dataset(Catalog(tmp_path / "catalog", load_ontology("rainbow"), tuple(songs), (), ()), tmp_path / "out")
    style = style_of_dataset(tmp_path / "out", ("Blue",))
    assert style is not None
    assert (style.source, style.n_lines) == ("corpus", len(texts))
    assert STAGE.learn is style_of_dataset
