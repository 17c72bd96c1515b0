"""The report: self-contained, escaped, well formed, and complete when parts are missing. No browser needed."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from whitelight.demo.report import write_report
from whitelight.demo.report.data import ColorMap, ComposedSong, MapPoint, ProblemRow, ReportData, SongRow
from whitelight.demo.report.page import render_report
from whitelight.markup import Markup, el, ink_on, safe_json
from whitelight.reporting.data import (
    Candidate,
    ChordLabel,
    ClassRow,
    ClassStyle,
    Evaluation,
    NoteRow,
    Rate,
    ReliabilityBin,
    SystemRow,
)

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> $style & \"quotes\" 'too'"
VOID = {"meta", "br", "link", "img"}


def sample() -> ReportData:
    classes = (ClassStyle("Ash", "A", "231F20", HOSTILE), ClassStyle("Birch", "B", "FFFF00"))
    song = SongRow("01_01", HOSTILE, "Ash", "C minor", "5/8", 92.5, 61.2, 4, 12, 1)
    candidate = Candidate(
        "c01", "verse", f"songs/{HOSTILE}.mid", 2.0, (NoteRow(0.0, 1.0, 60, 80), NoteRow(1.0, 0.5, 36, 90, is_drum=True)),
        (ChordLabel(0.0, HOSTILE),), (0.0, 1.0), 1.2, 0.8, 0.6, 0.1, {HOSTILE: 0.5},
    )  # fmt: skip
    return ReportData(
        HOSTILE,
        classes,
        (song, SongRow("01_02", "Plain", None, "", "", None, None, 0, 0, 0)),
        (ProblemRow("01_01/01_01.yml", 3, "wrong-length", HOSTILE, "kept"),),
        ColorMap(
            (MapPoint("01_01", HOSTILE, "Ash", 0.0, 1.0, "Birch"), MapPoint("02_01", "x", "Birch", 1.0, 0.0, "Birch")),
            "probabilities",
            (0.5, 0.2),
        ),
        Evaluation(
            20,
            2,
            "segment",
            (SystemRow("whitelight", Rate(0.9, 0.8, 0.95), 0.88, 0.03, is_ours=True), SystemRow("majority", Rate(0.5))),
            (ClassRow("Ash", Rate(0.9, 0.7, 1.0, 10), 0.97), ClassRow("Birch", None, None)),
            ("Ash", "Birch"),
            ((9, 1), (2, 8)),
            (ReliabilityBin(0.6, 0.5, 8), ReliabilityBin(0.9, 0.95, 12)),
            0.03,
            {"time": Rate(0.8, n=20)},
            {"bass": Rate(0.7, n=20)},
            notes=(HOSTILE,),
        ),
        (ComposedSong(HOSTILE, "Ash", "C minor", "5/8", 92.5, HOSTILE, "songs/x", (candidate,), 50, 0.21),),
        ("whitelight compose promote songs/x", HOSTILE),
        HOSTILE,
    )


class Page(HTMLParser):
    """Collects elements and checks that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def page_text() -> str:
    return render_report(sample())


@pytest.fixture(scope="module")
def page(page_text: str) -> Page:
    return Page(page_text)


def test_the_page_is_well_formed_and_has_its_sections(page: Page) -> None:
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert {"catalog", "map", "evaluation", "composed", "next", "candidates", "songs"} <= ids


def test_nothing_is_loaded_from_anywhere(page_text: str, page: Page) -> None:
    assert not re.search(r"(?:https?:)?//[a-z0-9]", re.sub(r"\s//.*", "", page_text))
    assert {tag for tag, _ in page.elements} & {"link", "img", "iframe", "object", "embed", "base"} == set()
    for _, attributes in page.elements:
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in page_text
    assert "@import" not in page_text


def test_user_text_is_shown_as_text(page_text: str, page: Page) -> None:
    assert sum(tag == "script" for tag, _ in page.elements) == 2
    assert not [attributes for _, attributes in page.elements if any(name.startswith("on") for name in attributes)]
    assert HOSTILE in page.texts
    assert "onerror" in page_text


def test_the_embedded_json_parses_and_holds_the_notes(page_text: str) -> None:
    match = re.search(r'<script type="application/json" id="candidates">(.*?)</script>', page_text, re.DOTALL)
    assert match is not None
    ((candidate,),) = json.loads(match[1])
    assert candidate["notes"] == [[0.0, 1.0, 60, 80, 0], [1.0, 0.5, 36, 90, 1]]
    assert candidate["chords"] == [[0.0, HOSTILE]]
    assert candidate["scores"] == {"fitness": 1.2, "match": 0.8, "confidence": 0.6, "novelty": 0.1}


def test_the_policy_allows_the_pages_own_script_alone(page_text: str) -> None:
    import base64
    import hashlib

    script = page_text[page_text.rindex("<script>") + len("<script>") : page_text.rindex("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page_text.replace("&#x27;", "'")


def test_every_class_has_a_letter_beside_its_color(page_text: str) -> None:
    assert 'style="background:#FFFF00;color:#16181d" title="Birch">B</span>' in page_text


def test_missing_parts_are_said_not_hidden(tmp_path: Path) -> None:
    path = write_report(tmp_path / "report.html", ReportData("Empty", (), ()))
    text = path.read_text(encoding="utf-8")
    Page(text)
    for sentence in ("Not evaluated.", "Nothing composed yet.", "No map:", "found no problems"):
        assert sentence in text


def test_the_same_data_give_the_same_bytes(page_text: str) -> None:
    assert render_report(sample()) == page_text


def test_plain_children_are_escaped_and_markup_is_not() -> None:
    assert el("b", "<i>", Markup("<u/>"), None, 0.5, data_x='"') == '<b data-x="&quot;">&lt;i&gt;<u/>0.5</b>'


def test_json_cannot_end_its_script() -> None:
    text = safe_json({"a": "</script>&\u2028"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script>&\u2028"}


def test_json_refuses_what_no_browser_reads() -> None:
    with pytest.raises(ValueError, match="JSON"):
        safe_json(float("nan"))


def test_ink_is_readable_on_every_color() -> None:
    assert ink_on("FFFF00") != ink_on("231F20")
