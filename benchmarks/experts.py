"""Experts of MIDI on the same songs and folds: descriptors, a roll network, a token network; alone and stacked.

    python benchmarks/experts.py DATASET [--folds 5] [--seeds 0] [--epochs 20] [--work DIR]
        [--unlabelled DIR ...] [--json]

Every song is predicted by experts that did not hear it; full view, one row per segment. Temperatures, and the weights of
a stack, come from the other folds. Networks train a fixed number of epochs, so no song of a fold chooses anything.
Differences are against the descriptors, paired, with 95 % intervals bootstrapped over songs.

--unlabelled adds the token network after a warm-up on MIDI files and lead sheets (*.mxl) below the folders.
--work keeps what every fold said, so that a run that was stopped goes on.
"""

import argparse
import json
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, read_midi
from whitelight.ontology import Ontology
from whitelight.scoring.calibration import Agreement, spread
from whitelight.scoring.heads import Array, Head, class_targets, heads_of, log_probabilities, log_softmax
from whitelight.training.calibration import fit_temperature, fit_weights
from whitelight.training.comparison import paired_figures
from whitelight.training.cross_validation import CrossValidation
from whitelight.training.folds import WorkFolder
from whitelight.training.judging import Units
from whitelight.training.networks.fitting import fit_network, predict_network
from whitelight.training.networks.material import Material, read_material
from whitelight.training.networks.settings import AugmentationSettings, NetworkSettings
from whitelight.training.networks.warmup import warm_up
from whitelight.training.reading import read_dataset
from whitelight.training.rows import Rows, row_weights
from whitelight.training.settings import NO_ENCODER, EncoderNames, FusionSettings

FULL = VIEWS.index("full")
DESCRIPTORS = "descriptors"
AXES_SHARE = 0.5  # of what the axes say in a class; half and half, as FusionSettings found on these songs
WARM_UP_STEPS = 600
TICKS_PER_BEAT = 480
AS_HEARD = AugmentationSettings(view_drop=0.0)  # only full views are judged


@dataclass(frozen=True, slots=True)
class Question:
    """Segments in full view, dealt into folds by song."""

    ontology: Ontology
    rows: Rows
    fold: NDArray[np.int64]
    seed: int

    @property
    def heads(self) -> tuple[Head, ...]:
        """Columns of all logits."""
        return heads_of(self.ontology)


def network_settings(kind: str, epochs: int, seed: int) -> NetworkSettings:
    """Return networks small enough for a processor; nothing of them was tuned."""
    shape: dict[str, Any] = {"n_steps": 96, "learning_rate": 2e-3} if kind == "roll" else {"n_layers": 2}
    return NetworkSettings(kind=kind, epochs=epochs, seed=seed, augmentation=AS_HEARD, **shape)


def network_logits(
    question: Question, material: Material, settings: NetworkSettings, work: WorkFolder, start: Any = None
) -> Array:
    """Return what networks say of songs they did not hear, (n, n_columns)."""
    found = np.zeros((len(question.rows), question.heads[-1].columns.stop))
    name = settings.kind if start is None else f"{settings.kind}-warm"
    for index in range(int(question.fold.max()) + 1):
        held = question.fold == index

        def make(held: NDArray[np.bool_] = held) -> dict[str, Array]:
            with tempfile.TemporaryDirectory() as folder:
                fitted = fit_network(
                    material.take(~held), None, question.ontology, settings, folder=Path(folder), start=start
                )
            return {"logits": predict_network(fitted.network, material.take(held), settings)}

        found[held] = work.remember(f"{name}-{settings.epochs}-seed{question.seed}-fold{index}", make)["logits"]
    return found


def calibrated(question: Question, logits: Array) -> Array:
    """Return class log-probabilities, class head and axes averaged, temperatures from the other folds, (n, n_classes)."""
    heads, rows = question.heads, question.rows
    table, known = class_targets(question.ontology, heads)
    targets = table[rows.label]
    found = np.zeros((len(rows), len(heads[0].labels)))
    for index in range(int(question.fold.max()) + 1):
        held, weights = question.fold == index, row_weights(rows, question.fold != index, FULL, 0.5)
        temperatures = [
            fit_temperature(logits[:, h.columns], targets[:, h.columns], weights * known[rows.label, k])
            for k, h in enumerate(heads)
        ]
        log_p = log_probabilities(logits / spread(np.array(temperatures), heads), heads)
        agreement = Agreement(weights @ targets, table, known, AXES_SHARE)
        agreed = agreement.class_log_p(log_p[:, heads[0].columns], log_p, heads)
        found[held] = log_softmax(agreed / fit_temperature(agreed, targets[:, heads[0].columns], weights))[held]
    return found


def stacked(question: Question, log_p: dict[str, Array], *, learned: bool) -> tuple[Array, dict[str, float]]:
    """Return the average of calibrated experts, with a temperature from the other folds, and the mean weights."""
    rows, everyone = question.rows, np.ones(len(question.rows), np.bool_)
    found, weights_of = np.zeros_like(next(iter(log_p.values()))), []
    for index in range(int(question.fold.max()) + 1):
        held, weights = question.fold == index, row_weights(rows, question.fold != index, FULL, 0.5)
        share = dict.fromkeys(log_p, 1.0)
        if learned:
            share = fit_weights(log_p, dict.fromkeys(log_p, everyone), rows.label, weights, {})
        total = sum(share.values())
        mean = np.sum([share[name] / total * log_p[name] for name in log_p], axis=0)
        found[held] = log_softmax(mean / fit_temperature(mean, np.eye(mean.shape[1])[rows.label], weights))[held]
        weights_of.append([share[name] / total for name in log_p])
    return found, dict(zip(log_p, np.mean(weights_of, axis=0).round(3).tolist(), strict=True))


