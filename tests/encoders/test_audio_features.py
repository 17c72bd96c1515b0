"""Embedding recordings: vectors are those of the sound a row has, in little memory, and a killed pass goes on."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from whitelight.audio import Audio
from whitelight.catalog import read_catalog
from whitelight.dataset import AudioSettings, Dataset, build_dataset
from whitelight.encoders import AudioStatisticsEncoder, embed, encode_all, has_vectors, read_features
from whitelight.encoders import song_content as content_module
from whitelight.encoders.features import feature_folder
from whitelight.encoders.protocol import Modality, fingerprint_of

soundfile = pytest.importorskip("soundfile")

RATE = 8_000
N_SONGS = 5
ENCODER = AudioStatisticsEncoder()
CODE = "[{:02d}:{:02d}.000]"


class Counting:
    """An encoder of sound that counts what it is given: duration and RMS."""

    name, version, dim = "counting", "1", 2
    modality: Modality = "audio"

    def __init__(self) -> None:
        self.batches: list[list[float]] = []

    def fingerprint(self) -> str:
        return fingerprint_of(self.name, self.version, self.dim, {})

    def encode(self, batch):
        self.batches.append([audio.duration_s for audio in batch])
        return np.array([[a.duration_s, np.sqrt((a.mono().samples ** 2).mean())] for a in batch], np.float32)


def write_song(root: Path, song_id: str, seed: int, **stems: np.ndarray) -> None:
    """A song of two sections of three seconds; each stem is a recording, mono or stereo."""
    folder = root / song_id
    folder.mkdir(parents=True)
    for name, samples in stems.items():
        soundfile.write(folder / f"{name}.wav", samples, RATE, subtype="PCM_16")
    manifest = {
        "manifest_id": song_id,
        "bpm": 120,
        "tempo": "4/4",
        "rainbow_color": "R" if seed % 2 else "G",
        "title": song_id,
        "TRT": CODE.format(0, 6),
        "time_code": "ms",
        "structure": [
            {"section_name": "Verse", "start_time": CODE.format(0, 0), "end_time": CODE.format(0, 3)},
            {"section_name": "Chorus", "start_time": CODE.format(0, 3), "end_time": CODE.format(0, 6)},
        ],
        "concept": f"a song about {seed}",
        "audio_tracks": [
            {"id": k, "description": name.title(), "audio_file": f"{name}.wav"} for k, name in enumerate(stems, 1)
        ],
    }
    (folder / f"{song_id}.yml").write_text(json.dumps(manifest))


def noise(seed: int, seconds: float = 6.0, level: float = 0.1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, level, round(seconds * RATE)).clip(-0.99, 0.99)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("recorded")
    for k in range(N_SONGS - 1):
        half = noise(10 + k)
        half[: len(half) // 2] = 0  # the bass is silent in the first section
        write_song(root / "catalog", f"02_{k:02d}", k, drums=noise(k), bass=half)
    write_song(root / "catalog", "03_01", 9)  # words alone
    build_dataset(
        read_catalog(root / "catalog"), root / "dataset", policy="sections", audio=AudioSettings(sample_rate=None)
    )
    return root / "dataset"


@pytest.fixture
def dataset(built: Path, tmp_path: Path) -> Dataset:
    import shutil

    shutil.copytree(built, tmp_path / "dataset")
    return Dataset.open(tmp_path / "dataset")


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_vectors_are_those_of_serving_and_silence_is_a_flag(dataset):
    assert embed(dataset, ENCODER).encoded == N_SONGS
    rows = dataset.rows(["row_id", "song_id", "view", "audio_rows"], kind=None).to_pylist()
    features = read_features(dataset, ENCODER, [row["row_id"] for row in rows])
    sounds = dict(dataset.audio())
    served = encode_all(ENCODER, [sounds.get(row["row_id"]) for row in rows])
    assert np.array_equal(features.has, served.has)
    assert np.array_equal(features.vectors, served.vectors)
    by_id = dict(zip((row["row_id"] for row in rows), features.has.tolist(), strict=True))
    assert by_id["02_00/0000/full"]
    assert by_id["02_00/0001/bass"]
    assert not any(has for row_id, has in by_id.items() if row_id.startswith(("03_01/", "02_00/0000/bass")))
    assert not any(has for row_id, has in by_id.items() if row_id.endswith("/lyrics"))
    assert not features.vectors[~features.has].any()
    assert has_vectors(dataset, ENCODER).tolist() == list(by_id.values())


def test_a_sound_that_several_rows_share_is_encoded_once(dataset):
    encoder = Counting()
    embed(dataset, encoder)
    n_encoded = sum(len(batch) for batch in encoder.batches)
    shared = {tuple(row["audio_rows"]) for row in dataset.rows(["audio_rows"], kind=None).to_pylist()} - {()}
    assert n_encoded < len(list(dataset.audio()))
    assert n_encoded == sum(1 for parts in shared if not _is_silent(dataset, parts))


def _is_silent(dataset: Dataset, parts: tuple[str, ...]) -> bool:
    rows = dict(dataset.audio(parts))
    return all(not audio.samples.any() for audio in rows.values())


def test_sound_is_read_a_minute_at_a_time(monkeypatch, dataset):
    monkeypatch.setattr(content_module, "BATCH_AUDIO_S", 7.0)  # rows last three seconds
    encoder = Counting()
    embed(dataset, encoder)
    assert max(sum(batch) for batch in encoder.batches) <= 7.0
    assert max(len(batch) for batch in encoder.batches) == 2
    alive = []

    def sounds():
        for k in range(40):
            audio = Audio(np.full((RATE, 1), 0.1, np.float32), RATE)
            alive.append(k)
            yield audio

    for k, batch in enumerate(content_module.batches(sounds())):
        assert len(batch) == (7 if k < 5 else 5)
        assert len(alive) <= 7 * (k + 1) + 1  # one ahead, never all


def test_jobs_do_not_change_the_result(dataset):
    folder = embed(dataset, ENCODER).folder
    one = contents(folder)
    for file in folder.iterdir():
        file.unlink()
    assert embed(dataset, ENCODER, jobs=2).encoded == N_SONGS
    assert contents(folder) == one


SCRIPT = """
import os, signal, sys
from pathlib import Path
import whitelight.encoders.audio_statistics.encoder as statistics
from whitelight.dataset import Dataset
from whitelight.encoders import AudioStatisticsEncoder, embed
describe, described = statistics._describe, []
def count(audio):
    if len(described) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)  # in the middle of a song
    described.append(audio)
    return describe(audio)
