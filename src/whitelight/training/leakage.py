"""Does a model see in training what it is judged on? Source songs that share material, found before every training.

Looked at: source songs on both sides of a split, identical or nearly identical texts (concept, lyrics) and MIDI of
different source songs. MIDI is compared by the pitch steps from note to note, 12 in a row: transposition, tempo,
velocity and note lengths change nothing. And by the pitch classes of successive onsets, 12 in a row, in whatever key: a
copy that was voiced otherwise, doubled in octaves or given another bass register keeps them. What many songs share (scales,
ostinati) does not count.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError

CHROMA_ONSETS = 12  # onsets per fingerprint of pitch classes
CHROMA_KINDS = 4  # different chords or notes among them, at least; a vamp is no fingerprint
STEPS = 12  # pitch steps per fingerprint; 8 collide between unrelated piano pieces
MIN_PRINTS = 16  # fewer say nothing about a piece
SHARED_PRINTS = 0.5  # share of the smaller song's prints found in the other
TEXT_WORDS = 5  # words per shingle of text
MIN_TEXT_WORDS = 12  # shorter texts ("instrumental", one-line refrains) repeat by chance
COMMON_SONGS = 4  # a print in more songs than this (or 5 %) is common property
SHOWN_PAIRS = 10
NO_PRINTS = np.zeros(0, dtype=np.uint64)


class LeakageError(WhitelightError):
    """Training and evaluation would share material."""


@dataclass(frozen=True, slots=True)
class Material:
    """What one source song consists of.

    Attributes
    ----------
    texts : kind → texts of the song ("concept", "lyrics").
    prints : fingerprints of its MIDI by pitch steps, any number. chroma : the same by pitch classes.
    """

    group_id: str
    texts: Mapping[str, frozenset[str]]
    prints: NDArray[np.uint64]
    chroma: NDArray[np.uint64] = field(default_factory=lambda: NO_PRINTS)


@dataclass(frozen=True, slots=True)
class SharedMaterial:
    """Two source songs that share something; `similarity` in (0, 1]."""

    kind: str
    group_a: str
    group_b: str
    similarity: float


@dataclass(frozen=True, slots=True)
class LeakageReport:
    """What was found.

    Attributes
    ----------
    shared : every pair of source songs with common material.
    crossing : those with one song to train on and one held out.
    shared_groups : source songs that are on both sides themselves.
    """

    n_groups: int
    shared: tuple[SharedMaterial, ...]
    crossing: tuple[SharedMaterial, ...] = ()
    shared_groups: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for the bundle."""
        return asdict(self)

    def refuse(self) -> None:
        """Raise when anything crosses the split.

        Raises
        ------
        LeakageError : naming the pairs.
        """
        found = [f"song '{g}' is on both sides" for g in self.shared_groups]
        found += [f"{p.kind} of '{p.group_a}' and '{p.group_b}' ({p.similarity:.0%} alike)" for p in self.crossing]
        if found:
            more = f" and {len(found) - SHOWN_PAIRS} more" if len(found) > SHOWN_PAIRS else ""
            raise LeakageError(
                f"training and held-out songs share material: {'; '.join(found[:SHOWN_PAIRS])}{more}; "
                "expected none; put such songs into one split, or pass --allow-leakage"
            )


def check_leakage(materials: Sequence[Material], sides: Iterable[tuple[str, bool]]) -> LeakageReport:
    """Compare all source songs.

    Parameters
    ----------
    sides : (group_id, is it trained on) of every row; a group that is neither is left out by the caller.
    """
    seen: dict[str, set[bool]] = defaultdict(set)
    for group, trains in sides:
        seen[group].add(trains)
    shared = tuple(_shared(materials))
    crossing = tuple(p for p in shared if len(seen[p.group_a] | seen[p.group_b]) > 1)
    both = tuple(sorted(group for group, values in seen.items() if len(values) > 1))
    return LeakageReport(len(materials), shared, crossing, both)


def linked_groups(groups: Sequence[str], shared: Iterable[SharedMaterial]) -> list[str]:
    """Return, for every row, one name for all source songs that are linked by shared material (folds keep them whole)."""
    parent: dict[str, str] = {group: group for group in groups}

    def root(group: str) -> str:
        while parent[group] != group:
            group = parent[group]
        return group

    for pair in shared:
        if pair.group_a in parent and pair.group_b in parent:
            first, second = sorted((root(pair.group_a), root(pair.group_b)))
            parent[second] = first
    return [root(group) for group in groups]


