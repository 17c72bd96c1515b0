"""Bad input at the command line: one clear problem or error, the right exit code, nothing half-written."""

import json
import os
import re
import shutil
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from whitelight.dataset import Dataset, verify_dataset
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, write_midi
from whitelight.music.midi import MAX_NOTES, MAX_TEMPO_CHANGES

Run = Callable[..., Any]
MakeSong = Callable[..., Path]
Snapshot = Callable[[Path], dict[str, bytes]]

BOMB = "title: bomb\nbpm: 100\na: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def midi_file(events: bytes, *, missing: int = 0) -> bytes:
    """A MIDI file of one track chunk, cut short by `missing` bytes."""
    body = events + b"\x00\xff\x2f\x00"
    file = b"MThd" + struct.pack(">IHHH", 6, 1, 1, 480) + b"MTrk" + struct.pack(">I", len(body)) + body
    return file[: len(file) - missing]


def many_notes() -> bytes:
    return midi_file(b"\x00\x90\x3c\x40" + b"\x01\x3c\x00\x00\x3c\x40" * (10**6 - 1) + b"\x01\x3c\x00")


def many_tempo_changes() -> bytes:
    changes = b"".join(b"\x01\xff\x51\x03" + (500_000 + k).to_bytes(3, "big") for k in range(10**4))
    return midi_file(b"\x00\x90\x3c\x40" + changes + b"\x01\x80\x3c\x00")


def centuries() -> bytes:
    piece = Piece(
        1, TempoMap(1, (0,), (16_700_000,)), midi_tracks=(MidiTrack(notes=Notes.from_rows([(0, 2 * 10**8, 60, 64)])),)
    )
    return write_midi(piece)


@dataclass(frozen=True)
class Hostile:
    """A song that is wrong in one way, and the problem it must give.

    Attributes
    ----------
    spoil : changes the song whose manifest it is given.
    file : suffix of the file that must be named. line : 0 is the whole file, None is left open.
    is_built : the song itself still makes rows.
    """

    code: str
    words: str
    spoil: Callable[[Path], None]
    file: str = ".yml"
    line: int | None = 0
    is_built: bool = False


