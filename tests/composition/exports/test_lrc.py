"""Timed words: the catalog's own reader finds every line at the time it is sung."""

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from whitelight.catalog.lrc import parse_lrc
from whitelight.catalog.problems import ProblemLog
from whitelight.composition.arrangement import assemble_song
from whitelight.composition.arrangement.song import Song
from whitelight.composition.exports.lrc import sung_lines, to_lrc
from whitelight.music import TextEvent


@pytest.fixture
def song(production: Path) -> Song:
    return assemble_song(production)


def with_words(song: Song, *syllables: str) -> Song:
    """The song with the first syllables of its voice exchanged, the others taken out."""
    place = song.stages.index("lyrics")
    voice = song.piece.midi_tracks[place]
    ticks = voice.notes.onset_tick.tolist()
    lyrics = tuple(TextEvent(tick, text) for tick, text in zip(ticks, syllables, strict=False))
    tracks = list(song.piece.midi_tracks)
    tracks[place] = replace(voice, lyrics=lyrics)
    return replace(song, piece=song.piece.with_midi_tracks(tracks))


def test_the_catalog_reads_it(song: Song) -> None:
    text = to_lrc(song)
    sheet = parse_lrc(text, ProblemLog("lyrics.lrc"))
    lines = list(sung_lines(song))
    assert [line.text for line in sheet.lines] == [words for _, words in lines]
    assert text.startswith("[ti:Kitchen Light]\n[length:01:50]\n")
    stamped = [line for line in text.splitlines() if line[1].isdigit()]
    for (tick, words), line in zip(lines, stamped, strict=True):
        minutes, seconds = line[1:9].split(":")
        assert 60 * int(minutes) + float(seconds) == pytest.approx(
            song.piece.tempo_map.ticks_to_seconds(tick), abs=0.006
        )
        assert line[10:] == words


def test_syllables_become_words(song: Song) -> None:
    assert next(sung_lines(song))[1] == "kitchen light understood oh yes"  # a rest inside a word breaks no line


def test_a_capital_begins_a_line_but_not_i(song: Song) -> None:
    lines = [words for _, words in sung_lines(with_words(song, "Now", "I", "Wait", "I'm"))]
    assert lines == ["Now I", "Wait I'm"]


def test_without_words_there_is_nothing(small_song: ModuleType, tmp_path: Path) -> None:
    assert to_lrc(assemble_song(small_song.make_small_song(tmp_path, stages=("chords", "melody")))) == ""
