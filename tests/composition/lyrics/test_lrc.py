from dataclasses import replace

import numpy as np
import pytest

from whitelight.catalog import read_catalog
from whitelight.catalog.lrc import parse_lrc, place_lines
from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.timecode import ENCODINGS, TimeCode
from whitelight.composition.lyrics import STAGE, find_phrases, sing, to_lrc
from whitelight.composition.lyrics.genome import stanza_text
from whitelight.music import Notes, Piece, TempoMap, TextEvent


def read_back(text):
    log = ProblemLog("lyrics.lrc")
    sheet = parse_lrc(text, log)
    decode = lambda stamp: TimeCode(stamp.raw, "ms", ENCODINGS["ms"].seconds(stamp), 1.0)  # noqa: E731  used once
    lines, _ = place_lines(sheet, decode, log)
    assert not log.problems
    return sheet, lines


@pytest.mark.parametrize("tempo_bpm", [40.0, 97.3, 220.0])
def test_lines_come_back_with_words_and_times(sung, tempo_bpm):
    context = sung(tempo_bpm=tempo_bpm)
    craft = STAGE.craft(context, None)
    for seed in range(5):
        genome = craft.compose(np.random.default_rng(seed))
        words = stanza_text(genome.stanzas[0])
        piece = context.piece([sing(words, context.notes_of("melody"), context)])
        text = to_lrc(piece, words.splitlines(), title="Low [Tide]", artist="Somebody")
        sheet, lines = read_back(text)
        assert sheet.tags == {"ti": "Low (Tide)", "ar": "Somebody"}
        assert [line.text for line in lines] == words.splitlines()
        for line, phrase in zip(lines, craft.setting.phrases, strict=True):
            exact = piece.tempo_map.ticks_to_seconds(phrase.notes[0].onset)
            assert line.start_s == pytest.approx(exact, abs=0.00051)
        assert lines[-1].end_s is not None


def test_without_lines_rests_part_them(sung):
    context = sung()
    words = "The lamp is turning slow\nA stranger waits below"
    piece = context.piece([sing(words, context.notes_of("melody"), context)])
    _, lines = read_back(to_lrc(piece))
    assert [line.text for line in lines] == words.splitlines()


def test_a_tempo_map_is_followed(sung):
    context = sung()
    words = "The lamp is turning slow\nA stranger waits below"
    plain = context.piece([sing(words, context.notes_of("melody"), context)])
    bar = context.grid.bar_pulses * context.pulse_ticks
    slow = TempoMap(plain.ticks_per_beat, (0, bar), (500_000, 1_000_000))
    piece = Piece(plain.ticks_per_beat, slow, plain.meters, plain.keys, (), plain.midi_tracks, plain.end_tick)
    _, lines = read_back(to_lrc(piece, words.splitlines()))
    assert [line.start_s for line in lines] == [0.0, 6.0]  # a bar of 2 s, then one of 4 s


def test_signs_of_the_format_and_lines_that_are_not_sung(sung):
    context = sung()
    words = "[00:01.00] <slow> lamps are\nA stranger waits below"
    piece = context.piece([sing(words, context.notes_of("melody"), context)])
    lines = [words.splitlines()[0], "never sung", words.splitlines()[1]]
    _, found = read_back(to_lrc(piece, lines))
    assert [line.text for line in found] == ["(00:01.00) (slow) lamps are", "A stranger waits below"]


def test_nothing_sung_is_an_empty_text(sung):
    assert to_lrc(sung().piece([])) == ""


@pytest.mark.parametrize("tempo_bpm", [84.0, 115.08])
def test_a_catalog_reads_the_song_back(tmp_path, sung, tempo_bpm):
    context = sung(tempo_bpm=tempo_bpm)
    words = "The lamp is turning slow\nA stranger waits below\nAnd out across the snow\nThe harbor lights will go"
    once = context.piece([sing(words, context.notes_of("melody"), context)])
    (voice,) = once.midi_tracks
    moved = [once.end_tick * k for k in range(6)]
    notes = Notes.concatenate([voice.notes.shifted(start) for start in moved])
    events = tuple(TextEvent(start + event.tick, event.text) for start in moved for event in voice.lyrics)
    piece = replace(once, midi_tracks=(replace(voice, notes=notes, lyrics=events),), end_tick=6 * once.end_tick)
    folder = tmp_path / "01_01"
    folder.mkdir()
    (folder / "01_01.lrc").write_text(to_lrc(piece, words.splitlines() * 6, title="Low Tide"))
    (folder / "01_01.yml").write_text(f"title: Low Tide\nbpm: {tempo_bpm}\nlrc_file: 01_01.lrc\nrainbow_color: Red\n")
    catalog = read_catalog(tmp_path)
    lines = catalog.songs[0].lyric_lines
    assert [line.text for line in lines] == words.splitlines() * 6
    assert [code.encoding for code in catalog.time_codes] == ["ms"]
    starts = [start + phrase.notes[0].onset for start in moved for phrase in find_phrases(voice.notes, context)]
    assert [line.start_s for line in lines] == pytest.approx(
        [piece.tempo_map.ticks_to_seconds(tick) for tick in starts], abs=0.00051
    )
