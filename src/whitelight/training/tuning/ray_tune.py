"""The same search as a Ray Tune run: Ray places the trials and stops hopeless ones, the study stays the one in SQLite.

The trials are asked for and told in this process, so only it opens the database; workers may be on other machines that see
the dataset under the same path.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from whitelight.dataset.ray_engine import QUIET, cluster
from whitelight.errors import WhitelightError
from whitelight.training.tuning.objective import DIRECTIONS, prepare, trial_figures
from whitelight.training.tuning.space import TuneError, with_values
from whitelight.training.tuning.study import ERROR, FIGURES, N_BEFORE_PRUNING, TrialJob, ask, finish, open_study

if TYPE_CHECKING:
    from optuna import Study, Trial

VALUE, FOLD, LAST = "value", "fold", "last"
_QUIET = {"RAY_AIR_NEW_OUTPUT": "0", "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1", "RAY_CHDIR_TO_TRIAL_DIR": "0"}


def run_on_ray(job: TrialJob, n_trials: int, jobs: int, tell: Callable[[], None]) -> None:
    """Make `n_trials` trials on a Ray cluster, `jobs` at a time.

    Raises
    ------
    TuneError : Ray is not installed, or a worker was lost.
    """
    os.environ.update({key: value for key, value in (QUIET | _QUIET).items() if key not in os.environ})
    try:
        import ray  # noqa: PLC0415  an extra
        from ray import tune  # noqa: PLC0415  as above
        from ray.tune.schedulers import MedianStoppingRule  # noqa: PLC0415  as above
    except ImportError as err:
        raise TuneError("engine 'ray' needs Ray: pip install 'whitelight[distributed]', or --engine local") from err
    mode = DIRECTIONS[job.metric][:3]
    searcher = _searcher(job, tell)
    early = MedianStoppingRule(
        time_attr=FOLD, metric=VALUE, mode=mode, grace_period=1, min_samples_required=N_BEFORE_PRUNING
    )
    absolute = replace(job, material=replace(job.material, dataset=job.material.dataset.resolve()))
    with cluster(ray, jobs), tempfile.TemporaryDirectory() as folder:
        tuner = tune.Tuner(
            tune.with_resources(partial(_measure, absolute), {"cpu": 1}),
            tune_config=tune.TuneConfig(
                search_alg=searcher,
                scheduler=early,
                num_samples=n_trials,
                max_concurrent_trials=max(jobs, 1),
                reuse_actors=True,  # a worker reads the songs once
            ),
            run_config=tune.RunConfig(storage_path=folder, name="search", verbose=0, log_to_file=False),
        )
        found = tuner.fit()
    if found.num_errors:
        reason = str(found.errors[0]).strip().splitlines()[-1]
        raise TuneError(f"{found.num_errors} trials ended early ({reason}); run the same command again to go on")


def _measure(job: TrialJob, values: dict[str, Any]) -> None:
    """Make one trial in a worker, which reports after every fold."""
    from ray import tune  # noqa: PLC0415  as above

    prepared = prepare(job.material)

    def tell(fold: int, value: float) -> None:
        if fold + 1 < prepared.n_folds:
            tune.report({VALUE: value, FOLD: fold, LAST: False})

    try:
        settings = with_values(job.material.base, values)
        value, figures = trial_figures(prepared, settings, job.metric, tell)
    except WhitelightError as err:
        tune.report({VALUE: float("nan"), FOLD: 0, LAST: True, ERROR: str(err)})
        return
    tune.report({VALUE: value, FOLD: prepared.n_folds - 1, LAST: True, FIGURES: figures})


def _searcher(job: TrialJob, tell: Callable[[], None]) -> Any:
    """Return what Ray asks for values and tells results: the study."""
    from optuna.trial import TrialState  # noqa: PLC0415  an extra of training
    from ray.tune.search import Searcher  # noqa: PLC0415  an extra

    class StudySearcher(Searcher):
        """Optuna's ask and tell, behind Ray's names for them."""

        def __init__(self) -> None:
            super().__init__(metric=VALUE, mode=DIRECTIONS[job.metric][:3])
            self._study: Study = open_study(job)
            self._asked: dict[str, tuple[Trial, float]] = {}
            self._told: set[tuple[str, int]] = set()

        def suggest(self, trial_id: str) -> dict[str, Any]:
            trial, values = ask(self._study, job)
            self._asked[trial_id] = trial, perf_counter()
            return values

        def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
            if ERROR not in result and (trial_id, result[FOLD]) not in self._told:  # Ray says some results twice
                self._told.add((trial_id, result[FOLD]))
                self._asked[trial_id][0].report(result[VALUE], result[FOLD])

        def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:  # noqa: FBT001, FBT002  Ray's own
            trial, start = self._asked.pop(trial_id)
            if error or result is None:
                return  # stays running, so the next run of the command makes it again
            if ERROR in result:
                trial.set_user_attr(ERROR, result[ERROR])
                self._study.tell(trial, state=TrialState.FAIL)
            elif result[LAST]:
                figures = {k.removeprefix(f"{FIGURES}/"): v for k, v in result.items() if k.startswith(f"{FIGURES}/")}
                finish(self._study, trial, result[VALUE], figures, perf_counter() - start)
            else:
                self._study.tell(trial, state=TrialState.PRUNED)
            tell()

    return StudySearcher()
