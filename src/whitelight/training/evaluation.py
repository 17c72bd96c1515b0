"""`evaluate`: how right a scorer is about songs it has not heard. ONNX Runtime and numpy; scikit-learn for a baseline.

With a split, the rows of that split are scored, and songs the model was trained on are refused. Without one, songs it
was trained on are judged by the out-of-fold predictions stored in the bundle, never by the final model; songs it has
never seen are scored.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.errors import WhitelightError
from whitelight.ontology import Ontology
from whitelight.scoring.bundle import HELD_OUT, read_bundle
from whitelight.scoring.calibration import JOINT, JOINT_CONCEPT, JOINTS, MUSIC, VELOCITIES
from whitelight.scoring.engine import Inputs
from whitelight.scoring.heads import Array
from whitelight.scoring.release import Gate
from whitelight.scoring.scorer import ChromaticScorer
from whitelight.training.assembly import present_of
from whitelight.training.figures import table_figures
from whitelight.training.reading import read_dataset
from whitelight.training.rows import Rows
from whitelight.training.settings import EncoderNames
from whitelight.training.splits import ALWAYS_TRAIN
from whitelight.training.table import OUT_OF_FOLD, UNIT_COLUMN, UNSEEN, Table

Mask = NDArray[np.bool_]


class EvaluationError(WhitelightError):
    """The figures asked for would not be honest, or the model does not fit the dataset."""


def evaluate(model: Path, dataset: Path, *, split: str | None = None, by: str = "segment") -> dict[str, Any]:
    """Measure a model on held-out songs of a dataset.

    Parameters
    ----------
    split : rows of this split, none of whose songs the model may have been trained on; None: see the module.
    by : "segment", "clip" (catalog entry) or "song" (source song).

    Returns
    -------
    plain data for JSON: n_segments, n_songs, by, split, held_out, class, axes, baselines, ranking_auc, and details.

    Raises
    ------
    EvaluationError : the split holds training songs or nothing, or the dataset is not the one trained on.
    """
    if by not in UNIT_COLUMN:
        raise EvaluationError(f"by '{by}'; expected one of {', '.join(UNIT_COLUMN)}")
    return figures_of(held_out(model, dataset, split), split=split, by=by)


def figures_of(found: "HeldOut", *, split: str | None, by: str) -> dict[str, Any]:
    """Return what `evaluate` returns, from predictions that were read before."""
    scorer, rows = found.scorer, found.rows
    learners = rows.take(found.trained & rows.has_midi & (rows.view == VIEWS.index("full")))
    figures = table_figures(found.table, learners, scorer.parts, scorer.ontology, by=by)
    leakage = scorer.record["training"]["leakage"]
    return {
        **figures,
        "by": by,
        "split": split,
        "held_out": found.what,
        "leakage": {"shared_pairs": len(leakage["shared"]), "crossing_pairs": len(leakage["crossing"])},
        "gate": Gate.from_dict(scorer.record["gate"]).to_dict(),
    }


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A model and its predictions of songs it has not heard.

    Attributes
    ----------
    rows : everything the dataset holds. trained : (n,) which of it the model was trained on. table : predictions.
    what : what they rest on, in words.
    """

    scorer: ChromaticScorer
    rows: Rows
    trained: Mask
    table: Table
    what: str

    @property
    def ontology(self) -> Ontology:
        """The ontology of model and dataset."""
        return self.scorer.ontology


def held_out(model: Path, dataset: Path, split: str | None = None) -> HeldOut:
    """Read a model and a dataset and predict, or look up, what the model has not heard.

    Raises
    ------
    EvaluationError : see `evaluate`.
    """
    scorer = ChromaticScorer(model)
    source = Dataset.open(dataset)
    if source.ontology.hash != scorer.ontology.hash:
        raise EvaluationError(
            f"the dataset's ontology is '{source.ontology.name}' ({source.ontology.hash[:12]}), the model's "
            f"'{scorer.ontology.name}' ({scorer.ontology.hash[:12]}); expected the same; train on this dataset"
        )
    rows = read_dataset(source, EncoderNames(**scorer.record["training"]["config"]["encoders"])).rows
    trained = np.isin(rows.group_id.astype(str), scorer.record["training"]["groups"])
    table, what = _held_out_table(model, scorer, rows, trained, split)
    return HeldOut(scorer, rows, trained, table, what)


