"""The sung text of a song with all times that are known: of its LRC file first, of its MIDI where that has none.

Lines decide how a song is cut and which text a segment has; words and syllables are in a segment when they begin in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from whitelight.catalog.song import LyricWord, Song, TimedText
from whitelight.dataset.midi_lyrics import read_midi_lyrics
from whitelight.dataset.segments import Segment
from whitelight.dataset.sung_lines import SungLine, lines_within, sung_lines
from whitelight.music import Piece

Source = Literal["lrc", "midi"]


@dataclass(frozen=True, slots=True)
class SungText:
    """A word or a syllable, and which file says so."""

    timed: TimedText
    source: Source


@dataclass(frozen=True, slots=True)
class SongLyrics:
    """Lines, words and syllables of a song in order of time; each empty where nobody wrote it down.

    Attributes
    ----------
    line_source : file that gives the lines, "" without.
    """

    lines: tuple[SungLine, ...] = ()
    line_source: Source | Literal[""] = ""
    words: tuple[SungText, ...] = ()
    syllables: tuple[SungText, ...] = ()


def song_lyrics(song: Song, piece: Piece | None, end_s: float) -> SongLyrics:
    """Gather the lyrics of a song that ends at `end_s`."""
    stated = read_midi_lyrics(piece)
    source: Source = "lrc" if song.lyric_lines else "midi"
    lines = sung_lines(song if song.lyric_lines else replace(song, lyric_lines=stated.lines), end_s)
    words = [word for line in song.lyric_lines for word in line.words]
    syllables = _syllables(words)
    return SongLyrics(
        lines=lines,
        line_source=source if lines else "",
        words=_sung(words, "lrc", end_s) or _sung(stated.words, "midi", end_s),
        syllables=_sung(syllables, "lrc", end_s) or _sung(stated.syllables, "midi", end_s),
    )


def lyric_columns(lyrics: SongLyrics, segment: Segment) -> dict[str, Any]:
    """Return the columns of a row that the lyrics of its segment belong to."""
    lines = [
        {"text": line.text, "start_s": line.start_s, "end_s": line.end_s, "source": lyrics.line_source}
        for line in lines_within(lyrics.lines, segment.start_s, segment.end_s)
    ]
    return {
        "has_lyric": bool(segment.lyric_text),
        "lyric_text": segment.lyric_text,
        "lyric_lines": lines,
        "lyric_words": _within(lyrics.words, segment),
        "lyric_syllables": _within(lyrics.syllables, segment),
    }


def _syllables(words: Sequence[LyricWord]) -> list[TimedText]:
    """Return the parts of words where the file stamps syllables: where one word at least has several."""
    return [part for word in words for part in word.parts] if any(len(word.parts) > 1 for word in words) else []


def _sung(texts: Iterable[LyricWord | TimedText], source: Source, end_s: float) -> tuple[SungText, ...]:
    found = [
        SungText(
            TimedText(t.text, round(t.start_s, 6), None if t.end_s is None else round(min(t.end_s, end_s), 6)), source
        )
        for t in texts
        if t.start_s < end_s
    ]
    return tuple(sorted(found, key=lambda sung: sung.timed.start_s))


def _within(texts: Sequence[SungText], segment: Segment) -> list[dict[str, Any]]:
    return [
        {"text": sung.timed.text, "start_s": sung.timed.start_s, "end_s": sung.timed.end_s, "source": sung.source}
        for sung in texts
        if segment.start_s <= sung.timed.start_s < segment.end_s
    ]
