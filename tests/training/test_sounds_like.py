"""Names of artists beside the concept: read when asked for, in training as in scoring."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from whitelight.catalog import read_catalog
from whitelight.dataset import build_dataset
from whitelight.files import load_yaml
from whitelight.scoring import Candidate, ChromaticScorer
from whitelight.scoring.result import concept_text
from whitelight.training import train_fusion
from whitelight.training.settings import EncoderNames, SettingsError

ARTISTS = {"Q1": "The Bright Brass", "Q2": "Iron Kettle", "Q3": "Rain on Slate", "Q4": "Slow Meadow"}


@pytest.fixture(scope="module")
def dataset(tiny, tmp_path_factory) -> Path:
    """Songs whose manifests name an artist of their class."""
    folder = tmp_path_factory.mktemp("artists")
    tiny.write_tiny_dataset(folder, songs_per_class=3)
    for path in (folder / "catalog").rglob("*.yml"):
        fields = load_yaml(path)
        artist = next((ARTISTS[q] for q in ARTISTS if path.stem.startswith(q)), None)
        if artist is not None:
            path.write_text(json.dumps({**fields, "sounds_like": [{"name": artist}]}, default=str))
    build_dataset(read_catalog(folder / "catalog"), folder / "dataset", policy="whole")
    return folder / "dataset"


def test_names_of_artists_are_read_when_asked_for(dataset, tiny, tmp_path):
    settings = replace(tiny.SETTINGS, encoders=EncoderNames(sounds_like=True))
    report = train_fusion(dataset, tmp_path / "model", settings=settings)
    assert "concept" in report.experts
    scorer = ChromaticScorer(tmp_path / "model")
    for quadrant, artist in ARTISTS.items():
        (result,) = scorer.score_batch([Candidate(sounds_like=(artist,))])
        assert max(result.classes, key=result.classes.get) == quadrant


def test_else_they_are_not(dataset, tiny, tmp_path):
    report = train_fusion(dataset, tmp_path / "model", settings=tiny.SETTINGS)
    assert "concept" not in report.experts
    (result,) = ChromaticScorer(tmp_path / "model").score_batch([Candidate(sounds_like=("Iron Kettle",))])
    assert result.error is not None


def test_a_concept_and_names_are_one_text():
    assert concept_text(" a field ", ("A", "B")) == "a field\nA, B"
    assert concept_text(None, ()) == ""
    with pytest.raises(SettingsError, match="concept encoder"):
        EncoderNames(concept="nobody", sounds_like=True)
