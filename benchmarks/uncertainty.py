"""Ways to doubt, on the same songs and folds: calibration, whose mistakes are ranked best, who notices foreign music.

    python benchmarks/uncertainty.py DATASET [--methods recipe,ensemble,dropout,evidential] [--folds 5] [--seeds 0,1]
        [--foreign NAME=FOLDER …] [--json]

Every clip is judged by an expert of MIDI (class head alone, full view) that did not hear its song; the temperature comes from
the clips of the other folds. *AURC*: mean error over coverages by the tempered top probability. *Mistakes*: AUROC of "this is wrong"
by each kind of doubt. *Foreign*: AUROC of music of another kind against held-out clips: up to 200 files of a folder, each judged by the
models of one fold, and the held-out clips with their onsets shuffled among their notes. Figures are means over seeds; intervals are
95 %, bootstrapped over songs; differences are against the recipe, paired by song.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.encoders import DescriptorEncoder
from whitelight.music import MidiError, MidiTrack, Notes, Piece, read_midi
from whitelight.scoring.calibration import VELOCITIES
from whitelight.training.calibration import fit_temperature
from whitelight.training.judging import rounded
from whitelight.training.reading import read_dataset
from whitelight.training.rewriting import Rewritten, draw_rows, replace_columns, rewrite_rows
from whitelight.training.rows import Rows, row_weights
from whitelight.training.settings import FusionSettings
from whitelight.training.splits import grouped_folds
from whitelight.training.uncertainty import METHODS, UncertaintyMethod, midi_lesson, tempered
from whitelight.training.uncertainty.figures import N_DRAWS, Foreign, Judged, measured
from whitelight.training.uncertainty.tempered import log_of

FULL, LOUD = VIEWS.index("full"), VELOCITIES.index("full")
MAX_FILES = 200
SHUFFLED = "shuffled"
KINDS = ("total", "aleatoric", "epistemic", "novelty")


@dataclass(frozen=True, slots=True)
class Strangers:
    """Music of another kind: descriptors (m, dim), the song of each row, and the fold whose models judge it."""

    descriptors: NDArray[np.float32]
    group: NDArray[Any]
    fold: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Material:
    """One dataset, some of its music written otherwise, and descriptors of other music."""

    source: Dataset
    rows: Rows
    rewritten: Rewritten
    folders: Mapping[str, tuple[NDArray[np.float32], NDArray[Any]]]
    shuffled: NDArray[np.float32]

    @property
    def judged(self) -> NDArray[np.int64]:
        """Rows of the full view with MIDI."""
        return np.flatnonzero((self.rows.view == FULL) & self.rows.has_midi)

    def strangers(self, fold: NDArray[np.int64]) -> dict[str, Strangers]:
        """Return the foreign sets, dealt to the folds."""
        n_folds = int(fold.max()) + 1
        found = {
            name: Strangers(values, names, np.arange(len(values)) % n_folds)
            for name, (values, names) in self.folders.items()
        }
        own = self.judged
        return {**found, SHUFFLED: Strangers(self.shuffled, self.rows.group_id[own], fold[own])}


def shuffled(piece: Piece, rng: np.random.Generator) -> Piece:
    """Return the piece with the onsets of each track dealt among its notes: the same notes and times, no order."""

    def changed(track: MidiTrack) -> MidiTrack:
        notes: Notes = track.notes
        return track.with_notes(replace_columns(notes, onset_tick=rng.permutation(notes.onset_tick)))

    return piece.with_midi_tracks(changed(track) for track in piece.midi_tracks)


def described(files: Sequence[Path]) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Return descriptors of files that hold notes, and their names."""
    pieces, names = [], []
    for path in files:
        try:
            piece = read_midi(path.read_bytes())
        except MidiError as err:
            print(f"left out {path.name}: {err}", file=sys.stderr)
            continue
        if any(len(track.notes) for track in piece.midi_tracks):
            pieces.append(piece)
            names.append(path.stem)
    return np.asarray(DescriptorEncoder().encode(pieces), np.float32), np.array(names, dtype=object)


def read_material(dataset: Path, folders: Mapping[str, Path]) -> Material:
    source = Dataset.open(dataset)
    rows = read_dataset(source).rows
    drawn = draw_rows(rows, np.ones(len(rows), np.bool_), rng=np.random.default_rng(0))
    own = np.flatnonzero((rows.view == FULL) & rows.has_midi)
    media = dict(source.media([str(r) for r in rows.row_id[own]]))
    rng = np.random.default_rng(0)
    pieces = [shuffled(read_midi(media[str(r)]), rng) for r in rows.row_id[own]]
    foreign = {}
    for name, folder in folders.items():
        files = sorted(folder.rglob("*.mid"))
        foreign[name] = described(
            [files[i] for i in np.linspace(0, len(files) - 1, min(MAX_FILES, len(files)), dtype=int)]
        )
    again = rewrite_rows(source, rows, drawn)
    return Material(source, rows, again, foreign, np.asarray(DescriptorEncoder().encode(pieces), np.float32))


