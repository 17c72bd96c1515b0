"""Timed lyrics (LRC): every way people write them, read into stamps and texts.

Read: stamp and text on one line or on two, several stamps before one text, tags (``[ti:…]``, ``[offset:+250]``), stray
spaces in stamps, one-digit minutes, word stamps ``<00:12.34>``, lines in any order, a stamp without text (it ends the
line before it). A stamp that cannot be read keeps its text: the line is placed between its neighbors and reported.
A positive ``[offset:]`` in milliseconds makes lyrics appear earlier, as players do.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.song import LyricLine
from whitelight.catalog.timecode import Stamp, TimeCode, parse_stamp
from whitelight.catalog.word_stamps import StampedPiece, place_words, split_word_stamps

EARLY_WORD_S = 0.5  # a word may begin this long before its line: editors round the two differently

_TAG = re.compile(r"\[\s*([A-Za-z#][\w ]*?)\s*:(.*)\]\s*")
_BRACKET = re.compile(r"\s*(\[\s*[-\d][^\[\]]{0,24}\])")  # a bracket that begins with a digit is meant as a stamp
_UNCLOSED = re.compile(r"\s*(\[\s*\d+\s*:\s*\d+(?:[.,:]\d+)?)(?=\s)")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A stamp and what is sung from it on; `stamp` is None when it could not be read, `text` may be empty."""

    stamp: Stamp | None
    raw: str
    text: str
    line: int
    pieces: tuple[StampedPiece, ...] = ()


@dataclass(frozen=True, slots=True)
class LyricSheet:
    """A parsed LRC file: tags by lower-case name, lines in the order of the file."""

    tags: Mapping[str, str]
    lines: tuple[SheetLine, ...]

    @property
    def stamps(self) -> tuple[Stamp, ...]:
        """Stamps that could be read, in the order of the file."""
        return tuple(line.stamp for line in self.lines if line.stamp is not None)

    @property
    def offset_s(self) -> float:
        """What the ``[offset:]`` tag subtracts from every time."""
        text = self.tags.get("offset", "").strip()
        return int(text) / 1000 if re.fullmatch(r"[+-]?\d{1,9}", text) else 0.0


def parse_lrc(text: str, log: ProblemLog) -> LyricSheet:
    """Read an LRC text; what is odd about it goes to `log`."""
    tags: dict[str, str] = {}
    lines: list[SheetLine] = []
    waiting: list[tuple[Stamp | None, str, int]] = []  # stamps whose text has not come yet
    for number, line in enumerate(text.splitlines(), 1):
        stamps, rest = _leading_stamps(line)
        tag = _TAG.fullmatch(line.strip()) if not stamps else None
        if tag:
            tags[tag[1].lower()] = tag[2].strip()
            _check_tag(tag[1].lower(), tag[2].strip(), number, log)
            continue
        if stamps and waiting:
            lines += [SheetLine(stamp, raw, "", at) for stamp, raw, at in waiting]
            waiting = []
        for raw in stamps:
            stamp = parse_stamp(raw)
            waiting.append((None if stamp is not None and stamp.is_absurd else stamp, raw, number))
            _check_stamp(waiting[-1][0], raw, number, log)
        words, pieces = split_word_stamps(rest, waiting[0][0] if len(waiting) == 1 else None)
        if words and waiting:
            lines += [SheetLine(stamp, raw, words, at, pieces) for stamp, raw, at in waiting]
            waiting = []
        elif words:
            _take_loose_text(words, number, lines, log)
    lines += [SheetLine(stamp, raw, "", at) for stamp, raw, at in waiting]
    return LyricSheet(tags, tuple(lines))


def place_lines(
    sheet: LyricSheet, decode: Callable[[Stamp], TimeCode], log: ProblemLog
) -> tuple[tuple[LyricLine, ...], tuple[TimeCode, ...]]:
    """Give every line its time, sorted; a line ends where the next later stamp stands, sung or empty.

    Parameters
    ----------
    decode : turns a stamp into seconds of the song, offsets of the file undone; the tag's offset is applied here.

    Returns
    -------
    the lines that have a text, and the time codes of all stamps that could be read.
    """
    codes = [decode(line.stamp) if line.stamp is not None else None for line in sheet.lines]
    times = _fill_gaps([code.seconds - sheet.offset_s if code is not None else None for code in codes])
    order = sorted(range(len(times)), key=lambda i: (times[i], i))
    if order != list(range(len(times))):
        first = next(i for i, place in enumerate(order) if i != place)
        log.add(
            "lrc-order", "lines are not in order of time", "sorted them", line=sheet.lines[first].line, severity="info"
        )
    marks = sorted(set(times))
    following = dict(pairwise(marks))
    placed = [_placed(sheet, i, (times[i], following.get(times[i])), decode, log) for i in order if sheet.lines[i].text]
    _report_shared_stamps(sheet, times, log)
    return tuple(placed), tuple(code for code in codes if code is not None)


