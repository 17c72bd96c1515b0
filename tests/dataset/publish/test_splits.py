import pytest

from whitelight.dataset import Dataset
from whitelight.dataset.manifest import Manifest
from whitelight.dataset.publish import PublishError
from whitelight.dataset.publish.splits import split_name, splits_of


def with_splits(manifest: Manifest, **splits: str) -> Manifest:
    songs = {
        k: r.model_copy(update={"split": splits.get(k.replace("_", ""), r.split)}) for k, r in manifest.songs.items()
    }
    return manifest.model_copy(update={"songs": songs})


@pytest.fixture
def renamed(dataset: Dataset) -> Manifest:
    songs = {k.replace("_", "s"): r for k, r in dataset.manifest.songs.items()}
    return dataset.manifest.model_copy(update={"songs": songs})


def test_splits_have_the_names_datasets_uses(dataset: Dataset) -> None:
    splits = splits_of(dataset.manifest)
    assert splits.songs == {"train": ("02_01", "05_01", "05_02"), "validation": ("02_02",), "test": ("05_03",)}
    assert splits.is_given
    assert splits.crossing == ()
    assert [split_name(given) for given in ("", "Training ", "dev", "fold.1")] == [
        "train",
        "train",
        "validation",
        "fold.1",
    ]


def test_without_splits_everything_is_train(renamed: Manifest) -> None:
    splits = splits_of(with_splits(renamed, **dict.fromkeys(renamed.songs, "")))
    assert list(splits.songs) == ["train"]
    assert not splits.is_given


def test_groups_in_two_splits_are_named(renamed: Manifest) -> None:
    assert splits_of(with_splits(renamed, **{"05s02": "test"})).crossing == ("05_01",)


@pytest.mark.parametrize("name", ["a b", "fold-1", "../x", "."])
def test_a_split_that_cannot_be_a_file_name_is_refused(name: str) -> None:
    with pytest.raises(PublishError, match="letters, digits"):
        split_name(name)
