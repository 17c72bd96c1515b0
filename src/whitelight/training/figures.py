"""All figures of a table of held-out predictions, in one record.

Headline figures use music, sound and lyrics; the concept, which names the class outright in many catalogs, appears under
`by_modality` alone. Nothing here reads a file or runs a model.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS
from whitelight.ontology import Ontology
from whitelight.scoring.calibration import EXPERTS, JOINTS, MUSIC, VELOCITIES
from whitelight.scoring.heads import Array, Head, heads_of
from whitelight.scoring.parts import Parts
from whitelight.training.assembly import calibrated_log_p, present_of
from whitelight.training.baselines import descriptor_baseline, majority_baseline
from whitelight.training.folds import OutOfFold
from whitelight.training.judging import (
    Units,
    axis_figures,
    class_figures,
    detail_figures,
    pool_units,
    ranking_figures,
    rounded,
)
from whitelight.training.rows import Rows, TooLittleMaterialError
from whitelight.training.table import OUT_OF_FOLD, UNIT_COLUMN, Table

MATERIAL = ("midi", "audio", "lyric")
Mask = NDArray[np.bool_]


def out_of_fold_figures(rows: Rows, found: OutOfFold, parts: Parts, ontology: Ontology, *, by: str) -> dict[str, Any]:
    """Return the figures of a model's own out-of-fold predictions, without the slower baseline."""
    table = Table(rows, found.predictions.logits, found.fold).take(found.judged)
    figures = table_figures(table, None, parts, ontology, by=by)
    return {**figures, "by": by, "held_out": OUT_OF_FOLD}


def table_figures(table: Table, learners: Rows | None, parts: Parts, ontology: Ontology, *, by: str) -> dict[str, Any]:
    """Return all figures of a table of held-out predictions.

    Parameters
    ----------
    learners : full-view rows the descriptor baseline may learn from; None leaves the baseline out.
    """
    judge = _Judge(table, parts, ontology, by)
    units = judge.units(judge.headline)
    probabilities = judge.class_probabilities(units)
    full = table.rows.take(judge.headline)
    baselines = {"majority": majority_baseline(judge.headline_table(), parts.prior[: len(ontology.class_names)], by)}
    if learners is not None:
        baselines["descriptor"] = descriptor_baseline(judge.headline_table(), learners, by)
    return dict(
        rounded(
            {
                "n_segments": len(full),
                "n_songs": len(set(full.group_id)),
                "n_units": len(units.label),
                "class": class_figures(probabilities, units.label, units.group),
                "axes": axis_figures(units, ontology, judge.heads),
                "baselines": baselines,
                "ranking_auc": ranking_figures(units, ontology, judge.heads, parts.prior),
                **detail_figures(units, ontology),
                "views": judge.view_figures(),
                "velocity_free": judge.velocity_free_figures(),
                "by_modality": judge.modality_figures(),
            }
        )
    )


def headline_units(table: Table, parts: Parts, ontology: Ontology, *, by: str) -> Units:
    """Return what the headline figures are counted on: fused and pooled predictions of the full view."""
    judge = _Judge(table, parts, ontology, by)
    return judge.units(judge.headline)


def headline_table(table: Table, parts: Parts, ontology: Ontology) -> Table:
    """Return the rows the headline figures are about."""
    return _Judge(table, parts, ontology, "segment").headline_table()


class _Judge:
    """A table of held-out predictions and the questions asked of it."""

    def __init__(self, table: Table, parts: Parts, ontology: Ontology, by: str) -> None:
        self.table, self.parts, self.ontology, self.by = table, parts, ontology, by
        self.heads: tuple[Head, ...] = heads_of(ontology)
        self.present = present_of(table.rows)
        self.headline = (table.rows.view == VIEWS.index("full")) & self._known(MATERIAL)
        if not self.headline.any():
            self.headline = (table.rows.view == VIEWS.index("full")) & self._known(EXPERTS)
        if not self.headline.any():
            raise TooLittleMaterialError(
                f"none of {len(table.rows)} held-out rows has what the model judges by ({', '.join(table.logits)}); "
                "add such songs"
            )

    def _known(self, experts: tuple[str, ...]) -> Mask:
        masks = [self.present[e] for e in experts if e in self.table.logits]
        return np.any(masks, axis=0) if masks else np.zeros(len(self.table.rows), dtype=np.bool_)

    def headline_table(self) -> Table:
        """Return the rows the headline figures are about."""
        return self.table.take(self.headline)

    def units(self, chosen: Mask, *, experts: tuple[str, ...] = MATERIAL, velocity: int = 0) -> Units:
        """Fuse and pool the chosen rows; with the concept where nothing else speaks."""
        table = self.table.take(chosen)
        asked = (*experts, *JOINTS[: 1 + ("concept" in experts)]) if len(experts) > 1 else experts
        known = [e for e in asked if e in table.logits] or list(table.logits)
        logits = {e: table.logits[e][velocity] for e in known}
        log_p = calibrated_log_p(logits, self.parts.calibration, self.heads, velocity, table.rows.view)
        present = {e: self.present[e][chosen] for e in known}
        fused = self.parts.calibration.fuse(log_p, present, self.heads)
        keys = [str(k) for k in getattr(table.rows, UNIT_COLUMN[self.by])]
        return pool_units(fused, table.rows.label, keys, table.rows.group_id, self.heads)

    def class_probabilities(self, units: Units) -> Array:
        """Return the probabilities of the class head."""
        return np.exp(units.log_p[:, self.heads[0].columns])

    def _figures(self, chosen: Mask, **how: Any) -> dict[str, Any]:
        units = self.units(chosen, **how)
        return {"n": len(units.label), **class_figures(self.class_probabilities(units), units.label, units.group)}

    def view_figures(self) -> dict[str, Any]:
        """Return the figures of every view by itself, music only."""
        heard = self.present[MUSIC] & (MUSIC in self.table.logits)
        masks = {view: heard & (self.table.rows.view == index) for index, view in enumerate(VIEWS)}
        return {view: self._figures(mask, experts=(MUSIC,)) for view, mask in masks.items() if mask.any()}

    def velocity_free_figures(self) -> dict[str, Any]:
        """Return the figures of the full view when loudness is not looked at."""
        chosen = self.headline & self.present[MUSIC] & (MUSIC in self.table.logits)
        if not chosen.any():
            return {}
        units = self.units(chosen, experts=(MUSIC,), velocity=VELOCITIES.index("free"))
        figures = class_figures(self.class_probabilities(units), units.label, units.group)
        return {**figures, "axes": axis_figures(units, self.ontology, self.heads)}

    def modality_figures(self) -> dict[str, Any]:
        """Return the figures of each modality alone, and of all together, on the rows that have it."""
        full = self.table.rows.view == VIEWS.index("full")
        found = {}
        for name, experts in {**{e: (e,) for e in self.table.logits}, "all": EXPERTS}.items():
            chosen = full & self._known(experts)
            if chosen.any():
                found[name] = self._figures(chosen, experts=experts)
        return found