statistics._describe = count
embed(Dataset.open(Path(sys.argv[1])), AudioStatisticsEncoder())
"""


@pytest.mark.parametrize(("sounds_before", "songs_before"), [(0, 0), (7, 1), (11, 2)])
def test_a_killed_pass_loses_the_song_in_flight_and_no_more(dataset, sounds_before, songs_before):
    folder = embed(dataset, ENCODER).folder
    undisturbed = contents(folder)
    for file in folder.iterdir():
        file.unlink()
    command = [sys.executable, "-c", SCRIPT, str(dataset.path), str(sounds_before)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert len(list(folder.glob("*.parquet"))) == songs_before  # five sounds to a song
    assert embed(dataset, ENCODER).encoded == N_SONGS - songs_before
    assert contents(folder) == undisturbed


def test_features_of_audio_have_no_column_and_a_folder_of_their_own(dataset):
    folder = feature_folder(dataset, ENCODER)
    assert folder.name == f"audio-statistics-{ENCODER.fingerprint()[:12]}"


KILL_PARENT = """
import os, signal, sys
from pathlib import Path
from whitelight.dataset import Dataset
from whitelight.encoders import AudioStatisticsEncoder, embed
if __name__ == "__main__":
    def tell(done, total):
        import psutil
        print(*(child.pid for child in psutil.Process().children(recursive=True)), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    embed(Dataset.open(Path(sys.argv[1])), AudioStatisticsEncoder(), jobs=2, progress=tell)
"""


@pytest.mark.slow
def test_a_killed_pass_of_several_processes_leaves_none_behind_and_goes_on(dataset, tmp_path):
    import psutil

    folder = embed(dataset, ENCODER).folder
    undisturbed = contents(folder)
    for file in folder.iterdir():
        file.unlink()
    (tmp_path / "kill.py").write_text(KILL_PARENT)
    command = [sys.executable, tmp_path / "kill.py", dataset.path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        pids = [int(pid) for pid in process.stdout.readline().split()]
    assert process.returncode == -signal.SIGKILL
    workers = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    assert pids
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    assert 1 <= len(list(folder.glob("*.parquet"))) <= 4
    embed(dataset, ENCODER)
    assert contents(folder) == undisturbed
