"""Reading and writing MIDI, with mido as the second reader."""

import contextlib
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.music import (
    Controls,
    Key,
    KeyChange,
    Meter,
    MeterChange,
    MidiError,
    MidiTrack,
    Notes,
    Piece,
    TempoMap,
    TextEvent,
    read_midi,
    write_midi,
)
from whitelight.music.midi import MAX_DURATION_S, MAX_NOTES, MAX_TEMPO_CHANGES

Rows = list[tuple[int, int, int, int]]


def midi_bytes(chunks: Sequence[Iterable[Any]], *, file_format: int = 1, ticks_per_beat: int = 480) -> bytes:
    midi_file = mido.MidiFile(type=file_format, ticks_per_beat=ticks_per_beat)
    midi_file.tracks.extend(mido.MidiTrack(chunk) for chunk in chunks)
    stream = io.BytesIO()
    midi_file.save(file=stream)
    return stream.getvalue()


def on(pitch: int, time: int = 0, velocity: int = 64, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=pitch, time=time, velocity=velocity, channel=channel)


def off(pitch: int, time: int, channel: int = 0) -> mido.Message:
    return mido.Message("note_off", note=pitch, time=time, channel=channel)


def meta(kind: str, **values: Any) -> mido.MetaMessage:
    return mido.MetaMessage(kind, **values)


def read_with_mido(data: bytes) -> dict[str, Any]:
    """All notes (first in, first out), tempi, meters, keys, markers and the end, read message by message."""
    midi_file = mido.MidiFile(file=io.BytesIO(data), clip=True)
    found: dict[str, Any] = {"notes": [], "tempo": {0: 500_000}, "meter": {}, "key": {}, "markers": [], "end": 0}
    for chunk in midi_file.tracks:
        tick, sounding = 0, defaultdict(list)
        for message in chunk:
            tick += message.time
            if message.type == "note_on" and message.velocity > 0:
                sounding[message.channel, message.note].append((tick, message.velocity))
            elif message.type in ("note_on", "note_off"):
                if sounding[message.channel, message.note]:
                    onset, velocity = sounding[message.channel, message.note].pop(0)
                    row = (onset, max(tick - onset, 1), message.note, velocity)
                    found["notes"].append((message.channel == 9, *row))
            elif message.type == "set_tempo":
                found["tempo"][tick] = message.tempo
            elif message.type == "time_signature":
                found["meter"][tick] = f"{message.numerator}/{message.denominator}"
            elif message.type == "key_signature":
                found["key"][tick] = message.key
            elif message.type == "marker":
                found["markers"].append((tick, message.text))
        found["end"] = max(found["end"], tick)
    found["notes"].sort()
    return found


def notes_of(piece: Piece) -> list[tuple[bool, int, int, int, int]]:
    return sorted((midi_track.is_drum, *row) for midi_track in piece.midi_tracks for row in midi_track.notes.to_rows())


def assert_agrees(piece: Piece, expected: dict[str, Any]) -> None:
    assert notes_of(piece) == expected["notes"]
    assert dict(zip(piece.tempo_map.change_ticks, piece.tempo_map.us_per_beat, strict=True)) == expected["tempo"]
    assert {change.tick: str(change.meter) for change in piece.meters} == expected["meter"]
    assert piece.end_tick == max(expected["end"], *(row[1] + row[2] for row in expected["notes"]), 0)


def test_a_file_with_everything() -> None:
    data = midi_bytes(
        [
            [
                meta("track_name", name="song"),
                meta("set_tempo", tempo=400_000),
                meta("time_signature", numerator=18, denominator=32),
                meta("key_signature", key="F#m"),
                meta("marker", text="Verse", time=480),
                meta("set_tempo", tempo=600_000, time=480),
                meta("key_signature", key="Bb"),
                meta("end_of_track", time=5000),
            ],
            [
                meta("track_name", name="bass"),
                mido.Message("program_change", program=33, channel=1),
                mido.Message("control_change", control=64, value=127, channel=1, time=10),
                on(40, 20, 100, 1),
                mido.Message("pitchwheel", pitch=-700, channel=1, time=5),
                meta("lyrics", text="oh"),
                off(40, 95, 1),
            ],
            [meta("track_name", name="kit"), on(36, 0, 90, 9), off(36, 0, 9)],
        ]
    )
    piece = read_midi(data)
    assert_agrees(piece, read_with_mido(data))
    assert piece.end_tick == 5960
    assert piece.tempo_map == TempoMap(480, (0, 960), (400_000, 600_000))
    assert piece.meters == (MeterChange(0, Meter(18, 32)),)
    assert piece.keys == (KeyChange(0, Key.parse("F# minor")), KeyChange(960, Key.parse("Bb")))
    assert piece.markers == (TextEvent(480, "Verse"),)
    bass, kit = piece.midi_tracks
    assert (bass.name, bass.program, bass.is_drum) == ("bass", 33, False)
    assert bass.notes.to_rows() == [(30, 100, 40, 100)]
    assert bass.lyrics == (TextEvent(35, "oh"),)
    assert bass.controls == Controls.from_rows([(10, 64, 127), (35, 128, -700)])
    assert (kit.name, kit.is_drum) == ("kit", True)
    assert kit.notes.to_rows() == [(0, 1, 36, 90)], "a note of length zero lasts one tick"


