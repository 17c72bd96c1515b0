"""Comparing the rows of one song with its source: labels, words, MIDI, sound; and whether what was dropped is not there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from whitelight.dataset.row_columns import rebracketing_columns
from whitelight.dataset.verify.labels import OF_THE_SEGMENT, label_differences, position_differences
from whitelight.dataset.verify.midi_rows import has_notes, midi_provenance_differences, midi_row_differences
from whitelight.dataset.verify.records import Failure, Kind, RowCheck
from whitelight.dataset.verify.second_audio import UnheardError
from whitelight.dataset.verify.second_levels import LEVEL_DB, SILENT_DBFS
from whitelight.dataset.verify.second_reader import SecondReaderError
from whitelight.dataset.verify.song_source import END_TOLERANCE_S, SongSource, expected_end_s
from whitelight.dataset.verify.sound_rows import NONSENSE, SoundRows
from whitelight.dataset.verify.sung_text import (
    microseconds,
    midi_text_differences,
    possible_texts,
    text_differences,
    timed_differences,
)
from whitelight.dataset.views import PART_VIEWS, VIEWS

Row = Mapping[str, Any]
FULL, LYRICS = "full", "lyrics"


@dataclass(slots=True)
class _Findings:
    """What is found of one row while it is looked at."""

    checked: list[Kind] = field(default_factory=list)
    unchecked: dict[Kind, str] = field(default_factory=dict)
    failures: list[tuple[Kind, str]] = field(default_factory=list)
    measures: dict[str, float] = field(default_factory=dict)

    def add(self, kind: Kind, differences: Sequence[str]) -> None:
        self.checked.append(kind)
        self.failures += [(kind, text) for text in differences]


class SongCheck:
    """Comparing the rows of a song.

    Parameters
    ----------
    midi : row id → stored MIDI. audio : row id → stored FLAC, of the rows that are compared and what they add up.
    """

    def __init__(self, source: SongSource, midi: Mapping[str, bytes], sound: SoundRows) -> None:
        self._source, self._midi, self._sound = source, midi, sound
        self._of_segments: dict[tuple[str, ...], list[str]] = {}

    def check(self, row: Row) -> RowCheck:
        """Compare one row with its source; values that cannot be computed with are a difference, not the end."""
        found = _Findings()
        looks: tuple[tuple[Kind, Callable[[Row, _Findings], None]], ...] = (
            ("segment", self._check_segment),
            ("labels", self._check_labels),
            ("text", self._check_text),
            ("midi", self._check_midi),
            ("audio", self._check_sound),
        )
        for kind, look in looks:
            try:
                look(row, found)
            except NONSENSE as err:
                found.add(kind, [f"its values make no sense: {err or type(err).__name__}"])
        return RowCheck(
            row["row_id"],
            row["song_id"],
            tuple(found.checked),
            found.unchecked,
            tuple(found.failures),
            found.measures,
        )

    def _check_segment(self, row: Row, found: _Findings) -> None:
        source = self._source
        if source.midi_reason:
            found.unchecked["segment"] = source.midi_reason
            return
        shared = tuple(repr(row[name]) for name in OF_THE_SEGMENT)
        if shared not in self._of_segments:
            differences = position_differences(row, source.song, source.midi, source.encodings)
            self._of_segments[shared] = list(differences)
        found.add("segment", self._of_segments[shared])

    def _check_labels(self, row: Row, found: _Findings) -> None:
        found.add("labels", list(self._labels(row)))

    def _labels(self, row: Row) -> Iterator[str]:
        yield from label_differences(row, self._source.song, self._source.ontology)
        if row["song_duration_s"] != self._source.record.duration_s:
            yield f"song_duration_s is {row['song_duration_s']:g}, the song's record says {self._source.record.duration_s:g}"
        for prefix, text in (("concept", row["concept"]), ("lyric", row["lyric_text"])):
            expected = rebracketing_columns(prefix, text) if text else {}
            wrong = [name for name, value in expected.items() if row[name] != value]
            if wrong:
                yield f"{', '.join(wrong)} are not what {prefix} is labeled"

    def _check_text(self, row: Row, found: _Findings) -> None:
        source = self._source
        belongs = row["row_id"].rpartition("/")[2] in (FULL, LYRICS)
        if row["has_lyric"] != bool(row["lyric_text"]) or (row["lyric_text"] and not belongs):
            found.add("text", ["has_lyric and lyric_text contradict each other"])
        elif not belongs:
            return
        elif source.file_words is not None:
            differences = [*text_differences(row, source.lines, source.file_words)]
            found.add("text", [*differences, *timed_differences(row, source.file_words)])
        elif row["lyric_text"] and source.midi_reason:
            found.unchecked["text"] = source.midi_reason
        elif row["lyric_text"]:
            sung = source.midi.lyrics if source.midi else ""
            found.add("text", [*midi_text_differences(row, sung), *timed_differences(row, sung)])

    def _check_midi(self, row: Row, found: _Findings) -> None:
        if self._source.midi_reason:
            found.unchecked["midi"] = self._source.midi_reason
            return
        content = self._midi.get(row["row_id"])
        try:
            differences = midi_row_differences(row, content, self._source)
            found.add("midi", [*differences, *midi_provenance_differences(row, self._source)])
        except SecondReaderError as err:
            found.add("midi", [str(err)])

    def _check_sound(self, row: Row, found: _Findings) -> None:
        try:
            check = self._sound.check(row)
        except UnheardError as err:
            found.unchecked["audio"] = str(err)
            return
        if check is not None:
            found.add("audio", check.failures)
            found.measures = check.measures


def check_song(
    source: SongSource, rows: Sequence[Row], dropped: Sequence[Mapping[str, str]], edges: Mapping[str, Row]
) -> Iterator[Failure]:
    """Say what is wrong with a song as a whole: its length, and parts that were dropped although they hold something.

    Parameters
    ----------
    edges : segment id → `start_s` and `end_s`, of every segment the catalog promises.
    """
    song_id, end_s = source.song.song_id, expected_end_s(source)
    if end_s is not None and abs(end_s - source.record.duration_s) > END_TOLERANCE_S:
        told = f"it ends at {source.record.duration_s:g} s, its source at {end_s:g} s"
        yield Failure(song_id, told, "", "segment")
    if len({row["concept"] for row in rows}) > 1:
        yield Failure(song_id, "its rows have different concepts", "", "labels")
    stems = {"stem-" + stem.stem_id.rpartition("/")[2]: i for i, stem in enumerate(source.song.stems)}
    for drop in dropped:
        part, index = drop["part"], stems.get(drop["part"])
        for segment_id in [drop["segment_id"]] if drop["segment_id"] else list(edges):
            if segment_id in edges and (held := _held(source, part, edges[segment_id], index)):
                row_id = f"{segment_id}/{part}"
                yield Failure(
                    song_id, f"it was dropped ({drop['reason']}), its source has {held} there", row_id, "inventory"
                )
                break


def _held(source: SongSource, part: str, segment: Row, stem: int | None) -> str:
    """Return what a part holds in a segment that should have made a row of it; empty when nothing does."""
    if (stem is not None or part in VIEWS) and not source.midi_reason and has_notes(source, part, segment, stem):
        return "notes"
    if part in (FULL, LYRICS) and source.file_words is not None:
        texts = possible_texts(source.lines, microseconds(segment["start_s"]), microseconds(segment["end_s"]))
        if "" not in texts:
            return "lyrics"
    if part == FULL and source.midi is None and not source.midi_reason:
        return "a whole song without MIDI"
    try:
        if part not in PART_VIEWS:
            return "a recording" if source.sound.reaching(part, segment["start_s"]) else ""
        rms = source.sound.rms_dbfs(part, segment["start_s"], segment["end_s"])
    except UnheardError:
        return ""
    return f"sound of {rms:.1f} dBFS" if rms is not None and rms > SILENT_DBFS + LEVEL_DB else ""
