"""Time codes `[MM:SS.ddd]`: what the digits after the point mean, and back.

The digits look like milliseconds and mostly are not. An *encoding* says how to read them:

- ``ms`` : a decimal fraction of a second (three digits: milliseconds, two: hundredths).
- ``0FF@r`` : whole frames at r frames per second.
- ``FFS@r`` : two digits of whole frames and the first digit of an 80-per-frame subframe, so S counts eighths.

Rates: 24, 25 and 30 count real seconds. 23.976 and 29.97 are the slowed rates of television without dropped numbers:
a labelled second lasts 1.001 s. 29.97df drops two frame numbers each minute but every tenth (SMPTE 12M), so labels
stay near the clock. Measured on real catalogs: 25, 29.97 and 29.97df all occur, and a song that fits none of them to
the beat at "30" fits one of the 29.97 within 3 ms.

A code is cut off, not rounded: it stands for the stretch [seconds, seconds + unit). ``999`` in any frame encoding is
how people write "just before the next second".
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from whitelight.errors import WhitelightError
from whitelight.music.midi import MAX_DURATION_S

SUBFRAMES = 8  # values of the digit S; DAWs count 80 subframes per frame and write the first digit
NEXT_SECOND = "999"
_TELEVISION = 1.001  # NTSC rates run slower than their number by exactly 1000/1001

_CLOCK = re.compile(
    r"(?:(?P<hours>\d+)\s*:\s*)?(?P<minutes>\d+)\s*:\s*(?P<seconds>\d{1,2})(?:\s*[.,;]\s*(?P<digits>\d+))?"
)
_COLONS = re.compile(r"(?P<minutes>\d+)\s*:\s*(?P<seconds>\d{1,2})\s*:\s*(?P<digits>\d{3})")  # MM:SS:ddd


class TimeCodeError(WhitelightError):
    """A text is no time code, or a name is no encoding."""


@dataclass(frozen=True, slots=True)
class TimeCode:
    """A decoded time code.

    Attributes
    ----------
    raw : the text of the file.
    encoding : name of the encoding it was read with; "repaired" when the text could not be used.
    seconds : from the start of the song, an offset of the file already undone.
    confidence : probability in [0, 1] that this reading is the right one.
    """

    raw: str
    encoding: str
    seconds: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Stamp:
    """The parts of a time code before its digits are interpreted; `digits` keeps leading zeros."""

    raw: str
    minutes: int
    seconds: int
    digits: str

    @property
    def whole_seconds(self) -> int:
        """Minutes and seconds as seconds."""
        return self.minutes * 60 + self.seconds

    @property
    def value(self) -> int:
        """The digits as a number."""
        return int(self.digits or "0")

    @property
    def is_absurd(self) -> bool:
        """Whether the time is later than any song lasts; what would be cut to it never ends."""
        return self.whole_seconds > MAX_DURATION_S

    @property
    def is_clean(self) -> bool:
        """Whether the text is written as it should be: [M:SS.ddd], seconds below 60, no stray spaces."""
        return bool(re.fullmatch(r"\[\d+:[0-5]\d\.\d{2,3}\]", self.raw))


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the digits after the point are read.

    Attributes
    ----------
    frame_rate : frame numbers per labelled second; 0 for decimal fractions.
    has_subframes : the last digit counts eighths of a frame.
    stretch : real seconds per labelled second.
    drops_frames : two frame numbers are skipped each minute but every tenth.
    """

    name: str
    frame_rate: int = 0
    has_subframes: bool = False
    stretch: float = 1.0
    drops_frames: bool = False

    def unit_s(self, n_digits: int = 3) -> float:
        """Length in seconds of the stretch that one code stands for."""
        if not self.frame_rate:
            return float(10.0**-n_digits)
        return self.stretch / self.frame_rate / (SUBFRAMES if self.has_subframes else 1)

    def n_values(self, n_digits: int = 3) -> int:
        """How many different digits one second can have."""
        if not self.frame_rate:
            return int(10**n_digits)
        return self.frame_rate * (SUBFRAMES if self.has_subframes else 1)

    def allows(self, stamp: Stamp) -> bool:
        """Whether the digits are possible; one unit past the last is, because starts are written as end + 1."""
        if not self.frame_rate or not stamp.value:
            return True
        if not self.has_subframes:
            return stamp.value <= self.frame_rate
        return len(stamp.digits) == 3 and stamp.value // 10 < self.frame_rate

    def seconds(self, stamp: Stamp) -> float:
        """Return the time of a stamp in seconds, the start of the stretch it stands for."""
        if not self.frame_rate:
            return stamp.whole_seconds + (float(f"0.{stamp.digits}") if stamp.digits else 0.0)
        if stamp.digits == NEXT_SECOND:
            return self._clock_to_seconds(stamp, float(self.frame_rate))
        frames = float(stamp.value)
        if self.has_subframes:
            frames = stamp.value // 10 + (stamp.value % 10) / SUBFRAMES
        return self._clock_to_seconds(stamp, frames)

    def _clock_to_seconds(self, stamp: Stamp, frames: float) -> float:
        count = stamp.whole_seconds * self.frame_rate + frames
        if self.drops_frames:
            minutes = stamp.whole_seconds // 60
            count -= 2 * (minutes - minutes // 10)
        return count * self.stretch / self.frame_rate


def _frame_encodings() -> dict[str, Encoding]:
    rates = {
        "25": (25, 1.0, False),
        "29.97df": (30, _TELEVISION, True),
        "29.97": (30, _TELEVISION, False),
        "30": (30, 1.0, False),
        "24": (24, 1.0, False),
        "23.976": (24, _TELEVISION, False),
    }
    return {
        f"{form}@{rate}": Encoding(f"{form}@{rate}", number, form == "FFS", stretch, drops)
        for form in ("0FF", "FFS")
        for rate, (number, stretch, drops) in rates.items()
    }


ENCODINGS: Mapping[str, Encoding] = MappingProxyType({"ms": Encoding("ms"), **_frame_encodings()})


def encoding_named(name: str) -> Encoding:
    """Return the encoding called `name`.

    Raises
    ------
    TimeCodeError : there is none; the message lists what there is.
    """
    if name not in ENCODINGS:
        raise TimeCodeError(f"'{name}' is no time-code encoding; expected one of {', '.join(ENCODINGS)}")
    return ENCODINGS[name]


def parse_stamp(text: object) -> Stamp | None:
    """Read a time code as files have it, None when it is none.

    Accepts brackets or none, stray spaces, one- or many-digit minutes, hours, ``,`` ``;`` or ``:`` before the digits,
    no digits at all, and a plain number of seconds.
    """
    if isinstance(text, bool) or text is None:
        return None
    if isinstance(text, int | float):
        return _stamp_of_number(float(text))
    raw = str(text)
    body = raw.strip().strip("[]()<>").strip()
    match = _COLONS.fullmatch(body) or _CLOCK.fullmatch(body)
    if match is None or len(body) > 40:
        return None
    parts = match.groupdict()
    minutes = int(parts.get("hours") or 0) * 60 + int(parts["minutes"])
    return Stamp(raw.strip(), minutes, int(parts["seconds"]), (parts["digits"] or "")[:6])


def _stamp_of_number(seconds: float) -> Stamp | None:
    if not math.isfinite(seconds) or seconds < 0:
        return None
    whole = int(seconds)
    digits = f"{seconds - whole:.6f}"[2:] if seconds != whole else ""
    return Stamp(str(seconds), whole // 60, whole % 60, digits)


def format_stamp(seconds: float, encoding: Encoding) -> str:
    """Write a time as ``[MM:SS.ddd]``, cut off to the encoding's unit; the inverse of reading it.

    Parameters
    ----------
    seconds : ≥ 0.
    """
    per_second = encoding.n_values()
    count = math.floor(seconds / encoding.unit_s() + 1e-6)  # the last float digit must not cost a unit
    if encoding.drops_frames:
        count = label_number(count, SUBFRAMES if encoding.has_subframes else 1)
    whole, units = divmod(count, per_second)
    if encoding.has_subframes:
        units = units // SUBFRAMES * 10 + units % SUBFRAMES
    return f"[{whole // 60:02d}:{whole % 60:02d}.{units:03d}]"


def label_number(count: int, per_frame: int) -> int:
    """Turn a count of units into the number on the label, where 2 frames are skipped in 9 of 10 minutes."""
    frame, rest = divmod(count, per_frame)
    tens, within = divmod(frame, 17982)
    frame += 18 * tens + (2 * ((within - 2) // 1798) if within >= 2 else 0)
    return frame * per_frame + rest