def manifest(text: str | bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(text.encode() if isinstance(text, str) else text) and None


def with_line(line: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(path.read_text() + line + "\n") and None


def midi(data: Callable[[], bytes]) -> Callable[[Path], None]:
    return lambda path: path.with_name("piano.mid").write_bytes(data()) and None


def lyrics(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.with_suffix(".lrc").write_bytes(data) and None


def linked_outside(path: Path) -> None:
    secret = path.parents[2] / "secret.mid"
    secret.write_bytes(path.with_name("piano.mid").read_bytes())
    path.with_name("piano.mid").unlink()
    path.with_name("piano.mid").symlink_to(secret)


def manifest_outside(path: Path) -> None:
    secret = path.parents[2] / "secret.yml"
    path.rename(secret)
    path.symlink_to(secret)


def broken_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.yml")


def no_recording(path: Path) -> None:
    with_line("main_audio_file: a.wav")(path)
    path.with_name("a.wav").write_bytes(b"no sound")


def pipe(name: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        path.with_name(name).unlink(missing_ok=True)
        os.mkfifo(path.with_name(name))

    return spoil


HOSTILE = {
    "truncated MIDI": Hostile(
        "midi-unreadable", "truncated", midi(lambda: midi_file(b"\x00\x90\x3c\x40\x60\x3c\x00", missing=5)), "piano.mid"
    ),
    "empty MIDI": Hostile("midi-unreadable", "empty", midi(lambda: b""), "piano.mid"),
    "no MIDI at all": Hostile("midi-unreadable", "expected b'MThd'", midi(lambda: b"RIFFxxxxWAVEfmt "), "piano.mid"),
    "a million notes": Hostile("midi-unreadable", f"1,000,000 notes, expected at most {MAX_NOTES:,}", midi(many_notes), "piano.mid"),
    "ten thousand tempo changes": Hostile(
        "midi-unreadable", f"10,000 tempo changes, expected at most {MAX_TEMPO_CHANGES:,}", midi(many_tempo_changes), "piano.mid"
    ),
    "a note of centuries": Hostile("midi-unreadable", "hours, expected at most 24", midi(centuries), "piano.mid"),
    "LRC without stamps": Hostile("lrc-without-stamps", "no line has a time stamp", lyrics(b"la la\nlo lo\n"), ".lrc", is_built=True),
    "empty LRC": Hostile("lrc-without-stamps", "the file is empty", lyrics(b""), ".lrc", is_built=True),
    "LRC that is not UTF-8": Hostile(
        "lyrics-unreadable", "02_02.lrc line 2: byte 0xe9 is not UTF-8", lyrics(b"[00:01.000]la\n[00:02.000]caf\xe9\n"), ".lrc", line=2, is_built=True
    ),
    "duplicate keys": Hostile("manifest-unreadable", 'found duplicate key "title"', with_line("title: again"), line=12),
    "tabs": Hostile("manifest-unreadable", "cannot start any token", manifest("title: a song\nmood:\n\t- sad\n"), line=3),
    "billion laughs": Hostile("manifest-unreadable", "aliases expand to more than", manifest(BOMB)),
    "deeply nested": Hostile("manifest-unreadable", "02_02.yml: nested too deeply", manifest("title: " + "[" * 1000)),
    "a tag that would run code": Hostile(
        "manifest-unreadable", "tag", manifest('title: a\nbpm: !!python/object/apply:os.system ["true"]\n'), line=2
    ),
    "not UTF-8": Hostile("manifest-unreadable", "byte 0xe9 is not UTF-8", manifest(b"title: a\nmood: [caf\xe9]\n"), line=2),
    "no mapping": Hostile("manifest-unreadable", "expected a song manifest", manifest("- a\n- b\n")),
    "empty manifest": Hostile("manifest-unreadable", "an empty file", manifest("")),
    "a path that climbs": Hostile(
        "path-outside", "'../../secret.wav' points outside", with_line("main_audio_file: ../../secret.wav"), line=12, is_built=True
    ),
    "an absolute path": Hostile(
        "path-outside", "'/etc/passwd' points outside", with_line("main_midi_file: /etc/passwd"), line=12, is_built=True
    ),
    "a Windows path that climbs": Hostile(
        "path-outside", "points outside", with_line("lrc_file: '..\\..\\secret.lrc'"), line=12, is_built=True
    ),
    "a link that leads out": Hostile("path-outside", "'piano.mid' points outside", linked_outside, line=11),
    "a manifest that is a link that leads out": Hostile("path-outside", "a link that leads out of the catalog", manifest_outside),
    "a manifest that is a broken link": Hostile("manifest-unreadable", "02_02/02_02.yml: No such file", broken_link),
    "a manifest that is a pipe": Hostile("manifest-unreadable", "02_02/02_02.yml: a pipe or a device", pipe("02_02.yml")),
    "a recording that is none": Hostile("audio-unreadable", "a.wav: text, expected WAV, FLAC, MP3, OGG or M4A", no_recording, is_built=True),
}  # fmt: skip


@pytest.fixture(params=HOSTILE, ids=lambda name: name.replace(" ", "-"))
def case(request: pytest.FixtureRequest) -> Hostile:
    return HOSTILE[request.param]


@pytest.fixture
def songs(tmp_path: Path, make_song: MakeSong, case: Hostile) -> Path:
    """A catalog of a good song and a bad one."""
    root = tmp_path / "songs"
    make_song(root, "02_01")
    case.spoil(make_song(root, "02_02"))
    return root


def test_check_reports_one_problem(
    case: Hostile, songs: Path, tmp_path: Path, whitelight: Run, snapshot: Snapshot
) -> None:
    before = snapshot(tmp_path)
    found = whitelight("catalog", "check", songs, "--json")
    assert found.code == 1
    assert "Traceback" not in found.err
    (problem,) = found.value["problems"]
    assert problem["file"].startswith("02_02/")
    assert problem["file"].endswith(case.file)
    assert (problem["code"], problem["severity"]) == (case.code, "error")
    assert case.words in problem["message"]
    assert problem["action"]
    assert case.line is None or problem["line"] == case.line
    assert str(tmp_path) not in found.out
    assert snapshot(tmp_path) == before


def test_build_makes_the_rest_and_says_what_is_wrong(
    case: Hostile, songs: Path, tmp_path: Path, whitelight: Run, snapshot: Snapshot
) -> None:
    out = tmp_path / "dataset"
    before = snapshot(songs)
    found = whitelight("dataset", "build", songs, "--out", out, "--json")
    assert found.code == 1
    (left_out,) = found.value["left_out"]
    assert left_out["file"].endswith(case.file)
    assert str(tmp_path) not in json.dumps([left_out, *found.value["problems"]]) + found.err.replace(
        str(out), ""
    ).replace(str(songs), "")
    assert "Traceback" not in found.err
    assert case.words.replace("'", "") in (found.out + found.err).replace("'", "").replace('\\"', '"')
    rows = Dataset.open(out).rows(["song_id", "has_midi"], kind="view").to_pylist()
    assert any(row["song_id"] == "02_01" and row["has_midi"] for row in rows)
    assert any(row["song_id"] == "02_02" and row["has_midi"] for row in rows) == case.is_built
    assert verify_dataset(out).passed
    assert not [name for name in snapshot(tmp_path) if name.endswith(".tmp")]
    assert snapshot(songs) == before


def test_check_prints_a_problem_as_one_line_with_its_place(
    tmp_path: Path, make_song: MakeSong, whitelight: Run
) -> None:
    HOSTILE["duplicate keys"].spoil(make_song(tmp_path, "02_02"))
    found = whitelight("catalog", "check", tmp_path)
    assert found.code == 1
    line, total = found.out.splitlines()
    assert line.startswith('02_02/02_02.yml:12  [manifest-unreadable] 02_02.yml line 12: found duplicate key "title"')
    assert line.endswith("; left the song out")
    assert total.startswith("0 songs")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ontology: {name: [", "catalog.yml line 1"),
        ("ontology: nowhere.yml", "nowhere"),
        ("ontology: ../outside.yml", "points outside"),
        ("time_codes: {02_01/02_01.yml: {encoding: FFS@26}}", "'FFS@26' is no time-code encoding"),
        ("time_codes: {02_01/02_01.yml: {speed: 2}}", "speed"),
        (BOMB, "aliases expand"),
    ],
)
def test_settings_that_cannot_be_used_stop_every_command(
    *, tmp_path: Path, make_song: MakeSong, whitelight: Run, snapshot: Snapshot, text: str, words: str
) -> None:
    make_song(tmp_path / "songs", "02_01")
    (tmp_path / "outside.yml").write_text("name: x")
    (tmp_path / "songs" / "catalog.yml").write_text(text)
    before = snapshot(tmp_path)
    for command in (
        ("catalog", "check"),
        ("catalog", "table", "--out", tmp_path / "t.parquet"),
        ("dataset", "build", "--out", tmp_path / "d"),
    ):
        found = whitelight(*command[:2], tmp_path / "songs", *command[2:])
        assert found.code == 1
        assert words in found.error
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    "command",
    [
        ("catalog", "check", "nowhere"),
        ("catalog", "table", "nowhere", "--out", "t.parquet"),
        ("dataset", "build", "nowhere", "--out", "dataset"),
        ("dataset", "verify", "nowhere"),
        ("train", "fusion", "nowhere", "--out", "model"),
        ("train", "network", "nowhere", "--out", "network"),
        ("tune", "nowhere", "--out", "search"),
        ("registry", "add", "nowhere", "--name", "model"),
        ("evaluate", "nowhere", "nowhere"),
        ("score", "nowhere", "a.mid", "--target", "Red"),
        ("compose", "chords", "nowhere.yml", "--model", "nowhere", "--out", "song"),
        ("compose", "promote", "nowhere"),
        ("compose", "new", "nowhere.yml", "--out", "song"),
        ("compose", "status", "nowhere"),
        ("compose", "run", "nowhere", "--model", "nowhere"),
        ("compose", "evolve", "nowhere", "--stage", "bass", "--model", "nowhere"),
        ("compose", "assemble", "nowhere"),
        ("compose", "export", "nowhere"),
        ("compose", "preview", "nowhere", "--stage", "bass"),
        ("compose", "drift", "nowhere", "nowhere.txt"),
        ("demo", "--catalog", "nowhere", "--out", "demo"),
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_one_line_and_nothing_is_made(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whitelight: Run
) -> None:
    monkeypatch.chdir(tmp_path)
    found = whitelight(*command)
    assert found.code == 1
    assert "nowhere" in found.error
    assert found.out == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("catalogue", "check", "songs"),
        ("catalog", "chekc", "songs"),
        ("catalog", "check"),
        ("catalog", "check", "songs", "more"),
        ("catalog", "check", "songs", "--jsno"),
        ("dataset", "build", "songs"),
        ("dataset", "build", "songs", "--out", "d", "--jobs", "0"),
        ("dataset", "build", "songs", "--out", "d", "--jobs", "two"),
        ("train", "fusion", "dataset", "--out", "m", "--seed", "one"),
        ("train", "fusion", "dataset", "--out", "m", "--seed", "-1"),
        ("demo", "--seed", "-1"),
        ("evaluate", "model", "dataset", "--by", "album"),
        ("score", "model", "a.mid"),
        ("score", "model", "--target", "Red"),
        ("compose", "chords", "p.yml", "--out", "song"),
        ("compose", "chords", "p.yml", "--model", "m", "--out", "song", "--candidates", "1"),
        ("compose", "new", "--out", "song"),
        ("compose", "run", "song", "--model", "m", "--through", "bass"),
        ("compose", "run", "song", "--model", "m", "--llm", "http://localhost/v1"),
        ("compose", "regenerate", "song", "--model", "m"),
    ],
    ids=lambda command: " ".join(command) or "nothing",
)
def test_a_mistyped_command_ends_with_2(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whitelight: Run
) -> None:
    monkeypatch.chdir(tmp_path)
    found = whitelight(*command)
    assert found.code == 2
    assert "Traceback" not in found.err
    assert not list(tmp_path.iterdir())


def test_a_build_that_leaves_nothing_out_ends_with_0(tmp_path: Path, make_song: MakeSong, whitelight: Run) -> None:
    make_song(tmp_path / "songs", "02_01", key="H moll", main_midi_file="not_here.mid")  # a warning and a remark
    found = whitelight("dataset", "build", tmp_path / "songs", "--out", tmp_path / "d", "--json")
    assert (found.code, found.value["left_out"]) == (0, [])
    make_song(tmp_path / "songs", "02_02", midi=b"MThd")
    for _ in range(2):  # also when everything is there already
        found = whitelight("dataset", "build", tmp_path / "songs", "--out", tmp_path / "d")
        assert found.code == 1
        assert "1 songs or files could not be used and were left out; the rest is complete" in found.err
    assert verify_dataset(tmp_path / "d").passed


@pytest.mark.parametrize("policy", ["verses", "bars:0", "bars:x", "bars:-1"])
def test_an_unknown_policy_is_named(policy: str, tmp_path: Path, make_song: MakeSong, whitelight: Run) -> None:
    make_song(tmp_path / "songs", "02_01")
    found = whitelight("dataset", "build", tmp_path / "songs", "--out", tmp_path / "d", "--policy", policy)
    assert found.code == 1
    assert policy in found.err.splitlines()[-1]
    assert found.err.splitlines()[-1].startswith("error: ")
    assert not (tmp_path / "d").exists()


def test_a_folder_of_other_things_is_never_written_into(
    tmp_path: Path, make_song: MakeSong, whitelight: Run, snapshot: Snapshot, tiny_dataset: Path
) -> None:
    make_song(tmp_path / "songs", "02_01")
    other = tmp_path / "letters"
    other.mkdir()
    (other / "dear.txt").write_text("dear")
    labels = tiny_dataset.parent / "labels.csv"
    before = snapshot(tmp_path)
    for command in (
        ("dataset", "build", tmp_path / "songs", "--out", other),
        ("train", "fusion", tiny_dataset, "--out", other),
        ("catalog", "import-midi", tiny_dataset.parent / "midi", "--labels", labels, "--id-column", "clip",
         "--class-column", "quadrant", "--out", other),
    ):  # fmt: skip
        found = whitelight(*command)
        assert found.code == 1
        assert found.err.splitlines()[-1].startswith("error: ")
        assert "letters" in found.err.splitlines()[-1]
    assert snapshot(tmp_path) == before


IMPORT = ("--id-column", "clip", "--class-column", "mood")


@pytest.mark.parametrize(
    ("labels", "options", "words"),
    [
        (
            b"clip,mood\na,sad\nb,glad\n",
            ("--id-column", "file", "--class-column", "mood"),
            "no column 'file'; it has clip, mood",
        ),
        (b"clip,mood\na,sad\nb,glad\n", (*IMPORT, "--split-column", "part"), "no column 'part'"),
        (b"clip,mood\na,sad\nb,glad\n", ("--id-column", "clip"), "--class-column"),
        (b"clip,mood\na,caf\xe9\n", IMPORT, "labels.csv line 2: byte 0xe9 is not UTF-8"),
        (b"", IMPORT, "no column 'clip'; it has nothing"),
        (b"clip,mood\n", IMPORT, "found 0 classes"),
        (b"clip,mood\na,sad\nb,sad\n", IMPORT, "found 1 classes"),
        (b"clip,mood\n../../secret,sad\nx,glad\n", IMPORT, "found 0 classes"),
        (b"clip,mood\na,sad\nb,glad\n", (*IMPORT, "--ontology", "emopia"), "no clip of midi/ can be imported"),
        (b"clip,mood\na,sad\nb,glad\n", (*IMPORT, "--ontology", "nowhere"), "nowhere"),
        (None, IMPORT, "labels.csv"),
    ],
)
def test_labels_that_cannot_be_used(
    *,
    labels: bytes | None,
    options: tuple[str, ...],
    words: str,
    tmp_path: Path,
    midi_bytes: bytes,
    whitelight: Run,
    snapshot: Snapshot,
) -> None:
    (tmp_path / "midi").mkdir()
    for name in "ab":
        (tmp_path / "midi" / f"{name}.mid").write_bytes(midi_bytes)
    if labels is not None:
        (tmp_path / "labels.csv").write_bytes(labels)
    before = snapshot(tmp_path)
    found = whitelight(
        "catalog",
        "import-midi",
        tmp_path / "midi",
        "--labels",
        tmp_path / "labels.csv",
        *options,
        "--out",
        tmp_path / "out",
    )
    assert found.code == 1
    assert words in found.error
    assert snapshot(tmp_path) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        {"midi", *(["labels.csv"] if labels is not None else [])}
    )


@pytest.mark.parametrize("source", ["nowhere", "empty", "file.mid"])
def test_import_from_what_holds_no_music(source: str, tmp_path: Path, midi_bytes: bytes, whitelight: Run) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.mid").write_bytes(midi_bytes)
    found = whitelight("catalog", "import-midi", tmp_path / source, "--out", tmp_path / "out")
    assert found.code == 1
    assert found.error
    assert not (tmp_path / "out").exists()


def test_import_leaves_bad_clips_out_and_says_so(tmp_path: Path, midi_bytes: bytes, whitelight: Run) -> None:
    for name, data in {
        "sad/a": midi_bytes,
        "glad/b": midi_bytes,
        "glad/cut": midi_bytes[:-9],
        "sad/empty": b"",
    }.items():
        path = tmp_path / "midi" / f"{name}.mid"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    found = whitelight("catalog", "import-midi", tmp_path / "midi", "--out", tmp_path / "out", "--json")
    assert found.code == 0
    assert found.value["clips"] == 2
    assert sorted((p["file"], p["code"]) for p in found.value["problems"]) == [
        ("glad/cut.mid", "midi-unreadable"),
        ("sad/empty.mid", "midi-unreadable"),
    ]
    assert whitelight("catalog", "check", tmp_path / "out").code == 0


PROPOSAL = "title: A\nbpm: 100\ntempo: 4/4\nkey: C major\nrainbow_color: Q1\nconcept: x\niteration_id: a_v1\n"


@pytest.fixture
def proposal(tmp_path: Path) -> Path:
    path = tmp_path / "proposal.yml"
    path.write_text("title: A\nbpm: 100\ntempo: 4/4\nkey: C major\nrainbow_color: Q1\nconcept: x\niteration_id: a_v1\n")
    return path


def flat(result: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in result.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def test_score_ranks_the_good_and_names_the_bad(
    tiny_model: Path, tmp_path: Path, midi_bytes: bytes, whitelight: Run
) -> None:
    files = {
        "good.mid": midi_bytes,
        "cut.mid": midi_bytes[:-9],
        "empty.mid": b"",
        "text.mid": b"hello, this is no music",
        "silent.mid": midi_file(b""),
        "many.mid": many_notes(),
        "other.mid": midi_bytes[:-20] + midi_bytes[-20:],
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    paths = [tmp_path / name for name in (*files, "missing.mid", ".")]
    found = whitelight("score", tiny_model, *paths, "--target", "Q1", "--json")
    assert found.code == 1
    assert "Traceback" not in found.err
    results = found.value["results"]
    assert len(results) == len(paths)
    errors = {Path(r["file"]).name: r["error"] for r in results if r["error"]}
    assert [Path(r["file"]).name for r in results[:2]] == ["good.mid", "other.mid"]
    assert len(errors) == len(paths) - 2
    assert len(found.err.splitlines()) == len(errors)
    assert all(line.startswith("error: ") for line in found.err.splitlines())
    assert "truncated" in errors["cut.mid"]
    assert "no notes" in errors["silent.mid"]
    alone = whitelight("score", tiny_model, tmp_path / "good.mid", "--target", "Q1", "--json")
    assert alone.code == 0
    # the last bit of a sum may depend on how many rows are summed at once
    once, together = dict(flat(alone.value["results"][0])), dict(flat(results[0]))
    numbers = {name: value for name, value in together.items() if isinstance(value, float)}
    assert {name: once[name] for name in numbers} == pytest.approx(numbers, rel=1e-9, abs=1e-9)
    assert {**once, **numbers} == together


@pytest.mark.parametrize(
    "options",
    [("--target", "Purple"), ("--target", "60% Q1 + x"), ("--target", ""), ("--target", "Q1", "--view", "kazoo")],
)
def test_score_refuses_a_question_it_does_not_understand(
    options: tuple[str, ...], tiny_model: Path, tmp_path: Path, midi_bytes: bytes, whitelight: Run
) -> None:
    (tmp_path / "a.mid").write_bytes(midi_bytes)
    found = whitelight("score", tiny_model, tmp_path / "a.mid", *options)
    assert found.code == 1
    assert found.error
    assert found.out == ""


def spoiled_models() -> Iterator[tuple[str, Callable[[Path], object]]]:
    def edit(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
        def spoil(model: Path) -> None:
            record = json.loads((model / "bundle.json").read_text())
            change(record)
            (model / "bundle.json").write_text(json.dumps(record))

        return spoil

    yield "no bundle.json", lambda m: (m / "bundle.json").unlink()
    yield "bundle.json is cut", lambda m: (m / "bundle.json").write_bytes((m / "bundle.json").read_bytes()[:500])
    yield "bundle.json is a list", lambda m: (m / "bundle.json").write_text("[]")
    yield "bundle.json is not UTF-8", lambda m: (m / "bundle.json").write_bytes(b"\xff\xfe{}")
    yield "another format", edit(lambda r: r.update(format="other"))
    yield "a later version", edit(lambda r: r.update(format_version=99))
    yield "no inputs", edit(lambda r: r.pop("inputs"))
    yield "no session", edit(lambda r: r.pop("session"))
    yield "files is a list", edit(lambda r: r.update(files=[]))
    yield "fewer views", edit(lambda r: r["views"].pop())
    yield "another expert", edit(lambda r: r.update(experts=["lyric"]))
    yield "an input less", edit(lambda r: r["inputs"].pop("descriptors"))
    yield "deeply nested", lambda m: (m / "bundle.json").write_text("[" * 100_000)
    yield "no training", edit(lambda r: r.pop("training"))
    yield "another ontology", edit(lambda r: r["ontology"].update(name="x"))
    yield "ontology is a word", edit(lambda r: r.update(ontology="rainbow"))
    yield "another encoder", edit(lambda r: r["inputs"]["descriptors"].update(fingerprint="0" * 64))
    yield "model.onnx is missing", lambda m: (m / "model.onnx").unlink()
    yield "model.onnx is changed", lambda m: (m / "model.onnx").write_bytes((m / "model.onnx").read_bytes() + b"x")
    yield "arrays.npz is cut", lambda m: (m / "arrays.npz").write_bytes(b"PK")


MODELS = dict(spoiled_models())


@pytest.mark.parametrize("how", MODELS)
def test_a_damaged_model_is_refused_with_the_reason(
    *, how: str, tiny_model: Path, tmp_path: Path, midi_bytes: bytes, proposal: Path, whitelight: Run
) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny_model, model)
    MODELS[how](model)
    (tmp_path / "a.mid").write_bytes(midi_bytes)
    found = whitelight("score", model, tmp_path / "a.mid", "--target", "Q1")
    assert found.code == 1
    assert found.error
    found = whitelight("compose", "chords", proposal, "--model", model, "--out", tmp_path / "song")
    assert found.code == 1
    assert found.error
    assert not (tmp_path / "song").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"title: [unfinished\n", "proposal.yml line"),
        (b"title: caf\xe9\n", "not UTF-8"),
        (b"", "an empty file, not a song proposal"),
        (b"hello", "a single value, not a song proposal"),
        (b"manifest_id: 02_01\nbpm: 100\nkey: C\ntitle: A\n", "a song manifest of a catalog, not a song proposal"),
        (
            b"chain_artifact_type: newspaper_article\ntitle: A\n",
            "an artifact of type 'newspaper article', not a song proposal",
        ),
        (BOMB.encode(), "aliases expand"),
        (b"title: a\ntitle: b\nbpm: 100\nkey: C major\n", "line 2: found duplicate key"),
        (b"title: a\nmood:\n\t- sad\n", "line 3"),
        (None, "proposal.yml"),
        (
            b"title: a\nbpm: 500\ntempo: 4/4\nkey: C major\niteration_id: a\nrainbow_color: Q1\n",
            "proposal.yml: tempo 500 bpm; expected 20 to 400; change",
        ),
    ],
)
def test_what_is_no_proposal_is_named(
    *, content: bytes | None, words: str, tiny_model: Path, proposal: Path, tmp_path: Path, whitelight: Run
) -> None:
    proposal.unlink() if content is None else proposal.write_bytes(content)
    found = whitelight("compose", "chords", proposal, "--model", tiny_model, "--out", tmp_path / "song")
    assert found.code == 1
    assert words in found.error
    assert not (tmp_path / "song").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--target", "Purple"), "Purple"), (("--dataset", "nowhere"), "nowhere"), (("--model", "nowhere"), "nowhere")],
)
def test_compose_refuses_before_it_writes(
    *,
    options: tuple[str, ...],
    words: str,
    tiny_model: Path,
    proposal: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    whitelight: Run,
) -> None:
    monkeypatch.chdir(tmp_path)
    found = whitelight("compose", "chords", proposal, "--model", tiny_model, "--out", "song", *options)
    assert found.code == 1
    assert words in found.error
    assert not (tmp_path / "song").exists()


