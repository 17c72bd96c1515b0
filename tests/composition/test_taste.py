"""A taste in the fitness: it moves what is kept, it has its share, it is recorded, and one that may be chance is refused."""

import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whitelight.composition.chords.craft import ChordCraft
from whitelight.composition.composing import compose_chords, compose_stage
from whitelight.composition.evolution import evolve, regenerate
from whitelight.composition.fitness import CHROMATIC_SHARE, TASTE_SHARE, UNINFORMATIVE, usual_spread, weigh
from whitelight.composition.section_search import Effort
from whitelight.composition.taste import open_taste
from whitelight.files import load_yaml
from whitelight.music import read_midi
from whitelight.scoring.taste import Judgement, StageTaste, Taste, UnusableTasteError
from whitelight.training.taste import train_taste

N_SONGS = 6


def strokes(data) -> float:
    """Chords struck per second: how busy a candidate is, counted without descriptors."""
    piece = data if hasattr(data, "all_notes") else read_midi(data)
    return len(np.unique(piece.all_notes().onset_tick)) / piece.duration_s


@pytest.fixture(scope="module")
def busy_taste(setting_for, tmp_path_factory) -> Taste:
    """Learned from judgements of chords of six songs: of each section the busier half is liked."""
    judged = _judged(setting_for, lambda values: values)
    out = tmp_path_factory.mktemp("busy")
    train_taste(judged, out)
    return Taste.load(out)


def _judged(setting_for, opinion) -> list[Judgement]:
    keys = ("C major", "A minor", "E minor", "F major", "D minor", "G major")
    judged = []
    for song, key in enumerate(keys[:N_SONGS]):
        rng = np.random.default_rng(song)
        craft = ChordCraft(setting_for(key, tempo_bpm=80.0 + 8 * song))
        played = [craft.play(craft.compose(rng)) for _ in range(10)]
        worth = opinion(np.array([strokes(one.midi) for one in played]))
        for k, one in enumerate(played):
            terms = {name: value for name, value in one.terms.items() if value is not None}
            liked = bool(worth[k] > np.median(worth))
            judged.append(Judgement(f"song {song}", "chords", "verse", f"c{k}", liked, read_midi(one.midi), terms))
    return judged


@pytest.fixture
def begun(tmp_path, proposal, scorer) -> Path:
    """A song with chords, one of which is liked in each section."""
    out = tmp_path / "song"
    compose_chords(proposal, scorer=scorer, out=out, n_candidates=10, n_generations=0)
    review = out / "chords" / "review.yml"
    content = load_yaml(review)["candidates"]
    text = review.read_text()
    for section in {one["section"] for one in content}:
        name = next(one["id"] for one in content if one["section"] == section)
        head, tail = text.split(f"- id: {name}\n", 1)
        text = f"{head}- id: {name}\n{tail.replace('rating:', 'rating: 5', 1)}"
    review.write_text(text)
    return out


def kept_strokes(folder: Path, ids: tuple[str, ...]) -> float:
    return float(np.mean([strokes((folder / "chords" / "candidates" / f"{name}.mid").read_bytes()) for name in ids]))


def test_evolving_with_a_taste_for_busy_chords_keeps_busier_ones(begun, tmp_path, scorer, busy_taste) -> None:

    other = shutil.copytree(begun, tmp_path / "other" / "song")
    effort = Effort(n_candidates=20, n_generations=3, n_keep=6)
    plain = evolve(begun, "chords", scorer=scorer, effort=effort)
    liked = evolve(other, "chords", scorer=scorer, effort=effort, taste=busy_taste)
    assert kept_strokes(other, liked.kept) > 1.1 * kept_strokes(begun, plain.kept)
    runs = load_yaml(other / "chords" / "search.yml")["runs"]
    (name,) = [run for run in runs if run.endswith(f"taste {busy_taste.name}")]
    for section in runs[name].values():
        weight = section["weights"]["taste"]
        assert weight["status"] == "informative"
        assert weight["weight"] == pytest.approx(TASTE_SHARE / weight["spread"], rel=1e-2)
    new = [
        one["machine"] for one in load_yaml(other / "chords" / "review.yml")["candidates"] if one["id"] in liked.added
    ]
    assert all(math.isfinite(one["taste"]) for one in new)


