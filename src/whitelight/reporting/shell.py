"""Filling a page: template, style and script of this package, sections, and the notes as embedded JSON.

The page states a content security policy that allows nothing from outside and no script but its own (by hash).
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from whitelight.markup import Markup, el, join, safe_json
from whitelight.reporting.data import Candidate


def render_page(
    *,
    title: str,
    facts: Iterable[tuple[str, str]],
    links: Iterable[tuple[str, str]],
    body: Iterable[Markup],
    playable: Sequence[Sequence[Candidate]],
    footer: str = "",
) -> str:
    """Return a page as text.

    Parameters
    ----------
    facts : number and what it counts, for the line below the title. links : id and name of the sections in `body`.
    playable : groups of what can be seen and heard; `blocks.slots` makes their places.
    """
    script = _packaged("page.js")
    return Template(_packaged("page.html")).substitute(
        title=join([title]),
        policy=_policy(script),
        style=_packaged("page.css"),
        summary=join(el("div", el("strong", number), el("span", text)) for number, text in facts),
        navigation=join(el("a", text, href=f"#{name}") for name, text in links),
        sections=join(body),
        footer=join([footer]),
        data=safe_json([[_candidate(one) for one in group] for group in playable]),
        script=script,
    )


def _packaged(name: str) -> str:
    return (files("whitelight.reporting") / name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"


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
