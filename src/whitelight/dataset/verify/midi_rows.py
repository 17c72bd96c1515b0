"""The MIDI a row must have, by its part, and whether it has it."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from whitelight.dataset.verify.labels import stem_of_row
from whitelight.dataset.verify.midi_fidelity import midi_differences
from whitelight.dataset.verify.second_reader import hear_midi
from whitelight.dataset.verify.song_source import SongSource
from whitelight.dataset.verify.source_midi import (
    ExpectedSlice,
    SourceMidi,
    expected_slice,
    expected_voice,
    tracks_of_stem,
    tracks_of_view,
)
from whitelight.dataset.verify.sung_text import microseconds
from whitelight.files import sha256_of

LYRICS = "lyrics"


def midi_row_differences(row: Mapping[str, Any], content: bytes | None, source: SongSource) -> list[str]:
    """Return what is wrong with the MIDI of a row, also when it has some and should not, or the other way.

    Raises
    ------
    SecondReaderError : mido cannot read the stored file.
    """
    part = row["row_id"].rpartition("/")[2]
    wanted = list(expected_slices(source, part, row, stem_index(source, row)))
    if content is None:
        return (
            [] if any(not _n_notes(one) for one in wanted) or not wanted else [f"{_n_notes(wanted[0])} notes are lost"]
        )
    heard = hear_midi(content)
    found = [midi_differences(heard, one) for one in wanted if _n_notes(one)]
    differences = min(found, key=len, default=["it has MIDI, its source has no notes there"])
    if heard.n_notes != row["n_notes"]:
        differences = [*differences, f"n_notes is {row['n_notes']}, its MIDI has {heard.n_notes}"]
    return differences


def midi_provenance_differences(row: Mapping[str, Any], source: SongSource) -> Iterator[str]:
    """Say what a row tells wrong about where its MIDI comes from: file, hash, stems or voices."""
    hashes = source.midi.hashes if source.midi else {}
    if source.midi is None or row["row_id"].endswith(f"/{LYRICS}"):
        expected = ("", "", "")
    elif row["kind"] == "stem":
        stem = stem_of_row(row, source.song)
        file = stem.midi_file if stem and stem.midi_file in hashes else ""
        expected = (file or "", hashes.get(file or "", ""), "stem" if file else "")
    else:
        every = list(hashes.values())
        one = len(every) == 1
        whole = every[0] if one else sha256_of(its.encode() for its in every)
        expected = (next(iter(hashes)) if one else "", whole, "stem" if source.midi.is_by_stems else "voices")
    if source.midi is None and not row["has_midi"]:
        return  # a file without notes may be named
    for name, value in zip(("midi_file", "source_sha256", "view_source"), expected, strict=True):
        if row[name] != value:
            yield f"{name} is '{row[name]}', the source says '{value}'"


def stem_index(source: SongSource, row: Mapping[str, Any]) -> int | None:
    """Return the place of a row's stem among the song's; None for a view, and for a stem the catalog does not have."""
    stem = stem_of_row(row, source.song) if row["kind"] == "stem" else None
    return None if stem is None else source.song.stems.index(stem)


def expected_slices(
    source: SongSource, part: str, segment: Mapping[str, Any], stem: int | None
) -> Iterator[ExpectedSlice]:
    """Yield what the MIDI of a part may be: once, and once more for each edge halfway between two ticks.

    Parameters
    ----------
    segment : with `start_s` and `end_s`.
    stem : place of the stem, None for a view.
    """
    midi = source.midi
    if midi is None or part == LYRICS:
        return
    starts, ends = (midi.clock.nearest(microseconds(segment[name])) for name in ("start_s", "end_s"))
    for start, end in product(starts, ends):
        yield _expected(source, midi, part, stem, (start, max(end, start + 1)))


def _expected(
    source: SongSource, midi: SourceMidi, part: str, stem: int | None, edges: tuple[int, int]
) -> ExpectedSlice:
    if stem is not None or part.startswith("stem-"):
        return expected_slice(midi, tracks_of_stem(midi, -2 if stem is None else stem), edges)
    if midi.is_by_stems:
        return expected_slice(midi, tracks_of_view(midi, part, source.song.stems), edges)
    return expected_voice(midi, part, edges)


def _n_notes(expected: ExpectedSlice) -> int:
    return sum(len(notes) for notes in expected.notes.values())


def has_notes(source: SongSource, part: str, segment: Mapping[str, Any], stem: int | None) -> bool:
    """Whether a part has notes in a segment, however its edges are rounded."""
    wanted = list(expected_slices(source, part, segment, stem))
    return bool(wanted) and all(_n_notes(one) for one in wanted)