def pitch_prints(onset_tick: NDArray[np.int64], pitch: NDArray[np.int64], ticks_per_beat: int) -> NDArray[np.uint64]:
    """Return the set of hashes of `STEPS` successive pitch steps, sorted.

    Parameters
    ----------
    onset_tick, pitch : (n,), one row per note, any order; onsets within a sixteenth of a beat count as one chord.
    """
    grid = max(ticks_per_beat // 16, 1)
    order = np.lexsort((pitch, (onset_tick + grid // 2) // grid))
    steps = np.diff(pitch[order].astype(np.int64))
    if len(steps) < STEPS:
        return np.zeros(0, dtype=np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view((steps + 128).astype(np.uint64), STEPS)
    powers = np.array([pow(1_000_003, k, 2**64) for k in range(STEPS)], dtype=np.uint64)
    varied = windows.max(axis=1) != windows.min(axis=1)  # one repeated step (trill, drum roll) is no fingerprint
    return np.unique((windows[varied] * powers).sum(axis=1, dtype=np.uint64))


def chroma_prints(onset_tick: NDArray[np.int64], pitch: NDArray[np.int64], ticks_per_beat: int) -> NDArray[np.uint64]:
    """Return the set of hashes of the pitch classes of `CHROMA_ONSETS` successive onsets, sorted.

    Parameters
    ----------
    onset_tick, pitch : (n,), one row per note, any order; onsets within a sixteenth of a beat count as one.

    Notes
    -----
    A window is hashed in all twelve keys and the smallest hash is kept, so transposition changes nothing.
    """
    grid = max(ticks_per_beat // 16, 1)
    _, place = np.unique((onset_tick + grid // 2) // grid, return_inverse=True)
    n_onsets = int(place.max()) + 1 if len(place) else 0
    if n_onsets < CHROMA_ONSETS:
        return NO_PRINTS
    sounding = np.zeros((n_onsets, 12), dtype=np.uint64)
    sounding[place, pitch % 12] = 1
    bits = np.uint64(1) << np.arange(12, dtype=np.uint64)
    powers = np.array([pow(1_000_003, k, 2**64) for k in range(CHROMA_ONSETS)], dtype=np.uint64)
    smallest = np.full(n_onsets - CHROMA_ONSETS + 1, np.iinfo(np.uint64).max, dtype=np.uint64)
    windows = np.zeros((len(smallest), CHROMA_ONSETS), dtype=np.uint64)
    for key in range(12):
        windows = np.lib.stride_tricks.sliding_window_view(np.roll(sounding, key, axis=1) @ bits, CHROMA_ONSETS)
        hashed = _scrambled((windows * powers).sum(axis=1, dtype=np.uint64))
        smallest = np.minimum(smallest, hashed)
    n_kinds = (np.diff(np.sort(windows, axis=1), axis=1) > 0).sum(axis=1) + 1
    return np.unique(smallest[n_kinds >= CHROMA_KINDS])


def _scrambled(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix the bits of hashes, so that the smallest of several is no special window (Steele et al. 2014, splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _shared(materials: Sequence[Material]) -> Iterable[SharedMaterial]:
    by_steps = list(_near("MIDI", {m.group_id: m.prints for m in materials}))
    yield from by_steps
    found = {(pair.group_a, pair.group_b) for pair in by_steps}
    by_chroma = _near("harmony", {m.group_id: m.chroma for m in materials})
    yield from (pair for pair in by_chroma if (pair.group_a, pair.group_b) not in found)
    for kind in sorted({kind for m in materials for kind in m.texts}):
        texts = {m.group_id: m.texts.get(kind, frozenset()) for m in materials}
        yield from _near(kind, {group: _text_prints(values) for group, values in texts.items()})


def _text_prints(texts: Iterable[str]) -> NDArray[np.uint64]:
    prints = set()
    for text in texts:
        words = re.findall(r"\w+", text.casefold())
        if len(words) >= MIN_TEXT_WORDS:
            shingles = (" ".join(words[i : i + TEXT_WORDS]) for i in range(len(words) - TEXT_WORDS + 1))
            prints |= {_text_hash(shingle) for shingle in shingles}
    return np.array(sorted(prints), dtype=np.uint64)


def _text_hash(text: str) -> int:
    """Return a 64-bit hash that is the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _near(kind: str, prints: Mapping[str, NDArray[np.uint64]]) -> Iterable[SharedMaterial]:
    """Pairs that share much of what few share; identical sets are chained, however many songs have them."""
    fewest = MIN_PRINTS if kind in {"MIDI", "harmony"} else 1
    twins: dict[bytes, list[str]] = defaultdict(list)
    for group in sorted(prints):
        if len(prints[group]) >= fewest:
            twins[prints[group].tobytes()].append(group)
    for same in twins.values():
        yield from (SharedMaterial(kind, a, b, 1.0) for a, b in pairwise(same))
    unique = {same[0]: prints[same[0]] for same in twins.values()}
    for (a, b), count in _common_counts(unique).items():
        similarity = count / min(len(unique[a]), len(unique[b]))
        if similarity >= SHARED_PRINTS and count >= fewest:
            yield SharedMaterial(kind, a, b, round(similarity, 3))


def _common_counts(prints: Mapping[str, NDArray[np.uint64]]) -> dict[tuple[str, str], int]:
    """How many uncommon prints each pair shares, from an inverted index."""
    names = sorted(prints)
    if not names:
        return {}
    everything = np.concatenate([prints[name] for name in names])
    owner = np.repeat(np.arange(len(names)), [len(prints[name]) for name in names])
    order = np.lexsort((owner, everything))
    everything, owner = everything[order], owner[order]
    starts = np.flatnonzero(np.append(True, everything[1:] != everything[:-1]))
    counts = np.diff(np.append(starts, len(everything)))
    limit = max(COMMON_SONGS, len(names) // 20)
    found: dict[tuple[str, str], int] = defaultdict(int)
    telling = (counts > 1) & (counts <= limit)
    for start, count in zip(starts[telling], counts[telling], strict=True):
        for a, b in combinations(owner[start : start + count], 2):
            found[names[a], names[b]] += 1
    return found
