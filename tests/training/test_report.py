"""The page of an evaluation: complete, self-contained, and the mistakes in it are the surest ones."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whitelight.dataset import Dataset
from whitelight.training.evaluation import HeldOut, figures_of, held_out
from whitelight.training.report import N_MISTAKES, render_evaluation, write_evaluation_report


@pytest.fixture(scope="module")
def wrong(tiny_model: Path, tiny_dataset: Path) -> HeldOut:
    """A model that guesses."""
    found = held_out(tiny_model, tiny_dataset, "val")
    rng = np.random.default_rng(0)
    logits = {e: rng.normal(size=values.shape) * 3 for e, values in found.table.logits.items()}
    return replace(found, table=replace(found.table, logits=logits))


@pytest.fixture(scope="module")
def value(wrong: HeldOut) -> dict[str, Any]:
    return figures_of(wrong, split="val", by="clip")


def test_the_page_holds_everything_and_loads_nothing(
    wrong: HeldOut, value: dict[str, Any], tiny_dataset: Path, tmp_path: Path
) -> None:
    row = {"accuracy": 0.5, "accuracy_interval": [0.4, 0.6], "macro_f1": 0.5, "ece": 0.1, "aurc": 0.2}
    folds = {
        "folds": 3,
        "repeats": 1,
        "rows": {"grouped": {**row, "sets": {"coverage": 0.9, "size": 1.5}}, "majority": row},
        "views": {},
        "albums": {"axis": {"n": 4, "accuracy": 0.5, "grouped": 0.75, "majority": 0.5}},
    }
    difference = {"model": 0.5, "against": 0.4, "difference": 0.1, "interval": [0.0, 0.2]}
    against = {"n_units": 8, "n_songs": 4, "accuracy": difference}
    full = {**value, "folds": folds, "against": against}
    page = write_evaluation_report(tmp_path / "report.html", full, wrong, tiny_dataset).read_text()
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "default-src 'none'" in page
    ids = set(re.findall(r'id="(\w+)"', page))
    assert {"evaluation", "curves", "axes", "gate", "mistakes", "folds", "against"} <= ids
    assert set(re.findall(r'href="#(\w+)"', page)) <= ids
    for name in ("arousal", "valence", "Reliability, bass", "ranking of Q3", "leaky", "+0.100"):
        assert name in page
    assert str(tmp_path) not in page
    assert str(tiny_dataset) not in page
    HTMLParser().feed(page)


def test_the_mistakes_are_the_surest_ones_with_their_notes(
    wrong: HeldOut, value: dict[str, Any], tiny_dataset: Path
) -> None:
    page = render_evaluation(value, wrong, Dataset.open(tiny_dataset))
    found = json.loads(re.search(r'id="candidates">(.*?)</script>', page, re.DOTALL)[1])[0]  # type: ignore[index]  # there
    n_wrong = value["n_units"] - sum(value["confusion"]["counts"][k][k] for k in range(4))
    assert 0 < len(found) == min(n_wrong, N_MISTAKES)
    sure = [one["scores"]["confidence"] for one in found]
    assert sure == sorted(sure, reverse=True)
    for one in found:
        truth, heard_as = one["id"].split(", heard as ")
        assert one["file"].startswith(truth)  # clips of the tiny dataset are named for their class
        assert heard_as != truth
        assert max(one["terms"], key=one["terms"].get) == heard_as
        assert len(one["notes"]) > 40
    assert page.count('class="candidate"') == len(found)


def test_a_model_without_mistakes_says_so(wrong: HeldOut, tiny_dataset: Path) -> None:
    table = wrong.table
    sure = {e: np.zeros_like(values) for e, values in table.logits.items()}
    for values in sure.values():
        values[:, np.arange(len(table.rows)), table.rows.label] = 20.0
    right = replace(wrong, table=replace(table, logits=sure))
    page = render_evaluation(figures_of(right, split="val", by="clip"), right, Dataset.open(tiny_dataset))
    assert "No excerpt with MIDI was named wrong." in page
