"""Which encoding a file's time codes have: the digits first, then the song's own beat, then what is known besides.

Every encoding gets a posterior: its prior × the probability of the digits (a tight range that holds them all is worth
more than a wide one) × how much better than chance the boundaries fall on the beat. Encodings that give the same
times are one answer. The confidence is the posterior of the answer, lowered when there was nothing to test it with
(`UNTESTED`, `TOO_FEW`) or when the boundaries ignore the beat even in the best reading (`OFF_BEAT`).
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from math import log

import numpy as np
from numpy.typing import NDArray

from whitelight.catalog.beatgrid import Grid, GridFit, fit_grid
from whitelight.catalog.timecode import ENCODINGS, NEXT_SECOND, SUBFRAMES, Encoding, Stamp, TimeCode
from whitelight.music.meter import Meter

DOUBTFUL = 0.7  # below this a file is reported
UNTESTED = 0.9
TOO_FEW = 0.65  # one or two codes: a slip of the pen would go unnoticed
OFF_BEAT = 0.6
_STRAY_DIGITS = 0.005  # share of codes whose digits are a slip: anything from 000 to 999
_SAME_S = 0.003  # readings closer than this are one answer
_RATE_PRIOR = {"25": 0.60, "29.97df": 0.12, "29.97": 0.10, "30": 0.08, "24": 0.01, "23.976": 0.005}
_MS_PRIOR = 0.15


@dataclass(frozen=True, slots=True)
class Detection:
    """The answer for one list of time codes.

    Attributes
    ----------
    posterior : probability of every encoding by name; sums to 1.
    fit : best beat of the answer, None when there was none to compare with.
    """

    encoding: Encoding
    confidence: float
    posterior: Mapping[str, float]
    fit: GridFit | None = None

    @property
    def on_beat(self) -> float | None:
        """Share of the boundaries on the beat."""
        return None if self.fit is None else self.fit.n_hits / self.fit.n_boundaries


def base_prior() -> dict[str, float]:
    """Prior of every encoding before a file is seen; sums to 1."""
    weights = {name: _MS_PRIOR if name == "ms" else _RATE_PRIOR[name.split("@")[1]] / 2 for name in ENCODINGS}
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def related_prior(other: Mapping[str, float]) -> dict[str, float]:
    """Return the prior of a file whose companion (lyrics beside a manifest) has the posterior `other`.

    Half goes to the same encoding, three tenths to the same rate in the other form, the rest is as for any file.
    """
    base = base_prior()
    by_rate: dict[str, float] = {}
    for name, weight in other.items():
        by_rate[name.partition("@")[2]] = by_rate.get(name.partition("@")[2], 0.0) + weight
    return {
        name: 0.5 * other.get(name, 0.0) + 0.15 * by_rate.get(name.partition("@")[2], 0.0) + 0.2 * base[name]
        for name in ENCODINGS
    }


def detect_encoding(
    stamps: Sequence[Stamp],
    *,
    prior: Mapping[str, float] | None = None,
    boundaries: Sequence[Stamp] = (),
    tempo_bpm: float | None = None,
    meter: Meter | None = None,
) -> Detection:
    """Decide how a file's time codes are read.

    Parameters
    ----------
    stamps : all codes of the file, for their digits.
    prior : weight per encoding; `base_prior()` when None.
    boundaries : codes that should lie on the beat (section ends), a code that is only another's end + 1 left out.
    tempo_bpm, meter : of the song; without a tempo the beat says nothing.
    """
    weights = dict(prior or base_prior())
    fits: dict[str, GridFit] = {}
    scores = {}
    for name, encoding in ENCODINGS.items():
        times = _times(boundaries, encoding) if tempo_bpm else np.empty(0)
        on_grid = {stamp.raw for stamp in boundaries} if len(times) else set()
        scores[name] = log(max(weights.get(name, 0.0), 1e-9)) + _log_digits(stamps, encoding, on_grid)
        if tempo_bpm and len(times):
            fits[name] = fit_grid(times, encoding.unit_s(), tempo_bpm, meter)
            scores[name] += fits[name].log_evidence
    posterior = _normalized(scores)
    best = max(posterior, key=lambda name: posterior[name])
    same = [name for name in ENCODINGS if _is_same(stamps, ENCODINGS[name], ENCODINGS[best])]
    confidence = sum(posterior[name] for name in same) * _trust(fits.get(best), stamps, weights.get(best, 0.0))
    return Detection(ENCODINGS[best], round(min(confidence, 1.0), 3), posterior, fits.get(best))


def decode(stamp: Stamp, detection: Detection, offset_s: float = 0.0) -> TimeCode:
    """Decode one code of a file; digits its encoding cannot have are read as milliseconds, with little confidence."""
    encoding, confidence = detection.encoding, detection.confidence
    if stamp.digits == NEXT_SECOND and encoding.frame_rate:
        confidence *= 0.95
    elif not encoding.allows(stamp):
        encoding, confidence = ENCODINGS["ms"], round(min(confidence, 0.3), 3)
    return TimeCode(stamp.raw, encoding.name, encoding.seconds(stamp) - offset_s, round(confidence, 3))


def decode_as_exception(stamp: Stamp, detection: Detection, *, is_in_lyrics: bool) -> TimeCode | None:
    """Read one whole-frame code among subframe codes as the exception it is, or None when the file's way is as good.

    Parameters
    ----------
    is_in_lyrics : the same text stands in the song's lyrics, whose codes are whole frames.
    """
    encoding, fit = detection.encoding, detection.fit
    if not encoding.has_subframes or fit is None or not 1 < stamp.value <= encoding.frame_rate:
        return None
    whole_frames = ENCODINGS[encoding.name.replace("FFS", "0FF")]
    log_odds = log(0.5 / 0.5 if is_in_lyrics else 0.03 / 0.97)
    log_odds += _log_hit(stamp, whole_frames, fit.grid) - _log_hit(stamp, encoding, fit.grid)
    confidence = 1.0 / (1.0 + float(np.exp(-log_odds)))
    if confidence < DOUBTFUL:
        return None
    return TimeCode(stamp.raw, whole_frames.name, whole_frames.seconds(stamp), round(min(confidence, 0.9), 3))


def _log_hit(stamp: Stamp, encoding: Encoding, grid: Grid) -> float:
    return float(grid.log_evidence(np.array([encoding.seconds(stamp)]), encoding.unit_s())[0])


def _log_digits(stamps: Sequence[Stamp], encoding: Encoding, on_grid: AbstractSet[str]) -> float:
    """Log probability of the digits.

    Musical times are often whole seconds, so 000 (and 001, one unit later) says nothing about the encoding, unless
    the code is one of `on_grid`: there the beat explains it, and the width of its stretch must count once.
    """
    total = 0.0
    for stamp in stamps:
        if stamp.digits == NEXT_SECOND or (stamp.value <= 1 and stamp.raw not in on_grid):
            continue
        n_digits = len(stamp.digits)
        fair = (1 - _STRAY_DIGITS) / encoding.n_values(n_digits) if encoding.allows(stamp) else 0.0
        total += log(fair + _STRAY_DIGITS / 10.0**n_digits)
    return total


def _times(boundaries: Sequence[Stamp], encoding: Encoding) -> NDArray[np.float64]:
    """Return decoded boundaries that the encoding can have, without the start of the song."""
    readable = [s for s in boundaries if encoding.allows(s) or s.digits == NEXT_SECOND]
    times = [encoding.seconds(_no_ninth(s, encoding)) for s in readable if s.whole_seconds or s.value]
    return np.array(times, dtype=np.float64)


def _no_ninth(stamp: Stamp, encoding: Encoding) -> Stamp:
    """An end of …9 or …8 before a start of …0 was written by counting back in tens; its last eighth is meant."""
    if encoding.has_subframes and stamp.digits != NEXT_SECOND and stamp.value % 10 >= SUBFRAMES:
        return replace(stamp, digits=f"{stamp.value // 10 * 10 + SUBFRAMES - 1:03d}")
    return stamp


def _normalized(scores: Mapping[str, float]) -> dict[str, float]:
    top = max(scores.values())
    weights = {name: float(np.exp(score - top)) for name, score in scores.items()}
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _is_same(stamps: Sequence[Stamp], one: Encoding, other: Encoding) -> bool:
    return all(one.allows(s) == other.allows(s) and abs(one.seconds(s) - other.seconds(s)) <= _SAME_S for s in stamps)


def _trust(fit: GridFit | None, stamps: Sequence[Stamp], prior: float) -> float:
    """How far the answer was tested: 1.0 by the beat, or by a companion file that says the same."""
    if fit is not None and fit.is_convincing:
        return 1.0
    if fit is not None and fit.n_boundaries >= 4:
        return OFF_BEAT
    if 0 < len({stamp.raw for stamp in stamps if stamp.value}) < 3:
        return TOO_FEW
    return 1.0 if prior > 0.5 else UNTESTED
