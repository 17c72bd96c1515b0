"""The local record of training runs: one folder per run, written whether or not any other tool is.

`runs/<id>/run.json` says what was run, on what, with which settings, and how it went; `metrics.jsonl` has a line per step.
The id is the UTC time and a short hash, so names sort by age. A run whose process is gone without a word was *killed*:
the lock on its folder ended with it. Paths are relative to the run's folder; neither user nor machine is named.
"""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whitelight import __version__
from whitelight.errors import WhitelightError
from whitelight.files import sha256_of, write_atomic
from whitelight.locking import is_locked, locked
from whitelight.training.tracking import Log, check_names, tracked

RECORD, METRICS, LOCK, TRACKING = "run.json", "metrics.jsonl", ".lock", "tracking"
RUNNING, FINISHED, FAILED, KILLED = "running", "finished", "failed", "killed"
LATEST = "latest"
_CHECKOUT = Path(__file__).parents[3]
_ABSOLUTE = re.compile(r"(?<![\w./])(?:[A-Za-z]:)?[/\\](?:[^\s/\\'\":;,]+[/\\])+")


class RunError(WhitelightError):
    """No such run."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is known before a run begins.

    Attributes
    ----------
    command : what made it, "train fusion". name : as people call it. config : every setting. dataset : what it reads.
    out : where the model will lie.
    """

    command: str
    name: str
    seed: int
    config: Mapping[str, Any]
    dataset: Path
    out: Path


class RunLog:
    """A run that is under way; without a folder it writes nothing.

    Attributes
    ----------
    folder : of the run, or None.
    """

    def __init__(self, folder: Path | None = None, record: Mapping[str, Any] | None = None) -> None:
        self.folder, self._record = folder, dict(record or {})
        self._start = time.perf_counter()
        self._track: Log | None = None

    @property
    def seconds(self) -> float:
        """Wall-clock since the run began."""
        return round(time.perf_counter() - self._start, 3)

    def log(self, figures: Mapping[str, float], *, step: int, **labels: Any) -> None:
        """Add one line to `metrics.jsonl`, and to the other loggers.

        Parameters
        ----------
        labels : what the figures are of, as plain data; they go into the line alone.
        """
        if self.folder is None:
            return
        line = {"step": step, "seconds": self.seconds, **labels, **figures}
        with (self.folder / METRICS).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        if self._track is not None:
            self._track(figures, step)

    def note(self, **values: Any) -> None:
        """Put values into `run.json` at once: `metrics`, `data_hash`, `model`."""
        self._record.update(values)
        if self.folder is not None:
            write_atomic(self.folder / RECORD, json.dumps(self._record, indent=1, ensure_ascii=False) + "\n")

    def track_with(self, track: Log) -> None:
        """Send figures to other loggers too."""
        self._track = track


@contextmanager
def recorded(root: Path | None, plan: RunPlan, track: Sequence[str] = ()) -> Iterator[RunLog]:
    """Record what happens inside: how it ended, how long it took, and whatever the run notes.

    Parameters
    ----------
    root : folder of all runs; None records nothing, nor does a process that is not the first of its group, nor a run on
        a dataset that is not there.
    track : other loggers (`tracking.LOGGERS`), which write to `root/tracking`.
    """
    is_first = int(os.environ.get("RANK") or os.environ.get("LOCAL_RANK") or 0) == 0
    if root is None or not is_first or not plan.dataset.exists():
        yield RunLog()
        return
    check_names(track)
    folder = _new_folder(root, plan)
    with locked(folder / LOCK, what=f"run {folder.name}"):
        log = RunLog(folder, _first_record(folder, plan))
        log.note(status=RUNNING)
        try:
            with _trackers(track, root, folder.name, plan) as other:
                if other is not None:
                    log.track_with(other)
                yield log
        except Exception as err:
            log.note(**_ending(log, FAILED), error=without_places(f"{type(err).__name__}: {err}"))
            raise
        except BaseException:  # stopped by hand
            log.note(**_ending(log, KILLED))
            raise
        log.note(**_ending(log, FINISHED), model=_relative(plan.out, folder))


def list_runs(root: Path) -> list[dict[str, Any]]:
    """Return the records of all runs, the newest first; a folder without one that can be read is left out."""
    found = [_read(path.parent) for path in sorted(root.glob(f"*/{RECORD}"))]
    return sorted((r for r in found if r is not None), key=lambda r: (str(r.get("started")), r["id"]), reverse=True)


