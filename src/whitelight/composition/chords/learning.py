"""The user's own chord transitions: chords heard in their MIDI, counted by function.

Chord estimation is template matching over half bars: time-weighted pitch classes against the 24 triads, the lowest note
counted twice for the root. It reads triads only, which is what the tables hold. The key is the file's own when it states
one, else the best of 24 by key profiles (Temperley's, as in Kostka-Payne) over the whole piece, the last and first
bass breaking near-ties. Windows that no triad explains are left out, and so is the transition over them.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whitelight import __version__
from whitelight.files import sha256_of, write_atomic
from whitelight.music import Key, Notes, Piece, write_midi

MIN_EXPLAINED = 0.62  # share of sounding time that must belong to the triad
MIN_LEAD = 0.02  # over the second best
MIN_IN_KEY = 0.85  # songs leave their key for 0 to 5 % of the notes (POP909), old songs for 10 %
# Added to the correlation of the key whose tonic is the last or first bass: 77 → 82 % of keys right (100 songs of POP909).
LAST_BASS_BONUS, FIRST_BASS_BONUS = 0.15, 0.1
_MAJOR_PROFILE = np.array([0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400])
_MINOR_PROFILE = np.array([0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330])
_TRIADS = tuple((root, quality) for quality in ("maj", "min") for root in range(12))
_NAMES = {
    "maj": ("I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII"),
    "min": ("i", "bii", "ii", "biii", "iii", "iv", "#iv", "v", "bvi", "vi", "bvii", "vii"),
}


@dataclass(frozen=True, slots=True)
class LearnedTransitions:
    """Counts of chord functions and where they come from.

    Attributes
    ----------
    counts : "major" or "minor" → function → next function → count.
    n_pieces, n_transitions : evidence. sha256 : over the pieces, in the order given.
    """

    counts: Mapping[str, Mapping[str, Mapping[str, float]]]
    n_pieces: int
    n_transitions: int
    sha256: str


def learn_transitions(pieces: Iterable[Piece]) -> LearnedTransitions:
    """Count chord changes in pieces; a piece without a readable chord counts as a piece and adds nothing."""
    counts: dict[str, Counter[tuple[str, str]]] = {"major": Counter(), "minor": Counter()}
    digests: list[bytes] = []
    for piece in pieces:
        digests.append(write_midi(piece))
        key = estimate_key(piece)
        if key is None:
            continue
        names = [None if c is None else _NAMES[c[1]][(c[0] - key.tonic) % 12] for c in estimate_chords(piece)]
        for current, following in itertools.pairwise(names):
            if current is not None and following is not None and current != following:
                counts["minor" if key.is_minor else "major"][current, following] += 1
    rows: dict[str, dict[str, dict[str, float]]] = {}
    for kind, found in counts.items():
        for (current, following), n in sorted(found.items()):
            rows.setdefault(kind, {}).setdefault(current, {})[following] = float(n)
    return LearnedTransitions(rows, len(digests), sum(map(Counter.total, counts.values())), sha256_of(digests))


def write_transitions(path: Path, learned: LearnedTransitions, *, source: str) -> None:
    """Write counts with their provenance; `transitions.read_transitions` reads them."""
    lines = [
        "# Chord transitions of your own MIDI, counted by whitelight; delete the file to go back to the shipped ones.",
        "version: 1",
        "provenance:",
        f"  source: {source!r}",
        f"  pieces: {learned.n_pieces}",
        f"  transitions: {learned.n_transitions}",
        f"  sha256: {learned.sha256}",
        f"  tool_version: {__version__}",
        "counts:" if learned.counts else "counts: {}",
    ]
    for kind, rows in learned.counts.items():
        lines.append(f"  {kind}:")
        for current, row in rows.items():
            cells = ", ".join(f"'{name}': {n:g}" for name, n in row.items())
            lines.append(f"    '{current}': {{{cells}}}")
    write_atomic(path, "\n".join(lines) + "\n")


def estimate_chords(piece: Piece) -> list[tuple[int, str] | None]:
    """Triad (root pitch class, "maj" or "min") of every half bar, None where none explains it; repeats merged."""
    notes = piece.all_notes(drums="exclude")
    found: list[tuple[int, str] | None] = []
    for start, end in zip(*_windows(piece), strict=True):
        chord = estimate_triad(*sounding(notes, start, end))
        if not found or found[-1] != chord:
            found.append(chord)
    return found


def estimate_triad(profile: NDArray[np.float64], lowest: int | None) -> tuple[int, str] | None:
    """Best triad for time per pitch class, shape (12,); `lowest` is the pitch class of the lowest note."""
    total = float(profile.sum())
    if total <= 0.0 or lowest is None:
        return None
    scores = np.array([_fit(profile / total, root, quality, lowest) for root, quality in _TRIADS])
    order = np.argsort(-scores, kind="stable")
    best = _TRIADS[int(order[0])]
    explained = sum(profile[(best[0] + i) % 12] for i in _tones(best[1])) / total
    is_clear = explained >= MIN_EXPLAINED and scores[order[0]] - scores[order[1]] >= MIN_LEAD
    return best if is_clear else None


def _tones(quality: str) -> tuple[int, int, int]:
    return (0, 4, 7) if quality == "maj" else (0, 3, 7)


def _fit(share: NDArray[np.float64], root: int, quality: str, lowest: int) -> float:
    """Share of the time explained, with the third counted in full and a bonus for the root in the bass."""
    tones = [float(share[(root + interval) % 12]) for interval in _tones(quality)]
    return sum(tones) + 0.5 * min(tones[1], 0.2) + (0.15 if lowest == root else 0.0)


def _windows(piece: Piece) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Starts and ends of half bars (whole bars where they cannot be halved at a beat), in ticks."""
    changes = [(change.tick, change.meter) for change in piece.meters] or [(0, piece.meter_at(0))]
    edges: list[int] = []
    for place, (tick, meter) in enumerate(changes):
        until = changes[place + 1][0] if place + 1 < len(changes) else piece.end_tick
        bar = float(meter.beats_per_bar) * piece.ticks_per_beat
        step = bar / 2 if meter.numerator % 2 == 0 else bar
        edges += [round(tick + i * step) for i in range(max(int(np.ceil((until - tick) / step)), 0))]
    edges = sorted({edge for edge in edges if edge < piece.end_tick})
    starts = np.array(edges, dtype=np.int64)
    return starts, np.append(starts[1:], piece.end_tick).astype(np.int64)[: len(starts)]


