"""Words as timed lyrics (LRC): a stamp for every line, by the tempo map, to the millisecond.

Read by `whitelight.catalog`, a line comes back with its text and its time; an empty stamp says where the last line ends.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from whitelight.catalog.timecode import ENCODINGS, format_stamp
from whitelight.composition.lyrics.words import tokens
from whitelight.music import MidiTrack, Piece

GAP_BEATS = 1.0  # a rest of so many quarters ends a line where nobody says which words make one
MILLISECONDS = ENCODINGS["ms"]


@dataclass(frozen=True, slots=True)
class TimedLine:
    """A line and the ticks at which it begins and ends."""

    text: str
    start_tick: int
    end_tick: int


def to_lrc(piece: Piece, lines: Sequence[str] = (), *, title: str = "", artist: str = "") -> str:
    """Write the sung lines of a piece as LRC; "" where nothing is sung.

    Parameters
    ----------
    piece : with lyric events on the notes of one track, as `rendering.vocal_track` writes them.
    lines : the words in the order they are sung, to know where lines end; words that are not sung there are left out.
        Without them a line ends where the voice rests.
    """
    timed = timed_lines(piece, lines)
    if not timed:
        return ""
    tags = [f"[{name}:{_plain(value)}]" for name, value in (("ti", title), ("ar", artist)) if _plain(value)]
    rows = [f"{_stamp(piece, line.start_tick)}{_plain(line.text)}" for line in timed]
    return "\n".join([*tags, *rows, _stamp(piece, timed[-1].end_tick)]) + "\n"


def timed_lines(piece: Piece, lines: Sequence[str] = ()) -> tuple[TimedLine, ...]:
    """Find the sung lines of a piece and when they are sung."""
    voice = max(piece.midi_tracks, key=lambda part: len(part.lyrics), default=None)
    if voice is None or not voice.lyrics:
        return ()
    words = _words(piece, voice)
    found = list(_by_text(words, lines)) if lines else []
    return tuple(found or _by_rests(words, piece.ticks_per_beat))


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start_tick: int
    end_tick: int


def _words(piece: Piece, voice: MidiTrack) -> list[_Word]:
    """Words with ticks, one to several an event: "-" at the end of an event says that the word goes on."""
    ends = dict(zip(voice.notes.onset_tick.tolist(), voice.notes.end_tick.tolist(), strict=True))
    words: list[_Word] = []
    goes_on = False
    for event in voice.lyrics:
        end = int(ends.get(event.tick, event.tick + piece.ticks_per_beat))
        for text in event.text.split():
            body = text.removesuffix("-")
            if goes_on and words:
                words[-1] = _Word(words[-1].text + body, words[-1].start_tick, end)
            else:
                words.append(_Word(body, event.tick, end))
            goes_on = text.endswith("-")
    return words


def _by_text(words: Sequence[_Word], lines: Sequence[str]) -> Iterator[TimedLine]:
    """Lines whose letters follow in what is sung; a line that is not sung is passed over."""
    place = 0
    letters = [_letters(word.text) for word in words]
    for line in lines:
        wanted = _letters(line)
        for start in range(place, len(words)):
            end = _spelled(letters, start, wanted)
            if end:
                yield TimedLine(line, words[start].start_tick, words[end - 1].end_tick)
                place = end
                break


def _spelled(letters: Sequence[str], start: int, wanted: str) -> int:
    """Place behind the words from `start` on that spell the wanted letters; 0 when they do not."""
    found = ""
    for k in range(start, len(letters)):
        found += letters[k]
        if found == wanted:
            return k + 1
        if not wanted.startswith(found):
            return 0
    return 0


def _by_rests(words: Sequence[_Word], quarter: int) -> Iterator[TimedLine]:
    line: list[_Word] = []
    for word in words:
        if line and word.start_tick - line[-1].end_tick >= GAP_BEATS * quarter:
            yield _joined(line)
            line = []
        line.append(word)
    if line:
        yield _joined(line)


def _joined(words: Sequence[_Word]) -> TimedLine:
    return TimedLine(" ".join(word.text for word in words), words[0].start_tick, words[-1].end_tick)


def _letters(text: str) -> str:
    return "".join(tokens(text)).casefold().replace("-", "").replace("'", "")


def _plain(text: str) -> str:
    """Text that cannot be taken for a stamp or a tag."""
    return re.sub(r"\s+", " ", text.translate(str.maketrans("[]<>", "()()"))).strip()


def _stamp(piece: Piece, tick: int) -> str:
    seconds = round(piece.tempo_map.ticks_to_seconds(tick), 3)
    return format_stamp(seconds, MILLISECONDS)