def find_run(root: Path, name: str) -> dict[str, Any]:
    """Return the record of a run by its id, by the beginning of it, or the "latest".

    Raises
    ------
    RunError : none or several are meant.
    """
    runs = list_runs(root)
    if not runs:
        raise RunError(f"{root}: no runs; expected the folder that a training run wrote; give it with --runs DIR")
    if name == LATEST:
        return runs[0]
    meant = [r for r in runs if r["id"] == name] or [r for r in runs if r["id"].startswith(name)]
    if len(meant) != 1:
        count = f"{len(meant)} runs begin so" if meant else "no run is called so"
        raise RunError(f"run '{name}': {count}; expected one of {', '.join(r['id'] for r in (meant or runs)[:5])}")
    return meant[0]


def read_metrics(root: Path, run_id: str) -> list[dict[str, Any]]:
    """Return the lines of `metrics.jsonl`; the last one may be cut off where the run was killed, and is left out."""
    path = root / run_id / METRICS
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def compare_runs(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what differs in the settings of runs, and their figures side by side, in the order of `runs`."""
    about = ("command", "name", "seed", "data_hash", "code_version", "git_commit", "dataset")
    settings = [{**{key: r.get(key) for key in about}, **dict(leaves(r.get("config") or {}))} for r in runs]
    keys = list(dict.fromkeys(key for one in settings for key in one))
    differences = {key: [one.get(key) for one in settings] for key in keys}
    figures = [dict(leaves(r.get("metrics") or {})) for r in runs]
    names = list(dict.fromkeys(key for one in figures for key in one))
    return {
        "runs": [r["id"] for r in runs],
        "config": {key: values for key, values in differences.items() if any(v != values[0] for v in values)},
        "metrics": {name: [one.get(name) for one in figures] for name in names},
    }


def without_places(text: str) -> str:
    """Return a message with absolute paths cut down to their last part."""
    return _ABSOLUTE.sub("…/", text)


def _new_folder(root: Path, plan: RunPlan) -> Path:
    """Make the folder of a run; its name is new."""
    root.mkdir(parents=True, exist_ok=True)
    while True:
        content = (
            plan.command,
            json.dumps(plan.config, sort_keys=True, default=str),
            str(time.time_ns()),
            str(os.getpid()),
        )
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{sha256_of(part.encode() for part in content)[:6]}"
        try:
            (root / name).mkdir()
        except FileExistsError:
            continue
        return root / name


def _first_record(folder: Path, plan: RunPlan) -> dict[str, Any]:
    return {
        "id": folder.name,
        "status": RUNNING,
        "command": plan.command,
        "name": plan.name,
        "seed": plan.seed,
        "config": dict(plan.config),
        "dataset": _relative(plan.dataset, folder),
        "data_hash": None,
        "code_version": __version__,
        "git_commit": _git_commit(),
        "started": datetime.now(UTC).isoformat(timespec="microseconds"),
        "ended": None,
        "seconds": None,
        "metrics": {},
        "model": None,
        "error": None,
    }


def _ending(log: RunLog, status: str) -> dict[str, Any]:
    return {"status": status, "ended": datetime.now(UTC).isoformat(timespec="microseconds"), "seconds": log.seconds}


@contextmanager
def _trackers(names: Sequence[str], root: Path, run_id: str, plan: RunPlan) -> Iterator[Log | None]:
    """Open the other loggers, only where some are asked for."""
    if not names:
        yield None
        return
    with tracked(names, root / TRACKING, run_id, {"command": plan.command, **plan.config}) as log:
        yield log


def _relative(path: Path, folder: Path) -> str | None:
    """Return a path as seen from a folder; None across drives."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive of a Windows machine
        return None


def _git_commit() -> str | None:
    """Return the commit of the checkout this code runs from, '-dirty' when files differ; None outside of one."""
    if not (_CHECKOUT / ".git").exists() or not (_CHECKOUT / "pyproject.toml").is_file():
        return None
    command = ["git", "-C", str(_CHECKOUT), "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)  # noqa: S603  fixed words
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def _read(folder: Path) -> dict[str, Any] | None:
    """Return the record of a run with the status it has now."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(record, dict) or record.get("id") is None:
        return None
    if record.get("status") == RUNNING and not is_locked(folder / LOCK):
        record["status"] = KILLED
    return record


def leaves(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted keys and values of nested settings."""
    for key, value in values.items():
        where = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping):
            yield from leaves(value, where)
        else:
            yield where, value
