"""Word stamps inside a line of timed lyrics: ``[00:10.00]<00:10.00>la <00:10.60>le<00:10.90>lo <00:11.40>``.

A stamp times what follows it up to the next stamp. Where no space parts two such pieces they are one word, and the
pieces its syllables. A stamp at the end of the line says when the last word ends; else the line's end does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from whitelight.catalog.song import LyricWord, TimedText
from whitelight.catalog.timecode import Stamp, parse_stamp

_WORD_STAMP = re.compile(r"(\s*)<\s*(\d+:\d+(?:[.:]\d+)?)\s*>(\s*)")


@dataclass(frozen=True, slots=True)
class StampedPiece:
    """What is sung from a stamp on; `text` is "" for a closing stamp, `begins_word` where a space precedes it."""

    stamp: Stamp
    text: str
    begins_word: bool


def split_word_stamps(text: str, line_stamp: Stamp | None) -> tuple[str, tuple[StampedPiece, ...]]:
    """Return the text of a line without word stamps, and the pieces they time.

    Parameters
    ----------
    line_stamp : stamp of the line, which times what stands before the first word stamp; None when the line has
        several or none that can be read: then its words have no times.
    """
    parts = _WORD_STAMP.split(text)
    head, rest = parts[0], parts[1:]
    plain = head + "".join(
        (" " if before or after else "") + piece
        for before, after, piece in zip(rest[::4], rest[2::4], rest[3::4], strict=True)
    )
    if line_stamp is None or not rest:
        return plain.strip(), ()
    pieces = [StampedPiece(line_stamp, head.strip(), begins_word=True)] if head.strip() else []
    for before, raw, after, piece in zip(rest[::4], rest[1::4], rest[2::4], rest[3::4], strict=True):
        stamp = parse_stamp(raw)
        if stamp is None or stamp.is_absurd:
            return plain.strip(), ()
        pieces.append(StampedPiece(stamp, piece.strip(), begins_word=bool(before or after) or not pieces))
    return plain.strip(), tuple(pieces)


def place_words(
    pieces: Sequence[StampedPiece], starts_s: Sequence[float], end_s: float | None
) -> tuple[LyricWord, ...]:
    """Return the words of a line.

    Parameters
    ----------
    starts_s : one per piece, in order.
    end_s : end of the line, None when unknown.
    """
    ends = [*starts_s[1:], end_s]
    words: list[LyricWord] = []
    for piece, start, stop in zip(pieces, starts_s, ends, strict=True):
        inner = piece.text.split()
        if not inner:
            continue
        if len(inner) > 1:  # several words under one stamp: only the first has a time, and no end
            words.append(_word(inner[0], start, None))
        elif piece.begins_word or not words:
            words.append(_word(piece.text, start, stop))
        else:
            last = words[-1]
            parts = (*last.parts, TimedText(piece.text, start, stop))
            words[-1] = LyricWord(last.text + piece.text, last.start_s, stop, parts)
    return tuple(words)


def _word(text: str, start_s: float, end_s: float | None) -> LyricWord:
    return LyricWord(text, start_s, end_s, (TimedText(text, start_s, end_s),))