def test_a_path_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(midi_bytes([[on(60), off(60, 10)]]))
    assert len(read_midi(tmp_path / "a.mid").all_notes()) == 1
    with pytest.raises(MidiError, match="No such file"):
        read_midi(tmp_path / "b.mid")


@given(st.integers(0, 10**9))
@settings(max_examples=150, deadline=None)
def test_round_trip(random_piece: Callable[..., Piece], seed: int) -> None:
    piece = random_piece(seed)
    data = write_midi(piece)
    assert read_midi(data) == piece
    assert write_midi(read_midi(data)) == data
    second = read_with_mido(data)
    assert notes_of(piece) == second["notes"]
    assert second["end"] == piece.end_tick
    assert dict(zip(piece.tempo_map.change_ticks, piece.tempo_map.us_per_beat, strict=True)) == second["tempo"]


@given(st.integers(0, 10**9))
@settings(max_examples=40, deadline=None)
def test_notes_within_notes_keep_starts_ends_and_come_to_rest(random_piece: Callable[..., Piece], seed: int) -> None:
    piece = random_piece(seed, first_in_first_out=False)
    once = read_midi(write_midi(piece))
    for before, after in zip(piece.midi_tracks, once.midi_tracks, strict=True):
        for pitch in range(58, 64):
            old, new = (part.notes.select(part.notes.pitch == pitch) for part in (before, after))
            assert sorted(old.onset_tick) == sorted(new.onset_tick)
            assert sorted(old.end_tick) == sorted(new.end_tick)
    assert read_midi(write_midi(once)) == once


def test_overlapping_notes_of_one_pitch() -> None:
    piece = read_midi(midi_bytes([[on(60, 0, 1), on(60, 50, 2), off(60, 50), off(60, 50)]]))
    assert piece.all_notes().to_rows() == [(0, 100, 60, 1), (50, 100, 60, 2)]


@pytest.mark.parametrize("key", [f"{tonic} major" for tonic in "Cb Gb Db Ab Eb Bb F C G D A E B F# C#".split()])  # noqa: SIM905  reads as music
def test_key_signatures_as_mido_reads_them(key: str) -> None:
    for musical_key in (Key.parse(key), Key.from_signature(Key.parse(key).signature_fifths, "minor")):
        piece = Piece(480, TempoMap(480), keys=(KeyChange(0, musical_key),))
        expected = musical_key.spelling + ("m" if musical_key.is_minor else "")
        found = read_with_mido(write_midi(piece))
        assert found["key"] == {0: expected}
        assert found["markers"] == []
        assert read_midi(write_midi(piece)).keys == piece.keys


@pytest.mark.parametrize(
    ("key", "signature"),
    [("D dorian", "Am"), ("G mixolydian", "C"), ("A harmonic minor", "Am"), ("G# major", "Ab"), ("B locrian", "Am")],
)
def test_keys_midi_cannot_say_travel_as_markers(key: str, signature: str) -> None:
    piece = Piece(480, TempoMap(480), keys=(KeyChange(0, Key.parse(key)),))
    found = read_with_mido(write_midi(piece))
    assert found["key"] == {0: signature}
    assert found["markers"] == [(0, f"key: {key}")]
    assert read_midi(write_midi(piece)).keys == piece.keys


def test_meters_midi_cannot_say_travel_as_markers() -> None:
    piece = Piece(480, TempoMap(480), meters=(MeterChange(0, Meter(5, 6)), MeterChange(960, Meter(7, 8))))
    data = write_midi(piece)
    assert read_with_mido(data)["meter"] == {960: "7/8"}
    assert read_with_mido(data)["markers"] == [(0, "meter: 5/6")]
    assert read_midi(data).meters == piece.meters