def _placed(
    sheet: LyricSheet,
    index: int,
    span_s: tuple[float, float | None],
    decode: Callable[[Stamp], TimeCode],
    log: ProblemLog,
) -> LyricLine:
    """Return one line with the times of its words, which must be in order and within the line."""
    line, start_s, end_s = sheet.lines[index], max(span_s[0], 0.0), span_s[1]
    starts = [max(decode(piece.stamp).seconds - sheet.offset_s, 0.0) for piece in line.pieces]
    limits = [start_s - EARLY_WORD_S, *starts, math.inf if end_s is None else end_s + EARLY_WORD_S]
    if limits != sorted(limits):
        found = f"the word stamps of '{line.text[:40]}' are not in order, or not within their line"
        log.add("lrc-word-stamps", found, "kept the line without times of words", line=line.line)
        starts = []
    words = place_words(line.pieces, starts, end_s) if starts else ()
    return LyricLine(start_s, end_s, line.text, line.raw, words)


def _leading_stamps(line: str) -> tuple[list[str], str]:
    """Split a line into the stamps it begins with and the rest."""
    found, place = [], 0
    while match := _BRACKET.match(line, place):
        found.append(match[1])
        place = match.end()
    if not found and (match := _UNCLOSED.match(line)):
        return [match[1]], line[match.end() :]
    return found, line[place:]


def _check_stamp(stamp: Stamp | None, raw: str, line: int, log: ProblemLog) -> None:
    if stamp is None:
        log.add(
            "lrc-stamp-unreadable",
            f"found '{raw}', expected a stamp such as [01:23.045]",
            "kept the line and placed it between its neighbors",
            line=line,
        )
    elif not stamp.is_clean:
        log.add(
            "lrc-stamp-malformed",
            f"found '{raw}', expected minutes, seconds below 60 and a fraction without spaces, as in "
            f"[{stamp.minutes:02d}:{stamp.seconds:02d}.{stamp.digits or '000'}]",
            "read it as that and kept the line",
            line=line,
        )


def _check_tag(name: str, value: str, line: int, log: ProblemLog) -> None:
    if name == "offset" and not re.fullmatch(r"[+-]?\d{1,9}", value):
        log.add("lrc-offset", f"found offset '{value}', expected milliseconds such as +250", "ignored it", line=line)


def _take_loose_text(words: str, number: int, lines: list[SheetLine], log: ProblemLog) -> None:
    """Join a text that has no stamp of its own to the line before it; before the first stamp it has no place."""
    if not lines:
        log.add(
            "lrc-text-without-stamp",
            f"found '{words[:40]}' before any stamp",
            "left it out: it has no time",
            line=number,
        )
        return
    stamp_line = lines[-1].line
    for i, line in enumerate(lines):
        if line.line == stamp_line:
            lines[i] = replace(line, text=f"{line.text} {words}".strip())
    log.add(
        "lrc-text-without-stamp",
        f"found '{words[:40]}' without a stamp of its own",
        "joined it to the line before",
        line=number,
        severity="info",
    )


def _report_shared_stamps(sheet: LyricSheet, times: list[float], log: ProblemLog) -> None:
    seen: dict[float, int] = {}
    for line, time in zip(sheet.lines, times, strict=True):
        if line.text and time in seen:
            log.add(
                "lrc-same-time",
                f"two lines start at '{line.raw}' (the other is line {seen[time]})",
                "both last until the next later line",
                line=line.line,
                severity="info",
            )
        elif line.text:
            seen[time] = line.line


def _fill_gaps(times: list[float | None]) -> list[float]:
    """Put times that are missing evenly between the known ones around them (1 s apart past either end)."""
    filled: list[float] = []
    for i, time in enumerate(times):
        if time is not None:
            filled.append(time)
            continue
        before = filled[-1] if filled else None
        ahead = next(((j, later) for j, later in enumerate(times[i:]) if later is not None), None)
        if before is not None and ahead is not None and ahead[1] > before:
            filled.append(before + (ahead[1] - before) / (ahead[0] + 1))
        elif before is not None:
            filled.append(before + 1.0)
        else:
            filled.append(max(ahead[1] - ahead[0], 0.0) if ahead is not None else 0.0)
    return filled
