"""The words of a row against the files they were written in: every byte of a line, and the segment it belongs to.

Rules (docs/formats.md, Segments), in whole microseconds: a sung line lasts until the next one or, where that is more
than `LINE_S` away, until a section ends, `LINE_S` at most; a segment has the lines that lie in it by at least half, or
that fill at least half of it. Where a line shares exactly half, either is right.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

from whitelight.catalog.song import Song
from whitelight.dataset.sung_lines import LINE_S, MIN_S

_STAMPS = re.compile(r"^\s*(?:\[\s*[-\d][^\[\]]{0,24}\]\s*|\[\s*\d+\s*:\s*\d+(?:[.,:]\d+)?(?=\s))+")
_WORD_STAMPS = re.compile(r"(\s*)<\s*\d+:\d+(?:[.:]\d+)?\s*>(\s*)")
_LETTERS = re.compile(r"[\W_]+")  # what is no letter or digit
_TOLERANCE_US = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A sung line, or several of one time; microseconds from the start of the song."""

    start_us: int
    end_us: int
    text: str


def microseconds(seconds: float) -> int:
    """Return seconds as a whole number, rounded to the sixth decimal as all times are; −1 for what is no time."""
    return round(round(seconds, 6) * 1_000_000) if math.isfinite(seconds) else -1


def sung_lines_of(song: Song, end_s: float) -> list[Line]:
    """Return the sung lines of a song that ends at `end_s`."""
    end_us, longest_us, shortest_us = (microseconds(seconds) for seconds in (end_s, LINE_S, MIN_S))
    texts: dict[int, list[str]] = {}
    for line in sorted(song.lyric_lines, key=lambda line: line.start_s):
        if 0 <= line.start_s < end_s:
            texts.setdefault(microseconds(line.start_s), []).append(line.text)
    edges = sorted({microseconds(section.end_s) for section in song.sections})
    starts = sorted(texts)
    lines = []
    for start, following in pairwise([*starts, end_us]):
        end = following
        if following - start > longest_us:
            near = (edge for edge in edges if start + shortest_us < edge < start + longest_us)
            end = next(near, start + longest_us)
        if text := "\n".join(t for t in texts[start] if t.strip()):
            lines.append(Line(start, end, text))
    return lines


def possible_texts(lines: Sequence[Line], start_us: int, end_us: int) -> set[str]:
    """Return what a segment may have as its text: one possibility, two for each line that shares exactly half."""
    choices: list[tuple[tuple[str, ...], ...]] = []
    for line in lines:
        shared = min(line.end_us, end_us) - max(line.start_us, start_us)
        over = 2 * shared - min(line.end_us - line.start_us, end_us - start_us)
        if shared > 0 and abs(over) <= _TOLERANCE_US:
            choices.append(((line.text,), ()))
        elif shared > 0 and over > 0:
            choices.append(((line.text,),))
    return {"\n".join(text for part in chosen for text in part) for chosen in product(*choices[:40])}


def lines_of_file(text: str) -> str:
    """Return the words of an LRC file without its stamps, line after line, one blank between two."""
    bare = (_WORD_STAMPS.sub(_blank, _STAMPS.sub("", line)).strip() for line in text.splitlines())
    return " ".join(line for line in bare if line)


def midi_text_differences(row: Mapping[str, Any], sung: str) -> Iterator[str]:
    """Say what is wrong with a text that comes from MIDI: its letters must be sung there in this order.

    Parameters
    ----------
    sung : all lyric events of the song's MIDI, one after the other.
    """
    letters = _LETTERS.sub("", sung)
    for line in row["lyric_text"].split("\n"):
        if _LETTERS.sub("", line) not in letters:
            yield f"its lyric line {_short(line)} is not in the MIDI"


def timed_differences(row: Mapping[str, Any], words: str) -> Iterator[str]:
    """Say which words and syllables of a row do not begin in its segment or are not sung in the song.

    Parameters
    ----------
    words : all that is sung in the song.
    """
    letters = _LETTERS.sub("", words)
    for name in ("lyric_words", "lyric_syllables"):
        for sung in row[name]:
            if not row["start_s"] <= sung["start_s"] < row["end_s"] or _LETTERS.sub("", sung["text"]) not in letters:
                yield f"{name} have {_short(sung['text'])} at {sung['start_s']:g} s, which the source does not"
                break


def text_differences(row: Mapping[str, Any], lines: Sequence[Line], file_words: str) -> Iterator[str]:
    """Say what is wrong with the text of a row that belongs to it.

    Parameters
    ----------
    lines : those of the song, read again.
    file_words : `lines_of_file` of its LRC file.
    """
    possible = possible_texts(lines, microseconds(row["start_s"]), microseconds(row["end_s"]))
    found = row["lyric_text"]
    if found not in possible:
        yield f"its lyric is {_short(found)}, the source has {_short(min(possible))} there"
    for line in found.split("\n") if found else ():
        if f" {line} " not in f" {file_words} ":
            yield f"its lyric line {_short(line)} is not in the file, byte for byte"
    told = "\n".join(line["text"] for line in row["lyric_lines"])
    if told != found:
        yield f"lyric_lines say {_short(told)}, lyric_text {_short(found)}"
    by_start = {line.start_us: line for line in lines}
    for line in row["lyric_lines"]:
        source = by_start.get(microseconds(line["start_s"]))
        if source is None or source.text != line["text"] or abs(source.end_us - microseconds(line["end_s"])) > 1:
            yield f"its lyric line {_short(line['text'])} is at {line['start_s']:g} s, the source says otherwise"


def _blank(stamp: re.Match[str]) -> str:
    """A word stamp parts words where a space stands on either side of it, else syllables."""
    return " " if stamp[1] or stamp[2] else ""


def _short(text: str) -> str:
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"
