"""Trials in an SQLite file: drawn by Optuna's TPE, told what they are worth, taken up again after a kill.

What a trial draws depends on the seed, its place in the order and the trials before it alone. A trial whose process died
is marked failed, and the next one takes its place and values; so a search that was killed ends as an undisturbed one does
(with one job: several finish in an order of their own).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from whitelight.errors import WhitelightError
from whitelight.training.tuning.objective import DIRECTIONS, Material, prepare, trial_figures
from whitelight.training.tuning.space import SearchSpace, TuneError, with_values

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

DATABASE = "search.db"
WHOLE = "whole"  # the study over all songs; those of nested folds have numbers
ERROR, INTERRUPTED, SECONDS, FIGURES, PLAN = "error", "interrupted", "seconds", "figures", "plan"
N_RANDOM = 10  # trials before TPE begins to learn, Optuna's own number
N_BEFORE_PRUNING = 5


@dataclass(frozen=True, slots=True)
class TrialJob:
    """One trial that some process shall make; the process draws its values itself.

    Attributes
    ----------
    out : folder of the search. study : which of its studies.
    """

    out: Path
    study: str
    material: Material
    space: SearchSpace
    metric: str
    seed: int


def open_study(job: TrialJob) -> "Study":
    """Open a study, or make it."""
    import optuna  # noqa: PLC0415  an extra of training

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    job.out.mkdir(parents=True, exist_ok=True)
    return optuna.create_study(
        storage=f"sqlite:///{(job.out / DATABASE).as_posix()}",
        study_name=job.study,
        direction=DIRECTIONS[job.metric],
        pruner=optuna.pruners.MedianPruner(n_startup_trials=N_BEFORE_PRUNING, n_warmup_steps=1),
        load_if_exists=True,
    )


def take_up(study: "Study", plan: Mapping[str, Any], start: Mapping[str, Any]) -> None:
    """Make sure the study is the one meant, and let trials whose process died be made again.

    Only whoever holds the lock of the search may call this: a trial that runs would be taken for dead.

    Parameters
    ----------
    plan : what makes the search this one. start : values of the first trial, if any: those the search begins with.

    Raises
    ------
    TuneError : the folder holds a search of other data, settings, space or seed.
    """
    from optuna.trial import TrialState  # noqa: PLC0415  as above

    known = study.user_attrs.get(PLAN)
    if known is None:
        if start:
            study.enqueue_trial(dict(start), skip_if_exists=True)
        study.set_user_attr(PLAN, json.loads(json.dumps(plan)))
    else:
        new = json.loads(json.dumps(plan))
        other = [key for key in new if known.get(key) != new[key]]
        if other:
            raise TuneError(
                f"the folder holds a search with another {other[0]}; give another --out, or the same {other[0]}"
            )
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study._storage.set_trial_user_attr(trial._trial_id, INTERRUPTED, value=True)  # noqa: SLF001  no public way to an old trial
        study.tell(trial.number, state=TrialState.FAIL)
        study.enqueue_trial({**trial.system_attrs.get("fixed_params", {}), **trial.params})


def n_used(study: "Study") -> int:
    """Return how many trials have been made; those that died do not count, those that failed for a reason do."""
    return sum(t.state.is_finished() and INTERRUPTED not in t.user_attrs for t in study.get_trials(deepcopy=False))


def ask(study: "Study", job: TrialJob) -> tuple["Trial", dict[str, Any]]:
    """Begin a trial and draw its values."""
    from optuna.samplers import TPESampler  # noqa: PLC0415  as above

    trial = study.ask()
    before = study.get_trials(deepcopy=False)[: trial.number]
    place = trial.number - sum(INTERRUPTED in t.user_attrs for t in before)
    seed = int(np.random.default_rng((job.seed, place)).integers(2**31))
    study.sampler = TPESampler(seed=seed, n_startup_trials=N_RANDOM)
    return trial, job.space.draw(trial)


def run_trial(job: TrialJob) -> int:
    """Make one trial from beginning to end, in this process, and return its number."""
    from optuna import TrialPruned  # noqa: PLC0415  as above
    from optuna.trial import TrialState  # noqa: PLC0415  as above

    study, start = open_study(job), perf_counter()
    prepared = prepare(job.material)
    trial, values = ask(study, job)

    def tell(fold: int, value: float) -> None:
        trial.report(value, fold)
        if fold + 1 < prepared.n_folds and trial.should_prune():
            raise TrialPruned

    try:
        settings = with_values(job.material.base, values)
        value, figures = trial_figures(prepared, settings, job.metric, tell)
    except TrialPruned:
        trial.set_user_attr(SECONDS, round(perf_counter() - start, 2))
        study.tell(trial, state=TrialState.PRUNED)
    except WhitelightError as err:  # values that do not go together
        trial.set_user_attr(ERROR, str(err))
        study.tell(trial, state=TrialState.FAIL)
    else:
        finish(study, trial, value, figures, perf_counter() - start)
    return trial.number


def finish(study: "Study", trial: "Trial", value: float, figures: Mapping[str, float], seconds: float) -> None:
    """Say what a trial is worth."""
    trial.set_user_attr(FIGURES, {name: round(figure, 6) for name, figure in figures.items()})
    trial.set_user_attr(SECONDS, round(seconds, 2))
    study.tell(trial, value)


def best_values(study: "Study") -> dict[str, Any]:
    """Return the values of the best trial.

    Raises
    ------
    TuneError : none came to an end.
    """
    from optuna.trial import TrialState  # noqa: PLC0415  as above

    trials = study.get_trials(deepcopy=False)
    if not any(t.state == TrialState.COMPLETE for t in trials):
        errors = [str(t.user_attrs[ERROR]) for t in trials if ERROR in t.user_attrs]
        reason = f"; the last one failed: {errors[-1]}" if errors else ""
        raise TuneError(f"none of {len(trials)} trials came to an end{reason}; ask for more trials or another space")
    return dict(study.best_params)


def trial_record(trial: "FrozenTrial") -> dict[str, Any]:
    """Return plain data of one trial."""
    attrs = trial.user_attrs
    return {
        "number": trial.number,
        "state": "interrupted"
        if INTERRUPTED in attrs
        else {"complete": "finished", "fail": "failed"}.get(trial.state.name.lower(), trial.state.name.lower()),
        "value": None if trial.value is None else round(trial.value, 6),
        "values": dict(trial.params),
        "figures": attrs.get(FIGURES, {}),
        "after_folds": {str(fold + 1): round(value, 6) for fold, value in sorted(trial.intermediate_values.items())},
        "seconds": attrs.get(SECONDS),
        "error": attrs.get(ERROR),
    }
