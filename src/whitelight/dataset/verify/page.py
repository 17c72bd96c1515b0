"""The report of a verification as one HTML file that needs no network: problems first, then tables, then rows to hear and see.

The page states a content security policy that allows nothing from outside and no script but its own (by hash).
"""

import base64
import hashlib
from importlib.resources import files
from pathlib import Path
from string import Template

from whitelight import __version__
from whitelight.dataset.dataset import Dataset
from whitelight.dataset.verify import page_tables
from whitelight.dataset.verify.choosing import choose_songs
from whitelight.dataset.verify.page_rows import Budget, choose_shown, row_cards
from whitelight.dataset.verify.report import VerifyReport
from whitelight.errors import WhitelightError
from whitelight.files import write_atomic
from whitelight.markup import Markup, el, join

MAX_SOUND_BYTES = 20 * 1024 * 1024  # of all players together; a mail takes 25 MB


def write_page(
    file: Path,
    path: Path,
    report: VerifyReport,
    *,
    class_name: str = "",
    song_id: str = "",
    max_bytes: int = MAX_SOUND_BYTES,
) -> Path:
    """Write the report on the dataset in `path` to one self-contained HTML file, and return that.

    Parameters
    ----------
    class_name, song_id : what the report was restricted to.
    max_bytes : of sound; rows beyond it are shown without a player.
    """
    dataset = Dataset.open(path)
    row_ids: list[str] = []
    for song in choose_songs(dataset, class_name, song_id):
        try:
            row_ids += dataset.song_rows(song, ["row_id"])["row_id"].to_pylist()
        except WhitelightError:  # a damaged shard is among the problems
            continue
    shown = choose_shown(report, row_ids)
    cards = join(row_cards(dataset, report, shown, Budget(max_bytes)))
    write_atomic(file, _render(dataset, report, cards, set(shown), " · ".join(filter(None, (class_name, song_id)))))
    return file


def _render(dataset: Dataset, report: VerifyReport, cards: Markup, shown: set[str], restriction: str) -> str:
    before = dict(report.delta.coverage_before) if report.delta else None
    parts = [
        ("problems", "Problems", page_tables.problems(report.failures, shown)),
        ("coverage", "Coverage by class", page_tables.coverage(report.coverage, dataset.ontology, before)),
        ("promised", "Expected, found, dropped", page_tables.promised(report)),
        ("compared", "Compared with the source", page_tables.compared(report.fidelity)),
        *([("changes", "Changes", page_tables.changes(report.delta))] if report.delta else []),
        ("rows", "Rows", cards),
    ]
    script = _packaged("page.js")
    name = dataset.path.resolve().name
    return Template(_packaged("page.html")).substitute(
        title=join([f"{name} · {restriction}" if restriction else name]),
        policy=_policy(script),
        style=_packaged("page.css"),
        verdict="passed" if report.passed else "failed",
        sentence=join([_sentence(report)]),
        summary=_summary(report),
        navigation=join(el("a", title, href=f"#{name}") for name, title, _ in parts),
        sections=join(el("section", el("h2", title), body, id=name) for name, title, body in parts),
        footer=join(
            [f"whitelight {__version__}, schema {dataset.manifest.schema_version}, policy {dataset.manifest.policy}"]
        ),
        script=script,
    )


def _sentence(report: VerifyReport) -> str:
    if not report.passed:
        n = len(report.failures)
        return f"Failed: {n:,} problems" if n > 1 else "Failed: 1 problem"
    n = len(report.fidelity.rows)
    return f"Passed: {n:,} rows are what their source says" if n else "Passed; not compared with the source"


def _summary(report: VerifyReport) -> Markup:
    n_segments = sum(coverage.n_segments for coverage in report.coverage.values())
    minutes = sum(coverage.seconds for coverage in report.coverage.values()) / 60
    facts = [(f"{report.n_songs:,}", "songs"), (f"{n_segments:,}", "segments"), (f"{report.n_rows:,}", "rows")]
    facts += [
        (f"{minutes:,.0f}", "minutes in segments"),
        (f"{report.n_sounds:,}", "sounds"),
        (f"{report.n_slices:,}", "MIDI files"),
    ]
    return join(el("div", el("strong", number), el("span", text)) for number, text in facts)


def _packaged(name: str) -> str:
    return (files("whitelight.dataset.verify") / name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; script-src 'sha256-{digest}'"
    )