def test_channels() -> None:
    note = Notes.from_rows([(0, 10, 60, 64)])
    parts = [MidiTrack(f"{i}", program=i, notes=note) for i in range(15)]
    parts += [MidiTrack("kit", is_drum=True, notes=note), MidiTrack("again", program=3, notes=note)]
    midi_file = mido.MidiFile(file=io.BytesIO(write_midi(Piece(480, TempoMap(480), midi_tracks=tuple(parts)))))
    channels = [next(m.channel for m in chunk if m.type == "note_on") for chunk in midi_file.tracks[1:]]
    assert channels == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 9, 3]
    assert midi_file.type == 1


def test_at_one_tick_notes_end_before_they_start() -> None:
    notes = Notes.from_rows([(0, 10, 60, 64), (10, 10, 60, 65), (10, 5, 62, 66)])
    part = MidiTrack("a", notes=notes, controls=Controls.from_rows([(10, 64, 127)]))
    chunk = mido.MidiFile(file=io.BytesIO(write_midi(Piece(480, TempoMap(480), midi_tracks=(part,))))).tracks[1]
    kinds = [message.type for message in chunk if not message.is_meta]
    assert kinds == ["program_change", "note_on", "note_off", "control_change", *["note_on"] * 2, *["note_off"] * 2]


def test_silent_chunks_keep_their_place() -> None:
    title = [meta("track_name", name="conductor"), meta("set_tempo", tempo=400_000)]
    drums = mido.Message("program_change", program=7, channel=9)
    pedal = [mido.Message("control_change", control=64, value=value, time=40, channel=2) for value in (127, 0)]
    wheel = mido.Message("pitchwheel", pitch=-300, time=1, channel=2)
    data = midi_bytes(
        [
            title,
            [meta("track_name", name="kit"), drums],
            [meta("track_name", name="bass"), on(40), meta("lyrics", text="oh", time=3), off(40, 7)],
            [meta("track_name", name="pad"), *pedal, wheel, meta("lyrics", text="la", time=300)],
            [meta("track_name", name="titles"), meta("text", text="all rights reserved")],
        ]
    )
    piece = read_midi(data)
    assert [midi_track.name for midi_track in piece.midi_tracks] == ["kit", "bass", "pad"]
    kit, bass, pad = piece.midi_tracks
    assert (kit.is_drum, kit.program, len(kit.notes)) == (True, 7, 0)
    assert bass.notes.to_rows() == [(0, 10, 40, 64)]
    assert bass.lyrics == (TextEvent(3, "oh"),)
    assert pad.controls == Controls.from_rows([(40, 64, 127), (80, 64, 0), (81, 128, -300)])
    assert pad.lyrics == (TextEvent(381, "la"),)
    assert piece.end_tick == 381


def test_odd_but_legal_files() -> None:
    plain = midi_bytes([[on(60), off(60, 10)]])
    riff = b"RIFF" + len(plain).to_bytes(4, "little") + b"RMIDdata" + len(plain).to_bytes(4, "little") + plain
    for data in (
        riff,
        plain + b"\0\0\0",
        plain[:14] + b"XYZ1" + (3).to_bytes(4, "big") + b"abc" + plain[14:],
        midi_bytes([[on(60), off(60, 10)]], file_format=0),
        plain[:-4].replace(b"MTrk\x00\x00\x00\x0c", b"MTrk\x00\x00\x00\x08"),  # no end-of-track event
    ):
        assert read_midi(data).all_notes().to_rows() == [(0, 10, 60, 64)]


def test_names_that_are_not_utf8() -> None:
    data = midi_bytes([[meta("track_name", name="xyz"), on(60), off(60, 10)]]).replace(b"xyz", b"\xffl\xfb")
    assert "l" in read_midi(data).midi_tracks[0].name
    name = "Flöte 笛"
    piece = Piece(480, TempoMap(480), midi_tracks=(MidiTrack(name, notes=Notes.from_rows([(0, 1, 60, 1)])),))
    assert read_midi(write_midi(piece)).midi_tracks[0].name == name


