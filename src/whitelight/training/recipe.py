"""One training run on given rows: scaler, experts, novelty basis; and what they say about other rows.

Folds and the final model are made by the same function, so what is measured out of fold is what is shipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whitelight.ontology import Ontology
from whitelight.scoring.calibration import EXPERTS, JOINT, JOINT_CONCEPT, MUSIC, VELOCITIES
from whitelight.scoring.heads import Array, Head
from whitelight.scoring.scaling import Scaler
from whitelight.training.joint import JointWeights, predict_joint
from whitelight.training.joint_fit import JointExamples, fit_joint
from whitelight.training.losses import soft_targets
from whitelight.training.models import Changes, Examples, ExpertWeights, fit_expert, predict
from whitelight.training.rewriting import Rewritten
from whitelight.training.rows import EmbeddingTable, Rows, training_weights
from whitelight.training.settings import LATE, ExpertSettings, FusionSettings

MIN_ROWS_PER_VIEW = 16  # fewer rows share the mean and spread of all views
UNIT_TOLERANCE = 1e-3  # of the length of embeddings that are directions; others are standardized
SMALLEST_SCALE = 1e-3  # a descriptor that hardly varies in training must not explode on a candidate
NOVELTY_COMPONENTS = 32
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]
Views = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NoveltyBasis:
    """Directions in which the training rows vary (probabilistic PCA, Tipping & Bishop 1999).

    Attributes
    ----------
    components : (dim, k), orthonormal. scale : (k,), standard deviations. residual_scale : of what is left.
    """

    components: Floats
    scale: Floats
    residual_scale: float


@dataclass(frozen=True, slots=True)
class FusionModel:
    """All learned parts before calibration; an expert is absent when no row has its modality.

    `joint` : one network over all of them, where the strategy is not the late one.
    """

    scaler: Scaler
    basis: NoveltyBasis
    experts: Mapping[str, ExpertWeights]
    joint: JointWeights | None = None


@dataclass(frozen=True, slots=True)
class Predictions:
    """Raw logits of every expert, (n_velocities, n, n_columns), and distances from the training rows.

    The joint network has two entries: as it speaks without the concept, and with it.
    """

    logits: Mapping[str, Array]
    distance: Array


def fit_fusion(
    rows: Rows,
    train: Mask,
    *,
    uses_velocity: Mask,
    ontology: Ontology,
    heads: tuple[Head, ...],
    settings: FusionSettings,
    views: tuple[str, ...],
    rewritten: Rewritten | None = None,
) -> FusionModel:
    """Fit every part on the rows chosen by `train`.

    Parameters
    ----------
    rewritten : music of some rows written otherwise; what changes then is shown to the expert of MIDI as changing
        nothing. Rows that are not in `train` are left out.
    """
    learner = Learner(ontology, heads, settings, views.index("full"))
    used = train & rows.has_midi
    weights = learner.weights(rows, used)
    scaler = fit_scaler(rows.descriptors, rows.view, weights, uses_velocity, len(views))
    chosen = np.flatnonzero(used)
    full = scaler.apply(rows.descriptors[chosen], rows.view[chosen], VELOCITIES.index("full"))
    experts = {}
    if len(chosen):
        changes = None if rewritten is None else rewriting_changes(rows, train, scaler, rewritten)
        experts["midi"] = learner.midi(full, scaler, rows.take(chosen), weights[chosen], changes)
    if (train & rows.audio.present).any():
        experts["audio"] = learner.sound(rows, train)
    for name, texts in (("lyric", rows.lyric), ("concept", rows.concept)):
        if (train & texts.present).any():
            experts[name] = learner.text(rows, texts, train)
    joint = None
    if settings.fusion != LATE and experts:
        joint = learner.joint(rows, train, scaler, tuple(e for e in EXPERTS if e in experts))
    return FusionModel(scaler, fit_novelty_basis(full, weights[chosen]), experts, joint)


def predict_fusion(model: FusionModel, rows: Rows) -> Predictions:
    """Apply every expert to every row; where a row lacks the modality, the logits are 0."""
    n_columns = next(iter(model.experts.values())).n_columns
    logits = {name: np.zeros((len(VELOCITIES), len(rows), n_columns)) for name in model.experts}
    distance = np.full((len(VELOCITIES), len(rows)), np.nan)
    midi = np.flatnonzero(rows.has_midi)
    for velocity in range(len(VELOCITIES)):
        if "midi" in model.experts and len(midi):
            scaled = model.scaler.apply(rows.descriptors[midi], rows.view[midi], velocity)
            logits["midi"][velocity, midi] = predict(model.experts["midi"], scaled)
            distance[velocity, midi] = np.linalg.norm(novelty_features(model.basis, scaled), axis=1)
    for name, table in rows.embedded.items():
        if name in model.experts and table.present.any():
            found = predict(model.experts[name], table.embeddings)
            logits[name][:, table.present] = found[table.index[table.present]]
    return Predictions({**logits, **_joint_logits(model, rows)}, distance)


def _joint_logits(model: FusionModel, rows: Rows) -> dict[str, Array]:
    """What the joint network says without and with the concept, (n_velocities, n, n_columns) each."""
    weights = model.joint
    if weights is None:
        return {}
    present = np.stack([rows.present[m] for m in weights.modalities], axis=1)
    silent = present & (np.array(weights.modalities) != "concept")
    inputs = [joint_inputs(rows, weights.dims, model.scaler, v) for v in range(len(VELOCITIES))]
    said = {JOINT: [predict_joint(weights, vectors, silent) for vectors in inputs]}
    if "concept" in weights.modalities:
        said[JOINT_CONCEPT] = [predict_joint(weights, vectors, present) for vectors in inputs]
    return {name: np.stack(values) for name, values in said.items()}


def rewriting_changes(rows: Rows, train: Mask, scaler: Scaler, rewritten: Rewritten) -> tuple[Floats, Views]:
    """Return how standardized descriptors change when music is written otherwise, (m, dim), and the view of each.

    What derives from velocity is left out: it is hidden while composing, and heard on purpose otherwise.
    """
    used = train[rewritten.origin]
    view = rewritten.rows.view[used]
    after = scaler.apply(rewritten.rows.descriptors[used], view, VELOCITIES.index("free"))
    before = scaler.apply(rows.descriptors[rewritten.origin[used]], view, VELOCITIES.index("free"))
    return after - before, view


def joint_inputs(rows: Rows, dims: Mapping[str, int], scaler: Scaler, velocity: int) -> list[Floats]:
    """Return what a joint network reads of every row, per modality (n, dim); zeros where absent."""
    found = []
    for modality, dim in dims.items():
        if modality == MUSIC:
            scaled = scaler.apply(rows.descriptors, rows.view, velocity)
            found.append(np.where(rows.has_midi[:, None], scaled, np.float32(0.0)))
        else:
            found.append(rows.embedded[modality].vectors(dim))
    return found


def fit_scaler(
    descriptors: Floats, view: NDArray[np.int64], weights: Array, uses_velocity: Mask, n_views: int
) -> Scaler:
    """Fit weighted means and spreads per view, of all views together where a view has too few rows."""
    mean, scale = (np.zeros((n_views, descriptors.shape[1])) for _ in range(2))
    everything = _moments(descriptors, weights)
    for index in range(n_views):
        own = np.where(view == index, weights, 0.0)
        enough = (own > 0).sum() >= MIN_ROWS_PER_VIEW
        mean[index], scale[index] = _moments(descriptors, own) if enough else everything
    return Scaler(mean.astype(np.float32), scale.astype(np.float32), uses_velocity)


def _moments(values: Floats, weights: Array) -> tuple[Array, Array]:
    total = weights.sum()
    if total <= 0:
        return np.zeros(values.shape[1]), np.ones(values.shape[1])
    share = weights[weights > 0] / total
    rows = values[weights > 0].astype(np.float64)
    mean = share @ rows
    spread = np.sqrt(share @ (rows - mean) ** 2)
    return mean, np.where(spread > SMALLEST_SCALE * (np.abs(mean) + SMALLEST_SCALE), spread, 1.0)


def fit_novelty_basis(scaled: Floats, weights: Array) -> NoveltyBasis:
    """Find the main directions of the training rows; the scaler has already centered them."""
    dim = scaled.shape[1]
    if len(scaled) < 2:
        return NoveltyBasis(np.zeros((dim, 0), np.float32), np.zeros(0, np.float32), 1.0)
    covariance = (scaled * (weights / weights.sum())[:, None]).T.astype(np.float64) @ scaled
    values, vectors = np.linalg.eigh(covariance)
    k = max(1, min(NOVELTY_COMPONENTS, dim // 2, len(scaled) // 4))
    rest = float(np.maximum(values[:-k], 0.0).sum())
    kept = np.maximum(values[-k:][::-1], 1e-6)
    vectors = vectors[:, -k:][:, ::-1]
    return NoveltyBasis(vectors.astype(np.float32), np.sqrt(kept).astype(np.float32), max(rest**0.5, 1e-3))


def novelty_features(basis: NoveltyBasis, scaled: Floats) -> Floats:
    """Return whitened components and the scaled residual, (n, k + 1); their norm is the distance."""
    along = scaled @ basis.components
    left = np.maximum((scaled**2).sum(axis=1) - (along**2).sum(axis=1), 0.0) ** 0.5 / basis.residual_scale
    whitened = along / basis.scale / max(len(basis.scale), 1) ** 0.5
    return np.concatenate([whitened, left[:, None]], axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Learner:
    """Turns rows into examples with the ontology's soft targets."""

    ontology: Ontology
    heads: tuple[Head, ...]
    settings: FusionSettings
    full_view: int

    def weights(self, rows: Rows, used: Mask) -> Array:
        """Return what each row counts in training, (n,)."""
        balance = self.settings.loss.class_balance
        return training_weights(rows, used, self.full_view, self.settings.full_view_share, class_balance=balance)

    def midi(
        self, scaled: Floats, scaler: Scaler, rows: Rows, weights: Array, changes: tuple[Floats, Views] | None
    ) -> ExpertWeights:
        """Learn from every row twice: as it is, and blind to velocity, so that one model serves both."""
        blind = scaled.copy()
        blind[:, scaler.uses_velocity] = 0.0
        share = self.settings.velocity_free_share
        doubled = np.concatenate([weights * (1.0 - share), weights * share])
        both = self.examples(np.concatenate([scaled, blind]), np.tile(rows.label, 2), doubled)
        reach = self.settings.midi.change_reach
        if changes is not None and len(changes[0]) and reach:
            both = replace(both, changes=Changes.of(*changes, np.tile(rows.view, 2), reach=reach))
        return fit_expert(both, self.settings.midi, seed=self.settings.seed, loss=self.settings.loss)

    def sound(self, rows: Rows, train: Mask) -> ExpertWeights:
        """Learn from every row with audio."""
        used = train & rows.audio.present
        chosen, weights = np.flatnonzero(used), self.weights(rows, used)
        vectors = rows.audio.embeddings[rows.audio.index[chosen]]
        return self._fit(vectors, rows.label[chosen], weights[chosen], self.settings.audio)

    def text(self, rows: Rows, texts: EmbeddingTable, train: Mask) -> ExpertWeights:
        """Learn from each text of a song once, songs counting equally."""
        chosen = np.flatnonzero(train & texts.present)
        pairs = np.array([f"{rows.group_id[i]}\n{texts.index[i]}" for i in chosen])
        _, first = np.unique(pairs, return_index=True)
        chosen = chosen[np.sort(first)]
        _, song, counts = np.unique(rows.group_id[chosen].astype(str), return_inverse=True, return_counts=True)
        weights = 1.0 / counts[song] / len(counts)
        vectors, settings = texts.embeddings[texts.index[chosen]], self.settings.text
        if np.abs(np.linalg.norm(vectors, axis=1) - 1.0).max() > UNIT_TOLERANCE:  # measures, not directions
            settings = replace(settings, standardize=True)
        return self._fit(vectors, rows.label[chosen], weights, settings)

    def joint(self, rows: Rows, train: Mask, scaler: Scaler, modalities: tuple[str, ...]) -> JointWeights:
        """Learn from every row that has anything, all its modalities at once."""
        present = np.stack([rows.present[m] for m in modalities], axis=1)
        used = train & present.any(axis=1)
        weights, chosen = self.weights(rows, used), np.flatnonzero(used)
        dims = {
            m: rows.descriptors.shape[1] if m == MUSIC else rows.embedded[m].embeddings.shape[1] for m in modalities
        }
        vectors = joint_inputs(rows.take(chosen), dims, scaler, VELOCITIES.index("full"))
        examples = JointExamples(
            vectors=dict(zip(modalities, vectors, strict=True)),
            present=present[chosen],
            scaled=frozenset({MUSIC}),
            alike=frozenset({"lyric", "concept"}),
            blinded={MUSIC: scaler.uses_velocity},
            examples=self.examples(np.zeros((len(chosen), 0), np.float32), rows.label[chosen], weights[chosen]),
        )
        settings = self.settings
        return fit_joint(examples, settings.fusion, settings.joint, loss=settings.loss, seed=settings.seed)

    def examples(self, features: Floats, label: NDArray[np.int64], weights: Array) -> Examples:
        """Return rows with their targets; weights sum to 1 in every head."""
        targets, known = soft_targets(self.ontology, self.heads, self.settings.loss.smoothing)
        per_head = weights[:, None] * known[label]
        per_head /= np.maximum(per_head.sum(axis=0), 1e-12)
        return Examples(
            features=np.ascontiguousarray(features, dtype=np.float32),
            targets=targets[label].astype(np.float32),
            weights=per_head.astype(np.float32),
            head_sizes=tuple(len(head.labels) for head in self.heads),
        )

    def _fit(
        self, features: Floats, label: NDArray[np.int64], weights: Array, settings: ExpertSettings
    ) -> ExpertWeights:
        examples = self.examples(features, label, weights)
        return fit_expert(examples, settings, seed=self.settings.seed, loss=self.settings.loss)
