"""Arrangement exports of a DAW: one clip a line, `start, clip, track, last`, by tabs (or commas).

Two forms: positions `bar beat division tick` counted from 1, and SMPTE time `hh:mm:ss:ff.ss`. Whether the last field is a
length or an end differs between programs and settings, and nothing in the file says so. It is decided for the whole file:
"5 0 0 0" cannot be a position (they count from 1); otherwise by which reading makes clips end where the next one on their
track begins. The evidence is kept with the result.

A beat is the meter's unit (an eighth in 7/8), a division a sixteenth, a tick 1/240 of that, as Logic counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from whitelight.errors import WhitelightError
from whitelight.files import read_text
from whitelight.music import Meter

TICKS_PER_DIVISION, SUBFRAMES, FRAME_RATES = 240, 80, (25, 30, 60)
MAX_BARS, MAX_CLIPS = 100_000, 5_000  # an export of a long song has some hundred clips
_HOUR_S = 3600
_ON_THE_LINE = Fraction(1, 50)  # of a bar: SMPTE time is rounded to 0.5 ms, tempi have more digits
_BARS = re.compile(r"(\d{1,6})[\s.]+(\d{1,4})[\s.]+(\d{1,4})[\s.]+(\d{1,5})")
_SMPTE = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})[:;](\d{2})(?:\.(\d{1,2}))?")

Quad = tuple[int, int, int, int]


class DawExportError(WhitelightError):
    """An arrangement export that cannot be read; `line` is 1-based, 0 for the whole file."""

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class DawClip:
    """A clip of a DAW's arrangement; `start_bar` counts from 0, both are exact."""

    line: int
    name: str
    track: str
    start_bar: Fraction
    n_bars: Fraction

    @property
    def end_bar(self) -> Fraction:
        """Where it ends."""
        return self.start_bar + self.n_bars


