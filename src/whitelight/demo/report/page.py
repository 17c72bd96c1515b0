"""Filling the page: template, style and script of this package, the sections, and the notes as embedded JSON.

The page states a content security policy that allows nothing from outside and no script but its own (by hash).
"""

import base64
import hashlib
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from whitelight.demo.report import sections, trust
from whitelight.demo.report.data import Candidate, ReportData
from whitelight.files import write_atomic
from whitelight.markup import Markup, el, join, safe_json

_SECTIONS = (("catalog", "Catalog"), ("map", "Color map"), ("evaluation", "Evaluation"), ("composed", "Composed"))


def write_report(path: Path, data: ReportData) -> Path:
    """Write the report to `path` as one self-contained HTML file and return the path."""
    write_atomic(path, render_report(data))
    return path


def render_report(data: ReportData) -> str:
    """Return the page as text."""
    classes = {style.name: style for style in data.classes}
    script = _packaged("report.js")
    body = (
        sections.catalog(data, classes),
        sections.color_map(data, classes),
        trust.evaluation(data.evaluation, classes),
        sections.composed(data.composed, classes),
        sections.next_steps(data.next_steps),
    )
    links = [*_SECTIONS, *([("next", "What to do next")] if data.next_steps else [])]
    return Template(_packaged("report.html")).substitute(
        title=join([data.title]),
        policy=_policy(script),
        style=_packaged("report.css"),
        summary=_summary(data),
        navigation=join(el("a", text, href=f"#{name}") for name, text in links),
        sections=join(body),
        footer=join([data.footer]),
        data=safe_json(_playable(data)),
        script=script,
    )


def _packaged(name: str) -> str:
    return (files("whitelight.demo.report") / name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"


def _summary(data: ReportData) -> Markup:
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
    return join(el("div", el("strong", number), el("span", text)) for number, text in facts)


def _playable(data: ReportData) -> list[list[dict[str, Any]]]:
    """Return what the script draws and plays: candidates per song, notes as rows of numbers."""
    return [[_candidate(candidate) for candidate in song.candidates] for song in data.composed]


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "id": candidate.candidate_id,
        "section": candidate.section,
        "file": candidate.file,
        "duration": round(candidate.duration_s, 4),
        "scores": {
            name: round(value, 4)
            for name in ("fitness", "match", "confidence", "novelty")
            if (value := getattr(candidate, name)) is not None
        },
        "terms": {name: round(value, 4) for name, value in candidate.terms.items()},
        "chords": [[round(chord.start_s, 4), chord.name] for chord in candidate.chords],
        "bars": [round(bar_s, 4) for bar_s in candidate.bars_s],
        "notes": [
            [round(note.start_s, 4), round(note.duration_s, 4), note.pitch, note.velocity, int(note.is_drum)]
            for note in candidate.notes
        ],
    }
