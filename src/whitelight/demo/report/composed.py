"""Reading a production folder for the report: the kept candidates, their notes, chord names and scores."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from whitelight.composition import StageReport
from whitelight.composition.scorer import VELOCITY, VIEW
from whitelight.demo.report.data import ComposedSong
from whitelight.files import load_yaml
from whitelight.music import read_midi
from whitelight.reporting.adapters import bar_lines, note_rows
from whitelight.reporting.data import Candidate, ChordLabel
from whitelight.scoring import ChromaticScorer

SHOWN_PER_SECTION = 3


def composed_song(
    stage: StageReport, report_folder: Path, scorer: ChromaticScorer | None, *, per_section: int = SHOWN_PER_SECTION
) -> ComposedSong:
    """Read the best kept candidates of a stage back from its folder: the report shows what was written."""
    song = load_yaml(stage.out / "song.yml")
    review = load_yaml(stage.out / "chords" / "review.yml")
    entries = {str(entry["id"]): entry for entry in review["candidates"]}
    chosen = [entries[name] for section in stage.sections for name in section.kept[:per_section] if name in entries]
    paths = [stage.out / "chords" / str(entry["file"]) for entry in chosen]
    confidences = _confidences(scorer, paths, stage.target)
    spreads = [section.match_spread for section in stage.sections if section.match_spread is not None]
    return ComposedSong(
        title=str(song["title"]),
        class_name=song.get("class"),
        musical_key=str(song["key"]),
        meter=str(song["meter"]),
        tempo_bpm=float(song["tempo_bpm"]),
        concept=str(song.get("concept") or ""),
        folder=os.path.relpath(stage.out, report_folder),
        candidates=(
            *_whole_song(stage.out / "song.mid", report_folder),
            *(
                read_candidate(path, entry, os.path.relpath(path, report_folder), confidence)
                for path, entry, confidence in zip(paths, chosen, confidences, strict=True)
            ),
        ),
        n_generated=sum(section.n_scored for section in stage.sections),
        match_sd=sum(spreads) / len(spreads) if spreads else None,
        notes=tuple(stage.problems),
    )


def _whole_song(path: Path, report_folder: Path) -> list[Candidate]:
    """The finished song, where there is one."""
    if not path.exists():
        return []
    entry = {"id": "song.mid", "section": "the whole song"}
    return [read_candidate(path, entry, os.path.relpath(path, report_folder), None)]


def read_candidate(path: Path, entry: Mapping[str, Any], file: str, confidence: float | None) -> Candidate:
    """Return one candidate from its MIDI file and its entry in `review.yml`."""
    piece = read_midi(path)
    machine: Mapping[str, Any] = entry.get("machine") or {}
    return Candidate(
        candidate_id=str(entry["id"]),
        section=str(entry.get("section") or ""),
        file=file,
        duration_s=piece.duration_s,
        notes=note_rows(piece),
        chords=tuple(  # the first marker names the section
            ChordLabel(piece.tempo_map.ticks_to_seconds(marker.tick), marker.text) for marker in piece.markers[1:]
        ),
        bars_s=bar_lines(piece),
        fitness=machine.get("fitness"),
        match=machine.get("match"),
        confidence=confidence,
        novelty=machine.get("novelty"),
        terms={str(name): float(value) for name, value in (machine.get("terms") or {}).items() if value is not None},
    )


def _confidences(scorer: ChromaticScorer | None, paths: Sequence[Path], target: str | None) -> list[float | None]:
    """Ask the scorer once more for what `review.yml` does not keep."""
    found: list[float | None] = [None] * len(paths)
    if scorer is None or not paths:
        return found
    for result in scorer.score_batch(list(paths), target or None, view=VIEW, velocity=VELOCITY):
        if result.error is None:
            found[result.index] = result.confidence
    return found