def judge(material: Material, method: UncertaintyMethod, fold: NDArray[np.int64], seed: int) -> Judged:
    """Train once per fold; return what was said of every held-out row and of the strangers."""
    rows, ontology, own = material.rows, material.source.ontology, material.judged
    strangers = material.strangers(fold)
    raw = np.zeros((len(rows), len(ontology.class_names)))
    doubts = {kind: np.zeros(len(rows)) for kind in KINDS}
    outside = {name: {kind: np.zeros(len(s.fold)) for kind in KINDS} for name, s in strangers.items()}
    view = np.full(max(len(rows), *(len(s.fold) for s in strangers.values())), FULL)
    for index in range(int(fold.max()) + 1):
        lesson = midi_lesson(
            rows,
            fold != index,
            uses_velocity=DescriptorEncoder().velocity_mask,
            ontology=ontology,
            settings=FusionSettings(seed=seed),
            rewritten=material.rewritten,
        )
        doubt = method.fit(lesson.examples, lesson.groups, seed=seed)
        held = own[fold[own] == index]
        found = doubt.predict(lesson.scaler.apply(rows.descriptors[held], view[: len(held)], LOUD))
        raw[held] = found.probabilities
        for kind in KINDS:
            doubts[kind][held] = found.doubts[kind]
        for name, s in strangers.items():
            theirs = np.flatnonzero(s.fold == index)
            said = doubt.predict(lesson.scaler.apply(s.descriptors[theirs], view[: len(theirs)], LOUD))
            for kind in KINDS:
                outside[name][kind][theirs] = said.doubts[kind]
    judged = own[fold[own] >= 0]
    return Judged(
        raw=raw[judged],
        tempered=cross_tempered(rows, raw, judged, fold)[judged],
        label=rows.label[judged],
        group=rows.group_id[judged],
        doubts={kind: values[judged] for kind, values in doubts.items()},
        foreign={name: Foreign(outside[name], s.group) for name, s in strangers.items()},
    )


def cross_tempered(
    rows: Rows, raw: NDArray[np.float64], judged: NDArray[np.int64], fold: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return probabilities with the temperature of the other folds."""
    found, known = raw.copy(), np.isin(np.arange(len(rows)), judged)
    targets = np.eye(raw.shape[1])[rows.label]
    for index in range(int(fold.max()) + 1):
        weights = row_weights(rows, known & (fold != index), FULL, 0.4)
        temperature = fit_temperature(log_of(raw), targets, weights)
        own = known & (fold == index)
        found[own] = tempered(raw[own], temperature)
    return found


def compare(
    material: Material, names: Sequence[str], n_folds: int, seeds: Sequence[int], *, n_draws: int = N_DRAWS
) -> list[dict[str, Any]]:
    groups, labels = [str(g) for g in material.rows.group_id], [int(k) for k in material.rows.label]
    folds = [grouped_folds(groups, labels, n_folds=n_folds, rng=np.random.default_rng(seed)) for seed in seeds]
    found, first = [], None
    for name in names:
        start = time.process_time()
        runs = [judge(material, METHODS[name](), fold, seed) for fold, seed in zip(folds, seeds, strict=True)]
        seconds = time.process_time() - start
        first = runs if first is None else first
        figures = measured(runs, None if runs is first else first, rng=np.random.default_rng(0), n_draws=n_draws)
        print(f"{name}: {seconds:.0f} s of processor", file=sys.stderr)
        found.append({"method": name, "processor_s": round(seconds, 1), "figures": rounded(figures)})
    return found


def lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return one line per figure: value [interval] of every method, difference from the first below."""
    said = [f"{'':<30}" + "".join(f"{one['method']:>26}" for one in found)]
    for name in found[0]["figures"]:
        values, differences = [], []
        for one in found:
            row = one["figures"][name]
            values.append(_cell(row["value"], row["interval"], ""))
            differences.append(_cell(row["difference"], row["difference_interval"], "+") if "difference" in row else "")
        said.append(f"{name:<30}" + "".join(f"{v:>26}" for v in values))
        said.append(f"{'':<30}" + "".join(f"{v:>26}" for v in differences))
    return said


def _cell(value: float | None, interval: Sequence[float | None], sign: str) -> str:
    if value is None or interval[0] is None or interval[1] is None:
        return "–"
    return f"{value:{sign}.3f} [{interval[0]:{sign}.3f}, {interval[1]:{sign}.3f}]"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, nargs="?")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", default="0,1")
    parser.add_argument("--foreign", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.dataset is None:
        print(
            "no dataset given, nothing measured; make one: whitelight catalog import-midi, dataset build --policy whole"
        )
        return
    folders = {name: Path(folder) for name, _, folder in (text.partition("=") for text in given.foreign)}
    material = read_material(given.dataset, folders)
    found = compare(material, given.methods.split(","), given.folds, [int(s) for s in given.seeds.split(",")])
    print(json.dumps(found) if given.json else "\n".join(lines(found)))


if __name__ == "__main__":
    main()