def said(file: Path) -> str:
    """What a file says, as text; parquet and arrays unpacked, so that compression hides nothing."""
    if file.suffix == ".parquet":
        table = pq.read_table(file)
        return f"{table.schema.metadata}{table.to_pylist()}"
    if file.suffix == ".npz":
        with np.load(file) as arrays:
            return "".join(f"{name}{arrays[name].tolist()}" for name in arrays.files if arrays[name].dtype.kind in "SU")
    return file.read_bytes().decode("utf-8", "replace")


def files_that_name(place: Path, folder: Path) -> list[str]:
    return [
        p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file() and str(place) in said(p)
    ]


def test_nothing_on_disk_names_a_place_on_this_machine(
    *, tiny_dataset: Path, tiny_model: Path, tmp_path: Path, make_song: MakeSong, proposal: Path, whitelight: Run
) -> None:
    broken = make_song(tmp_path / "songs", "02_01", midi=b"MThd", main_audio_file="a.wav")
    (broken.parent / "a.wav").write_bytes(b"no sound")
    make_song(tmp_path / "songs", "02_02")
    assert whitelight("dataset", "build", tmp_path / "songs", "--out", tmp_path / "made" / "dataset").code == 1
    assert whitelight("catalog", "table", tmp_path / "songs", "--out", tmp_path / "made" / "table.parquet").code == 0
    song = tmp_path / "made" / "song"
    command = ("compose", "chords", proposal, "--model", tiny_model, "--out", song, "--candidates", "4", "--force")
    assert whitelight(*command).code == 0
    review = song / "chords" / "review.yml"
    review.write_text(review.read_text().replace("status: undecided", "status: approved", 1))
    assert whitelight("compose", "promote", song).code == 0
    assert len(list(song.rglob("approved/*.mid"))) == 1
    assert files_that_name(tmp_path, tmp_path / "made") == []
    assert files_that_name(tiny_dataset.parents[1], tiny_dataset) == []
    assert files_that_name(tiny_dataset.parents[1], tiny_dataset.parent / "catalog") == []
    assert files_that_name(tiny_model.parents[1], tiny_model) == []


