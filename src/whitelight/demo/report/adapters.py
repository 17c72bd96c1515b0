"""From what the other rooms return to what the report shows.

`report_data` takes the check report of a catalog, the record of `evaluate`, the model's folder and the stage reports;
each may be missing.
"""

import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from whitelight.catalog import CheckReport, Song
from whitelight.composition import StageReport
from whitelight.demo.report.composed import composed_song
from whitelight.demo.report.data import ProblemRow, ReportData, SongRow
from whitelight.demo.report.projection import held_out_map
from whitelight.reporting.adapters import class_styles, evaluation_of
from whitelight.scoring import ChromaticScorer


def report_data(
    *,
    check: CheckReport,
    report_folder: Path,
    title: str = "whitelight demo",
    evaluation: Mapping[str, Any] | None = None,
    model: Path | None = None,
    scorer: ChromaticScorer | None = None,
    stages: Sequence[StageReport] = (),
    next_steps: Sequence[str] = (),
    footer: str = "",
) -> ReportData:
    """Collect a run for the report.

    Parameters
    ----------
    check : report of `check_catalog`, with the catalog in it.
    report_folder : folder the report will lie in; file names in it are relative to this.
    evaluation : record returned by `evaluate`.
    model : bundle folder, for the color map. scorer : the loaded model, for the confidence of kept candidates.
    stages : reports of `compose_chords`, one per song.
    next_steps : shown last; without any, how to promote the first song's chords.
    """
    catalog = check.catalog
    composed = tuple(composed_song(stage, report_folder, scorer) for stage in stages)
    return ReportData(
        title=title,
        classes=class_styles(catalog.ontology),
        songs=song_rows(check),
        problems=tuple(
            ProblemRow(p.file, p.line, p.code, p.message, p.action, p.severity)
            for p in sorted(check.problems, key=lambda p: ("error", "warning", "info").index(p.severity))
        ),
        color_map=None if model is None else held_out_map(model, catalog.ontology, catalog.songs),
        evaluation=None if evaluation is None else evaluation_of(evaluation),
        composed=composed,
        next_steps=tuple(next_steps) or _default_steps(stages, report_folder),
        footer=footer,
    )


def song_rows(check: CheckReport) -> tuple[SongRow, ...]:
    """Return the rows of the catalog table; only what is wrong counts as a problem."""
    wrong = Counter(_folder(problem.file) for problem in check.problems if problem.severity != "info")
    return tuple(_song_row(song, wrong[song.folder]) for song in check.catalog.songs)


def _song_row(song: Song, n_problems: int) -> SongRow:
    return SongRow(
        song.song_id,
        song.title,
        song.class_name or None,
        "" if song.musical_key is None else str(song.musical_key),
        "" if song.meter is None else str(song.meter),
        song.tempo_bpm,
        song.duration_s if math.isfinite(song.duration_s) and song.duration_s > 0 else None,
        len(song.stems),
        len(song.lyric_lines),
        n_problems,
    )


def _folder(file: str) -> str:
    return file.rpartition("/")[0]


def _default_steps(stages: Iterable[StageReport], report_folder: Path) -> tuple[str, ...]:
    folders = [os.path.relpath(stage.out, report_folder) for stage in stages]
    if not folders:
        return ()
    return (
        f"Listen above, then open {folders[0]}/chords/review.yml and set status: approved on what you like.",
        f"whitelight compose promote {stages_path(folders[0], report_folder)}",
        f"whitelight compose status {stages_path(folders[0], report_folder)}",
        "whitelight demo --catalog PATH",
    )


def stages_path(folder: str, report_folder: Path) -> str:
    """Return a folder as typed from where the report folder lies."""
    return f"{report_folder.name}/{folder}" if report_folder.name else folder
