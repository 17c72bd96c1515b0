"""Descriptors of a song's melody: density, range, intervals, chord tones, phrases, rhythm, what comes back.

Beats are the felt beats of the meter (group starts where it groups its units, else the units); a syncopation begins
off the beat and sounds on over the next one.
"""

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.clashes import phrase_starts
from whitelight.composition.song_descriptors import SongReading, ngram_repetition
from whitelight.music import Notes

NEAR_BARS = 8
UNIT_BARS, UNIT_ALIKE = 8, 4  # an 8-bar unit returns when at least half of its bars do
LEAP_ST = 5

Flags = NDArray[np.bool_]


def melody_descriptors(song: SongReading) -> dict[str, float]:
    """What the melody does; empty without melody."""
    notes = song.melody
    if len(notes) < 2:
        return {}
    return _density(song, notes) | _shape(notes) | _harmony(song, notes) | _phrases(song, notes) | _rhythm(song, notes)


def _density(song: SongReading, notes: Notes) -> dict[str, float]:
    bar_ticks = song.grid.bar_pulses * song.pulse_ticks
    bars = set((song.pulses_of(notes) // song.grid.bar_pulses).tolist())
    sounding = _sounding_ticks(notes)
    span = notes.last_tick - int(notes.onset_tick[0])
    return {
        "melody_notes_per_active_bar": len(notes) / len(bars),
        "bars_with_melody": len(bars) / max(-(-song.end_tick // bar_ticks), 1),
        "rest_share": 1.0 - sounding / max(span, 1),
        "melody_notes_per_sung_second": len(notes) / max(sounding / song.ticks_per_beat * song.us_per_beat / 1e6, 1e-9),
    }


def _sounding_ticks(notes: Notes) -> int:
    """Ticks at which any note sounds."""
    reach = np.maximum.accumulate(notes.end_tick)
    before = np.concatenate([[0], reach[:-1]])
    return int(np.maximum(notes.end_tick - np.maximum(notes.onset_tick, before), 0).sum())


def _shape(notes: Notes) -> dict[str, float]:
    moves = np.abs(np.diff(notes.pitch.astype(np.int64)))
    low, high = np.percentile(notes.pitch, (5, 95))
    return {
        "range_st": float(np.ptp(notes.pitch)),
        "inner_range_st": float(high - low),
        "mean_interval_st": float(moves.mean()),
        "distinct_pitches": float(len(set(notes.pitch.tolist()))),
        "repeated_notes": float((moves == 0).mean()),
        "longest_run": float(_longest_run(notes.pitch.tolist())),
        "step_share": float(((moves == 1) | (moves == 2)).mean()),
        "leap_share": float((moves >= LEAP_ST).mean()),
    }


def _longest_run(pitches: Sequence[int]) -> int:
    longest = run = 1
    for before, after in pairwise(pitches):
        run = run + 1 if before == after else 1
        longest = max(longest, run)
    return longest


def _harmony(song: SongReading, notes: Notes) -> dict[str, float]:
    in_key = np.isin(notes.pitch % 12, song.key.scale_pitch_classes)
    found = {"out_of_key_notes": float(1.0 - in_key.mean())}
    pulses = song.pulses_of(notes)
    place = song.chord_at(pulses)
    if (place < 0).all():
        return found
    member, near = _chord_tables(song)
    known = place >= 0
    tone, rubs = (table[place, notes.pitch % 12] & known for table in (member, near))
    on_beat = known & is_on_beat(song, pulses)
    found["chord_tones"] = float(tone[known].mean())
    if on_beat.any():
        found["chord_tones_on_beats"] = float(tone[on_beat].mean())
        found["semitones_on_beats"] = float(rubs[on_beat].mean())
    last = _is_last(song, notes) & known
    held = song.chord_at(np.minimum(np.maximum(song.pulses_of_ends(notes) - 1, pulses), song.n_pulses - 1))
    arrived = tone | (member[held, notes.pitch % 12] & (held >= 0))
    if last.any():
        found["phrase_end_chord_tones"] = float(arrived[last].mean())
    return found


def _chord_tables(song: SongReading) -> tuple[Flags, Flags]:
    """Per chord and pitch class: whether it is a tone, whether it lies a semitone from one without being one."""
    member = np.zeros((len(song.chords), 12), dtype=np.bool_)
    for place, chord in enumerate(song.chords):
        member[place, list(chord.tones)] = True
    return member, (np.roll(member, 1, axis=1) | np.roll(member, -1, axis=1)) & ~member


def _is_last(song: SongReading, notes: Notes) -> Flags:
    return np.append(phrase_starts(notes, song.ticks_per_beat)[1:], True)


def _phrases(song: SongReading, notes: Notes) -> dict[str, float]:
    starts = np.flatnonzero(phrase_starts(notes, song.ticks_per_beat))
    ends = np.append(starts[1:], len(notes))
    reach = np.maximum.accumulate(notes.end_tick)
    quarters = (reach[ends - 1] - notes.onset_tick[starts]) / song.ticks_per_beat
    return {"notes_per_phrase": float(np.median(ends - starts)), "phrase_quarters": float(np.median(quarters))}


def is_on_beat(song: SongReading, pulses: NDArray[np.int64]) -> Flags:
    """Whether pulses are felt beats."""
    grid = song.grid
    least = 2 if len(grid.groups) * grid.unit_pulses < grid.bar_pulses else 1
    return np.asarray(np.array(grid.weights)[pulses % grid.bar_pulses] >= least)


def _rhythm(song: SongReading, notes: Notes) -> dict[str, float]:
    pulses = song.pulses_of(notes)
    beats = is_on_beat(song, pulses)
    bars = melody_bars(song, notes)
    rhythms = {bar: tuple(offset for offset, _ in content) for bar, content in bars.items()}
    found = {
        "off_beat_onsets": float(1.0 - beats.mean()),
        "syncopations_per_bar": _n_syncopations(song, notes, pulses, beats) / len(bars),
        "bar_rhythms_that_recur": _recurring(rhythms),
        "bar_rhythms_that_recur_near": _recurring(rhythms, within=NEAR_BARS),
        "bars_that_recur": _recurring(bars),
        "bars_in_units_that_recur": _in_units(bars, song.n_bars),
    }
    steps = list(zip(np.diff(notes.pitch).tolist(), np.diff(pulses).tolist(), strict=True))
    repetition = ngram_repetition(steps)
    return found if repetition is None else found | {"melody_4gram_repetition": repetition}


def _n_syncopations(song: SongReading, notes: Notes, pulses: NDArray[np.int64], beats: Flags) -> int:
    all_beats = np.flatnonzero(is_on_beat(song, np.arange(song.n_pulses)))
    following = np.append(all_beats, song.n_pulses)[all_beats.searchsorted(pulses, side="right")]
    return int((~beats & (song.pulses_of_ends(notes) > following)).sum())


def melody_bars(song: SongReading, notes: Notes) -> dict[int, tuple[tuple[int, int], ...]]:
    """Bar → what begins in it, as (pulse of the bar, pitch); bars without onsets are left out."""
    bars: dict[int, list[tuple[int, int]]] = {}
    for pulse, pitch in zip(song.pulses_of(notes).tolist(), notes.pitch.tolist(), strict=True):
        bars.setdefault(pulse // song.grid.bar_pulses, []).append((pulse % song.grid.bar_pulses, pitch))
    return {bar: tuple(sorted(content)) for bar, content in bars.items()}


def _recurring(bars: Mapping[int, Hashable], within: int = 0) -> float:
    """Share of the bars whose content comes again, within so many bars when asked."""
    places: dict[Hashable, list[int]] = {}
    for bar, content in bars.items():
        places.setdefault(content, []).append(bar)
    again = [
        any(other != bar and (not within or abs(other - bar) <= within) for other in places[content])
        for bar, content in bars.items()
    ]
    return sum(again) / len(again)


def _in_units(bars: dict[int, tuple[tuple[int, int], ...]], n_bars: int) -> float:
    """Share of the bars with melody that lie in a stretch of eight bars which comes again."""
    covered: set[int] = set()
    for lag in range(UNIT_BARS, n_bars):
        alike = np.array([bar in bars and bars.get(bar) == bars.get(bar + lag) for bar in range(n_bars - lag)])
        sums = np.convolve(alike, np.ones(UNIT_BARS, dtype=int), mode="valid")
        for start in np.flatnonzero(sums >= UNIT_ALIKE).tolist():
            covered.update(range(start, start + UNIT_BARS))
            covered.update(range(start + lag, start + lag + UNIT_BARS))
    return len(covered & set(bars)) / len(bars)
