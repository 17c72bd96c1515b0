"""Lines of a language model for every part of a song, from a real server on this machine."""

import json
from pathlib import Path

import pytest

from whitelight.composition import compose_song, compose_stage, new_song
from whitelight.composition.approved import NothingApprovedError
from whitelight.composition.form import SectionPlan
from whitelight.composition.lyrics import LlmLyricist, ask_for_lines
from whitelight.composition.new_song import plain_form
from whitelight.composition.section_search import Effort
from whitelight.files import load_yaml

from .test_chat import FakeModel, completion

FORM = plain_form((SectionPlan("verse", "verse", 4, 0.5),))
LINES = [
    "the tide comes in",
    "a slow gray light",
    "we wait for the rain",
    "hold on to the morning",
    "nothing but the sea",
]


@pytest.fixture
def song(tmp_path: Path, proposal, scorer) -> Path:
    new_song(proposal, tmp_path / "song", form=FORM)
    compose_song(tmp_path / "song", scorer=scorer, through="melody", effort=Effort(4, 0, 3, n_written=3))
    return tmp_path / "song"


def test_lines_are_asked_for_each_variant_and_searched(song: Path, scorer) -> None:
    answer = json.dumps([{"phrase": phrase, "lines": LINES} for phrase in range(8)])
    usage = {"prompt_tokens": 100, "completion_tokens": 50}
    with FakeModel(completion(answer, usage)) as fake:
        offer = ask_for_lines(song, LlmLyricist.at(fake.url, "tiny"), None)
    assert len(fake.requests) == 2  # variants a and b
    assert (offer.usage.prompt_tokens, offer.usage.completion_tokens) == (200, 100)
    assert offer.brief.offered
    assert all(any(text.casefold() in line for line in LINES) for text in offer.brief.offered)  # one word may go
    assert "200 + 100 tokens" in str(offer)
    report = compose_stage(song, "lyrics", scorer=scorer, styles={"lyrics": offer.brief}, effort=Effort(6, 0, 3))
    assert report.sections
    told = [
        line.casefold()
        for e in load_yaml(song / "lyrics" / "review.yml")["candidates"]
        for line in e["machine"]["words"]
    ]
    assert any(text.casefold() in told for text in offer.brief.offered)


def test_without_a_melody_nobody_is_asked(tmp_path: Path, proposal) -> None:
    new_song(proposal, tmp_path / "song", form=FORM)
    with FakeModel(completion("[]")) as fake, pytest.raises(NothingApprovedError, match="melody"):
        ask_for_lines(tmp_path / "song", LlmLyricist.at(fake.url, "tiny"), None)
    assert fake.requests == []
