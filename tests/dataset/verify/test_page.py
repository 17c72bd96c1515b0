import base64
import json
import re
from html.parser import HTMLParser

import pytest

from whitelight.dataset import Dataset, verify_dataset
from whitelight.dataset.verify import Recheck, write_page
from whitelight.dataset.verify.page_rows import N_FAILED_SHOWN, N_SHOWN, Budget, choose_shown


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.sounds, self.notes, self.outside = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        self.sounds += [found["src"]] if tag == "audio" else []
        self.notes += [json.loads(found["data-notes"])] if "data-notes" in found else []
        self.outside += [v for k, v in attrs if v and re.match(r"(https?:)?//", v)]


@pytest.fixture
def broken(planted):
    """A dataset with two faults, and the report on it."""

    def edit(rows):
        for row in rows:
            if row["row_id"] in ("02_01/0001/full", "05_01/0001/bass"):
                row["title"] = "<script>alert(1)</script>"

    for song in ("02_01", "05_01"):
        planted.edit_rows(song, edit)
    return planted, verify_dataset(planted.path, recheck=Recheck(None, catalog=planted.catalog))


def test_one_file_without_a_network(broken, tmp_path):
    planted, report = broken
    text = write_page(tmp_path / "page.html", planted.path, report).read_text()
    page = Page(text)
    assert page.outside == []
    assert "http:" not in text
    assert "https:" not in text
    assert str(planted.path) not in text
    assert "<script>alert(1)</script>" not in text
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert "Failed: " in text
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = re.search(r"script-src 'sha256-(.*?)'", text)
    assert script
    assert digest
    from hashlib import sha256

    assert base64.b64encode(sha256(script[1].encode()).digest()).decode() == digest[1]


def test_players_hold_what_is_stored(made, tmp_path):
    report = verify_dataset(made / "dataset", recheck=Recheck(None, catalog=made / "catalog"), song_id="02_01")
    page = Page(write_page(tmp_path / "p.html", made / "dataset", report, song_id="02_01").read_text())
    sounds = {base64.b64decode(source.partition(",")[2]) for source in page.sounds}
    stored = set(dict(Dataset.open(made / "dataset").song_audio("02_01")).values())
    assert sounds <= stored
    assert len(page.sounds) > 5
    assert all(source.startswith("data:audio/flac;base64,") for source in page.sounds)
    assert all(len(note) == 5 for notes in page.notes for note in notes)


def test_sound_stays_within_the_budget(made, tmp_path):
    report = verify_dataset(made / "dataset")
    small = write_page(tmp_path / "p.html", made / "dataset", report, max_bytes=500_000)
    assert small.stat().st_size < 1_500_000
    assert "without a player" in small.read_text()
    budget = Budget(100)
    assert budget.take(b"x" * 60)
    assert not budget.take(b"x" * 60)


def test_rows_that_differ_come_first(broken):
    planted, report = broken
    rows = [row["row_id"] for song in ("02_01", "05_01", "06_01") for row in planted.rows(song)]
    shown = choose_shown(report, rows)
    assert len(shown) == len(set(shown)) <= N_SHOWN
    failed = {failure.row_id for failure in report.failures}
    assert failed
    assert set(shown[: len(failed)]) == failed
    assert len(failed) <= N_FAILED_SHOWN


def test_a_report_without_a_source_and_with_a_delta(made, tmp_path):
    report = verify_dataset(made / "dataset", against=made / "dataset", class_name="B")
    text = write_page(tmp_path / "p.html", made / "dataset", report, class_name="B").read_text()
    assert "Passed; not compared with the source" in text
    assert "The same as dataset." in text
    assert "it was not asked for" in text
