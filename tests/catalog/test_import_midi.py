from pathlib import Path

import pytest

from whitelight.catalog import ImportMidiError, ImportReport, check_catalog, import_midi, read_catalog
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, write_midi


@pytest.fixture
def src(tmp_path: Path, midi_bytes: bytes) -> Path:
    """Six files: two in a folder, one that starts with '-', one broken, one nobody labels."""
    folder = tmp_path / "midi"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.mid", "b.mid", "-c.mid", "sub/d.mid", "unlabelled.mid"):
        (folder / name).write_bytes(midi_bytes)
    (folder / "broken.mid").write_bytes(b"MThd")
    return folder


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    rows = ["clip,mood,song,split", "b,happy,s1,train", "a,sad,s1,train", "-c,happy,s2,val", "sub/d.mid,sad/slow,s3,val",
            "broken,sad,s4,val", "gone,sad,s5,val", "a,happy,s1,train", ",sad,s9,val", "../x,sad,s8,val"]  # fmt: skip
    path.write_text("\n".join(rows) + "\n", encoding="utf-8-sig")
    return path


def run(src: Path, labels: Path | None, out: Path, **more: str) -> ImportReport:
    columns = {"id_column": "clip", "class_column": "mood", "song_column": "song", "split_column": "split"}
    return import_midi(src, labels, **(columns if labels is not None else {}) | more, out=out)


def codes(report: ImportReport) -> set[str]:
    return {problem.code for problem in report.problems}


def test_clips_become_songs_with_class_group_and_split(src: Path, labels: Path, tmp_path: Path) -> None:
    report = run(src, labels, tmp_path / "out")
    assert (report.n_clips, report.n_songs) == (4, 3)
    assert report.clips_by_class == {"happy": 2, "sad": 1, "sad/slow": 1}
    catalog = read_catalog(tmp_path / "out")
    assert {s.song_id: (s.group_id, s.split, s.class_name) for s in catalog.songs} == {
        "a": ("s1", "train", "sad"),
        "b": ("s1", "train", "happy"),
        "c-c": ("s2", "val", "happy"),
        "sub_d": ("s3", "val", "sad/slow"),
    }
    song = catalog.by_id["sub_d"]
    assert (song.tempo_bpm, song.main_midi_file, song.stems[0].has_midi) == (100.0, "sub_d/sub_d.mid", True)
    assert song.duration_s == pytest.approx(2.4, abs=2e-6)
    assert catalog.ontology.class_names == ("happy", "sad", "sad/slow")
    assert [axis.name for axis in catalog.ontology.axes] == ["mood"]
    assert check_catalog(tmp_path / "out").exit_code == 0


def test_everything_that_is_wrong_with_the_labels_is_reported(src: Path, labels: Path, tmp_path: Path) -> None:
    report = run(src, labels, tmp_path / "out")
    assert codes(report) == {
        "midi-unreadable",
        "label-without-file",
        "label-contradicts",
        "label-empty",
        "file-without-label",
        "path-outside",
    }
    assert next(p.line for p in report.problems if p.code == "label-without-file") == 7
    assert next(p.message for p in report.problems if p.code == "file-without-label").startswith("1 of 6 ")


def test_rows_and_the_first_part_of_a_class_can_be_asked_for(src: Path, labels: Path, tmp_path: Path) -> None:
    report = import_midi(
        src,
        labels,
        id_column="clip",
        class_column="mood",
        split_column="split",
        where=["split=val", "song=s2", " song = s3"],
        class_until="/",
        out=tmp_path / "out",
    )
    assert (report.clips_by_class, report.clips_by_split) == ({"happy": 1, "sad": 1}, {"val": 2})
    assert read_catalog(tmp_path / "out").ontology.class_names == ("happy", "sad")
    told = next(p for p in report.problems if p.code == "label-not-asked")
    assert told.message == "7 of 9 rows are not split=val, song=s2|s3"


def test_what_is_asked_of_rows_must_make_sense(src: Path, labels: Path, tmp_path: Path) -> None:
    columns = {"id_column": "clip", "class_column": "mood", "out": tmp_path / "out"}
    with pytest.raises(ImportMidiError, match=r"--where 'split'; expected COLUMN=VALUE"):
        import_midi(src, labels, where=["split"], **columns)
    with pytest.raises(ImportMidiError, match="no column 'take'; it has clip, mood"):
        import_midi(src, labels, where=["take=1"], **columns)
    with pytest.raises(ImportMidiError, match="give it with --labels"):
        import_midi(src, where=["split=val"], out=tmp_path / "out")


