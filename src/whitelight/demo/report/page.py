"""The page of a run: its sections in order."""

from pathlib import Path

from whitelight.demo.report import sections
from whitelight.demo.report.data import ReportData
from whitelight.files import write_atomic
from whitelight.reporting import trust
from whitelight.reporting.shell import render_page

_SECTIONS = (("catalog", "Catalog"), ("map", "Color map"), ("evaluation", "Evaluation"), ("composed", "Composed"))


def write_report(path: Path, data: ReportData) -> Path:
    """Write the report to `path` as one self-contained HTML file and return the path."""
    write_atomic(path, render_report(data))
    return path


def render_report(data: ReportData) -> str:
    """Return the page as text."""
    classes = {style.name: style for style in data.classes}
    body = (
        sections.catalog(data, classes),
        sections.color_map(data, classes),
        trust.evaluation(data.evaluation, classes),
        sections.composed(data.composed, classes),
        sections.next_steps(data.next_steps),
    )
    return render_page(
        title=data.title,
        facts=_summary(data),
        links=[*_SECTIONS, *([("next", "What to do next")] if data.next_steps else [])],
        body=body,
        playable=[song.candidates for song in data.composed],
        footer=data.footer,
    )


def _summary(data: ReportData) -> list[tuple[str, str]]:
    """Numbers of the run in one line."""
    facts = [(f"{len(data.songs)}", "songs"), (f"{sum(song.n_stems for song in data.songs):,}", "stems")]
    facts.append((f"{sum(song.n_lyric_lines for song in data.songs):,}", "lyric lines"))
    wrong = sum(problem.severity != "info" for problem in data.problems)
    facts.append((f"{wrong}", "problems reported"))
    result = data.evaluation
    ours = None if result is None else next((system for system in result.systems if system.is_ours), None)
    if result is not None and ours is not None:
        facts.append((f"{ours.accuracy.value:.0%}", f"of unheard {result.unit}s named right"))
    if data.composed:
        facts.append((f"{sum(song.n_generated for song in data.composed):,}", "candidates composed"))
    return facts
