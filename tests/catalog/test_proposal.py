from pathlib import Path
from typing import Any

import pytest

from whitelight.catalog import NotAProposalError, Proposal, read_iterations, read_proposal, read_proposals
from whitelight.files import UnreadableFileError
from whitelight.music import Key, Meter

BASE = {
    "iteration_id": "x_v1",
    "title": "A Title",
    "bpm": 84,
    "tempo": "7/8",
    "key": "F# minor",
    "rainbow_color": "R",
    "concept": "a concept",
    "mood": ["calm"],
    "genres": ["folk"],
}


def proposal(tmp_path: Path, **fields: Any) -> Proposal:
    import json

    data = {name: value for name, value in (BASE | fields).items() if value is not ...}
    path = tmp_path / "p.yml"
    path.write_text("\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in data.items()))
    return read_proposal(path)


def codes(found: Proposal) -> list[str]:
    return [problem.code for problem in found.problems]


def test_a_regular_proposal(tmp_path: Path) -> None:
    found = proposal(tmp_path)
    assert (found.title, found.tempo_bpm, found.meter) == ("A Title", 84.0, Meter(7, 8))
    assert (found.musical_key, found.class_name, found.iteration_id) == (Key.parse("F# minor"), "Red", "x_v1")
    assert (found.concept, found.mood, found.genres) == ("a concept", ("calm",), ("folk",))
    assert codes(found) == []


@pytest.mark.parametrize(
    ("tempo", "meter", "problems"),
    [
        ({"numerator": 5, "denominator": 4}, Meter(5, 4), []),
        ("3/4 waltz", Meter(3, 4), []),
        ("Moderate driving", Meter(4, 4), ["meter-unreadable"]),
        ({"numerator": None, "denominator": 4}, Meter(4, 4), ["meter-unreadable"]),
        (None, Meter(4, 4), ["meter-missing"]),
        (..., Meter(4, 4), ["meter-missing"]),
    ],
)
def test_the_meter(tmp_path: Path, tempo: Any, meter: Meter, problems: list[str]) -> None:
    found = proposal(tmp_path, tempo=tempo)
    assert (found.meter, codes(found)) == (meter, problems)


@pytest.mark.parametrize(
    ("fields", "tempo_bpm", "problems"),
    [
        ({"bpm": "108 BPM"}, 108.0, []),
        ({"bpm": "100-110"}, 105.0, []),
        ({"bpm": 87.11}, 87.11, []),
        ({"bpm": None, "tempo": 96}, 96.0, ["meter-missing"]),
        ({"bpm": None}, 120.0, ["tempo-missing"]),
        ({"bpm": "slow"}, 120.0, ["tempo-unreadable", "tempo-missing"]),
        ({"bpm": 0}, 120.0, ["tempo-unreadable", "tempo-missing"]),
    ],
)
def test_the_tempo(tmp_path: Path, fields: dict[str, Any], tempo_bpm: float, problems: list[str]) -> None:
    found = proposal(tmp_path, **fields)
    assert (found.tempo_bpm, codes(found)) == (tempo_bpm, problems)


@pytest.mark.parametrize(
    ("key", "name", "problems"),
    [
        ("A#", "A# major", []),
        ("B ♭ major", "Bb major", []),
        ("C Major", "C major", []),
        ("F# minor (with Dorian inflections)", "F# minor", ["key-unclear"]),
        ("C minor / Eb major", "C minor", ["key-unclear"]),
        ("H", "None", ["key-unreadable"]),
        (None, "None", ["key-missing"]),
    ],
)
def test_the_key(tmp_path: Path, key: Any, name: str, problems: list[str]) -> None:
    found = proposal(tmp_path, key=key)
    assert (str(found.musical_key), codes(found)) == (name, problems)


@pytest.mark.parametrize(
    "color",
    ["O", "orange", "ORANGE", "03", "RainbowColor.ORANGE", "the Orange album", ["Orange"], {"color_name": "Orange"},
     {"color_name": None, "mnemonic_character_value": "O"}, {"rainbow_color": {"name": "orange"}}, "#EF7143"],
)  # fmt: skip
def test_the_class_by_any_spelling(tmp_path: Path, color: Any) -> None:
    found = proposal(tmp_path, rainbow_color=color)
    assert (found.class_name, codes(found)) == ("Orange", [])


def test_where_modes_disagree_the_ontology_wins_and_it_is_said(tmp_path: Path) -> None:
    color = {
        "color_name": "Orange",
        "objectional_mode": "Thing",
        "ontological_mode": ["Forgotten"],
        "temporal_mode": None,
    }
    found = proposal(tmp_path, rainbow_color=color)
    assert found.class_name == "Orange"
    (problem,) = found.problems
    assert problem.code == "mode-differs"
    assert "ontological mode is forgotten" in problem.message
    assert "Orange is imagined" in problem.message
    assert problem.line == 6


def test_modes_on_an_axis_the_class_does_not_have_are_said(tmp_path: Path) -> None:
    found = proposal(tmp_path, rainbow_color="Black", modes={"temporal": "past"})
    assert codes(found) == ["mode-differs"]


def test_the_name_wins_over_the_letter(tmp_path: Path) -> None:
    found = proposal(tmp_path, rainbow_color={"color_name": "Black", "mnemonic_character_value": "B"})
    assert (found.class_name, codes(found)) == ("Black", ["class-letter-differs"])


def test_modes_alone_find_the_class(tmp_path: Path) -> None:
    modes = {"temporal_mode": "past", "objectional_mode": "thing", "ontological_mode": "imagined"}
    found = proposal(tmp_path, rainbow_color={"color_name": "mauve", **modes})
    assert (found.class_name, codes(found)) == ("Orange", ["class-unknown"])
    assert proposal(tmp_path, rainbow_color="mauve").class_name is None


def test_null_fields_and_names_are_filled_or_left_open(tmp_path: Path) -> None:
    found = proposal(tmp_path, title=None, iteration_id=None, concept=None, mood=None, genres="folk")
    assert (found.title, found.iteration_id) == ("p", "p")
    assert (found.concept, found.mood, found.genres) == ("", (), ("folk",))
    assert codes(found) == ["iteration-id-missing", "title-missing"]


def test_a_file_of_iterations_gives_all_and_its_last(tmp_path: Path) -> None:
    path = tmp_path / "all.yml"
    one = "{iteration_id: %s, title: T, bpm: %d, tempo: 4/4, key: C, rainbow_color: R, concept: c}"
    path.write_text(f"iterations:\n  - {one % ('a', 60)}\n  - {{note: x}}\n  - {one % ('b', 70)}\n")
    assert [found.iteration_id for found in read_iterations(path)] == ["a", "b"]
    assert read_proposal(path).tempo_bpm == 70


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "an empty file"),
        ("- a\n", "a list"),
        ("hello", "a single value"),
        ("transcript: la\naudio: x\n", "a transcript of a recording"),
        (
            "chain_artifact_type: !!python/object/apply:a.b.C\n- newspaper_article\ntitle: T\nbpm: 3\nkey: C\n",
            "newspaper",
        ),
        ("chain_artifact_type: REDChainArtifactBook\n", "artifact of type 'book'"),
        ("manifest_id: '01_01'\ntitle: T\nbpm: 3\nkey: C\n", "song manifest"),
        ("a: 1\nb: 2\n", "a mapping of a, b"),
    ],
)
def test_other_files_are_named_for_what_they_are(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "x.yml"
    path.write_text(text)
    with pytest.raises(NotAProposalError, match=what):
        read_proposal(path)


def test_a_folder_is_sorted_out(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("title: T\nbpm: 100\nkey: C\nrainbow_color: R\n")
    (tmp_path / "b.yml").write_text("transcript: x\n")
    (tmp_path / "c.yml").write_text("a: 1\na: 2\n")
    report = read_proposals(tmp_path)
    assert ([p.file for p in report.proposals], set(report.others), set(report.unreadable)) == (
        ["a.yml"],
        {"b.yml"},
        {"c.yml"},
    )
    assert report.to_dict()["proposals"][0]["class"] == "Red"
    with pytest.raises(UnreadableFileError, match="no such folder"):
        read_proposals(tmp_path / "none")


def test_every_real_file_is_a_proposal_or_named(shared_data: Path) -> None:
    report = read_proposals(shared_data / "proposals")
    assert report.unreadable == {}
    assert len({proposal.file for proposal in report.proposals}) == 19
    assert len(report.proposals) == 36
    assert len(report.others) == 9
    assert sum("artifact of type" in what for what in report.others.values()) == 8
    assert all(proposal.class_name and proposal.musical_key for proposal in report.proposals)
    assert sum(problem.code == "mode-differs" for problem in report.problems) == 28
    assert sum(problem.code == "meter-unreadable" for problem in report.problems) == 2


def test_real_manifests_are_no_proposals(shared_data: Path) -> None:
    with pytest.raises(NotAProposalError, match="song manifest"):
        read_proposal(shared_data / "earthlyframes" / "01_01" / "01_01.yml")