def test_the_same_import_again_gives_the_same_bytes(src: Path, labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(src, labels, out)
    before = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    (out / "stale").mkdir()
    run(src, labels, out)
    assert {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert not (out / "stale").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_that_no_import_made_is_left_alone(src: Path, labels: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "song.txt").write_text("x")
    with pytest.raises(ImportMidiError, match="no import made it"):
        run(src, labels, tmp_path / "mine")
    assert (tmp_path / "mine" / "song.txt").read_text() == "x"


def test_nothing_is_left_behind_when_no_clip_can_be_read(tmp_path: Path) -> None:
    for name in ("x/1.mid", "y/2.mid"):
        (tmp_path / "midi" / name).parent.mkdir(parents=True)
        (tmp_path / "midi" / name).write_bytes(b"")
    with pytest.raises(ImportMidiError, match="no clip of midi/ can be imported"):
        run(tmp_path / "midi", None, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["midi"]


def test_folders_are_classes_without_a_table(tmp_path: Path, midi_bytes: bytes) -> None:
    for name in ("calm/1.mid", "calm/deep/2.MID", "wild/1.midi", "loose.mid"):
        path = tmp_path / "midi" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(midi_bytes)
    report = run(tmp_path / "midi", None, tmp_path / "out")
    assert report.clips_by_class == {"calm": 2, "wild": 1}
    assert sorted(song.song_id for song in read_catalog(tmp_path / "out").songs) == ["calm_1", "calm_deep_2", "wild_1"]
    assert codes(report) == {"file-without-label"}


def test_a_given_ontology_refuses_other_classes(src: Path, labels: Path, tmp_path: Path) -> None:
    with pytest.raises(ImportMidiError, match="'happy' is no class of ontology 'emopia'"):
        run(src, labels, tmp_path / "out", ontology="emopia")
    own = tmp_path / "own.yml"
    own.write_text(
        "name: own\naxes: [{name: mood, modes: [up, down]}]\n"
        "classes: [{name: Happy, modes: {mood: up}}, {name: Sad, modes: {mood: down}}]\n"
    )
    report = run(src, labels, tmp_path / "out", ontology=str(own))
    assert report.clips_by_class == {"Happy": 2, "Sad": 1}
    assert "class-unknown" in codes(report)
    assert read_catalog(tmp_path / "out").ontology.name == "own"


def test_columns_that_are_not_there_are_named(src: Path, labels: Path, tmp_path: Path) -> None:
    with pytest.raises(ImportMidiError, match="no column 'colour'; it has clip, mood, song, split"):
        run(src, labels, tmp_path / "out", class_column="colour")
    with pytest.raises(ImportMidiError, match="--id-column"):
        import_midi(src, labels, out=tmp_path / "out")
    with pytest.raises(ImportMidiError, match="no such folder"):
        run(src / "nowhere", labels, tmp_path / "out")


def test_labels_cannot_change_the_meaning_of_a_manifest(tmp_path: Path, midi_bytes: bytes) -> None:
    folder = tmp_path / "midi"
    folder.mkdir()
    names = ['x"\n: y', "yes", "1.0", "#", "é ü", "a:b", "*star"]
    rows = ["clip,class"]
    for i, name in enumerate(names):
        (folder / f"{i}.mid").write_bytes(midi_bytes)
        rows.append(f'{i},"{name.replace(chr(34), chr(34) * 2)}"')
    (tmp_path / "l.csv").write_text("\n".join(rows), encoding="utf-8")
    report = import_midi(folder, tmp_path / "l.csv", id_column="clip", class_column="class", out=tmp_path / "out")
    assert report.n_clips == len(names)
    classes = {song.song_id: song.class_name for song in read_catalog(tmp_path / "out").songs}
    assert classes == {str(i): " ".join(name.split()) for i, name in enumerate(names)}


def test_a_duration_is_never_shorter_than_its_notes(tmp_path: Path) -> None:
    for folder, tempo in (("x", 97.3), ("y", 133.33)):
        notes = Notes.from_rows([(0, 479, 60, 80), (961, 1234, 62, 80)])
        piece = Piece(480, TempoMap.constant(tempo, 480), midi_tracks=(MidiTrack("p", notes=notes),))
        (tmp_path / "midi" / folder).mkdir(parents=True)
        (tmp_path / "midi" / folder / "1.mid").write_bytes(write_midi(piece))
        run_seconds = piece.duration_s
        if folder == "y":
            run(tmp_path / "midi", None, tmp_path / "out")
            duration = read_catalog(tmp_path / "out").by_id["y_1"].duration_s
            assert 0 <= duration - run_seconds < 2e-6


@pytest.mark.slow
def test_emopia(shared_data: Path, tmp_path: Path) -> None:
    report = import_midi(
        shared_data / "emopia" / "midi",
        shared_data / "emopia" / "labels.csv",
        id_column="clip",
        class_column="quadrant",
        song_column="song",
        split_column="split",
        ontology="emopia",
        out=tmp_path / "out",
    )
    assert (report.n_clips, report.n_songs, report.problems) == (965, 353, ())
    assert report.clips_by_split == {"train": 767, "val": 198}


@pytest.mark.slow
def test_groove(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "groove"
    report = import_midi(
        folder,
        folder / "info.csv",
        id_column="midi_filename",
        class_column="style",
        split_column="split",
        out=tmp_path / "o",
    )
    assert report.n_clips == 1021 - len(
        [p for p in report.problems if p.code in {"label-without-file", "midi-unreadable"}]
    )
    assert {"rock", "rock/indie", "funk"} <= set(report.clips_by_class)