def test_judgements_by_lot_are_refused_before_anything_is_composed(setting_for, tmp_path, begun, scorer) -> None:
    rng = np.random.default_rng(5)
    train_taste(_judged(setting_for, lambda values: rng.random(len(values))), tmp_path / "taste")
    with pytest.raises(UnusableTasteError, match="may be chance"):
        open_taste(tmp_path / "taste")
    before = (begun / "chords" / "review.yml").read_bytes()
    for work in (regenerate, evolve):
        with pytest.raises(UnusableTasteError, match="may be chance"):
            work(begun, "chords", scorer=scorer, taste=Taste.load(tmp_path / "taste"))
    assert (begun / "chords" / "review.yml").read_bytes() == before


def test_a_stage_the_taste_knows_nothing_of_is_composed_without_it_and_that_is_said(begun, scorer, busy_taste) -> None:
    deaf = replace(busy_taste, stages={"melody": busy_taste.stages["chords"]})
    report = compose_stage(begun, "chords", scorer=scorer, seed=7, effort=Effort(4, 0), taste=deaf)
    assert any("no judgements of chords" in problem for problem in report.problems)
    runs = load_yaml(begun / "chords" / "search.yml")["runs"]
    assert all("taste" not in section["weights"] for run in runs.values() for section in run.values())


def test_without_a_taste_nothing_changes(tmp_path, proposal, scorer, begun) -> None:
    entries = load_yaml(begun / "chords" / "review.yml")["candidates"]
    assert not any("taste" in one["machine"] for one in entries)
    assert open_taste(None) is None


# --- shares


def batch(rng, n=60):
    return [{"good": float(rng.normal(0.5, 0.2))} for _ in range(n)]


def test_a_taste_has_its_share_and_the_others_theirs_of_the_rest():
    rng = np.random.default_rng(0)
    terms, chromatic, taste = batch(rng), rng.normal(0, 3, 60), rng.normal(1, 0.5, 60)
    weights = weigh(terms, {}, chromatic.tolist(), [0.5] * 60, taste.tolist())
    middle = (weights.chromatic.mean, 0.5, weights.taste.mean)
    by_taste = usual_spread(np.array([weights.fitness({}, middle[0], 0.5, one) for one in taste]))
    by_color = usual_spread(np.array([weights.fitness({}, one, 0.5, middle[2]) for one in chromatic]))
    by_theory = np.std([weights.fitness(one, *middle) for one in terms])
    rest = 1 - TASTE_SHARE
    assert [by_taste, by_color, by_theory] == pytest.approx(
        [TASTE_SHARE, rest * CHROMATIC_SHARE, rest * (1 - CHROMATIC_SHARE)], rel=1e-6
    )
    assert weights.fitness(terms[0], 0.0, 0.5) == pytest.approx(weights.fitness(terms[0], 0.0, 0.5, middle[2]))


def test_a_taste_that_tells_nothing_apart_takes_no_share():
    rng = np.random.default_rng(0)
    terms, chromatic = batch(rng), rng.normal(0, 3, 60).tolist()
    plain = weigh(terms, {}, chromatic, [0.5] * 60)
    for taste in ([0.3] * 60, [math.nan] * 60):
        weights = weigh(terms, {}, chromatic, [0.5] * 60, taste)
        assert weights.taste.weight == 0
        assert (weights.theory, weights.chromatic) == (plain.theory, plain.chromatic)
    assert weigh(terms, {}, chromatic, [0.5] * 60, [0.3] * 60).taste.status == UNINFORMATIVE


def test_what_is_extreme_counts_no_more_than_extreme():
    one = StageTaste(("tempo",), (), np.zeros(1), np.ones(1), np.ones(1))
    assert one.score(np.array([[4.0], [400.0], [-400.0]])).tolist() == [4.0, 4.0, -4.0]
