from dataclasses import replace

import pytest

from whitelight.catalog.song import LyricLine, LyricWord, TimedText
from whitelight.dataset.lyrics import lyric_columns, song_lyrics
from whitelight.dataset.segments import Policy, cut_song
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, TextEvent


def sung(*events: tuple[int, str], n_notes: int = 16) -> Piece:
    """Beats of half a second, a note on each."""
    track = MidiTrack(
        "voice",
        notes=Notes.from_rows([(480 * i, 360, 60, 80) for i in range(n_notes)]),
        lyrics=tuple(TextEvent(480 * beat, text) for beat, text in events),
    )
    return Piece(480, TempoMap.constant(120), midi_tracks=(track,))


def word(text, start_s, end_s, *parts):
    return LyricWord(text, start_s, end_s, tuple(TimedText(*p) for p in parts) or (TimedText(text, start_s, end_s),))


def test_syllables_of_midi_end_with_their_notes_and_join_to_words_and_lines(tools):
    piece = sung((0, "hel-"), (1, "lo "), (2, "_"), (3, "you\r"), (6, "a"), (7, "way "), (30, "late "))
    lyrics = song_lyrics(tools.song(), piece, 8.0)
    assert [(s.timed.text, s.timed.start_s, s.timed.end_s) for s in lyrics.syllables] == [
        ("hel-", 0.0, 0.375),
        ("lo", 0.5, 0.875),
        ("you", 1.5, 1.875),
        ("a", 3.0, 3.375),
        ("way", 3.5, 3.875),
    ]
    assert [(w.timed.text, w.timed.start_s, w.timed.end_s, w.source) for w in lyrics.words] == [
        ("hello", 0.0, 0.875, "midi"),
        ("you", 1.5, 1.875, "midi"),
        ("away", 3.0, 3.875, "midi"),
    ]
    assert [(line.text, line.start_s) for line in lyrics.lines] == [("hello you", 0.0), ("away late", 3.0)]
    assert lyrics.line_source == "midi"


@pytest.mark.parametrize(
    ("texts", "words", "lines"),
    [
        (("la", "le", "li"), [], []),  # no border of a word is marked: they may be one
        (("la-", "le", "li"), ["lale", "li"], []),
        ((" la", "le", " li"), ["lale", "li"], []),
        (("\\la ", "le ", "/li "), ["la", "le", "li"], ["la le", "li"]),
        (("a whole line", "another one"), [], ["a whole line", "another one"]),
    ],
)
def test_only_what_the_midi_marks_is_known(tools, texts, words, lines):
    lyrics = song_lyrics(tools.song(), sung(*enumerate(texts)), 60.0)
    assert [w.timed.text for w in lyrics.words] == words
    assert [line.text for line in lyrics.lines] == lines
    assert bool(lyrics.syllables) == (texts[0] != "a whole line")


def test_the_lrc_comes_first_and_midi_adds_what_it_lacks(tools):
    song = tools.song(lyric_lines=tools.lines(1.0, 3.0))
    lyrics = song_lyrics(song, sung((2, "la "), (3, "lo ")), 60.0)
    assert (lyrics.line_source, lyrics.lines[0].text) == ("lrc", "line 0")
    assert [w.source for w in lyrics.words] == ["midi", "midi"]
    stamped = (LyricLine(1.0, 3.0, "oh no", "", (word("oh", 1.0, 1.5), word("no", 1.5, 2.0))),)
    lyrics = song_lyrics(replace(song, lyric_lines=stamped), sung((2, "la "), (3, "lo ")), 60.0)
    assert [(w.timed.text, w.source) for w in lyrics.words] == [("oh", "lrc"), ("no", "lrc")]
    assert [s.source for s in lyrics.syllables] == ["midi", "midi"]  # the LRC stamps words only


def test_stamped_syllables_are_told_from_stamped_words(tools):
    parts = (("a", 1.0, 1.2), ("way", 1.2, None))
    stamped = (LyricLine(1.0, None, "away now", "", (word("away", 1.0, None, *parts), word("now", 2.0, None))),)
    lyrics = song_lyrics(tools.song(lyric_lines=stamped), None, 60.0)
    assert [s.timed.text for s in lyrics.syllables] == ["a", "way", "now"]


def test_a_segment_has_the_words_that_begin_in_it(tools):
    song = tools.song(duration_s=8.0)
    piece = sung((0, "one "), (3, "two\r"), (8, "three "), (9, "four "))
    lyrics = song_lyrics(song, piece, 8.0)
    segments = cut_song(song, Policy.parse("lines"), 8.0, None, lyrics.lines)
    assert [(s.start_s, s.end_s, s.lyric_text) for s in segments] == [(0.0, 4.0, "one two"), (4.0, 8.0, "three four")]
    columns = [lyric_columns(lyrics, segment) for segment in segments]
    assert [[w["text"] for w in c["lyric_words"]] for c in columns] == [["one", "two"], ["three", "four"]]
    assert columns[1]["lyric_lines"] == [{"text": "three four", "start_s": 4.0, "end_s": 8.0, "source": "midi"}]
    assert columns[0]["has_lyric"]
