"""One training run on chosen rows: folds, out-of-fold predictions, the shipped model, calibration, gate, bundle.

A run that was killed finds its finished steps in a work folder beside the bundle, and ends with the same bytes.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight import __version__
from whitelight.dataset import VIEWS, Dataset
from whitelight.encoders import DescriptorEncoder, make_encoder
from whitelight.files import sha256_of
from whitelight.progress import Progress, silent
from whitelight.scoring.bundle import write_bundle
from whitelight.scoring.calibration import EXPERTS, MUSIC, VELOCITIES
from whitelight.scoring.distributions import Distributions
from whitelight.scoring.engine import VECTOR_INPUT, Session
from whitelight.scoring.heads import Head, heads_of, n_columns
from whitelight.scoring.parts import Parts, pack
from whitelight.scoring.release import SCORER, Gate
from whitelight.training.assembly import assemble
from whitelight.training.export import FusionModule, export_onnx, output_names
from whitelight.training.figures import out_of_fold_figures
from whitelight.training.fold_figures import fold_figures
from whitelight.training.folds import OutOfFold, WorkFolder, model_arrays, model_from_arrays, predict_out_of_fold
from whitelight.training.gate import judge_release
from whitelight.training.leakage import LeakageReport, linked_groups
from whitelight.training.recipe import FusionModel, fit_fusion
from whitelight.training.rewriting import Rewritten, draw_rows, rewrite_rows
from whitelight.training.rows import Rows, TooLittleMaterialError
from whitelight.training.runs import RunLog
from whitelight.training.settings import FusionSettings
from whitelight.training.splits import ALWAYS_TRAIN, grouped_folds, usable_folds


def encoder_name(expert: str, settings: FusionSettings) -> str:
    """Return the name of the encoder an expert reads through."""
    return DescriptorEncoder.name if expert == MUSIC else str(getattr(settings.encoders, expert))


class Run:
    """One training run on chosen rows."""

    def __init__(
        self,
        source: Dataset,
        rows: Rows,
        settings: FusionSettings,
        leakage: LeakageReport,
        progress: Progress = silent,
        *,
        role: str = SCORER,
    ) -> None:
        self.role = role
        self.source, self.rows, self.settings, self.leakage = source, rows, settings, leakage
        self.ontology = source.ontology
        self.heads: tuple[Head, ...] = heads_of(self.ontology)
        self.uses_velocity = DescriptorEncoder().velocity_mask
        self.experts: tuple[str, ...] = ()
        self.gate = Gate(())
        self.rewritten: Rewritten | None = None
        self._done, self._total = 0, settings.n_folds + 2
        self.tell(progress, RunLog())

    def tell(self, progress: Progress, log: RunLog) -> None:
        """Say who hears how far it is."""
        self._progress, self._log = progress, log

    def check(self) -> None:
        """Refuse data nothing can be learned from."""
        names = self.ontology.class_names
        songs = {names[k]: len(set(self.rows.group_id[self.rows.label == k])) for k in np.unique(self.rows.label)}
        if len(songs) < 2 or max(songs.values()) < 2:
            found = ", ".join(f"{count} of {name}" for name, count in songs.items())
            raise TooLittleMaterialError(
                f"training songs: {found}; expected at least two classes, one of them with two songs; add songs"
            )
        if not any(present.any() for present in self.rows.present.values()):
            raise TooLittleMaterialError(
                f"none of {len(self.rows)} rows has MIDI, audio, lyrics or a concept that is read; add media to the catalog "
                "and build again"
            )

    def write(
        self, out: Path, *, split_column: str | None, allow_leakage: bool
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Do everything and return the training record and the out-of-fold figures."""
        config = {**asdict(self.settings), "split_column": split_column, "allow_leakage": allow_leakage}
        data_hash = self.rows.data_hash()
        key = sha256_of([json.dumps(config, sort_keys=True).encode(), data_hash.encode(), __version__.encode()])
        work = WorkFolder(out.parent / f".{out.name}.work", key[:16])
        fold = self.folds()
        drawn = draw_rows(
            self.rows,
            fold != ALWAYS_TRAIN,
            rng=np.random.default_rng(self.settings.seed),
        )
        rewritten = self.rewritten = rewrite_rows(self.source, self.rows, drawn)
        found = predict_out_of_fold(
            self.rows, fold, self._fit, work, n_columns=n_columns(self.heads), done=self._step, rewritten=rewritten
        )
        everyone = np.ones(len(self.rows), dtype=np.bool_)
        model = model_from_arrays(work.remember("final", lambda: model_arrays(self._fit(everyone))))
        self._step()
        self.experts = tuple(e for e in EXPERTS if e in model.experts)
        parts = assemble(
            self.rows,
            found,
            model.scaler,
            ontology=self.ontology,
            heads=self.heads,
            views=VIEWS,
            settings=self.settings,
            experts=self.experts,
        )
        evaluation = out_of_fold_figures(self.rows, found, parts, self.ontology, by="segment")
        self._log_folds(found, parts)
        self.gate = judge_release(self.rows, found, rewritten, parts, self.ontology)
        record = self._record(config, data_hash, fold)
        dims = {e: model.experts[e].dim for e in self.experts}
        module = FusionModule(model, parts.calibration, self.heads, self.experts)
        write_bundle(
            out,
            self._bundle_record(record, evaluation, dims, parts, output_names(module.speakers, self.heads)),
            ontology=self.ontology,
            model=export_onnx(module, self.heads, dims),
            arrays=pack(parts),
            held_out=self._held_out(found),
            distributions=self._distributions(),
        )
        shutil.rmtree(work.folder, ignore_errors=True)
        self._step()
        return record, evaluation

    def _step(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)
        self._log.log({"done": self._done / self._total}, step=self._done, role=self.role)

    def _log_folds(self, found: OutOfFold, parts: Parts) -> None:
        """Write how each fold did, calibrated as the model is."""
        for figures in fold_figures(self.rows, found, parts, self.ontology):
            labels = {name: figures.pop(name) for name in ("fold", "n")}
            self._log.log(figures, step=labels["fold"] + 1, role=self.role, **labels)

    def _fit(self, train: NDArray[np.bool_]) -> FusionModel:
        return fit_fusion(
            self.rows,
            train,
            uses_velocity=self.uses_velocity,
            ontology=self.ontology,
            heads=self.heads,
            settings=self.settings,
            views=VIEWS,
            rewritten=self.rewritten,
        )

    def folds(self) -> NDArray[np.int64]:
        """Deal songs into folds; songs that share material stay together."""
        groups = linked_groups([str(g) for g in self.rows.group_id], self.leakage.shared)
        labels = [int(k) for k in self.rows.label]
        n_folds = usable_folds(groups, labels, self.settings.n_folds)
        self._total = n_folds + 2
        fold = grouped_folds(groups, labels, n_folds=n_folds, rng=np.random.default_rng(self.settings.seed))
        if (fold == ALWAYS_TRAIN).all():
            raise TooLittleMaterialError(
                f"{len(set(groups))} groups of songs without common material and no class has two; expected one class "
                "with two at least, so that a song can be held out; add songs, or remove copies of songs"
            )
        return fold

    def _record(self, config: dict[str, Any], data_hash: str, fold: NDArray[np.int64]) -> dict[str, Any]:
        rows = self.rows
        return {
            "role": self.role,
            "seed": self.settings.seed,
            "config": config,
            "data_hash": data_hash,
            "code_version": __version__,
            "dataset_ontology_hash": self.ontology.hash,
            "n_songs": len(set(rows.group_id)),
            "n_segments": len(set(rows.segment_id)),
            "n_rows": len(rows),
            "n_folds": int(fold.max()) + 1,
            "never_held_out": sorted(set(map(str, rows.group_id[fold == ALWAYS_TRAIN]))),
            "groups": sorted(set(map(str, rows.group_id))),
            "leakage": self.leakage.to_dict(),
        }

    def _bundle_record(
        self,
        record: dict[str, Any],
        evaluation: dict[str, Any],
        dims: dict[str, int],
        parts: Parts,
        outputs: list[str],
    ) -> dict[str, Any]:
        inputs = {}
        for expert in self.experts:
            name = encoder_name(expert, self.settings)
            encoder = make_encoder(name)
            inputs[VECTOR_INPUT[expert]] = {
                "encoder": name,
                "version": encoder.version,
                "dim": dims[expert],
                "fingerprint": encoder.fingerprint(),
            }
            if expert == "concept" and self.settings.encoders.sounds_like:
                inputs[VECTOR_INPUT[expert]]["sounds_like"] = True
        return {
            "tool_version": __version__,
            "views": list(VIEWS),
            "velocities": list(VELOCITIES),
            "heads": {head.name: list(head.labels) for head in self.heads},
            "experts": list(self.experts),
            "fusion": self.settings.fusion,
            "inputs": inputs,
            "outputs": outputs,
            "session": asdict(Session()),
            "calibration": {
                "method": "temperature per expert, head, view and velocity from out-of-fold predictions; one after fusing",
                "confidence": "logistic curve on the log-odds of the top probability, out of fold, per view and velocity",
                "weights": dict(parts.calibration.weights),
                "axes_share": parts.calibration.agreement.share,
            },
            "evaluation": evaluation,
            "gate": self.gate.to_dict(),
            "training": record,
        }

    def _distributions(self) -> dict[str, NDArray[Any]] | None:
        """How every descriptor lies in these songs, per view and class; None without MIDI."""
        heard = self.rows.take(self.rows.has_midi)
        if not len(heard):
            return None
        songs, names = [str(group) for group in heard.group_id], self.ontology.class_names
        return Distributions.of_rows(
            heard.descriptors, heard.view, heard.label, songs, views=VIEWS, classes=names
        ).arrays()

    def _held_out(self, found: OutOfFold) -> dict[str, NDArray[Any]]:
        """Out-of-fold predictions as stored: what `evaluate` reports for songs the model was trained on."""
        return {
            "row_id": np.asarray(self.rows.row_id, dtype=str),
            "fold": found.fold,
            **{f"logits_{e}": values.astype(np.float32) for e, values in found.predictions.logits.items()},
        }