def unlabelled(folders: Sequence[Path]) -> list[Piece]:
    """Read MIDI files and lead sheets below some folders."""
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in {".mid", ".midi", ".mxl"})
    return [read_lead_sheet(path) if path.suffix == ".mxl" else read_midi(path.read_bytes()) for path in paths]


def read_lead_sheet(path: Path) -> Piece:
    """Read the notes of the first part of a compressed MusicXML file: pitch and length, nothing else."""
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".xml") and not n.startswith("META-INF"))
        root = ET.fromstring(archive.read(name))  # noqa: S314  the project's own material
    rows, tick, divisions = [], 0, 1
    part = root.find("part")
    for element in () if part is None else part.iter():
        if element.tag == "divisions":
            divisions = int(element.text or 1)
        elif element.tag == "note" and element.find("grace") is None and element.find("chord") is None:
            length = round(float(element.findtext("duration", "0")) * TICKS_PER_BEAT / divisions)
            pitch = element.find("pitch")
            if pitch is not None and length > 0:
                step = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[pitch.findtext("step", "C")]
                number = 12 * (int(pitch.findtext("octave", "4")) + 1) + step + int(pitch.findtext("alter", "0"))
                rows.append((tick, length, min(max(number, 0), 127), 64))
            tick += length
    track = MidiTrack(notes=Notes.from_rows(rows) if rows else Notes.empty())
    return Piece(TICKS_PER_BEAT, TempoMap.constant(120, TICKS_PER_BEAT), midi_tracks=(track,))


def units(question: Question, log_p: Array) -> Units:
    """Return predictions as figures are computed from."""
    return Units(log_p, question.rows.label, question.rows.group_id)


def measure(
    dataset: Path, *, n_folds: int, seed: int, epochs: int, folders: Sequence[Path], work: Path
) -> Iterator[dict[str, Any]]:
    """Yield one record per expert and stack."""
    source = Dataset.open(dataset)
    reading = read_dataset(source, EncoderNames(NO_ENCODER, NO_ENCODER, NO_ENCODER))
    cross = CrossValidation(source, reading, FusionSettings(seed=seed))
    fold = cross.grouped(n_folds, seed)
    everything = read_material(source)
    place = {str(row): k for k, row in enumerate(cross.rows.row_id)}
    material = everything.take(everything.leads)
    own = np.array([place[str(row)] for row in material.rows.row_id])
    question = Question(source.ontology, cross.rows.take(own), fold[own], seed)
    store = WorkFolder(work, f"{cross.rows.data_hash()[:12]}-{n_folds}")
    log_p: dict[str, Array] = {}

    def alone(name: str, make: Callable[[], Array]) -> dict[str, Any]:
        start = time.process_time()
        log_p[name] = calibrated(question, make())
        return record(name, log_p[name], processor_s=round(time.process_time() - start, 1))

    def record(name: str, found: Array, **more: Any) -> dict[str, Any]:
        figures = paired_figures(units(question, found), units(question, log_p[DESCRIPTORS]), source.ontology)
        return {"seed": seed, "expert": name, **figures, **more}

    def descriptors() -> Array:
        made = store.remember(
            f"{DESCRIPTORS}-seed{seed}",
            lambda: {"logits": cross.predict(fold, seed, lambda: None).predictions.logits["midi"][0][own]},
        )
        return made["logits"]

    def network(kind: str, start: Any = None) -> Array:
        return network_logits(question, material, network_settings(kind, epochs, seed), store, start)

    yield alone(DESCRIPTORS, descriptors)
    yield alone("roll", lambda: network("roll"))
    yield alone("remi", lambda: network("remi"))
    for names in ((DESCRIPTORS, "roll"), (DESCRIPTORS, "remi"), (DESCRIPTORS, "roll", "remi")):
        for learned in (False, True):
            found, share = stacked(question, {name: log_p[name] for name in names}, learned=learned)
            how = "learned weights" if learned else "average"
            yield record(f"{' + '.join(names)}, {how}", found, weights=share)
    if folders:
        settings = network_settings("remi", epochs, seed)
        start = time.process_time()
        weights = warm_up(unlabelled(folders), settings, n_steps=WARM_UP_STEPS)
        spent = round(time.process_time() - start, 1)
        yield {**alone("remi, warmed up", lambda: network("remi", weights)), "warm_up_s": spent}
        against = paired_figures(
            units(question, log_p["remi, warmed up"]), units(question, log_p["remi"]), source.ontology
        )
        yield {"seed": seed, "expert": "remi, warmed up, against remi", **against}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, nargs="?")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--unlabelled", type=Path, nargs="*", default=[])
    parser.add_argument("--work", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.dataset is None:
        print("no dataset given, nothing measured; make one: whitelight catalog import-midi, whitelight dataset build")
        return
    with tempfile.TemporaryDirectory() as scratch:
        for seed in map(int, given.seeds.split(",")):
            found = measure(
                given.dataset,
                n_folds=given.folds,
                seed=seed,
                epochs=given.epochs,
                folders=given.unlabelled,
                work=given.work or Path(scratch),
            )
            for record in found:
                print(json.dumps(record) if given.json else _line(record), flush=True)


def _line(record: dict[str, Any]) -> str:
    numbers = " ".join(f"{name} {record[name]['model']:.3f}" for name in ("accuracy", "macro_f1", "log_loss", "ece"))
    low, high = record["accuracy"]["interval"]
    gain = f"{record['accuracy']['difference']:+.3f} [{low:+.3f}, {high:+.3f}]"
    more = {name: record[name] for name in ("weights", "processor_s", "warm_up_s") if name in record}
    return f"{record['expert']:<46} {numbers}  accuracy {gain}  {json.dumps(more) if more else ''}"


if __name__ == "__main__":
    main()