def _held_out_table(
    model: Path, scorer: ChromaticScorer, rows: Rows, trained: Mask, split: str | None
) -> tuple[Table, str]:
    """Return predictions no row of which comes from a model that heard its song, and what that rests on."""
    if split is not None:
        chosen = rows.split == split
        if not chosen.any():
            known = ", ".join(f"'{name}'" for name in sorted(set(map(str, rows.split)))) or "none"
            raise EvaluationError(f"no rows of split '{split}'; the dataset has {known}")
        heard = sorted(set(map(str, rows.group_id[chosen & trained])))
        if heard:
            raise EvaluationError(
                f"split '{split}' holds {len(heard)} songs the model was trained on ('{heard[0]}', …); expected none; "
                "name a held-out split, or leave the split out for out-of-fold figures"
            )
        return _scored(scorer, rows.take(chosen)), f"split '{split}'"
    unseen = _scored(scorer, rows.take(~trained)) if (~trained).any() else None
    if not trained.any():
        assert unseen is not None
        return unseen, "songs never seen"
    known_table = _stored(model, scorer, rows.take(trained))
    if unseen is None:
        return known_table, OUT_OF_FOLD
    both = {e: np.concatenate([known_table.logits[e], unseen.logits[e]], axis=1) for e in known_table.logits}
    order = np.concatenate([np.flatnonzero(trained)[_judged(model, rows.take(trained))], np.flatnonzero(~trained)])
    return Table(
        rows.take(order), both, np.concatenate([known_table.fold, unseen.fold])
    ), f"{OUT_OF_FOLD}, and songs never seen"


def _stored(model: Path, scorer: ChromaticScorer, rows: Rows) -> Table:
    """Look up the out-of-fold predictions of songs the model was trained on."""
    if rows.data_hash() != scorer.record["training"]["data_hash"]:
        raise EvaluationError(
            f"the {len(set(rows.group_id))} songs the model was trained on are not what they were (the dataset was "
            "built again, or songs are missing); expected the same rows; train again"
        )
    arrays = read_bundle(model).arrays(HELD_OUT)
    judged = arrays["fold"] != ALWAYS_TRAIN
    stored = (*scorer.experts, *JOINTS)
    logits = {e: arrays[f"logits_{e}"].astype(np.float64) for e in stored if f"logits_{e}" in arrays}
    return Table(rows, logits, arrays["fold"]).take(judged)


def _judged(model: Path, rows: Rows) -> Mask:
    fold = read_bundle(model).arrays(HELD_OUT)["fold"]
    assert len(fold) == len(rows)
    return np.asarray(fold != ALWAYS_TRAIN)


def _scored(scorer: ChromaticScorer, rows: Rows) -> Table:
    """Score rows with the model."""
    present = {e: v for e, v in present_of(rows).items() if e in scorer.experts}
    said: dict[str, list[Array]] = defaultdict(list)
    for velocity in range(len(VELOCITIES)):
        inputs = {}
        for expert in scorer.experts:
            if expert == MUSIC:
                inputs[expert] = scorer.parts.scaler.apply(rows.descriptors, rows.view, velocity)
            else:
                inputs[expert] = rows.embedded[expert].vectors(scorer.dim(expert))
        outputs = scorer.engine.run(Inputs(len(rows), inputs, present))
        logits = dict(outputs.logits)
        if JOINT in logits:
            silent = {**present, "concept": np.zeros(len(rows), np.bool_)}
            without = scorer.engine.run(Inputs(len(rows), inputs, silent)).logits[JOINT]
            logits |= {JOINT: without, JOINT_CONCEPT: outputs.logits[JOINT]}
        for speaker, values in logits.items():
            said[speaker].append(values)
    return Table(rows, {e: np.stack(v) for e, v in said.items()}, np.full(len(rows), UNSEEN))