def test_nothing_printed_names_a_place_that_was_not_typed(
    *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_song: MakeSong, proposal: Path, whitelight: Run
) -> None:
    broken = make_song(tmp_path / "songs", "02_01", midi=b"MThd", main_audio_file="a.wav")
    (broken.parent / "a.wav").write_bytes(b"no sound")
    manifest_outside(make_song(tmp_path / "songs", "02_02"))
    (tmp_path / "folder.parquet").mkdir()
    (tmp_path / "file").write_text("in the way")
    monkeypatch.chdir(tmp_path)
    for command in (
        "catalog check songs --json",
        "catalog check songs",
        "catalog table songs --out folder.parquet",
        "catalog table songs --out file/t.parquet",
        "catalog import-midi songs --out file/songs",
        "dataset build songs --out file",
        "dataset build songs --out dataset --json",
        "dataset build songs --out dataset",
        "dataset verify dataset",
        "train fusion dataset --out model",
        "evaluate nowhere dataset",
        "score nowhere songs/02_01/piano.mid --target Red",
        f"compose chords {proposal.name} --model nowhere --out song",
        "compose promote songs",
    ):
        found = whitelight(*command.split())
        assert found.code == (0 if "verify" in command else 1), command
        assert str(tmp_path) not in found.out + found.err, command


