"""The voices of a piece without stems, found the slow and obvious way, to check those that `dataset.views` finds fast.

The rule (docs/formats.md, Rows; `dataset.views`): notes struck within `SPREAD_S` of the one before are one chord; a
note sounds from its chord until `LEGATO_S` before its end. Melody is what is highest when it is struck, bass what is
lowest; a voice alone is a bass below `SOLO_SPLIT` and a melody from there on.
"""

from bisect import bisect_left
from collections.abc import Sequence

from whitelight.dataset.views import LEGATO_S, SOLO_SPLIT, SPREAD_S


def name_voices(onsets_s: Sequence[float], ends_s: Sequence[float], pitches: Sequence[int]) -> list[set[str]]:
    """Return for each pitched note the views it belongs to: melody or chords, and bass where it is the lowest."""
    chord_of, chord_starts = _chords(onsets_s)
    sounding: list[list[int]] = [[] for _ in chord_starts]
    for chord, end_s, pitch in zip(chord_of, ends_s, pitches, strict=True):
        stop = max(bisect_left(chord_starts, end_s - LEGATO_S), chord + 1)
        for reached in range(chord, stop):
            sounding[reached].append(pitch)
    return [_views_of(pitch, sounding[chord]) for chord, pitch in zip(chord_of, pitches, strict=True)]


def _chords(onsets_s: Sequence[float]) -> tuple[list[int], list[float]]:
    """Return the chord each note is struck in, and when each chord begins."""
    chord_of = [0] * len(onsets_s)
    starts: list[float] = []
    last_s = float("-inf")
    for index in sorted(range(len(onsets_s)), key=lambda i: onsets_s[i]):
        if onsets_s[index] - last_s > SPREAD_S:
            starts.append(onsets_s[index])
        chord_of[index] = len(starts) - 1
        last_s = onsets_s[index]
    return chord_of, starts


def _views_of(pitch: int, sounding: Sequence[int]) -> set[str]:
    is_top, is_lowest = pitch == max(sounding), pitch == min(sounding)
    if is_top and is_lowest:
        is_top, is_lowest = pitch >= SOLO_SPLIT, pitch < SOLO_SPLIT
    return {"melody" if is_top else "chords"} | ({"bass"} if is_lowest else set())
