"""Timed words: the catalog's own reader finds every line at the time it is sung."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from whitelight.catalog.lrc import parse_lrc
from whitelight.catalog.problems import ProblemLog
from whitelight.composition.arrangement import assemble_song
from whitelight.composition.arrangement.song import Song
from whitelight.composition.exports.lrc import sung_lines, to_lrc
from whitelight.music import Notes, TextEvent


@pytest.fixture
def song(production: Path) -> Song:
    return assemble_song(production)


def with_words(song: Song, *syllables: str) -> Song:
    """The song with the first syllables of its voice exchanged, the others taken out; sung without a breath."""
    place = song.stages.index("lyrics")
    voice = song.piece.midi_tracks[place]
    ticks = voice.notes.onset_tick.tolist()
    lyrics = tuple(TextEvent(tick, text) for tick, text in zip(ticks, syllables, strict=False))
    tracks = list(song.piece.midi_tracks)
    rows = [(a, b - a, 60, 80) for a, b in pairwise(ticks)]
    tracks[place] = replace(voice, notes=Notes.from_rows(rows), lyrics=lyrics)
    return replace(song, piece=song.piece.with_midi_tracks(tracks))


def test_the_catalog_reads_it(song: Song) -> None:
    text = to_lrc(song)
    log = ProblemLog("lyrics.lrc")
    sheet = parse_lrc(text, log)
    assert [line.text for line in sheet.lines if line.text] == list(sung_lines(song))
    assert "[ti:Kitchen Light]" in text
    assert not log.problems


def test_the_first_line_of_a_verse_stands_where_it_is_sung(song: Song) -> None:
    stamps = [line.split("]")[0][1:] for line in to_lrc(song).splitlines() if line[1].isdigit()]
    minutes, seconds = stamps[0].split(":")
    verse = song.piece.tempo_map.ticks_to_seconds(song.blocks[1].start_tick)
    assert 60 * int(minutes) + float(seconds) == pytest.approx(verse, abs=0.006)


def test_a_rest_inside_a_word_breaks_no_line(song: Song) -> None:
    assert next(sung_lines(song)) == "kitchen light understood oh yes"


def test_a_capital_begins_a_line_but_not_i(song: Song) -> None:
    assert list(sung_lines(with_words(song, "Now", "I", "Wait", "I'm"))) == ["Now I", "Wait I'm"]


def test_a_hyphen_of_the_word_itself_stays(song: Song) -> None:
    assert list(sung_lines(with_words(song, "well--", "known"))) == ["well-known"]


def test_without_words_there_is_nothing(small_song: ModuleType, tmp_path: Path) -> None:
    assert to_lrc(assemble_song(small_song.make_small_song(tmp_path, stages=("chords", "melody")))) == ""