@pytest.mark.slow
def test_a_whole_run_on_songs_with_damage_names_no_place_either(
    tmp_path: Path, make_song: MakeSong, midi_bytes: bytes, whitelight: Run
) -> None:
    for song_id, color in (
        ("02_01", "R"),
        ("02_02", "R"),
        ("02_03", "R"),
        ("05_01", "G"),
        ("05_02", "G"),
        ("05_03", "G"),
    ):
        path = make_song(tmp_path / "songs", song_id, rainbow_color=color, key="C major" if color == "R" else "A minor")
        notes = [(240 * i, 240, (60 if color == "R" else 45) + (i * int(song_id[-1])) % 12, 90) for i in range(120)]
        piece = Piece(
            480, TempoMap.constant(120.0, 480), midi_tracks=(MidiTrack("piano", notes=Notes.from_rows(notes)),)
        )
        (path.parent / "piano.mid").write_bytes(write_midi(piece))
    bad = make_song(tmp_path / "songs", "02_04", midi=b"MThd", lrc="no stamps")
    bad.write_text(bad.read_text() + "main_midi_file: ../../x.mid\n")
    found = whitelight("demo", "--catalog", tmp_path / "songs", "--out", tmp_path / "run", "--json")
    assert found.code == 0, found.err
    assert {"report.html", "dataset", "model", "songs"} <= {p.name for p in (tmp_path / "run").iterdir()}
    assert files_that_name(tmp_path, tmp_path / "run") == []


