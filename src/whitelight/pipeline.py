"""The whole flow, top to bottom: catalog, check, dataset, scorer, evaluation, score, songs, report.

Read this file first. Each step reads files, calls one function of one room and writes files; every step is also a
command of its own, and one that was interrupted goes on where it stopped.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.catalog import Proposal, check_catalog, propose_songs, read_proposal
from whitelight.composition import BatchScorer, SilencedScorer, StageReport, compose_song, new_song
from whitelight.composition.arrangement import read_arrangement, write_song
from whitelight.composition.catalog_styles import learn_grammar, learn_styles
from whitelight.composition.decisions import record_decisions
from whitelight.composition.exports import export_song
from whitelight.dataset import AudioSettings, build_dataset
from whitelight.demo import (
    report_data,
    write_demo_catalog,
    write_demo_proposals,
    write_report,
    write_unheard_songs,
)
from whitelight.errors import WhitelightError
from whitelight.progress import Progress
from whitelight.scoring import ChromaticScorer
from whitelight.scoring.release import refusal
from whitelight.training import evaluate, train_fusion

Say = Callable[[str], None]
ProgressBar = Callable[[str], AbstractContextManager[Progress]]


class NoSongsError(WhitelightError):
    """There is nothing to learn from."""


@dataclass(frozen=True, slots=True)
class PipelineReport:
    """What a run made, and where it lies; `songs` holds the reports of every stage of each song."""

    out: Path
    evaluation: dict[str, Any]
    songs: tuple[tuple[StageReport, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of ``whitelight demo --json``."""
        return {
            "out": str(self.out),
            "evaluation": self.evaluation,
            "songs": [song_record(stages) for stages in self.songs],
        }

    def lines(self) -> Iterator[str]:
        """Yield what people read at the end."""
        first = self.songs[0][0].out if self.songs else self.out
        yield f"report  {self.out}/report.html"
        yield f"music   {self.out}/songs/*/song.mid"
        yield f"hear    whitelight studio {self.out}/songs --model {self.out}/model"
        yield f"next    listen, then make one yours: whitelight compose status {first}"


def run_pipeline(out: Path, *, catalog: Path | None, seed: int, say: Say, progress_bar: ProgressBar) -> PipelineReport:
    """Run every step on the catalog at `catalog`, or on one made for the demo."""
    songs = catalog or out / "catalog"
    n_jobs = os.cpu_count() or 1
    if catalog is None:
        with progress_bar("songs") as progress:
            write_demo_catalog(songs, seed=seed, jobs=n_jobs, progress=progress)
    check = check_catalog(songs)
    if not check.catalog.songs:
        raise NoSongsError(f"{songs}: no song could be read; see what is wrong with: whitelight catalog check {songs}")
    n_notes = sum(problem.severity == "info" for problem in check.problems)
    n_problems = len(check.problems) - n_notes
    say(f"catalog    {len(check.catalog.songs)} songs, {n_problems} problems handled, {n_notes} notes ({songs})")
    audio = AudioSettings() if catalog else AudioSettings(sample_rate=None)  # the demo's own recordings are of one rate
    with progress_bar("dataset") as progress:
        built = build_dataset(check.catalog, out / "dataset", audio=audio, jobs=n_jobs, progress=progress)
    say(f"dataset    {built.manifest.n_rows} rows ({out}/dataset)")
    with progress_bar("train") as progress:
        trained = train_fusion(out / "dataset", out / "model", seed=seed, runs=out / "runs", progress=progress)
    evaluation = evaluate(out / "model", out / "dataset")
    say(f"scorer     {_summary(evaluation)} ({out}/model)")
    for line in trained.gate.lines():
        say(f"           {line}")
    scorer = ChromaticScorer(out / "model")
    if catalog is None:
        say(f"score      {_score_unheard(out, scorer, seed)} ({out}/unheard)")
    proposals = propose_songs(check.catalog) if catalog else _demo_proposals(out, scorer, seed)
    with progress_bar("compose") as progress:
        composed = _compose(proposals, scorer, out, seed, progress)
    n_scored = sum(section.n_scored for song in composed for stage in song for section in stage.sections)
    say(f"composed   {len(composed)} songs of {n_scored:,} candidates ({out}/songs)")
    for doubt in sorted({problem for song in composed for stage in song for problem in stage.problems}):
        say(f"           {doubt}")
    chords = [song[0] for song in composed]
    data = report_data(
        check=check, report_folder=out, evaluation=evaluation, model=out / "model", scorer=scorer, stages=chords
    )
    write_report(out / "report.html", data)
    return PipelineReport(out, evaluation, tuple(composed))


def _score_unheard(out: Path, scorer: ChromaticScorer, seed: int) -> str:
    songs = write_unheard_songs(out / "unheard", seed=seed)
    results = scorer.score_batch([song.path for song in songs])
    n_right = sum(max(r.classes, key=lambda name: r.classes[name]) == songs[r.index].class_name for r in results)
    return f"{n_right} of {len(songs)} new songs named right"


def _demo_proposals(out: Path, scorer: ChromaticScorer, seed: int) -> list[Proposal]:
    return [read_proposal(one.path, scorer.ontology) for one in write_demo_proposals(out / "proposals", seed=seed)]


def _compose(
    proposals: Sequence[Proposal], scorer: ChromaticScorer, out: Path, seed: int, progress: Progress
) -> list[tuple[StageReport, ...]]:
    """Compose every song by itself; each keeps away from the material of those before it."""
    composed, fitness, grammar = [], _fitness(scorer), learn_grammar(out / "dataset")
    for n_done, song in enumerate(proposals, start=1):
        folder = out / "songs" / song.iteration_id
        neighbors = [before.iteration_id for before in proposals[: n_done - 1]]
        new_song(song, folder, seed=seed, grammar=grammar, ontology=scorer.ontology, neighbors=neighbors)
        styles = learn_styles(out / "dataset", [song.class_name or ""])
        composed.append(tuple(compose_song(folder, scorer=fitness, styles=styles, jobs=os.cpu_count() or 1)))
        write_song(folder)
        export_song(folder)
        record_decisions(folder, read_arrangement(folder).parts_used())
        progress(n_done, len(proposals))
    return composed


def _fitness(scorer: ChromaticScorer) -> BatchScorer:
    """Return the scorer when it may compose; else one that says why not, so that songs go by theory alone."""
    reason = refusal(scorer.record)
    return scorer if reason is None else SilencedScorer(scorer.ontology, reason)


def _summary(evaluation: dict[str, Any]) -> str:
    ours, majority = evaluation["class"], evaluation["baselines"]["majority"]
    return f"accuracy {ours['accuracy']:.2f} on songs not heard, majority {majority['accuracy']:.2f}"


def song_record(stages: Sequence[StageReport]) -> dict[str, Any]:
    """One song of ``whitelight demo --json``."""
    return {
        "out": str(stages[0].out),
        "n_candidates": sum(section.n_written for stage in stages for section in stage.sections),
        "n_scored": sum(section.n_scored for stage in stages for section in stage.sections),
        "n_added": sum(len(stage.added) for stage in stages),
        "stages": [stage.stage for stage in stages],
        "problems": sorted({problem for stage in stages for problem in stage.problems}),
    }
