"""A song laid beside the bands of real ones: which of its descriptors lie between their 5th and 95th percentile.

Bands catch the strange, they do not rank the good: a real song of the pop set has .79/.89/.93/.97/.98 of such
descriptors inside its own bands (percentiles over songs). Both sets are tried and the one that fits better is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from whitelight.composition.bands import Bands
from whitelight.composition.song_descriptors import SongReading, accompaniment_descriptors, chord_descriptors
from whitelight.composition.song_melody import melody_descriptors
from whitelight.files import load_yaml
from whitelight.music import Key, Meter

BANDS_FILE = Path(__file__).with_name("song_bands.yml")
BAND_METERS = ((4, 4), (3, 4), (2, 4), (2, 2))
BAND_SCALES = ("major", "minor", "harmonic minor", "melodic minor")


@dataclass(frozen=True, slots=True)
class Fit:
    """A song beside one set.

    Attributes
    ----------
    inside : share of the descriptors that have a band here and lie in it. outside : names of the others.
    """

    name: str
    inside: float
    outside: tuple[str, ...]


def describe_song(song: SongReading) -> dict[str, float]:
    """All descriptors that can be counted."""
    return chord_descriptors(song) | accompaniment_descriptors(song) | melody_descriptors(song)


@lru_cache(maxsize=1)
def song_bands() -> dict[str, Bands]:
    """Bands by the name of the set."""
    sets = load_yaml(BANDS_FILE)["sets"]
    return {
        name: Bands({key: tuple(map(float, band["values"])) for key, band in content["bands"].items()})
        for name, content in sets.items()
    }


def has_bands(key: Key, meter: Meter) -> bool:
    """Whether the sets hold such songs."""
    return (meter.numerator, meter.denominator) in BAND_METERS and key.scale_name in BAND_SCALES


def fits(descriptors: Mapping[str, float]) -> list[Fit]:
    """Lay a song beside every set, the better fit first."""
    found = [_fit(name, bands, descriptors) for name, bands in song_bands().items()]
    return sorted(found, key=lambda fit: -fit.inside)


def _fit(name: str, bands: Bands, descriptors: Mapping[str, float]) -> Fit:
    known = [key for key in descriptors if key in bands.percentiles]
    outside = [key for key in known if not _is_inside(descriptors[key], bands.percentiles[key])]
    return Fit(name, 1.0 - len(outside) / max(len(known), 1), tuple(outside))


def _is_inside(value: float, band: tuple[float, ...]) -> bool:
    """Whether a value lies in a band; the bands are printed with two digits, so half of the last one is allowed."""
    low, high = band[0], band[-1]
    slack = 0.005 if high < 10 else 0.5
    return low - slack <= value <= high + slack
