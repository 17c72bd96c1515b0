"""Columns straight from files are those of the pieces read one by one, with the same errors."""

import io
from pathlib import Path

import mido
import numpy as np
import pytest

from whitelight.encoders.batch import NoteBatch
from whitelight.music import (
    Meter,
    MeterChange,
    MidiError,
    MidiTrack,
    Notes,
    Piece,
    TempoMap,
    columns_of,
    read_columns,
    read_midi,
    write_midi,
)


def song(seed: int) -> Piece:
    """Three tracks, one of drums, with changes of tempo and meter, ties and one-tick notes."""
    rng = np.random.default_rng(seed)
    tempo_map = TempoMap(480, (0, 1000, 5000), (500_000, 400_000, 700_000))
    tracks = []
    for name, is_drum in (("a", False), ("b", False), ("d", True)):
        columns = (rng.integers(0, 9600, 90) // 60 * 60, rng.integers(1, 900, 90), rng.integers(40, 50, 90))
        rows = zip(*(c.tolist() for c in columns), rng.integers(1, 128, 90).tolist(), strict=True)
        tracks.append(MidiTrack(name=name, is_drum=is_drum, notes=Notes.from_rows(rows)))
    meters = (MeterChange(0, Meter(3, 4)), MeterChange(2880, Meter(4, 4)))
    return Piece(480, tempo_map, meters, midi_tracks=tuple(tracks), end_tick=12000)


def raw(events: list[tuple[int, str, dict[str, int]]], *, ends: bool = True) -> bytes:
    """Return a file of one chunk of messages (delta, kind, values)."""
    chunk = mido.MidiTrack([mido.Message(kind, time=delta, **values) for delta, kind, values in events])
    stream = io.BytesIO()
    midi_file = mido.MidiFile(type=0, ticks_per_beat=480)
    midi_file.tracks.append(chunk)
    midi_file.save(file=stream)
    content = stream.getvalue()
    if ends:
        return content
    body = content[22:-4]
    return content[:18] + len(body).to_bytes(4, "big") + body


ODD = [
    raw([(0, "note_on", {"note": 60}), (0, "note_off", {"note": 60})]),  # no length: one tick, past the chunk's end
    raw([(0, "note_on", {"note": 60}), (480, "note_off", {"note": 60})], ends=False),
    raw([(0, "note_on", {"note": 60}), (9, "note_on", {"note": 60}), (9, "note_off", {"note": 60})]),
    raw([(0, "program_change", {"program": 4})]),
]


def same(one: NoteBatch, two: NoteBatch) -> None:
    for name in NoteBatch.__dataclass_fields__:
        found, wanted = getattr(one, name), getattr(two, name)
        assert found.dtype == wanted.dtype, name
        assert np.array_equal(found, wanted), name


def test_batches_of_files_and_of_pieces_are_the_same() -> None:
    files = [*(write_midi(song(seed)) for seed in range(4)), *ODD]
    columns, errors = read_columns(files)
    assert errors == [None] * len(files)
    pieces = [read_midi(data) for data in files]
    assert [(t.end_tick, t.meters, t.tempo_map) for t in columns.times] == [
        (p.end_tick, p.meters, p.tempo_map) for p in pieces
    ]
    assert columns.n_notes.tolist() == [piece.n_notes for piece in pieces]
    same(NoteBatch.from_columns(columns), NoteBatch.from_pieces(pieces))


def test_files_paths_and_pieces_may_be_mixed(tmp_path: Path) -> None:
    pieces = [read_midi(write_midi(song(seed))) for seed in range(3)]
    (tmp_path / "b.mid").write_bytes(write_midi(pieces[1]))
    columns, errors = read_columns([pieces[0], tmp_path / "b.mid", write_midi(pieces[2])])
    assert errors == [None] * 3
    same(NoteBatch.from_columns(columns), NoteBatch.from_pieces(pieces))


def test_what_cannot_be_read_has_the_reader_s_own_reason_and_the_others_are_left_alone(tmp_path: Path) -> None:
    whole = write_midi(song(0))
    far = raw([(0, "note_on", {"note": 60}), (9, "note_off", {"note": 60})] + [(2**28 - 1, "pitchwheel", {})] * 9)
    bad = [b"", whole[:60], tmp_path / "nowhere.mid", far, b"MThd" + bytes(20)]
    columns, errors = read_columns([bad[0], whole, *bad[1:]])
    same(NoteBatch.from_columns(columns), NoteBatch.from_pieces([read_midi(whole)]))
    assert errors[1] is None
    for source, error in zip(bad, [errors[0], *errors[2:]], strict=True):
        with pytest.raises(MidiError) as raised:
            read_midi(source)
        assert str(error) == str(raised.value)


def test_stretches_of_few_notes_are_the_pieces_in_order() -> None:
    pieces = [read_midi(write_midi(song(seed))) for seed in range(5)]
    silent = Piece(480, TempoMap.constant(120, 480))
    columns = columns_of([silent, *pieces[:3], silent, *pieces[3:]])
    one = columns.n_notes.max()
    for most, n_stretches in ((1, 7), (2 * one, 3), (100 * one, 1)):
        stretches = list(columns.split(int(most)))
        assert len(stretches) == n_stretches
        assert [n for stretch in stretches for n in stretch.n_notes] == columns.n_notes.tolist()
        assert all(stretch.n_notes.sum() <= most or len(stretch.n_notes) == 1 for stretch in stretches[1:])
        batches = [NoteBatch.from_columns(stretch) for stretch in stretches]
        whole = NoteBatch.from_columns(columns)
        for name in NoteBatch.__dataclass_fields__:
            if name != "item":
                assert np.array_equal(np.concatenate([getattr(b, name) for b in batches]), getattr(whole, name)), name
    assert len(list(read_columns([])[0].split(10))) == 1


def test_nothing_is_nothing() -> None:
    columns, errors = read_columns([])
    assert (columns.n_notes.tolist(), errors, NoteBatch.from_columns(columns).n) == ([], [], 0)
    assert columns_of([Piece(480, TempoMap.constant(120, 480))]).n_notes.tolist() == [0]


def test_real_files_too(shared_data: Path) -> None:
    paths = sorted(shared_data.rglob("*.mid"))[::40]
    columns, errors = read_columns(paths)
    assert not any(errors)
    same(NoteBatch.from_columns(columns), NoteBatch.from_pieces([read_midi(path) for path in paths]))