@pytest.fixture(scope="module")
def composed(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A production folder whose first candidate is approved."""
    from whitelight.catalog import read_proposal
    from whitelight.composition import compose_chords
    from whitelight.scoring import ChromaticScorer

    folder = tmp_path_factory.mktemp("composed")
    (folder / "p.yml").write_text(PROPOSAL)
    scorer = ChromaticScorer(tiny_model)
    compose_chords(
        read_proposal(folder / "p.yml", scorer.ontology), scorer=scorer, out=folder / "song", n_candidates=3, force=True
    )
    review = folder / "song" / "chords" / "review.yml"
    review.write_text(review.read_text().replace("status: undecided", "status: approved", 1))
    return folder / "song"


@pytest.mark.parametrize(
    ("find", "put", "words"),
    [
        (r'file: "', 'file: "../../../', "points outside"),
        (r"file: .*", "file: /etc/passwd", "give a path relative to review.yml"),
        (r"file: .*", "file: candidates/gone.mid", "is missing"),
        (r"\Z", "candidates: []\n", "duplicate key"),
        (r"\Z", "\t- x\n", "line"),
        (r"\A[\s\S]*", "- a\n- b\n", "expected 'candidates:' with a list"),
    ],
)
def test_a_review_that_must_not_be_acted_on(
    find: str, put: str, words: str, *, composed: Path, tmp_path: Path, whitelight: Run, snapshot: Snapshot
) -> None:
    song = tmp_path / "song"
    shutil.copytree(composed, song)
    review = song / "chords" / "review.yml"
    text = review.read_text()
    review.write_text(re.sub(find, lambda _: put, text, count=1))
    assert review.read_text() != text
    before = snapshot(song)
    found = whitelight("compose", "promote", song)
    assert found.code == 1
    assert words in found.error
    assert snapshot(song) == before


def test_names_of_the_human_cannot_lead_out_of_approved(composed: Path, tmp_path: Path, whitelight: Run) -> None:
    song = tmp_path / "song"
    shutil.copytree(composed, song)
    review = song / "chords" / "review.yml"
    text = re.sub(r"section: \w+", "section: ../../x", review.read_text(), count=1)
    review.write_text(text.replace("label:", 'label: "../../../evil"', 1))
    assert whitelight("compose", "promote", song).code == 0
    assert [p.name for p in song.glob("chords/approved/*")] == ["x_evil.mid"]
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("key", ["session", "files", "views", "inputs", "experts", "training", "ontology", "gate"])
def test_a_bundle_whose_record_was_edited_is_refused(
    key: str, *, tiny_model: Path, tmp_path: Path, midi_bytes: bytes, whitelight: Run
) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny_model, model)
    record = json.loads((model / "bundle.json").read_text())
    (model / "bundle.json").write_text(json.dumps(record | {key: 7}))
    (tmp_path / "a.mid").write_bytes(midi_bytes)
    found = whitelight("score", model, tmp_path / "a.mid", "--target", "Q1")
    assert found.code == 1
    assert f"bundle.json: '{key}' is 7; expected" in found.error


def test_a_color_that_is_none_and_a_key_that_is_none_begin_no_song(tmp_path: Path, whitelight: Run) -> None:
    for option, value, words in (
        ("--color", "Mauve", "no class of ontology"),
        ("--key", "H minor", "expected a tonic"),
    ):
        found = whitelight("compose", "new", "--title", "T", option, value, "--out", tmp_path / "song")
        assert found.code == 1
        assert words in found.error
        assert not (tmp_path / "song").exists()