def sounding(notes: Notes, start: int, end: int) -> tuple[NDArray[np.float64], int | None]:
    """Ticks each pitch class sounds inside a window, and the pitch class of the lowest note there."""
    first = int(np.searchsorted(notes.onset_tick, end))
    onset, stop = notes.onset_tick[:first], notes.end_tick[:first]
    time = np.minimum(stop, end) - np.maximum(onset, start)
    sounds = time > 0
    pitch = notes.pitch[:first][sounds].astype(np.int64)
    profile = np.bincount(pitch % 12, weights=time[sounds], minlength=12).astype(np.float64)
    return profile, int(pitch.min() % 12) if len(pitch) else None


def estimate_key(piece: Piece) -> Key | None:
    """Key the piece states at its start, else the best fitting major or minor key; None without notes.

    Many programs write C major into every file, so a stated key must hold `MIN_IN_KEY` of the sounding time.
    """
    notes = piece.all_notes(drums="exclude")
    if not len(notes):
        return None
    time = np.bincount(notes.pitch.astype(np.int64) % 12, weights=notes.duration_ticks, minlength=12)
    stated = piece.keys[0].key if piece.keys else None
    if stated is not None and time[list(stated.scale_pitch_classes)].sum() >= MIN_IN_KEY * time.sum():
        return stated
    last_bass = int(notes.pitch[notes.end_tick >= notes.last_tick - piece.ticks_per_beat].min() % 12)
    opening = notes.onset_tick < notes.onset_tick[0] + piece.ticks_per_beat
    first_bass = int(notes.pitch[opening].min() % 12)
    fits = []
    for scale_name, profile in (("major", _MAJOR_PROFILE), ("minor", _MINOR_PROFILE)):
        for tonic in range(12):
            fit = float(np.corrcoef(np.roll(profile, tonic), time)[0, 1]) if np.ptp(time) > 0 else 0.0
            home = LAST_BASS_BONUS * (tonic == last_bass) + FIRST_BASS_BONUS * (tonic == first_bass)
            fits.append((fit + home, -tonic, scale_name))
    _, negative_tonic, scale_name = max(fits)
    return Key(-negative_tonic, scale_name)
