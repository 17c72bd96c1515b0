"""`tune`: search settings of the fusion recipe, and say honestly what the search is worth.

The best trial's own figure is flattered: it was chosen for it. With `nested`, the whole search is made again without the
songs of one outer fold at a time, and what it chose is judged on those songs beside the settings it began with.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from whitelight import __version__
from whitelight.files import write_atomic
from whitelight.locking import locked
from whitelight.progress import Progress, silent
from whitelight.training.config import TrainConfig
from whitelight.training.tuning.nested import outer_materials, outer_report
from whitelight.training.tuning.objective import METRICS, Material, prepare
from whitelight.training.tuning.space import SearchSpace, TuneError, with_values
from whitelight.training.tuning.study import (
    WHOLE,
    TrialJob,
    best_values,
    n_used,
    open_study,
    run_trial,
    take_up,
    trial_record,
)
from whitelight.workers import in_processes

BEST, TRIALS, LOCK = "best.yml", "trials.json", ".lock"
LOCAL, RAY = "local", "ray"
ENGINES = (LOCAL, RAY)


@dataclass(frozen=True, slots=True)
class TuneReport:
    """What a search found.

    Attributes
    ----------
    best : record of the best trial. start : that of the settings it began with, None where they lie outside of what is
    searched. trials : of all. nested : figures on songs the search did not see, or None.
    """

    out: Path
    metric: str
    best: dict[str, Any]
    start: dict[str, Any] | None
    trials: list[dict[str, Any]]
    nested: dict[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON, `trials.json` without `out`."""
        return {
            "out": str(self.out),
            "metric": self.metric,
            "best": self.best,
            "start": self.start,
            "trials": self.trials,
            "nested": self.nested,
        }

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        counts = Counter(trial["state"] for trial in self.trials)
        yield f"{len(self.trials)} trials: " + ", ".join(f"{n} {state}" for state, n in counts.items())
        yield f"best, trial {self.best['number']}: {self.metric} {self.best['value']:.4f} (flattered: chosen for it)"
        yield from (f"  {key}: {_text(value)}" for key, value in self.best["values"].items())
        if self.start is not None:
            yield f"the settings it began with, trial {self.start['number']}: {self.start['value']:.4f}"
        if self.nested is not None:
            for name in ("tuned", "untuned"):
                found = self.nested[name]
                figures = ", ".join(f"{key} {found[key]:.4f}" for key in ("accuracy", "macro_f1", "log_loss"))
                yield f"songs the search did not see, {name}: {figures}"
            low, high = self.nested["gain_interval"]
            yield f"accuracy gained by searching: {self.nested['gain']:+.4f} ({low:+.4f}…{high:+.4f})"
        yield f"wrote {self.out}/{BEST} and {TRIALS}"


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched, and how; `tune` makes it happen."""

    material: Material
    space: SearchSpace
    metric: str
    seed: int
    trials: int
    engine: str
    jobs: int

    def job(self, out: Path, study: str, material: Material) -> TrialJob:
        """Return the trials of one study."""
        return TrialJob(out, study, material, self.space, self.metric, self.seed)


def tune(
    dataset: Path,
    out: Path,
    *,
    trials: int,
    space: SearchSpace,
    config: TrainConfig | None = None,
    metric: str = "log-loss",
    seed: int = 0,
    split_column: str | None = None,
    engine: str = LOCAL,
    jobs: int = 1,
    nested: bool = False,
    progress: Progress = silent,
) -> TuneReport:
    """Search until `out` holds `trials` trials, and write `best.yml` and `trials.json` there.

    Parameters
    ----------
    trials : made in all, those of earlier runs in the same folder included. config : what is not searched.
    metric : "log-loss" or "macro-f1", out of fold. seed : of the search; that of the folds is the config's.
    engine : "local" (`jobs` processes) or "ray" (a Ray Tune run with as many workers).
    nested : judge the search itself, which costs as many searches more as there are folds.

    Raises
    ------
    TuneError, TooLittleMaterialError, LockedError : with what to do.
    """
    config = config or TrainConfig()
    if metric not in METRICS or engine not in ENGINES:
        known, found = (METRICS, metric) if metric not in METRICS else (ENGINES, engine)
        raise TuneError(f"'{found}'; expected one of {', '.join(known)}")
    search = Search(Material(dataset, config.fusion, split_column), space, metric, seed, trials, engine, jobs)
    prepare(search.material)  # what cannot be searched leaves nothing behind
    with locked(out / LOCK, what=f"search {out}"):
        materials = {WHOLE: search.material}
        if nested:
            materials |= outer_materials(search.material)
        tell = _counted(progress, trials * len(materials))
        for name, material in materials.items():
            _complete(search, search.job(out, name, material), tell)
        study = open_study(search.job(out, WHOLE, search.material))
        best = with_values(config.fusion, best_values(study))
        records = [trial_record(trial) for trial in study.get_trials(deepcopy=False)]
        chosen = next(r for r in records if r["number"] == study.best_trial.number)
        began = space.start(config.fusion)
        start = next((r for r in records if began and r["values"] == began and r["state"] == "finished"), None)
        judged = _nested(search, out, materials) if nested else None
        report = TuneReport(out, metric, chosen, start, records, judged)
        write_atomic(out / BEST, config_text(replace(config, fusion=best), f"{metric} {chosen['value']:.4f}"))
        content = {key: value for key, value in report.to_dict().items() if key != "out"}
        write_atomic(out / TRIALS, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return report


def config_text(config: TrainConfig, note: str) -> str:
    """Return a config file that says every setting, as YAML."""
    lines = [f"# Found by whitelight tune: {note} on songs held out of training, by which it was chosen."]

    def write(values: dict[str, Any], depth: int) -> None:
        for key, value in values.items():
            if isinstance(value, dict):
                lines.append(f"{'  ' * depth}{key}:")
                write(value, depth + 1)
            else:
                lines.append(f"{'  ' * depth}{key}: {json.dumps(value)}")

    write(config.to_dict(), 0)
    return "\n".join(lines) + "\n"


def _complete(search: Search, job: TrialJob, tell: Callable[[], None]) -> None:
    """Make the trials a study still lacks."""
    study = open_study(job)
    take_up(study, _plan(job), job.space.start(job.material.base))
    done = min(n_used(study), search.trials)
    for _ in range(done):
        tell()
    todo = [job] * (search.trials - done)
    if search.engine == RAY and todo:
        from whitelight.training.tuning.ray_tune import run_on_ray  # noqa: PLC0415  an extra

        run_on_ray(job, len(todo), search.jobs, tell)
        return
    for _ in in_processes(run_trial, todo, search.jobs):
        tell()


def _plan(job: TrialJob) -> dict[str, Any]:
    """Return what makes a search this one and no other."""
    return {
        "data": prepare(job.material).cross.rows.data_hash(),
        "config": asdict(job.material.base),
        "space": job.space.to_dict(),
        "metric": job.metric,
        "split column": job.material.split_column,
        "seed": job.seed,
        "version of whitelight": __version__,
    }


def _nested(search: Search, out: Path, materials: dict[str, Material]) -> dict[str, Any]:
    """Judge what every outer search chose on the songs it did not see."""
    chosen = {
        name: (material, with_values(material.base, best_values(open_study(search.job(out, name, material)))))
        for name, material in materials.items()
        if name != WHOLE
    }
    return outer_report(search.material, chosen)


def _counted(progress: Progress, total: int) -> Callable[[], None]:
    done = 0

    def tell() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    return tell


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
