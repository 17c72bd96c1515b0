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
from whitelight.demo.report.data import (
    ClassRow,
    ClassStyle,
    Evaluation,
    ProblemRow,
    Rate,
    ReliabilityBin,
    ReportData,
    SongRow,
    SystemRow,
)
from whitelight.demo.report.projection import held_out_map
from whitelight.ontology import Ontology
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


def class_styles(ontology: Ontology) -> tuple[ClassStyle, ...]:
    """Return the classes with what stands for them on the page; a class without a letter shows its first."""
    return tuple(ClassStyle(c.name, c.letter or c.name[:1], c.hex or "888888", c.album) for c in ontology.classes)


def song_rows(check: CheckReport) -> tuple[SongRow, ...]:
    """Return the rows of the catalog table; only what is wrong counts as a problem."""
    wrong = Counter(_folder(problem.file) for problem in check.problems if problem.severity != "info")
    return tuple(_song_row(song, wrong[song.folder]) for song in check.catalog.songs)


def evaluation_of(record: Mapping[str, Any]) -> Evaluation:
    """Return the figures of `evaluate` as the report shows them."""
    names, counts = _confusion(record.get("confusion") or {})
    per_class, areas = record.get("per_class") or {}, record.get("ranking_auc") or {}
    ours = SystemRow("whitelight", *_figures(record["class"]), is_ours=True)
    baselines = [
        SystemRow(name, *_figures(figures))
        for name, figures in (record.get("baselines") or {}).items()
        if figures.get("accuracy") is not None
    ]
    notes = [f"Held out: {record['held_out']}."] if record.get("held_out") else []
    free = record.get("velocity_free") or {}
    if free.get("accuracy") is not None:
        notes.append(f"Without looking at loudness, as candidates are judged while composing: {free['accuracy']:.2f}.")
    return Evaluation(
        n_items=int(record.get("n_units") or record["n_segments"]),
        n_songs=int(record["n_songs"]),
        unit=str(record.get("by") or "segment"),
        systems=(ours, *baselines),
        classes=tuple(ClassRow(name, _recall(per_class.get(name)), areas.get(name)) for name in names or per_class),
        labels=names,
        confusion=counts,
        reliability=tuple(
            ReliabilityBin(one["probability"], one["accuracy"], int(one["n"]))
            for one in record.get("reliability") or ()
        ),
        ece=record["class"].get("ece"),
        axes=_rates(record.get("axes")),
        views=_rates(record.get("views")),
        modalities=_rates(record.get("by_modality")),
        notes=tuple(notes),
    )


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


def _figures(figures: Mapping[str, Any]) -> tuple[Rate, float | None, float | None]:
    return _rate(figures), figures.get("macro_f1"), figures.get("ece")


def _rate(figures: Mapping[str, Any]) -> Rate:
    low, high = figures.get("accuracy_interval") or (None, None)
    return Rate(figures["accuracy"], low, high, figures.get("n"))


def _rates(record: Mapping[str, Any] | None) -> dict[str, Rate]:
    return {name: _rate(f) for name, f in (record or {}).items() if f.get("accuracy") is not None}


def _recall(figures: Mapping[str, Any] | None) -> Rate | None:
    return None if figures is None else Rate(figures["recall"], n=int(figures["n"]))


def _confusion(record: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Leave out classes that nothing belongs to and nothing was taken for."""
    names, counts = record.get("classes") or [], record.get("counts") or []
    used = [i for i in range(len(names)) if sum(counts[i]) or any(row[i] for row in counts)]
    return tuple(names[i] for i in used), tuple(tuple(int(counts[i][j]) for j in used) for i in used)


def _default_steps(stages: Iterable[StageReport], report_folder: Path) -> tuple[str, ...]:
    folders = [os.path.relpath(stage.out, report_folder) for stage in stages]
    if not folders:
        return ()
    return (
        f"Listen above, then open {folders[0]}/chords/review.yml and set status: approved on what you like.",
        f"whitelight compose promote {stages_path(folders[0], report_folder)}",
        "whitelight demo --catalog PATH",
    )


def stages_path(folder: str, report_folder: Path) -> str:
    """Return a folder as typed from where the report folder lies."""
    return f"{report_folder.name}/{folder}" if report_folder.name else folder
