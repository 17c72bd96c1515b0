"""`ChromaticScorer`: candidates in, ranked verdicts out. ONNX Runtime and numpy; no torch.

Fitness and match come from the music alone (MIDI, else sound; the lyrics where a candidate is only lyrics), novelty from
MIDI, so a concept that all candidates share cannot change their order. A candidate that cannot be read gets an error and
goes last.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError
from whitelight.music import Piece
from whitelight.ontology import Target
from whitelight.scoring.bundle import RECORD, BundleError, check_encoder, read_bundle
from whitelight.scoring.calibration import JOINT, JOINTS, MUSIC, VELOCITIES, joint_present
from whitelight.scoring.encoding import READS, WORDS, InputEncoders
from whitelight.scoring.engine import VECTOR_INPUT, Engine, Inputs, Outputs, Session
from whitelight.scoring.fitness import SmoothRank, class_affinity, target_fitness
from whitelight.scoring.heads import Array, heads_of
from whitelight.scoring.parts import unpack
from whitelight.scoring.result import Candidate, ScoreResult

if TYPE_CHECKING:
    from whitelight.audio import Audio
    from whitelight.scoring.listening import Heard

MIN_REFERENCE = 8  # held-out segments that make a percentile mean something
Material = Candidate | bytes | Path | Piece


class ScoringError(WhitelightError):
    """A candidate, or the question asked about it, cannot be scored."""


class ChromaticScorer:
    """How well MIDI, sound and text fit a target.

    Parameters
    ----------
    path : folder of a model bundle.
    encoders : input → encoder, where a model lies elsewhere than the bundle says (see `InputEncoders`).
    jobs : processes that read and describe MIDI; more than one halve the time of batches of whole songs, and change no
        answer (see `listening.Listener`).

    Attributes
    ----------
    ontology : what it was trained on. views : what a candidate may be. record : the content of `bundle.json`.
    """

    def __init__(self, path: str | Path, *, encoders: Mapping[str, str] | None = None, jobs: int = 1) -> None:
        from whitelight.scoring.listening import Listener  # noqa: PLC0415  encoders load when a scorer is made

        bundle = read_bundle(Path(path))
        self._opened: dict[str, Any] = {"path": Path(path), "encoders": encoders}
        self.record = bundle.record
        self.ontology = bundle.ontology
        self.heads = heads_of(self.ontology)
        self.views: tuple[str, ...] = tuple(bundle.record["views"])
        self.parts = unpack(bundle.arrays(), bundle.record["experts"])
        self.experts = self.parts.experts
        self.listener = Listener(jobs)
        self._encoders = InputEncoders(self.record, encoders)
        if len(self.views) != len(self.parts.scaler.mean):
            raise BundleError(
                f"{Path(path) / RECORD}: {len(self.views)} views, the arrays have {len(self.parts.scaler.mean)}; "
                "the file was changed by hand; copy it again or train the model again"
            )
        if MUSIC in self.experts:
            check_encoder(self.record, "descriptors", self.listener.encoder.fingerprint())
        session = Session.from_record(self.record["session"])
        others = (JOINT,) if JOINT in self.parts.calibration.temperatures else ()
        self.engine = Engine(bundle.model(), self.experts, self.heads, session, others=others)

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        """In another process the scorer is opened again."""
        return partial(ChromaticScorer, **self._opened), ()

    def score(
        self,
        midi: bytes | Path | Piece | None = None,
        *,
        audio: "bytes | Path | Audio | None" = None,
        lyrics: str | None = None,
        concept: str | None = None,
        target: str | Target | None = None,
        view: str = "full",
        velocity: str = "full",
    ) -> ScoreResult:
        """Judge one candidate; see `score_batch`.

        Raises
        ------
        ScoringError : it cannot be read, or nothing this scorer knows was given.
        """
        if audio is not None and "audio" not in self.experts:
            known = ", ".join(WORDS[e] for e in self.experts)
            raise ScoringError(
                f"this scorer has no audio expert; give {known}, or train one on a dataset with recordings"
            )
        candidate = Candidate(midi=midi, lyrics=lyrics, concept=concept, audio=audio)
        result = self.score_batch([candidate], target, view=view, velocity=velocity)[0]
        if result.error is not None:
            raise ScoringError(result.error)
        return result

    def score_batch(
        self,
        candidates: Sequence[Material],
        target: str | Target | None = None,
        *,
        view: str = "full",
        velocity: str = "full",
        concept: str | None = None,
    ) -> list[ScoreResult]:
        """Judge candidates and rank them by fitness.

        Parameters
        ----------
        candidates : MIDI as bytes, path or piece, or `Candidate` for lyrics and concept too.
        target : a class, a mixture ("60% A + 40% B"), axes ("axis=mode") or a `Target`; None ranks nothing.
        view : what every candidate holds. velocity : "free" ignores everything loudness tells (for composing).
        concept : for all candidates without their own.

        Returns
        -------
        best first; `index` is the position in `candidates`; those with an `error` come last.
        """
        view_index = _index_of(view, self.views, "view")
        velocity_index = _index_of(velocity, VELOCITIES, "velocity")
        goal = Target.parse(target, self.ontology) if isinstance(target, str) else target
        given = [_as_candidate(c, concept) for c in candidates]
        errors, inputs = self._inputs(given, view_index, velocity_index)
        judged = np.any([inputs.present[e] for e in self.experts], axis=0)
        for row in np.flatnonzero(~judged):
            errors[row] = errors[row] or self._nothing_to_judge(given[row])
        rows = np.array([i for i, error in enumerate(errors) if error is None], np.int64)
        found = self._verdicts(inputs, rows, goal, velocity=velocity_index, view=view_index)
        found += [ScoreResult(index=i, error=error) for i, error in enumerate(errors) if error is not None]
        return sorted(found, key=_rank)

    def inputs(self, candidates: Sequence[Material], *, view: str = "full", velocity: str = "full") -> Inputs:
        """Return what the model is asked with: standardized vectors, absent where a candidate cannot be read."""
        given = [_as_candidate(c, None) for c in candidates]
        place, loud = _index_of(view, self.views, "view"), _index_of(velocity, VELOCITIES, "velocity")
        return self._inputs(given, place, loud)[1]

    def _inputs(self, given: Sequence[Candidate], view: int, velocity: int) -> tuple[list[str | None], Inputs]:
        """Return why candidates cannot be judged, and what the model is asked with."""
        owner, heard = self._hear(given)
        errors: list[str | None] = [None] * len(given)
        for candidate, problem in zip(owner.tolist(), heard.problems, strict=True):
            errors[candidate] = problem
        vectors: dict[str, NDArray[np.float32]] = {}
        present: dict[str, NDArray[np.bool_]] = {}
        for expert in self.experts:
            if expert != MUSIC:
                vectors[expert], present[expert] = self._encoders.encode(expert, given, errors)
                continue
            present[expert] = np.zeros(len(given), np.bool_)
            rows, found = owner[heard.read], heard.descriptors
            present[expert][rows] = True
            vectors[expert] = np.zeros((len(given), self.dim(expert)), dtype=np.float32)
            vectors[expert][rows] = self.parts.scaler.apply(found, np.full(len(rows), view), velocity)
        return errors, Inputs(len(given), vectors, present)

    def _hear(self, given: Sequence[Candidate]) -> "tuple[NDArray[np.int64], Heard]":
        """Read and describe the MIDI of every candidate that has some: which these are, and what was heard."""
        owner = np.array([i for i, c in enumerate(given) if c.midi is not None], np.int64)
        return owner, self.listener.hear([c.midi for c in given if c.midi is not None])

    def dim(self, expert: str) -> int:
        """Return the length of the vectors an expert reads."""
        return int(self.record["inputs"][VECTOR_INPUT[expert]]["dim"])

    def _verdicts(
        self,
        inputs: Inputs,
        rows: NDArray[np.int64],
        goal: Target | None,
        *,
        velocity: int,
        view: int,
    ) -> list[ScoreResult]:
        if not len(rows):
            return []
        every = {e: inputs.present[e][rows] for e in self.experts}
        outputs = self.engine.run(Inputs(len(rows), {e: inputs.vectors[e][rows] for e in self.experts}, every))
        present = {e: there for e, there in every.items() if there.any()}  # the others would add nothing
        calibration = self.parts.calibration
        log_p = {e: calibration.calibrated(e, outputs.logits[e], self.heads, velocity, view) for e in present}
        joint = {}
        if JOINT in outputs.logits:
            raw = outputs.logits[JOINT]
            joint = {e: calibration.calibrated(e, raw, self.heads, velocity, view) for e in JOINTS}
        there = {**present, **joint_present(every)}
        fused = np.exp(calibration.fuse({**log_p, **joint}, there, self.heads))
        fitness, match, contributions = self._fit(log_p, present, goal, velocity, view)
        novelty = self._novelty(outputs, present, velocity, view)
        top = fused[:, self.heads[0].columns].max(axis=1)
        plausible = self.parts.conformal.names(fused[:, self.heads[0].columns], velocity, view, self.heads[0].labels)
        columns = (fitness, match, calibration.confidence_of(top, velocity, view), novelty)
        numbers = np.stack(columns, axis=1).tolist()
        labels = [
            (head.name.removeprefix("axis_"), head.labels, fused[:, head.columns].tolist()) for head in self.heads
        ]
        return [
            ScoreResult(
                index=int(row),
                axes={name: dict(zip(modes, p[i], strict=True)) for name, modes, p in labels[1:]},
                classes=dict(zip(labels[0][1], labels[0][2][i], strict=True)),
                fitness=numbers[i][0],
                match=numbers[i][1],
                confidence=numbers[i][2],
                plausible=plausible[i],
                novelty=numbers[i][3],
                contributions={e: float(values[i]) for e, values in contributions.items() if present[e][i]},
                modalities=tuple(e for e in present if present[e][i]),
            )
            for i, row in enumerate(rows)
        ]

    def _fit(
        self,
        log_p: dict[str, Array],
        present: dict[str, NDArray[np.bool_]],
        goal: Target | None,
        velocity: int,
        view: int,
    ) -> tuple[Array, Array, dict[str, Array]]:
        """Fitness, match and contribution of each modality."""
        n = len(next(iter(log_p.values())))
        fitness, match = np.full(n, np.nan), np.full(n, np.nan)
        if goal is None:
            return fitness, match, {}
        prior, weights = self.parts.prior, self.parts.calibration.weights
        terms = {e: target_fitness(values, prior, self.heads, goal) for e, values in log_p.items()}
        for expert in ("lyric", "audio", MUSIC):  # the last that is present decides
            if expert in terms:
                rows = present[expert]
                fitness[rows] = terms[expert][rows]
                match[rows] = self._rank(expert, goal, velocity, view).rank(terms[expert][rows])
        total = np.sum([present[e] * weights[e] for e in terms], axis=0)
        return fitness, match, {e: values * weights[e] / total for e, values in terms.items()}

    def _rank(self, expert: str, goal: Target, velocity: int, view: int) -> SmoothRank:
        """Where held-out segments of the target's own class lie."""
        if expert not in self.parts.references:
            return SmoothRank.of(np.zeros(0), np.zeros(0))
        reference = self.parts.references[expert][velocity]
        agreement = self.parts.calibration.agreement
        affinity = class_affinity(goal, agreement.targets, agreement.known, self.heads)
        rows, weight = reference.chosen(affinity, view, MIN_REFERENCE)
        return SmoothRank.of(target_fitness(reference.log_p[rows], self.parts.prior, self.heads, goal), weight)

    def _novelty(self, outputs: Outputs, present: dict[str, NDArray[np.bool_]], velocity: int, view: int) -> Array:
        if MUSIC not in present:
            return np.full(len(outputs.features), np.nan)
        distance = np.linalg.norm(outputs.features, axis=1)
        return np.where(present[MUSIC], self.parts.familiarity.novelty(distance, velocity, view), np.nan)

    def _nothing_to_judge(self, candidate: Candidate) -> str:
        known = ", ".join(WORDS[e] for e in self.experts)
        given = [name for name in READS.values() if getattr(candidate, name) is not None]
        return f"candidate holds {', '.join(given) or 'nothing'}; expected {known}, which this scorer has experts for"


def _as_candidate(given: Material, concept: str | None) -> Candidate:
    if not isinstance(given, Candidate):
        return Candidate(midi=given, concept=concept)
    return given if given.concept is not None else replace(given, concept=concept)


def _index_of(name: str, known: Sequence[str], what: str) -> int:
    if name not in known:
        raise ScoringError(f"{what} '{name}'; expected one of {', '.join(known)}")
    return list(known).index(name)


def _rank(result: ScoreResult) -> tuple[bool, bool, float, int]:
    unknown = math.isnan(result.fitness)
    return result.error is not None, unknown, 0.0 if unknown else -result.fitness, result.index
