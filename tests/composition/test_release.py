"""A scorer that did not pass its gate is not composed with, unless that is asked for; a judge never is."""

from pathlib import Path
from typing import Any

import pytest

from whitelight.composition import SilencedScorer, compose_chords
from whitelight.files import load_yaml
from whitelight.scoring.release import Check, Criterion, Gate, GateError


def gate(found: float | None) -> dict[str, Any]:
    check = Check(
        "chords over all classes", found, 0.75, at_most=False, n=40, note="" if found else "3 rows of 1 songs"
    )
    return Gate((Criterion("ranking", "do they?", (check,)),)).to_dict()


def as_trained(scorer: Any, found: float | None, role: str = "scorer") -> Any:
    scorer.record = {"gate": gate(found), "training": {"role": role}}
    return scorer


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            0.51,
            (
                r"did not pass its release gate\. ranking: failed; 0 of 1 checks passed, "
                r"chords over all classes 0\.51 \(expected at least 0\.75\); add songs and train again, or pass --force"
            ),
        ),
        (None, r"could not be judged by its release gate\. ranking: not judged; chords .* \(3 rows of 1 songs\)"),
    ],
)
def test_the_refusal_says_criterion_found_and_expected_and_nothing_is_written(
    scorer: Any, proposal: Any, tmp_path: Path, found: float | None, words: str
) -> None:
    unfit = as_trained(scorer, found)
    with pytest.raises(GateError, match=words):
        compose_chords(proposal, scorer=unfit, out=tmp_path / "song", n_candidates=4, n_generations=0)
    assert not (tmp_path / "song").exists()
    forced = compose_chords(proposal, scorer=unfit, out=tmp_path / "song", n_candidates=4, n_generations=0, force=True)
    assert list(load_yaml(forced.out / "chords" / "search.yml")["runs"]) == ["seed 0, target calm"]


def test_a_scorer_that_passed_composes_and_a_judge_never_does(scorer: Any, proposal: Any, tmp_path: Path) -> None:
    compose_chords(proposal, scorer=as_trained(scorer, 0.9), out=tmp_path / "song", n_candidates=4, n_generations=0)
    judge = as_trained(scorer, 0.9, role="judge")
    with pytest.raises(GateError, match="this model is a judge"):
        compose_chords(proposal, scorer=judge, out=tmp_path / "other", n_candidates=4, n_generations=0, force=True)


def test_where_nobody_asks_the_scorer_its_gate_does_not_matter(scorer: Any, make_proposal: Any, tmp_path: Path) -> None:
    open_class = make_proposal(class_name=None)
    report = compose_chords(
        open_class, scorer=as_trained(scorer, 0.1), out=tmp_path / "song", n_candidates=4, n_generations=0
    )
    assert any("theory alone" in problem for problem in report.problems)


def test_a_silenced_scorer_says_why_and_theory_composes(proposal: Any, tmp_path: Path) -> None:
    silenced = SilencedScorer(None, "the scorer did not pass")
    report = compose_chords(proposal, scorer=silenced, out=tmp_path / "song", n_candidates=4, n_generations=0)
    assert any("the scorer did not pass" in problem and "theory alone" in problem for problem in report.problems)
    assert load_yaml(report.out / "song.yml")["target"] is None
