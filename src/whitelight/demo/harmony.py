"""From scale degrees to chords in time, and to notes under the fingers.

A chord token is a degree of the song's scale with an optional shift and quality ("b7", "4:min", "5:7"). Without a
quality the chord is stacked from the scale, in one of the album's colors, falling back to the triad where the color
would put a minor ninth or a tritone against the root.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from whitelight.demo.grammar import GrammarError
from whitelight.music import Key

Choice = TypeVar("Choice")
_TOKEN = re.compile(r"([b#]?)([1-7])(?::(\w+))?")
_QUALITIES = {"maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10), "min7": (0, 3, 7, 10), "maj7": (0, 4, 7, 11)}
_THIRDS = {"triad": (0, 2, 4), "seventh": (0, 2, 4, 6), "add9": (0, 2, 4, 1), "sus2": (0, 1, 4), "sus4": (0, 3, 4)}
_SMOOTH = {"seventh": (10, 11), "add9": (2,), "sus2": (2,), "sus4": (5,)}  # allowed interval of the color's own note
_GROUND, _UPPER_CENTER = 42, 57  # a low root, and no upper voices in its mud
_OWN_NOTE = {"seventh": 3, "add9": 3, "sus2": 1, "sus4": 1}


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord over [start_bar, start_bar + n_bars) of its section; `pitch_classes` start with the root."""

    start_bar: float
    n_bars: float
    pitch_classes: tuple[int, ...]

    @property
    def root(self) -> int:
        """Pitch class of the root."""
        return self.pitch_classes[0]


def pitch_classes_of(token: str, key: Key, color: str) -> tuple[int, ...]:
    """Pitch classes of a chord token in `key`, root first."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise GrammarError(f"chord '{token}': expected a degree 1 to 7 such as 4, b7 or 4:min")
    degree = int(match[2]) - 1
    scale = key.scale_pitch_classes
    shift = {"": 0, "b": -1, "#": 1}[match[1]]
    if match[3] or shift:
        return tuple((scale[degree] + shift + step) % 12 for step in _QUALITIES[match[3] or "maj"])
    if color == "power":
        return (scale[degree], (scale[degree] + 7) % 12) if _is_perfect(scale, degree) else _stack(scale, degree)
    chord = _stack(scale, degree, color)
    own = _OWN_NOTE.get(color)
    if own is not None and ((chord[own] - chord[0]) % 12 not in _SMOOTH[color] or not _is_perfect(scale, degree)):
        return _stack(scale, degree)
    return chord


def plan_chords(
    tokens: Sequence[str],
    cadence: str,
    *,
    n_bars: int,
    bars_per_chord: float,
    key: Key,
    colors: Mapping[str, float],
    rng: np.random.Generator,
) -> tuple[ChordSpan, ...]:
    """Repeat a progression over a section and end it with a cadence.

    Parameters
    ----------
    tokens : the progression.
    cadence : its last chords ("5 1"); "" when the section should stay open.
    n_bars, bars_per_chord : lengths in bars.
    colors : weights of the chord colors; the same token keeps its color through the section.

    Returns
    -------
    spans that fill the section without gaps.
    """
    n_chords = max(round(n_bars / bars_per_chord), 2)
    names = [tokens[index % len(tokens)] for index in range(n_chords)]
    close = cadence.split()
    if close:
        names[-len(close) :] = close
    color_of = {token: pick(colors, rng) for token in dict.fromkeys((*tokens, *close))}
    length = n_bars / n_chords
    return tuple(
        ChordSpan(index * length, length, pitch_classes_of(token, key, color_of[token]))
        for index, token in enumerate(names)
    )


def voice(span: ChordSpan, style: str, center: int, previous: tuple[int, ...]) -> tuple[int, ...]:
    """Lay a chord out as MIDI pitches, close to the voicing before it.

    Parameters
    ----------
    style : close, open, wide, rootless, power, quartal or grounded.
    center : pitch the voicing should surround.
    previous : the last voicing, () at the start.
    """
    if style == "power":
        root = nearest(span.root, center - 5)
        return tuple(sorted({root, root + 7, root + 12})) if 7 in _intervals(span) else (root, root + 12)
    if style == "grounded":
        upper = voice(span, "close", max(center, _UPPER_CENTER), previous[1:])
        return (nearest(span.root, min(upper[0] - 12, _GROUND)), *upper)
    chord = span.pitch_classes
    if style == "quartal" and _intervals(span) == (0, 5, 7):
        chord = (chord[2], chord[0], chord[1])  # two fourths
    elif style == "rootless" and len(chord) > 3:
        chord = chord[1:]
    layouts = [_spread(_upward(chord[turn:] + chord[:turn], center), style) for turn in range(len(chord))]
    shifted = [tuple(pitch + 12 * octave for pitch in layout) for layout in layouts for octave in (-1, 0, 1)]
    if style == "quartal":
        shifted = [pitches for pitches in shifted if len(chord) > 3 or pitches[-1] - pitches[0] >= 7]
    return min(shifted, key=lambda pitches: (_distance(pitches, center, previous), pitches))


def nearest(pitch_class: int, target: float) -> int:
    """MIDI pitch of a pitch class nearest to `target`; the lower one when two are as near."""
    below = int(target) - (int(target) - pitch_class) % 12
    return below if target - below <= below + 12 - target else below + 12


def pick(weights: Mapping[Choice, float], rng: np.random.Generator) -> Choice:
    """Draw a key of `weights`."""
    values = np.array(list(weights.values()), dtype=float)
    return list(weights)[int(rng.choice(len(values), p=values / values.sum()))]


def _stack(scale: Sequence[int], degree: int, color: str = "triad") -> tuple[int, ...]:
    return tuple(scale[(degree + step) % 7] for step in _THIRDS[color])


def _is_perfect(scale: Sequence[int], degree: int) -> bool:
    return (scale[(degree + 4) % 7] - scale[degree]) % 12 == 7


def _intervals(span: ChordSpan) -> tuple[int, ...]:
    return tuple((pitch_class - span.root) % 12 for pitch_class in span.pitch_classes)


def _upward(pitch_classes: Sequence[int], center: int) -> tuple[int, ...]:
    """Stack pitch classes upward in the given order, starting below `center`."""
    pitches = [nearest(pitch_classes[0], center - 5)]
    for pitch_class in pitch_classes[1:]:
        pitches.append(pitches[-1] + (pitch_class - pitches[-1] - 1) % 12 + 1)
    return tuple(pitches)


def _spread(pitches: tuple[int, ...], style: str) -> tuple[int, ...]:
    """Open a close voicing: "open" lifts the second note an octave, "wide" drops the lowest one too."""
    if style == "open":
        return tuple(sorted((pitches[0], pitches[1] + 12, *pitches[2:])))
    if style == "wide":
        return tuple(sorted((pitches[0] - 12, pitches[1] + 12, *pitches[2:])))
    return tuple(sorted(pitches))


def _distance(pitches: tuple[int, ...], center: int, previous: tuple[int, ...]) -> float:
    """Cost of a voicing: how far its middle is from `center`, and how far the voices move."""
    cost = abs(sum(pitches) / len(pitches) - center)
    if not previous:
        return cost
    shared = min(len(pitches), len(previous))
    moved = sum(abs(a - b) for a, b in zip(pitches[-shared:], previous[-shared:], strict=True)) / shared
    return 0.6 * cost + moved