@dataclass(frozen=True, slots=True)
class DawExport:
    """An export as it was understood.

    Attributes
    ----------
    form : "bars" or "smpte". last_field : "length" or "end", by `evidence`.
    problems : what was odd, one sentence each.
    """

    clips: tuple[DawClip, ...]
    form: str
    last_field: str
    evidence: str
    problems: tuple[str, ...]

    @property
    def n_bars(self) -> int:
        """Bars until the last clip ends."""
        return max(-(-clip.end_bar.numerator // clip.end_bar.denominator) for clip in self.clips)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    first: str
    name: str
    track: str
    last: str


def read_clips(path: Path, *, meter: Meter, tempo_bpm: float) -> DawExport:
    """Read an export.

    Parameters
    ----------
    meter : of the whole song. tempo_bpm : quarter notes per minute; the SMPTE form needs it.

    Raises
    ------
    DawExportError : no clips, a line that is not `start, clip, track, last`, or a position the meter does not have; the
        message names the line.
    """
    rows = _rows(path)
    form = "smpte" if _SMPTE.fullmatch(rows[0].first) else "bars"
    read = _smpte_readings if form == "smpte" else _bar_readings
    readings, certain = read(path, rows, meter, tempo_bpm)
    last_field, evidence = (certain[0], certain[1]) if certain else _by_seams(readings)
    clips, n_off = _snapped(readings[last_field])
    wrong = next((clip for clip in clips if clip.n_bars <= 0), None)
    if wrong is not None:
        raise DawExportError(
            f"{path.name} line {wrong.line}: '{wrong.name}' has no length when the last field is its {last_field}; "
            "export it again, or correct the line",
            line=wrong.line,
        )
    problems = []
    if n_off:
        problems.append(
            f"{n_off} of {len(clips)} clips do not begin and end on bar lines of {meter}"
            + (f" at {tempo_bpm:g} bpm; is the tempo right?" if form == "smpte" else "")
        )
    return DawExport(tuple(clips), form, last_field, evidence, tuple(problems))


def _rows(path: Path) -> list[_Row]:
    rows = []
    for number, text in enumerate(read_text(path).splitlines(), start=1):
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        fields = [field.strip() for field in _fields(text)]
        if len(fields) != 4:
            raise DawExportError(
                f"{path.name} line {number}: {len(fields)} fields; expected start, clip, track and length or end, "
                "separated by tabs",
                line=number,
            )
        rows.append(_Row(number, *fields))
    if not rows:
        raise DawExportError(f"{path.name}: no clips in it; export the arrangement as text again")
    if len(rows) > MAX_CLIPS:
        raise DawExportError(f"{path.name}: {len(rows):,} clips, expected at most {MAX_CLIPS:,}; is this one song?")
    return rows


def _fields(text: str) -> list[str]:
    """Fields of a line; by commas only the name of a clip may have some of its own."""
    if "\t" in text or text.count(",") < 3:
        return text.split("\t")
    first, rest = text.split(",", 1)
    return [first, *rest.rsplit(",", 2)]


def _numbers(path: Path, row: _Row, text: str, pattern: re.Pattern[str], expected: str) -> Quad:
    match = pattern.fullmatch(text)
    if match is None:
        raise DawExportError(
            f"{path.name} line {row.line}: '{text}' is no position; expected {expected}, as in the first line",
            line=row.line,
        )
    values = [int(value) if value else 0 for value in match.groups()]
    return (values[0], values[1], values[2], values[3]) if len(values) == 4 else _smpte_quad(values)


def _smpte_quad(values: Sequence[int]) -> Quad:
    """Seconds, 0, frames, subframes."""
    hours, minutes, seconds, frames, subframes = values
    return ((hours * 60 + minutes) * 60 + seconds, 0, frames, subframes)


Readings = dict[str, list[DawClip]]


def _bar_readings(
    path: Path, rows: Sequence[_Row], meter: Meter, _tempo_bpm: float
) -> tuple[Readings, tuple[str, str] | None]:
    """Both readings of the last field of the bars form, and which one is certain."""
    expected = "bar, beat, division and tick such as '5 1 1 1'"
    starts = [_numbers(path, row, row.first, _BARS, expected) for row in rows]
    lasts = [_numbers(path, row, row.last, _BARS, expected) for row in rows]
    divisions = max(16 // meter.denominator, 1)
    for row, start, last in zip(rows, starts, lasts, strict=True):
        _check_position(path, row, start, meter, divisions)
        _check_position(path, row, last, meter, divisions, least=0)
    begins = [_bars(start, 1, meter, divisions) for start in starts]
    readings = {
        "length": [
            _clip(row, begin, _bars(last, 0, meter, divisions)) for row, begin, last in _zip(rows, begins, lasts)
        ],
        "end": [
            _clip(row, begin, _bars(last, 1, meter, divisions) - begin)
            for row, begin, last in _zip(rows, begins, lasts)
        ],
    }
    zero = next((row for row, last in zip(rows, lasts, strict=True) if 0 in last), None)
    if zero is not None:
        return readings, ("length", f"'{zero.last}' in line {zero.line} has a 0, and positions count from 1")
    return readings, None


def _zip(rows: Sequence[_Row], begins: Sequence[Fraction], lasts: Sequence[Quad]) -> list[tuple[_Row, Fraction, Quad]]:
    return list(zip(rows, begins, lasts, strict=True))


def _check_position(path: Path, row: _Row, position: Quad, meter: Meter, divisions: int, *, least: int = 1) -> None:
    """Refuse a position, or a length (`least` 0), that the meter does not have."""
    limits = (MAX_BARS, meter.numerator, divisions, TICKS_PER_DIVISION)
    for value, limit, what in zip(position, limits, ("bar", "beat", "division", "tick"), strict=True):
        if not least <= value <= limit:
            raise DawExportError(
                f"{path.name} line {row.line}: {what} {value} in {meter}; expected {least} to {limit:,}; is the meter right?",
                line=row.line,
            )


def _bars(quad: Quad, origin: int, meter: Meter, divisions: int) -> Fraction:
    """Bars of a position (`origin` 1) or a length (`origin` 0)."""
    bar, beat, division, tick = (value - origin for value in quad)
    beats = beat + (division + Fraction(tick, TICKS_PER_DIVISION)) / divisions
    return bar + beats / meter.numerator


def _smpte_readings(
    path: Path, rows: Sequence[_Row], meter: Meter, tempo_bpm: float
) -> tuple[Readings, tuple[str, str] | None]:
    """Both readings of the last field of the SMPTE form; whole hours before the first clip are the song's start."""
    expected = "SMPTE time such as '01:00:12:00.00'"
    starts = [_numbers(path, row, row.first, _SMPTE, expected) for row in rows]
    lasts = [_numbers(path, row, row.last, _SMPTE, expected) for row in rows]
    highest = max(quad[2] for quad in (*starts, *lasts))
    frame_rate = next((rate for rate in FRAME_RATES if highest < rate), 100)
    bars_per_s = Fraction(str(tempo_bpm)) / 60 / meter.beats_per_bar
    origin_s = min(quad[0] for quad in starts) // _HOUR_S * _HOUR_S
    readings: Readings = {"length": [], "end": []}
    for row, start, last in zip(rows, starts, lasts, strict=True):
        begin_s, last_s = _seconds(start, frame_rate), _seconds(last, frame_rate)
        begin = (begin_s - origin_s) * bars_per_s
        readings["length"].append(_clip(row, begin, last_s * bars_per_s))
        readings["end"].append(_clip(row, begin, (last_s - begin_s) * bars_per_s))
    return readings, None


def _seconds(quad: Quad, frame_rate: int) -> Fraction:
    return quad[0] + (quad[2] + Fraction(quad[3], SUBFRAMES)) / frame_rate


def _clip(row: _Row, start: Fraction, length: Fraction) -> DawClip:
    return DawClip(row.line, row.name, row.track, start, length)


def _by_seams(readings: Readings) -> tuple[str, str]:
    """The reading under which clips meet the next one on their track, and the count that says so."""
    possible = {name: clips for name, clips in readings.items() if all(clip.n_bars > 0 for clip in clips)}
    if len(possible) == 1:
        name = next(iter(possible))
        other = "end" if name == "length" else "length"
        return name, f"as {'an end' if other == 'end' else 'a length'} it would leave a clip without length"
    counts = {name: _meetings(clips) for name, clips in (possible or readings).items()}
    meeting = {name: count[0] - count[1] for name, count in counts.items()}
    if meeting["end"] == meeting["length"]:
        return "end", "no 0 in the last field and no clip follows another on its track: read as a position"
    best = max(meeting, key=lambda name: meeting[name])
    met, lapped, n_followed = counts[best]
    worse_met, worse_lapped, _ = counts["end" if best == "length" else "length"]
    return best, (
        f"read so, {met} of {n_followed} clips end where the next on their track begins and {lapped} overlap it; "
        f"read the other way {worse_met} and {worse_lapped}"
    )


def _meetings(clips: Sequence[DawClip]) -> tuple[int, int, int]:
    """How many clips meet the next one on their track, how many overlap it, how many have one."""
    met = lapped = followed = 0
    by_track: dict[str, list[DawClip]] = {}
    for clip in clips:
        by_track.setdefault(clip.track, []).append(clip)
    for listed in by_track.values():
        ordered = sorted(listed, key=lambda clip: clip.start_bar)
        for clip, following in pairwise(ordered):
            followed += 1
            met += clip.end_bar == following.start_bar
            lapped += clip.end_bar > following.start_bar
    return met, lapped, followed


def _snapped(clips: Sequence[DawClip]) -> tuple[list[DawClip], int]:
    """The clips with edges that lie as good as on a bar line put there, and how many do not."""
    snapped, n_off = [], 0
    for clip in clips:
        start, end = _snap(clip.start_bar), _snap(clip.end_bar)
        n_off += start.denominator > 1 or end.denominator > 1
        snapped.append(DawClip(clip.line, clip.name, clip.track, start, end - start))
    return snapped, n_off


def _snap(bars: Fraction) -> Fraction:
    return Fraction(round(bars)) if abs(bars - round(bars)) <= _ON_THE_LINE else bars
