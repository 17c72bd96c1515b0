r"""Lyrics that a MIDI file states: syllables on their notes, or whole lines.

A lyric event of several words is a line; other events are syllables. Where the file marks the borders of words (a space
or a line break on either side, a hyphen before the next syllable) syllables are joined to words, and where it marks the
ends of lines (line break, ``/`` or ``\\``) words to lines. What a file does not mark is left open. A syllable ends with
the note it is sung on.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from whitelight.catalog.song import LyricLine, LyricWord, TimedText
from whitelight.music import MidiTrack, Piece, TextEvent

_EXTENDS = {"", "_", "-", "+", "~"}  # written under the further notes of a syllable
_LINE_MARKS = "\r\n/\\"


@dataclass(frozen=True, slots=True)
class MidiLyrics:
    """What is known of the sung text; each is empty where the file does not say it."""

    lines: tuple[LyricLine, ...] = ()
    words: tuple[LyricWord, ...] = ()
    syllables: tuple[TimedText, ...] = ()


@dataclass(frozen=True, slots=True)
class _Syllable:
    timed: TimedText
    raw: str

    @property
    def ends_word(self) -> bool:
        return self.raw[-1:].isspace() or self.ends_line

    @property
    def begins_word(self) -> bool:
        return self.raw[:1].isspace() or self.begins_line

    @property
    def ends_line(self) -> bool:
        return self.raw.rstrip(" ")[-1:] in {"\r", "\n"}

    @property
    def begins_line(self) -> bool:
        return self.raw[:1] in {"/", "\\"}


def read_midi_lyrics(piece: Piece | None) -> MidiLyrics:
    """Return the lyrics of the track that has most lyric events, the first of several."""
    if piece is None or not any(track.lyrics for track in piece.midi_tracks):
        return MidiLyrics()
    track = max(piece.midi_tracks, key=lambda t: len(t.lyrics))
    many = sum(len(_plain(event.text).split()) > 1 for event in track.lyrics)
    if 2 * many >= len(track.lyrics):
        return MidiLyrics(lines=tuple(_lines_of_events(piece, track)))
    syllables = list(_syllables(piece, track))
    words = tuple(_words(syllables))
    return MidiLyrics(tuple(_lines(syllables)) if words else (), words, tuple(s.timed for s in syllables))


def _plain(text: str) -> str:
    return re.sub(rf"[{re.escape(_LINE_MARKS)}]+", " ", text).strip()


def _lines_of_events(piece: Piece, track: MidiTrack) -> Iterator[LyricLine]:
    events = [event for event in track.lyrics if _plain(event.text)]
    starts = [piece.tempo_map.ticks_to_seconds(event.tick) for event in events]
    for event, start, following in zip(events, starts, [*starts[1:], None], strict=True):
        yield LyricLine(start, following, _plain(event.text), event.text)


def _syllables(piece: Piece, track: MidiTrack) -> Iterator[_Syllable]:
    end_of = dict(zip(track.notes.onset_tick.tolist(), track.notes.end_tick.tolist(), strict=True))
    for event in track.lyrics:
        text = _plain(event.text)
        if text not in _EXTENDS:
            yield _Syllable(TimedText(text, *_times(piece, event, end_of.get(event.tick))), event.text)


def _times(piece: Piece, event: TextEvent, end_tick: int | None) -> tuple[float, float | None]:
    to_seconds = piece.tempo_map.ticks_to_seconds
    return to_seconds(event.tick), None if end_tick is None else to_seconds(end_tick)


def _words(syllables: Sequence[_Syllable]) -> Iterator[LyricWord]:
    """Join syllables to words; nothing where the file marks no border of a word at all."""
    if not any(s.ends_word or s.begins_word or s.raw.rstrip().endswith("-") for s in syllables):
        return
    by_hyphens = not any(s.ends_word or s.begins_word for s in syllables)
    parts: list[TimedText] = []
    for i, syllable in enumerate(syllables):
        text = syllable.timed.text
        parts.append(TimedText(text.rstrip("-") or text, syllable.timed.start_s, syllable.timed.end_s))
        following = syllables[i + 1] if i + 1 < len(syllables) else None
        joins = text.endswith("-") if by_hyphens else not syllable.ends_word
        if following is None or following.begins_word or not joins:
            yield LyricWord("".join(p.text for p in parts), parts[0].start_s, parts[-1].end_s, tuple(parts))
            parts = []


def _lines(syllables: Sequence[_Syllable]) -> Iterator[LyricLine]:
    """Join words to lines; nothing where the file marks no end of a line."""
    if not any(s.ends_line or s.begins_line for s in syllables):
        return
    groups: list[list[_Syllable]] = [[]]
    for syllable in syllables:
        if syllable.begins_line and groups[-1]:
            groups.append([])
        groups[-1].append(syllable)
        if syllable.ends_line:
            groups.append([])
    for group in filter(None, groups):
        text = " ".join(word.text for word in _words(group))
        yield LyricLine(group[0].timed.start_s, group[-1].timed.end_s, text, "".join(s.raw for s in group))
