"""Why a candidate scores what it scores: true to the scorer, whatever the stage, and a clear line where nothing can be said."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from whitelight.composition.stages import STAGE_NAMES
from whitelight.encoders.descriptors.encoder import DESCRIPTORS
from whitelight.origin import read_origin
from whitelight.scoring import ChromaticScorer
from whitelight.studio.descriptor_words import readable
from whitelight.studio.why import catalog_of
from whitelight.training import train_fusion


@pytest.fixture(scope="module")
def tiny_model(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    return train_fusion(
        tiny.write_tiny_dataset(folder, songs_per_class=2), folder / "model", settings=tiny.SETTINGS
    ).out


@pytest.fixture
def aimed(folder: Path) -> Path:
    """The song, composed for a class the scorer knows."""
    sheet = folder / "song.yml"
    lines = [line for line in sheet.read_text().splitlines() if not re.match(r"(class|target):", line)]
    sheet.write_text("\n".join([*lines, "class: Q1", ""]))
    return folder


def address(song: str, stage: str, name: str) -> str:
    return f"/api/songs/{song}/stages/{stage}/why/{name}"


@pytest.mark.parametrize("stage", ["chords", "drums", "bass", "melody", "harmony"])
def test_what_is_said_is_what_the_scorer_says(
    *, make_client: Callable, song: str, candidate: Callable, aimed: Path, tiny_model: Path, stage: str
) -> None:
    name = candidate(stage)
    answer = make_client(model=tiny_model).get(address(song, stage, name))
    assert answer.status_code == 200
    told = answer.json()
    data = (aimed / stage / "candidates" / f"{name}.mid").read_bytes()
    view = "full" if stage == "harmony" else stage
    scored = ChromaticScorer(tiny_model).score(data, target="Q1", view=view, velocity="free")
    for key in ("fitness", "match", "confidence", "novelty"):
        assert told[key] == pytest.approx(getattr(scored, key))
    assert told["target"] == "Q1"
    assert told["axes"] == {axis: pytest.approx(dict(modes)) for axis, modes in scored.axes.items()}
    assert told["experts"] == [{"name": "midi", "contribution": pytest.approx(scored.fitness)}]
    assert told["usual"] + sum(term["contribution"] for term in told["groups"]) == pytest.approx(scored.fitness)
    assert told["descriptors"]
    sizes = [abs(each["contribution"]) for each in told["descriptors"]]
    assert sizes == sorted(sizes, reverse=True)
    hidden = {d.name for d in DESCRIPTORS if d.uses_velocity}
    for each in told["descriptors"]:
        assert each["name"] not in hidden
        assert each["class_quantiles"] == sorted(each["class_quantiles"])
        assert 0 <= each["percentile"] <= 100
    assert "±" in told["note"]


def test_the_answer_has_the_shape_of_the_contract(
    *, make_client: Callable, song: str, candidate: Callable, aimed: Path, tiny_model: Path, repository: Path
) -> None:
    del aimed
    told = make_client(model=tiny_model).get(address(song, "bass", candidate("bass"))).json()
    text = (repository / "web" / "src" / "types.ts").read_text()
    for found, interface in ((told, "Why"), (told["descriptors"][0], "WhyDescriptor")):
        body = re.search(rf"export interface {interface} \{{(.*?)\n\}}", text, re.DOTALL)
        assert body is not None
        names = re.findall(r"(?:^|[;\n])\s*(\w+):", re.sub(r"//[^\n]*|\{[^{}]*\}", "", body[1]))
        assert set(found) == set(names)


def test_where_nothing_can_be_said_that_is_said(
    *, make_client: Callable, song: str, candidate: Callable, aimed: Path, tiny_model: Path, tmp_path: Path
) -> None:
    name = candidate("bass")
    without = make_client().get(address(song, "bass", name))
    assert (without.status_code, "--model" in without.json()["error"]) == (403, True)
    client = make_client(model=tiny_model)
    assert client.get(address(song, "bass", "nobody")).status_code == 404
    assert client.get(address(song, "chorus", name)).status_code in {400, 404, 422}
    lyrics = client.get(address(song, "lyrics", candidate("lyrics")))
    assert lyrics.status_code == 400
    assert "lyrics" in lyrics.json()["error"]  # this scorer hears only MIDI
    before = shutil.copytree(tiny_model, tmp_path / "before")  # a bundle of an older version: no distributions
    (before / "distributions.npz").unlink()
    lonely = make_client(model=before, dataset=tmp_path / "gone").get(address(song, "bass", name)).json()
    assert lonely["descriptors"] == []
    assert "--dataset" in lonely["note"]
    sheet = aimed / "song.yml"
    sheet.write_text(sheet.read_text().replace("class: Q1", "class:"))
    assert "aims at no class" in client.get(address(song, "bass", name)).json()["error"]


def test_the_catalog_is_read_once(tiny_model: Path) -> None:
    dataset = read_origin(tiny_model)
    first = catalog_of(tiny_model, dataset)
    assert first is not None
    assert catalog_of(tiny_model, dataset) is first


def test_candidates_are_explained_in_the_view_they_were_composed_in(setting_views: dict[str, str]) -> None:
    from whitelight.studio.why import _VIEWS

    for stage in STAGE_NAMES:
        assert _VIEWS.get(stage, stage) == setting_views[stage]


@pytest.fixture
def setting_views(folder: Path) -> dict[str, str]:
    """What every stage's own craft says."""
    from whitelight.composition.approved import approved_parts, contexts_for
    from whitelight.composition.song_sheet import read_song_sheet
    from whitelight.composition.stages import find_stage
    from whitelight.composition.workshop import Workshop

    sheet = read_song_sheet(folder)
    parts = approved_parts(folder, sheet.form.sections)
    shop = Workshop(folder, sheet, {})
    stages = [find_stage(name) for name in STAGE_NAMES]
    return {stage.name: shop.craft(stage, contexts_for(sheet, parts, stage, ())[0]).view for stage in stages}


def test_words_keep_the_order_of_values() -> None:
    for descriptor in DESCRIPTORS:
        words = readable(descriptor)
        shown = [words.shown(float(value)) for value in np.linspace(-1, 3, 9)]
        assert shown == sorted(shown), descriptor.name
        assert words.meaning
        assert "of the same" not in words.meaning


def test_logarithms_become_what_they_are_of() -> None:
    by_name = {d.name: readable(d) for d in DESCRIPTORS}
    assert by_name["note_rate_log"].shown(np.log1p(3.0)) == pytest.approx(3.0)
    assert by_name["tempo"].shown(1.0) == pytest.approx(240.0)
    assert (by_name["length_mean"].meaning, by_name["length_mean"].unit) == ("Typical note length", "s")
    assert by_name["drum_share_hat"].shown(0.25) == 25.0
