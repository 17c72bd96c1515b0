"""From out-of-fold predictions to the numbers a scorer applies: temperatures, weights, references, familiarity."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whitelight.ontology import Ontology
from whitelight.scoring.calibration import (
    EXPERTS,
    JOINT,
    JOINTS,
    MUSIC,
    VELOCITIES,
    Agreement,
    Calibration,
    joint_present,
)
from whitelight.scoring.conformal import LEVELS, ConformalSets
from whitelight.scoring.fitness import Reference
from whitelight.scoring.heads import Array, Head, class_targets, log_softmax
from whitelight.scoring.parts import Parts
from whitelight.scoring.scaling import Familiarity, Scaler
from whitelight.training.calibration import Conditions, fit_confidence, fit_temperature, fit_temperatures, fit_weights
from whitelight.training.conformal import fit_conformal
from whitelight.training.folds import OutOfFold
from whitelight.training.rows import Rows, row_weights
from whitelight.training.settings import FusionSettings

HEARS_VELOCITY = (MUSIC, *JOINTS)  # these have temperatures per view and velocity setting
N_QUANTILES = 65  # of the distances of held-out rows
MIN_ROWS = 8  # fewer distances of one view say nothing; those of all views are used
AXES_SHARES = (0.0, 0.25, 0.5)  # tried for the weight of the axes in the class log-probabilities
MAX_REFERENCES = 200  # per class and view; the error of a percentile is then 3.5 points at most


def present_of(rows: Rows) -> dict[str, NDArray[np.bool_]]:
    """Return which rows have which modality, and which the joint network judges without and with the concept."""
    return {**rows.present, **joint_present(rows.present)}


def calibrated_log_p(
    logits: dict[str, Array], calibration: Calibration, heads: tuple[Head, ...], velocity: int, view: NDArray[np.int64]
) -> dict[str, Array]:
    """Return the calibrated log-probabilities of every expert for rows of several views, (n, n_columns)."""
    found = {}
    for name, values in logits.items():
        found[name] = np.zeros_like(values)
        for index in np.unique(view):
            chosen = view == index
            found[name][chosen] = calibration.calibrated(name, values[chosen], heads, velocity, int(index))
    return found


def assemble(
    rows: Rows,
    out_of_fold: OutOfFold,
    scaler: Scaler,
    *,
    ontology: Ontology,
    heads: tuple[Head, ...],
    views: tuple[str, ...],
    settings: FusionSettings,
    experts: tuple[str, ...],
) -> Parts:
    """Fit calibration on held-out predictions and collect what candidates are compared with.

    Parameters
    ----------
    rows : the training rows, in the order of `out_of_fold`.
    experts : those of the final model; one that has no held-out prediction keeps temperature 1.
    """
    fitter = _Fitter(rows, out_of_fold, ontology=ontology, heads=heads, views=views, settings=settings)
    agreement = Agreement(fitter.prior(), fitter.class_targets, fitter.known, share=0.0)
    joint = tuple(e for e in JOINTS if e in out_of_fold.predictions.logits)
    draft = fitter.neutral(experts, agreement, joint)
    draft = replace(draft, agreement=replace(agreement, share=fitter.axes_share(experts[0], draft)))
    for expert in (*experts, *joint):
        fitter.set_temperatures(expert, draft)
    log_p = calibrated_log_p(fitter.logits(experts, 0), draft, heads, 0, rows.view)
    weights = fitter.weights(log_p)
    draft = replace(draft, weights=weights)
    draft = replace(draft, fused_temperature=fitter.fused_temperature(draft, log_p))
    calibration = replace(draft, confidence=fitter.confidence(draft, experts))
    return Parts(
        scaler=scaler,
        familiarity=fitter.familiarity(),
        calibration=calibration,
        references={e: fitter.references(e, calibration) for e in experts if e != "concept" and fitter.judged(e).any()},
        conformal=ConformalSets(fitter.conformal(calibration, experts)),
    )


@dataclass(frozen=True, slots=True)
class _Heard:
    """Held-out class probabilities under every velocity setting, one after the other; `used` : rows they are of."""

    used: NDArray[np.bool_]
    probabilities: Array
    label: NDArray[np.int64]
    conditions: Conditions


class _Fitter:
    """The rows seen from calibration: targets, song weights, conditions."""

    def __init__(
        self,
        rows: Rows,
        out_of_fold: OutOfFold,
        *,
        ontology: Ontology,
        heads: tuple[Head, ...],
        views: tuple[str, ...],
        settings: FusionSettings,
    ) -> None:
        self.rows, self.out_of_fold, self.heads, self.settings = rows, out_of_fold, heads, settings
        self.n_views, self.full_view = len(views), views.index("full")
        self.shape = (len(VELOCITIES), len(views))
        self.class_targets, self.known = class_targets(ontology, heads)
        self.present = present_of(rows)

    def judged(self, expert: str) -> NDArray[np.bool_]:
        """Which rows have a held-out prediction of an expert."""
        return self.present[expert] & self.out_of_fold.judged & (expert in self.out_of_fold.predictions.logits)

    def _song_weights(self, used: NDArray[np.bool_]) -> Array:
        return row_weights(self.rows, used, self.full_view, self.settings.full_view_share)

    def logits(self, experts: tuple[str, ...], velocity: int) -> dict[str, Array]:
        """Return raw held-out logits of those experts that have any."""
        found = self.out_of_fold.predictions.logits
        return {e: found[e][velocity] for e in experts if e in found}

    def neutral(self, experts: tuple[str, ...], agreement: Agreement, joint: tuple[str, ...] = ()) -> Calibration:
        """Return a calibration that changes nothing, to be filled in."""
        ones = np.ones((*self.shape, len(self.heads)))
        return Calibration(
            temperatures={e: ones.copy() for e in (*experts, *joint)},
            weights=dict.fromkeys(experts, 1.0),
            fused_temperature=np.ones(len(self.heads)),
            confidence=np.tile(np.array([0.0, 1.0]), (*self.shape, 1)),
            agreement=agreement,
        )

    def set_temperatures(self, expert: str, draft: Calibration) -> None:
        """Fit the temperatures of one expert into `draft`: the axes first, then the class head that follows them."""
        used = self.judged(expert)
        if not used.any():
            return
        velocities = (
            range(len(VELOCITIES)) if expert in HEARS_VELOCITY else range(1)
        )  # a text is the same at every loudness
        raw = self.out_of_fold.predictions.logits[expert][:, used]
        found = self._fit(expert, used, [raw[v] for v in velocities])
        draft.temperatures[expert][..., 1:] = found[..., 1:]
        view = self.rows.view[used]
        agreed = [calibrated_log_p({expert: raw[v]}, draft, self.heads, v, view)[expert] for v in velocities]
        draft.temperatures[expert][..., 0] = self._fit(expert, used, agreed)[..., 0]

    def axes_share(self, expert: str, neutral: Calibration) -> float:
        """Return the weight of the axes in the class log-probabilities that is best out of fold; a tie goes to less."""
        used = self.judged(expert)
        if not used.any():
            return 0.0
        label, weights = self.rows.label[used], self._song_weights(used)[used]
        raw, view = self.out_of_fold.predictions.logits[expert][0][used], self.rows.view[used]
        targets, losses = np.eye(len(self.heads[0].labels))[label], []
        for share in AXES_SHARES:
            trial = replace(neutral, agreement=replace(neutral.agreement, share=share))
            found = calibrated_log_p({expert: raw}, trial, self.heads, 0, view)[expert][:, self.heads[0].columns]
            tempered = log_softmax(found / fit_temperature(found, targets, weights))
            losses.append(round(float(-weights @ tempered[np.arange(len(label)), label]), 6))
        return AXES_SHARES[int(np.argmin(losses))]

    def _fit(self, expert: str, used: NDArray[np.bool_], logits: list[Array]) -> Array:
        """Fit temperatures on the same rows under each velocity setting, (*shape, n_heads)."""
        label, n = self.rows.label[used], len(logits)
        weights = self._song_weights(used)[used]
        conditions = [v * self.n_views + self.rows.view[used] for v in range(n)]
        if expert not in HEARS_VELOCITY:  # and in every view
            conditions = [np.zeros(len(label), dtype=np.int64)]
        found = fit_temperatures(
            np.concatenate(logits),
            np.tile(self.class_targets[label], (n, 1)),
            np.tile(weights[:, None] * self.known[label], (n, 1)),
            Conditions(np.concatenate(conditions), np.tile(self.rows.group_id[used], n), self.shape),
            self.heads,
        )
        return found if expert in HEARS_VELOCITY else np.broadcast_to(found[:1, :1], found.shape)

    def weights(self, log_p: dict[str, Array]) -> dict[str, float]:
        """Fit the weights of the experts on the class head."""
        experts = [e for e in EXPERTS if e in log_p]
        masks = {e: self.judged(e) for e in experts}
        weights = self._song_weights(np.any(list(masks.values()), axis=0))
        class_log_p = {e: log_p[e][:, self.heads[0].columns] for e in experts}
        caps = {"concept": self.settings.max_concept_weight}
        return fit_weights(class_log_p, masks, self.rows.label, weights, caps)

    def fused_temperature(self, calibration: Calibration, log_p: dict[str, Array]) -> Array:
        """Fit the last temperature of each head on rows where several experts speak."""
        masks = {e: self.judged(e) for e in log_p}
        several = np.sum(list(masks.values()), axis=0) > 1
        if not several.any():
            return np.ones(len(self.heads))
        chosen = {e: mask[several] for e, mask in masks.items()}
        fused = calibration.fuse({e: values[several] for e, values in log_p.items()}, chosen, self.heads)
        label, weights = self.rows.label[several], self._song_weights(several)[several]
        return np.array(
            [
                fit_temperature(
                    fused[:, head.columns],
                    self.class_targets[label][:, head.columns],
                    weights * self.known[label, position],
                )
                for position, head in enumerate(self.heads)
            ]
        )

    def confidence(self, calibration: Calibration, experts: tuple[str, ...]) -> Array:
        """Fit the confidence curves on everything but the concept together."""
        heard = self._heard(calibration, experts)
        if heard is None:
            return calibration.confidence
        return fit_confidence(heard.probabilities, heard.label, heard.conditions)

    def conformal(self, calibration: Calibration, experts: tuple[str, ...]) -> Array:
        """Fit the thresholds of conformal sets on the same predictions; everything is plausible without any."""
        heard = self._heard(calibration, experts)
        prior = calibration.agreement.prior[self.heads[0].columns]
        if heard is None:
            return np.zeros((len(LEVELS), *self.shape, len(prior)))
        return fit_conformal(heard.probabilities, heard.label, heard.conditions, prior)

    def _heard(self, calibration: Calibration, experts: tuple[str, ...]) -> "_Heard | None":
        """Fuse the held-out predictions of everything but the concept, at every loudness; None without any."""
        material = tuple(e for e in experts if e != "concept" and e in self.out_of_fold.predictions.logits)
        masks = {e: self.judged(e) for e in material}
        if not material or not np.any(list(masks.values())):
            return None
        used = np.any(list(masks.values()), axis=0)
        probabilities, conditions = [], []
        for velocity in range(len(VELOCITIES)):
            spoken = (*material, JOINT) if JOINT in calibration.temperatures else material
            log_p = calibrated_log_p(self.logits(spoken, velocity), calibration, self.heads, velocity, self.rows.view)
            fused = calibration.fuse(
                {e: v[used] for e, v in log_p.items()}, {e: self.present[e][used] for e in log_p}, self.heads
            )
            probabilities.append(np.exp(fused[:, self.heads[0].columns]))
            conditions.append(velocity * self.n_views + self.rows.view[used])
        n = len(VELOCITIES)
        where = Conditions(np.concatenate(conditions), np.tile(self.rows.group_id[used], n), self.shape)
        return _Heard(used, np.concatenate(probabilities), np.tile(self.rows.label[used], n), where)

    def prior(self) -> Array:
        """Share of each label among the songs, head by head, (n_columns,)."""
        used = np.any(list(self.present.values()), axis=0)
        weights = self._song_weights(used)
        prior = np.zeros(self.class_targets.shape[1])
        for position, head in enumerate(self.heads):
            share = (weights * self.known[self.rows.label, position]) @ self.class_targets[self.rows.label][
                :, head.columns
            ]
            prior[head.columns] = share / max(share.sum(), 1e-12)
        return prior

    def references(self, expert: str, calibration: Calibration) -> tuple[Reference, ...]:
        """Collect held-out log-probabilities, at most `MAX_REFERENCES` per class and view, evenly spaced."""
        used = np.flatnonzero(self.judged(expert))
        weights = self._song_weights(self.judged(expert))
        kept = []
        for cell in np.unique(self.rows.label[used] * self.n_views + self.rows.view[used]):
            members = used[self.rows.label[used] * self.n_views + self.rows.view[used] == cell]
            picks = np.unique(
                np.linspace(0, len(members) - 1, min(len(members), MAX_REFERENCES)).round().astype(np.int64)
            )
            kept.append(members[picks])
        chosen = np.sort(np.concatenate(kept))
        references = []
        for velocity in range(len(VELOCITIES)):
            logits = {expert: self.out_of_fold.predictions.logits[expert][velocity][chosen]}
            log_p = calibrated_log_p(logits, calibration, self.heads, velocity, self.rows.view[chosen])[expert]
            references.append(Reference(log_p, self.rows.view[chosen], self.rows.label[chosen], weights[chosen]))
        return tuple(references)

    def familiarity(self) -> Familiarity:
        """Collect quantiles of the distances of held-out rows per condition."""
        distance = self.out_of_fold.predictions.distance
        quantiles = np.ones((*self.shape, N_QUANTILES))
        grid = (np.arange(N_QUANTILES) + 0.5) / N_QUANTILES
        for velocity in range(len(VELOCITIES)):
            known = np.isfinite(distance[velocity])
            for view in range(self.n_views):
                own = known & (self.rows.view == view)
                chosen = own if own.sum() >= MIN_ROWS else known
                if chosen.any():
                    quantiles[velocity, view] = np.quantile(distance[velocity][chosen], grid)
        return Familiarity(quantiles)
