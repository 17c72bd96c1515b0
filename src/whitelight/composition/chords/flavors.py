"""Hearing chord qualities beyond the triad: which sevenths, ninths and suspensions a hand plays."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.composition.chords.vocabulary import ENRICHMENTS, QUALITIES

MIN_SHARE = 0.06  # of sounding time: less is a passing tone
PLAIN = frozenset(ENRICHMENTS)


def _names() -> dict[frozenset[int], list[tuple[int, str]]]:
    """Pitch classes → roots and qualities: a suspended fourth is a suspended second on another root."""
    found: dict[frozenset[int], list[tuple[int, str]]] = {}
    for name, tones in QUALITIES.items():
        for root in range(12):
            found.setdefault(frozenset((root + tone) % 12 for tone in tones), []).append((root, name))
    return found


_NAMED = _names()


def name_quality(profile: NDArray[np.float64], lowest: int | None) -> str | None:
    """Name the chord whose tones are exactly those that sound; None where none is.

    Parameters
    ----------
    profile : sounding time per pitch class, shape (12,). lowest : pitch class of the lowest note; of two names, the one
        with it as the root is taken.
    """
    total = float(profile.sum())
    if total <= 0.0:
        return None
    sounding = frozenset(np.flatnonzero(profile / total >= MIN_SHARE).tolist())
    found = _NAMED.get(sounding, ())
    return next((name for root, name in found if root == lowest), found[0][1] if found else None)


def count_flavors(qualities: Sequence[str | None]) -> tuple[float, dict[str, float]]:
    """Return the share of named chords that are more than a triad, and how often each of these was heard."""
    named = [quality for quality in qualities if quality is not None]
    rich = [quality for quality in named if quality not in PLAIN]
    counts = {name: float(rich.count(name)) for name in sorted(set(rich))}
    return (len(rich) / len(named) if named else 0.0), counts


def weigh(options: Mapping[str, float], flavors: Mapping[str, float]) -> dict[str, float]:
    """Weigh enrichments as a catalog plays them; as they are where it plays none of them."""
    heard = {name: flavors[name] for name in options if flavors.get(name, 0.0) > 0}
    return heard or dict(options)