GOOD = midi_bytes([[meta("set_tempo", tempo=123_456), on(60), off(60, 10)], [on(61), off(61, 10)]])


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "empty"),
        (b"hello, this is a text", "not a whole MIDI file"),
        (b"MThd\0\0", "not a whole MIDI file"),
        (b"MThd\x00\x00\x00\x06\x00\x01\x00\x02\x01\xe0", "truncated, 0 of 2"),
        (GOOD[:-10], "truncated, a track chunk should have 12 bytes and has 2"),
        (GOOD[:-25], "truncated"),
        (GOOD[:9] + b"\x02" + GOOD[10:], "format 2"),
        (GOOD[:12] + b"\xe7\x28" + GOOD[14:], "SMPTE"),
        (GOOD[:12] + b"\x00\x00" + GOOD[14:], "time division 0x0000"),
        (GOOD.replace(b"\x01\xe2\x40", b"\x00\x00\x00"), "tempo of 0 µs"),
        (GOOD.replace(b"\x01\xe2\x40", b"\x00\x00\x07"), "tempo of 7 µs"),
    ],
)
def test_damaged_files_give_one_clear_error(data: bytes, complaint: str) -> None:
    with pytest.raises(MidiError, match=complaint):
        read_midi(data)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(write_midi(Piece(96, TempoMap(96), midi_tracks=(MidiTrack("a", notes=_many_notes(20)),))))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(MidiError):  # any other error, or a crash of the reader, fails the test
        read_midi(bytes(content[: data.draw(st.integers(0, len(content)))]))


def _many_notes(n: int) -> Notes:
    onset = np.arange(n, dtype=np.int64) * 3
    return Notes(onset, np.full(n, 2), 30 + onset % 60, np.full(n, 64))


def test_the_largest_song_is_read_whole() -> None:
    ticks = tuple(range(0, 10 * MAX_TEMPO_CHANGES, 10))
    tempo_map = TempoMap(480, ticks, tuple(400_000 + 7 * index for index in range(len(ticks))))
    piece = Piece(480, tempo_map, midi_tracks=(MidiTrack("many", notes=_many_notes(MAX_NOTES)),))
    assert read_midi(write_midi(piece)) == piece


def test_a_million_notes_are_no_song() -> None:
    piece = Piece(480, TempoMap(480), midi_tracks=(MidiTrack("many", notes=_many_notes(1_000_000)),))
    with pytest.raises(MidiError, match="1,000,000 notes, expected at most 500,000"):
        read_midi(write_midi(piece))


def test_ten_thousand_tempo_changes_are_no_song() -> None:
    tempo_map = TempoMap(480, tuple(range(10_000)), tuple(400_000 + index for index in range(10_000)))
    piece = Piece(480, tempo_map, midi_tracks=(MidiTrack("one", notes=_many_notes(1)),))
    with pytest.raises(MidiError, match="10,000 tempo changes, expected at most 8,192"):
        read_midi(write_midi(piece))


def test_pitches_above_127_in_a_damaged_file_do_no_harm() -> None:
    pitches = [48, 60, 61, 127]
    for high in (128, 189, 255):
        damaged = GOOD.replace(b"\x90\x3d", bytes((0x90, high))).replace(b"\x80\x3d", bytes((0x80, high)))
        with contextlib.suppress(MidiError):
            assert set(read_midi(damaged).all_notes().pitch.tolist()) <= set(pitches)


def test_more_bytes_than_music_has_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("whitelight.music.midi.MAX_MIDI_BYTES", len(GOOD) - 1)
    (tmp_path / "a.mid").write_bytes(GOOD)
    for data in (GOOD, tmp_path / "a.mid"):
        with pytest.raises(MidiError, match="more than"):
            read_midi(data)


@pytest.mark.parametrize(("beats", "is_refused"), [(5_149, False), (5_150, True), (200_000_000, True)])
def test_a_piece_of_more_than_a_day_is_refused(beats: int, *, is_refused: bool) -> None:
    slowest = meta("set_tempo", tempo=0xFFFFFF)  # 16.78 s per beat
    data = midi_bytes([[slowest, on(60), off(60, beats)]], ticks_per_beat=1)
    if is_refused:
        with pytest.raises(MidiError, match="hours, expected at most 24; is this a song"):
            read_midi(data)
    else:
        assert read_midi(data).duration_s < MAX_DURATION_S


def test_times_beyond_32_bits_are_refused() -> None:
    far = [message for _ in range(20) for message in (on(60, 2**27), off(60, 2**27))]
    with pytest.raises(MidiError, match="beyond tick"):
        read_midi(midi_bytes([far]))


@pytest.mark.parametrize("folder", ["pop909", "pop909-cl", "emopia/midi", "groove"])
def test_real_files_as_mido_reads_them(shared_data: Path, folder: str) -> None:
    files = sorted((shared_data / folder).rglob("*.mid"))
    sample = files[:: max(len(files) // 12, 1)]
    assert len(sample) >= 12
    for file in sample:
        data = file.read_bytes()
        if not data:
            continue
        piece = read_midi(file)
        assert_agrees(piece, read_with_mido(data))
        again = read_midi(write_midi(piece))
        assert again == piece, file.name
