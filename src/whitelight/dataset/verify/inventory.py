"""Expected against found: every segment × stem or view is a row or is dropped with a reason; anything else is lost.

What is expected is what the catalog promises (`promise_of`: its stems, and the segments its policy cuts), or, when the
catalog is not there, what the dataset's own lists name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from whitelight.catalog.song import Song
from whitelight.dataset.bars import bar_lines
from whitelight.dataset.lyrics import song_lyrics
from whitelight.dataset.segments import MAX_S, Policy, cut_song
from whitelight.dataset.source import read_song_midi
from whitelight.dataset.verify.records import Failure, Inventory
from whitelight.dataset.verify.sung_text import microseconds
from whitelight.dataset.views import VIEWS

_STEM = "stem-"
Edges = tuple[int, int]  # microseconds


@dataclass(frozen=True, slots=True)
class Promise:
    """What a catalog promises of one song: rows of these stems and of every view, in each of these segments.

    Attributes
    ----------
    rules : of each segment, the rule that cuts it.
    """

    stems: tuple[str, ...]
    segments: tuple[Edges, ...]
    rules: tuple[str, ...]


def promise_of(song: Song, root: Path, policy: Policy, end_s: float) -> Promise:
    """Return what a song promises, cut by the policy of the build; `end_s` is where the song ends."""
    midi = read_song_midi(song, root)
    bars = bar_lines(song, midi.piece, end_s) if end_s > 0 else None
    lines = song_lyrics(song, midi.piece, end_s).lines
    segments = cut_song(song, policy, end_s, bars, lines)
    is_one_file = len(song.stems) == 1 and midi.piece is not None and not midi.is_by_stems
    stems = () if is_one_file and not song.stems[0].has_audio else song.stems
    return Promise(
        stems=tuple(_STEM + stem.stem_id.rpartition("/")[2] for stem in stems),
        segments=tuple((microseconds(s.start_s), microseconds(s.end_s)) for s in segments),
        rules=tuple(segment.rule for segment in segments),
    )


def take_inventory(
    song_id: str,
    rows: Sequence[Mapping[str, Any]],
    dropped: Sequence[Mapping[str, str]],
    promise: Promise | None = None,
) -> tuple[Inventory, list[Failure]]:
    """Count what became of every part of every segment of a song.

    Parameters
    ----------
    dropped : of this song; without a segment it is the whole song that lacks the part.
    """
    found = {(row["segment_id"], row["row_id"].rpartition("/")[2]) for row in rows}
    gone = {(drop["segment_id"], drop["part"]) for drop in dropped}
    named = {part for _, part in found | gone}
    segment_ids = sorted({segment for segment, _ in found | gone if segment})
    stems = {part for part in named if part.startswith(_STEM)}
    failures = list(_unpromised(song_id, rows, segment_ids, stems, promise))
    if promise is not None:
        stems |= set(promise.stems)
        segment_ids = [f"{song_id}/{index:04d}" for index in range(len(promise.segments))]
    expected = [(segment, part) for segment in segment_ids for part in (*sorted(stems), *VIEWS)]
    lost = [pair for pair in expected if pair not in found and not _is_dropped(*pair, gone)]
    both = [pair for pair in expected if pair in found and _is_dropped(*pair, gone)]
    failures += [_lost(song_id, segment, part) for segment, part in lost]
    failures += [_failure(song_id, f"{s}/{p} is a row and is listed as dropped", f"{s}/{p}") for s, p in both]
    failures += [
        _failure(song_id, f"{drop['part']} of {drop['segment_id'] or 'the song'} is dropped without a reason")
        for drop in dropped
        if not drop["reason"]
    ]
    n_found = sum(pair in found for pair in expected)
    n_dropped = len(expected) - n_found - len(lost)
    return Inventory(len(expected), n_found, n_dropped, len(lost), promise is not None), failures


def add_inventories(parts: Iterable[Inventory]) -> Inventory:
    """Return the sum over songs; it is from the catalog when all of them are."""
    every = list(parts)
    return Inventory(
        sum(part.n_expected for part in every),
        sum(part.n_found for part in every),
        sum(part.n_dropped for part in every),
        sum(part.n_lost for part in every),
        bool(every) and all(part.is_from_catalog for part in every),
    )


def _is_dropped(segment: str, part: str, gone: set[tuple[str, str]]) -> bool:
    return (segment, part) in gone or ("", part) in gone


def _lost(song_id: str, segment: str, part: str) -> Failure:
    return _failure(
        song_id, f"{segment}/{part} was promised, is no row and is not listed as dropped", f"{segment}/{part}"
    )


def _failure(song_id: str, message: str, row_id: str = "") -> Failure:
    return Failure(song_id, message, row_id, "inventory")


def _unpromised(
    song_id: str,
    rows: Sequence[Mapping[str, Any]],
    segment_ids: Sequence[str],
    stems: set[str],
    promise: Promise | None,
) -> Iterator[Failure]:
    """Yield segments that are missing, strange or elsewhere, and stems the catalog does not have."""
    edges = {row["segment_id"]: (microseconds(row["start_s"]), microseconds(row["end_s"])) for row in rows}
    n = len(promise.segments) if promise else len(segment_ids)
    wanted = [f"{song_id}/{index:04d}" for index in range(n)]
    for segment in sorted({*wanted} ^ {*segment_ids}):
        text = "is missing" if segment in wanted else "is not one the song promises"
        yield _failure(song_id, f"segment {segment} {text}")
    rules = {row["segment_id"]: row["policy"] for row in rows}
    promised = zip(wanted, promise.segments, promise.rules, strict=True) if promise else ()
    for segment, expected, rule in promised:
        if rules.get(segment, rule) != rule:
            yield _failure(song_id, f"segment {segment} says it was cut by {rules[segment]}, it is by {rule}")
        if segment in edges and edges[segment] != expected:
            start, end = (f"{us / 1e6:g}" for us in edges[segment])
            first, last = (f"{us / 1e6:g}" for us in expected)
            yield _failure(song_id, f"segment {segment} is {start} to {end} s, the catalog gives {first} to {last} s")
    for part in sorted(stems - set(promise.stems)) if promise else ():
        yield _failure(song_id, f"{part} is no stem of the song in the catalog")
    yield from _gaps(song_id, segment_ids, edges, rows)


def _gaps(
    song_id: str, segment_ids: Sequence[str], edges: Mapping[str, Edges], rows: Sequence[Mapping[str, Any]]
) -> Iterator[Failure]:
    """What holds for every policy (docs/formats.md): no part of a song is left out, and none is too long.

    A segment in which everything was dropped has no row that says where it lies.
    """
    if not rows:
        return
    end = microseconds(rows[0]["song_duration_s"])
    known = [(0, 0), *(edges.get(segment) for segment in segment_ids), (end, end)]
    for before, after in pairwise(known):
        if before and after and after[0] > before[1] + 1:
            yield _failure(song_id, f"nothing is cut from {before[1] / 1e6:g} to {after[0] / 1e6:g} s of the song")
    is_bounded = not any(row["policy"].startswith("whole") for row in rows)
    for start, stop in edges.values():
        if is_bounded and stop - start > microseconds(MAX_S) + 1:
            yield _failure(song_id, f"a segment from {start / 1e6:g} to {stop / 1e6:g} s is longer than {MAX_S:g} s")
