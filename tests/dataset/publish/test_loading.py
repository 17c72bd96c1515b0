"""What is published opens with `datasets`: every config, whole and streamed, sound decoded by soundfile alone."""

import io
import os
import re
import subprocess
import venv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from whitelight.dataset import Dataset
from whitelight.dataset.publish import PublishSettings, Version, publish_dataset

datasets = pytest.importorskip("datasets")
CONFIGS = ("base_manifest", "training_segments", "training_full", "preview", "embeddings_hashed_ngrams_concept")
SPLITS = {"train": 3, "validation": 1, "test": 1}


@pytest.fixture(scope="module")
def published(make_dataset: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from whitelight.encoders.features import embed
    from whitelight.encoders.registry import make_encoder

    data, out = make_dataset(), tmp_path_factory.mktemp("loading") / "published"
    embed(Dataset.open(data), make_encoder("hashed-ngrams"), column="concept")
    settings = PublishSettings(Version.parse("1.0.0"), include_media=True, include_embeddings=True, preview_per_class=2)
    publish_dataset(data, str(out), settings)
    (out.parent / "data").symlink_to(data)
    return out


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True)
    datasets.disable_progress_bars()


@pytest.mark.parametrize("config", CONFIGS)
def test_every_config_loads_and_streams_the_same(config: str, published: Path, tmp_path: Path) -> None:
    assert set(datasets.get_dataset_config_names(str(published))) == set(CONFIGS)
    loaded = datasets.load_dataset(str(published), config, cache_dir=tmp_path)
    assert list(loaded) == (["train"] if config == "preview" else list(SPLITS))
    streamed = datasets.load_dataset(str(published), config, streaming=True)
    for split, rows in loaded.items():
        assert list(streamed[split]) == rows.to_list()
        assert streamed[split].features == rows.features
        assert rows.num_rows > 0


def test_the_rows_are_those_of_the_dataset(published: Path, tmp_path: Path) -> None:
    dataset = Dataset.open(published.parent / "data")
    loaded = datasets.load_dataset(str(published), cache_dir=tmp_path)  # training_segments is the default
    expected = dataset.rows(kind=None).to_pylist()
    found = {row["row_id"]: row for split in loaded.values() for row in split}
    assert found == {row["row_id"]: row for row in expected}
    assert loaded["train"].features["lyric_words"].feature["start_s"] == datasets.Value("float64")


def test_sound_decodes_from_bytes_and_notes_are_equal(published: Path) -> None:
    dataset = Dataset.open(published.parent / "data")
    sounds, scores = dict(dataset.audio()), dict(dataset.media())
    streamed = datasets.load_dataset(str(published), "training_full", streaming=True)
    assert streamed["train"].features["audio"] == datasets.Audio(decode=False)
    n_sounds = n_scores = 0
    for split in streamed.values():
        for row in split:
            if row["audio"] is not None:
                samples, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]), dtype="float32", always_2d=True)
                assert rate == row["sample_rate"]
                assert samples.shape == (row["n_samples"], row["n_channels"])
                assert np.abs(samples - sounds[row["row_id"]].samples).max() <= 2**-24
                n_sounds += 1
            assert row["midi"] == scores.get(row["row_id"])
            n_scores += row["midi"] is not None
    assert (n_sounds, n_scores) == (len(sounds), len(scores))
    assert n_sounds > n_scores > 0


def test_sizes_on_the_card_are_checked_by_datasets(published: Path, tmp_path: Path) -> None:
    card = published / "README.md"
    text = card.read_text()
    try:
        card.write_text(re.sub(r"num_examples: (\d+)", lambda m: f"num_examples: {int(m[1]) + 1}", text))
        with pytest.raises(datasets.exceptions.NonMatchingSplitsSizesError):
            datasets.load_dataset(str(published), "training_segments", cache_dir=tmp_path)
    finally:
        card.write_text(text)


def test_the_code_on_the_card_runs(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (published / "README.md").read_text(), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(block.replace("OWNER/NAME", str(published)), {})  # our own card
    assert Path("slice.mid").read_bytes()[:4] == b"MThd"


@pytest.mark.slow
def test_datasets_alone_is_enough(published: Path, tmp_path: Path) -> None:
    """In an environment that has `datasets`, what it needs, and nothing of ours; links stand in for an installation."""
    venv.create(tmp_path / "alone", with_pip=False)
    site = next((tmp_path / "alone").rglob("site-packages"))
    ours = Path(datasets.__file__).parents[1]
    for entry in installed_as(needed_by("datasets"), ours):
        (site / entry.name).symlink_to(entry)
    code = (
        "import sys, importlib.util as u; from datasets import load_dataset\n"
        "assert all(u.find_spec(m) is None for m in ('whitelight', 'soundfile', 'torch', 'torchcodec'))\n"
        "for c in sys.argv[2:]:\n"
        "    rows = load_dataset(sys.argv[1], c)['train']\n"
        "    print(c, rows.num_rows, sum(1 for _ in load_dataset(sys.argv[1], c, split='train', streaming=True)))\n"
        "    if 'audio' in rows.features: assert rows[0]['audio']['bytes'][:4] == b'fLaC'\n"
    )
    done = subprocess.run(
        [tmp_path / "alone/bin/python", "-c", code, str(published), *CONFIGS],
        env={"HF_HOME": str(tmp_path / "home"), "HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "PATH": os.environ["PATH"]},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(CONFIGS)
    assert all(line.split()[1] == line.split()[2] for line in done.stdout.splitlines())


def needed_by(name: str) -> set[str]:
    """A distribution and everything it requires, extras included."""
    from importlib.metadata import PackageNotFoundError, distribution

    from packaging.requirements import Requirement

    seen: set[tuple[str, str]] = set()
    waiting = [(name, "")]
    while waiting:
        one, extra = waiting.pop()
        if (one, extra) in seen:
            continue
        seen.add((one, extra))
        try:
            requirements = [Requirement(text) for text in distribution(one).requires or []]
        except PackageNotFoundError:  # of another system
            continue
        for requirement in requirements:
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                waiting += [(requirement.name, more) for more in ("", *requirement.extras)]
    return {one for one, _ in seen}


def installed_as(names: set[str], site: Path) -> set[Path]:
    """What distributions put into `site`."""
    from importlib.metadata import PackageNotFoundError, files

    found: set[Path] = set()
    for name in names:
        try:
            tops = {Path(str(file)).parts[0] for file in files(name) or ()}
        except PackageNotFoundError:
            continue
        found |= {site / top for top in tops if top not in {"..", "__pycache__"} and (site / top).exists()}
    return found
