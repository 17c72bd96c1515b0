"""Feedback counts what it says, says nothing from little, and constraints are checked as people write them."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.ideas import (
    ConstraintsError,
    EditedConstraintsError,
    NoThreadError,
    make_constraints,
    read_constraints,
    read_corpus,
    shrinkwrap,
    write_feedback,
)
from whitelight.ideas.corpus import Corpus, Idea
from whitelight.ideas.feedback import MIN_PROPOSALS
from whitelight.ideas.spread import densest_window, entropy, merged, tempo_spread
from whitelight.ideas.words import counted, phrases_of, title_words
from whitelight.music import Key, Meter


def corpus(*keys: str, tempi: tuple[float, ...] = (), concept: str = "", title: str = "") -> Corpus:
    ideas = [
        Idea(
            title=f"{title} {place}",
            concept=concept and f"{concept} number{place}.",
            key=Key.parse(key),
            tempo_bpm=tempi[place] if tempi else 60.0 + 10 * place,
            meter=Meter(4, 4),
            class_name=None,
        )
        for place, key in enumerate(keys)
    ]
    return Corpus(tuple(ideas), 1, 0, {})


FAR = ("C major", "D major", "E major", "F minor", "G major", "A minor")


def test_entropy_in_bits_with_enharmonics_merged() -> None:
    found = entropy([merged(Key.parse(key)) for key in ("A# minor", "Bb minor", "C# major", "Db major")], 24)
    assert found is not None
    assert (found.bits, found.n_kinds, found.most_bits) == (1.0, 2, 2.0)
    assert found.corrected_bits == pytest.approx(1.0 + 1 / (8 * math.log(2)), abs=1e-3)
    assert entropy([], 24) is None
    one = entropy(["a"] * 5, 24)
    assert one is not None
    assert one.bits == one.corrected_bits == 0.0


def test_tonic_and_scale_are_told_apart() -> None:
    numbers = make_constraints(corpus(*["C major", "C minor"] * 4)).numbers["keys"]
    assert numbers["tonic_entropy"]["bits"] == 0.0
    assert numbers["scale_entropy"]["bits"] == numbers["entropy"]["bits"] == 1.0


@given(st.lists(st.floats(40, 200), min_size=1, max_size=30))
def test_the_densest_window_is_the_fullest(tempi: list[float]) -> None:
    low, high, count = densest_window(tempi)
    assert high - low == pytest.approx(10.0)
    assert count == sum(low <= tempo < high for tempo in tempi)
    assert count == max(sum(start <= tempo < start + 10 for tempo in tempi) for start in tempi)
    spread = tempo_spread(tempi)
    assert spread is not None
    assert spread.low <= spread.quartiles[1] + 0.1
    assert spread.quartiles[1] <= spread.high + 0.1


def test_phrases_are_counted_once_per_text_and_the_longest_stays() -> None:
    text = "The machine learns to breathe. It learns to breathe, and of the and."
    assert ("machine", "learns", "to", "breathe") in phrases_of(text)
    assert ("breathe", "it", "learns") not in phrases_of(text)  # over the end of a sentence
    assert not any(set(phrase) <= {"and", "of", "the"} for phrase in phrases_of(text))
    found = counted([phrases_of(text), phrases_of("a machine learns to breathe again")], 2)
    assert found == {("machine", "learns", "to", "breathe"): 2}


def test_title_words_leave_out_what_says_nothing() -> None:
    assert title_words("The Keeper's Song of 12 Lamps (Part II)") == {"keeper", "song", "lamps", "part", "ii"}


def test_a_worn_key_tempo_and_phrase_become_constraints() -> None:
    made = make_constraints(
        corpus(*["Gb minor"] * 4, *FAR, tempi=(70, 71, 72, 73, 100, 110, 121, 132, 143, 154),
               concept="the lighthouse keeper counts", title="Lighthouse Song")
    )  # fmt: skip
    assert [(rule.text, rule.count) for rule in made.avoid_keys] == [("F# minor", 4)]
    assert [rule.value for rule in made.avoid_tempi] == [(70, 80)]
    assert [rule.text for rule in made.avoid_phrases] == ["the lighthouse keeper counts"]
    assert [rule.text for rule in made.avoid_title_words] == ["lighthouse", "song"]
    assert [rule.text for rule in made.avoid_meters] == ["4/4"]
    used = {merged(Key.parse(key)) for key in ("Gb minor", *FAR)}
    assert made.prefer_keys
    assert not used & {rule.value for rule in made.prefer_keys}
    assert all(not (low <= tempo < high) for low, high in (r.value for r in made.prefer_tempi) for tempo in (70, 154))


def test_nothing_is_said_from_few() -> None:
    made = make_constraints(corpus(*["C major"] * (MIN_PROPOSALS - 1), concept="the same words again", title="Song"))
    assert not any((made.avoid_keys, made.avoid_tempi, made.avoid_phrases, made.avoid_title_words, made.avoid_meters))
    assert "too few" in made.notes[0]
    more = make_constraints(corpus(*["C major"] * MIN_PROPOSALS, concept="the same words again", title="Song"))
    assert more.avoid_keys


def test_defaults_of_the_reader_are_no_habit(tmp_path: Path, make_proposal: Callable[..., str]) -> None:
    for place in range(MIN_PROPOSALS):
        text = make_proposal(f"i{place}", bpm=..., tempo=..., key="C major", rainbow_color="R")
        (tmp_path / f"{place}.yml").write_text(text)
    numbers = make_constraints(read_corpus([tmp_path])).numbers
    assert numbers["tempo_bpm"] is None
    assert numbers["meters"] == {}


def test_a_wrapped_thread_says_what_the_thread_says(thread: Path, tmp_path: Path) -> None:
    shrinkwrap(thread, tmp_path / "out")
    raw, wrapped = read_corpus([thread]), read_corpus([tmp_path / "out"])
    assert set(raw.ideas) == set(wrapped.ideas)
    old = (thread / "yml/lamp_v1.yml").read_text()
    (thread / "yml/lamp_v1.yml").write_text(old.replace("Bb minor", "D major"))
    shrinkwrap(thread, tmp_path / "out")
    keys = {str(idea.key) for idea in read_corpus([tmp_path / "out"]).ideas}
    assert "Bb minor" not in keys
    assert "D major" in keys
    (tmp_path / "none").mkdir()
    (tmp_path / "none/x.txt").write_text("x")
    with pytest.raises(NoThreadError, match="no song proposal"):
        read_corpus([tmp_path / "none"])


def test_constraints_survive_the_file_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    made = make_constraints(corpus(*["Gb minor"] * 5, *FAR, concept="the same words again", title="Song"))
    assert write_feedback(made, tmp_path).written == ("constraints.yml", "prompt.md")
    read = read_constraints(tmp_path / "constraints.yml")
    assert read == made
    assert write_feedback(made, tmp_path).written == ()
    assert "- F# minor: 5 of 11 proposals (45 %)" in (tmp_path / "prompt.md").read_text()
    path = tmp_path / "constraints.yml"
    path.write_text(path.read_text().replace("F# minor", "D minor"))
    with pytest.raises(EditedConstraintsError, match="changed by hand"):
        write_feedback(made, tmp_path)
    assert write_feedback(made, tmp_path, force=True).written == ("constraints.yml",)


def test_check_names_what_is_wrong_and_what_would_fit(tmp_path: Path) -> None:
    path = tmp_path / "constraints.yml"
    path.write_text(
        "avoid_keys: [F# minor]\nprefer_keys: [{key: D major}]\navoid_tempi: [67-77]\nprefer_tempi: [[121, 180]]\n"
        "avoid_meters: [{meter: 7/8, reason: too often}]\navoid_phrases: [learns to breathe]\n"
        "avoid_title_words: [Machine]\n"
    )
    rules = read_constraints(path)
    breaches = rules.check(
        title="The machine's turn", key="Gb minor", tempo_bpm=76.5, meter="2+2+3/8", concept="It Learns, to BREATHE; no"
    )
    assert [breach.field for breach in breaches] == ["key", "tempo_bpm", "meter", "title", "concept"]
    assert breaches[0].fits == "D major would be new"
    assert breaches[1].fits == "121–180 bpm would be new"
    assert breaches[2].reason == "too often"
    assert rules.check(title="Machines", key=Key.parse("F# major"), tempo_bpm=77, meter=Meter(4, 4), concept="") == ()
    assert rules.check() == ()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("- a", "expected lists"),
        ("avoid_key: [C]", "'avoid_key' is no constraint; there is avoid_keys"),
        ("avoid_keys: C", "expected a list"),
        ("avoid_keys: [H major]", "H major"),
        ("avoid_tempi: [{low: 80, high: 70}]", "low below high"),
        ("avoid_tempi: [80]", "avoid_tempi"),
        ("avoid_meters: [{meter: waltz}]", "waltz"),
        ("avoid_phrases: [3]", "expected a phrase"),
    ],
)
def test_what_means_nothing_is_refused_by_name(text: str, match: str, tmp_path: Path) -> None:
    (tmp_path / "c.yml").write_text(text)
    with pytest.raises(ConstraintsError, match=match):
        read_constraints(tmp_path / "c.yml")


def test_a_real_thread(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "proposals" / "the-breathing-machine"
    made = make_constraints(read_corpus([folder]))
    assert made.n_proposals == 17
    assert [(rule.text, rule.count) for rule in made.avoid_keys] == [("F# minor", 10)]
    assert made.numbers["keys"]["entropy"]["bits"] == pytest.approx(1.898, abs=1e-3)
    assert made.numbers["keys"]["counts"]["Bb minor"] == 2  # written A# minor
    assert [rule.value for rule in made.avoid_tempi] == [(67.0, 77.0)]
    assert "the rust signal" in [rule.text for rule in made.avoid_phrases]
    assert sum(made.numbers["meters"].values()) == 16  # one proposal's meter is words
