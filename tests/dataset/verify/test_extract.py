import json

import numpy as np
import pytest
import soundfile

from whitelight.audio import decode_flac
from whitelight.dataset import Dataset
from whitelight.dataset.verify import extract_rows
from whitelight.dataset.verify.choosing import NothingChosenError
from whitelight.dataset.verify.extract import MARKER, ExtractError, slug
from whitelight.music import read_midi


def test_readable_files_of_every_row(made, tmp_path):
    out = tmp_path / "rows"
    n_rows = extract_rows(made / "dataset", out)
    dataset = Dataset.open(made / "dataset")
    assert n_rows == dataset.manifest.n_rows == len(list(out.rglob("*.json")))
    name = "02_01_a-song-of-rivers/0001_verse-1_stem-02-lead-melody_00m08.00s-00m12.50s"
    told = json.loads((out / f"{name}.json").read_text())
    assert told["row_id"] == "02_01/0001/stem-02"
    assert told["files"] == [f"{name.split('/')[1]}.{suffix}" for suffix in ("mid", "flac")]
    assert (out / f"{name}.flac").read_bytes() == dict(dataset.song_audio("02_01"))["02_01/0001/stem-02"]
    assert read_midi(out / f"{name}.mid").n_notes == told["n_notes"] > 5
    silent = out / "05_01_piano/0000_intro_full_00m00.00s-00m08.00s"
    assert not silent.with_suffix(".flac").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_a_sum_is_written_as_it_sounds(made, tmp_path):
    extract_rows(made / "dataset", tmp_path / "rows", song_id="06_01", row_ids={"06_01/0000/chords"})
    (file,) = (tmp_path / "rows").rglob("*.flac")
    stored = dict(Dataset.open(made / "dataset").song_audio("06_01"))
    parts = [decode_flac(stored[f"06_01/0000/stem-0{n}"]).samples for n in (1, 2)]
    found, rate = soundfile.read(file, dtype="float32", always_2d=True)
    assert rate == 22050
    assert np.abs(found - (parts[0] + parts[1])).max() <= 2**-15


def test_only_what_was_asked_for(made, tmp_path):
    assert extract_rows(made / "dataset", tmp_path / "g", class_name="G") == 12
    assert [p.name for p in (tmp_path / "g").iterdir() if p.is_dir()] == ["05_01_piano"]
    with pytest.raises(NothingChosenError, match=r"no song '99_99' of Green"):
        extract_rows(made / "dataset", tmp_path / "h", class_name="Green", song_id="99_99")


def test_an_earlier_extraction_is_replaced_and_nothing_else(made, tmp_path):
    out = tmp_path / "rows"
    extract_rows(made / "dataset", out, song_id="05_01")
    (out / "05_01_piano" / "mine.txt").write_text("x")
    extract_rows(made / "dataset", out, song_id="02_01")
    assert [p.name for p in out.iterdir() if p.is_dir()] == ["02_01_a-song-of-rivers"]
    (out / MARKER).unlink()
    with pytest.raises(ExtractError, match="holds other things"):
        extract_rows(made / "dataset", out)
    with pytest.raises(ExtractError, match="holds other things"):
        extract_rows(made / "dataset", made / "dataset")
    assert (made / "dataset/manifest.json").exists()


def test_names():
    assert slug("Überall / Ça  va?") == "uberall-ca-va"
    assert slug("歌") == ""
    assert len(slug("a " * 200)) <= 48
