"""What the search keeps of a verdict, and what the review file remembers of it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from whitelight.composition.chords.craft import ChordCraft
from whitelight.composition.composing import compose_chords
from whitelight.composition.scorer import score_in_order
from whitelight.files import load_yaml
from whitelight.scoring import ScoreResult

AXES = {"height": {"low": 0.123456, "high": 0.876544}}


class Sayer:
    """A scorer that also says axes and how sure it is, worst first, as a ranking may."""

    def __init__(self, ears, confidence=0.6543):
        self.ears, self.confidence = ears, confidence

    def score_batch(self, candidates, target=None, *, view="full", velocity="full"):
        verdicts = self.ears.score_batch(candidates, target, view=view, velocity=velocity)
        return [
            ScoreResult(v.index, AXES, {}, v.fitness, v.match, self.confidence, novelty=v.novelty, error=v.error)
            for v in reversed(verdicts)
        ]


def test_what_a_scorer_says_is_remembered_with_two_digits(tmp_path, proposal, scorer):
    compose_chords(proposal, scorer=Sayer(scorer), out=tmp_path, n_candidates=4, n_generations=0)
    for entry in load_yaml(tmp_path / "chords" / "review.yml")["candidates"]:
        assert entry["machine"]["confidence"] == 0.65
        assert entry["machine"]["axes"] == {"height": {"low": 0.12, "high": 0.88}}


def test_a_scorer_that_says_neither_leaves_both_keys_out(tmp_path, proposal, scorer):
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=4, n_generations=0)
    for entry in load_yaml(tmp_path / "chords" / "review.yml")["candidates"]:
        assert not {"confidence", "axes"} & set(entry["machine"])


def test_remembering_more_changes_no_candidate(tmp_path, proposal, scorer):
    for name, judge in (("mute", scorer), ("said", Sayer(scorer))):
        compose_chords(proposal, scorer=judge, out=tmp_path / name, n_candidates=6)
    mute, said = (load_yaml(tmp_path / name / "chords" / "review.yml")["candidates"] for name in ("mute", "said"))
    for one in said:
        del one["machine"]["confidence"], one["machine"]["axes"]
    assert said == mute


@pytest.mark.parametrize("confidence", [math.nan, 0.5])
def test_verdicts_come_back_in_the_order_of_the_files(setting_for, scorer, confidence):
    craft = ChordCraft(setting_for("A minor"))
    genome = craft.compose(np.random.default_rng(0))
    file = craft.play(genome).midi
    first, second = score_in_order(Sayer(scorer, confidence), [file, b"MThd" + file[4:]], "calm")
    assert first == second
    assert first.confidence == (None if math.isnan(confidence) else confidence)
    assert first.axes == AXES
    assert replace(first, confidence=None, axes={}) == score_in_order(scorer, [file], "calm")[0]
