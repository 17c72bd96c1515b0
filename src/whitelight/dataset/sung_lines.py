"""Sung lines of a song: where each ends, and which belong to a stretch."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from whitelight.catalog.song import Song

MIN_S = 2.0  # a bar of 4/4 at 120 bpm; less says little about a song
LINE_S = 12.0  # a sung line is not longer; the next one may come after a solo
SECONDS_DIGITS = 6  # seconds are kept to the microsecond, the unit of a MIDI tempo


@dataclass(frozen=True, slots=True)
class SungLine:
    """A lyric line with the stretch it is taken to be sung in; lines of one time stamp are one."""

    start_s: float
    end_s: float
    text: str


def sung_lines(song: Song, end_s: float) -> tuple[SungLine, ...]:
    """Return the lyric lines before `end_s` with where each ends.

    A line lasts until the next one or, where that is far, until a section ends, at most `LINE_S`: what follows is a gap.
    """
    texts: dict[float, list[str]] = {}
    for line in sorted(song.lyric_lines, key=lambda line: line.start_s):
        if 0 <= line.start_s < end_s:
            texts.setdefault(round(line.start_s, SECONDS_DIGITS), []).append(line.text)
    starts = [*texts, end_s]
    lines = []
    edges = sorted({section.end_s for section in song.sections})
    for start, following in pairwise(starts):
        end = following
        if following - start > LINE_S:
            end = next((edge for edge in edges if start + MIN_S < edge < start + LINE_S), start + LINE_S)
        end = round(end, SECONDS_DIGITS)
        text = "\n".join(t for t in texts[start] if t.strip())
        if text:
            lines.append(SungLine(start, end, text))
    return tuple(lines)


def lines_within(lines: Sequence[SungLine], start_s: float, end_s: float) -> list[SungLine]:
    """Return the lines that lie in a stretch by at least half, or fill at least half of it."""
    sung = []
    for line in lines:
        shared = min(line.end_s, end_s) - max(line.start_s, start_s)
        if shared > 0 and shared >= min(line.end_s - line.start_s, end_s - start_s) / 2:
            sung.append(line)
    return sung


def lyric_text(lines: Sequence[SungLine], start_s: float, end_s: float) -> str:
    """Return the text of `lines_within`."""
    return "\n".join(line.text for line in lines_within(lines, start_s, end_s))
