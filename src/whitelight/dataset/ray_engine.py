"""The step of every song as a Ray Data job: on the cluster that RAY_ADDRESS names, else on one started here.

Every machine must see the catalog and the dataset under the same paths. Nothing is reported to anybody: usage
statistics and the dashboard are off.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

from whitelight.dataset.engine import BuildError
from whitelight.dataset.song_step import SongJob, build_song

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_USAGE_STATS_PROMPT_ENABLED": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else a warning about graphics cards nobody asked for
}


def run_ray(todo: Sequence[SongJob], jobs: int, tell: Callable[[int], None]) -> None:
    """Build songs on a Ray cluster; `tell` hears how many are done.

    Parameters
    ----------
    jobs : processes of a cluster that is started here; one that runs already has its own.

    Raises
    ------
    BuildError : Ray is not installed, no cluster answers, or a song could not be built.
    """
    if not todo:
        return
    ray = _import_ray()
    placed = [_absolute(job) for job in todo]
    try:
        with cluster(ray, jobs):
            shared = ray.put(placed)
            numbers = ray.data.from_items([{"job": i} for i in range(len(placed))], override_num_blocks=len(placed))
            built = numbers.map(_build_at, fn_args=(shared,), num_cpus=1)
            for n, _ in enumerate(built.iter_rows(), 1):
                tell(n)
    except (ray.exceptions.RayError, ConnectionError) as err:
        reason = str(err).strip().splitlines()[-1]
        raise BuildError(f"the Ray job ended early ({reason}); run the same command again to go on") from err


def _build_at(row: dict[str, Any], shared: Any) -> dict[str, Any]:
    import ray  # noqa: PLC0415  an extra

    jobs: list[SongJob] = ray.get(shared)
    build_song(jobs[row["job"]])
    return row


@contextmanager
def cluster(ray: ModuleType, jobs: int) -> Iterator[None]:
    """Connect to the cluster that is there or start one, and leave things as they were."""
    if ray.is_initialized():
        yield
        return
    own = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": max(jobs, 1), "_node_ip_address": "127.0.0.1"}
    ray.init(include_dashboard=False if own else None, log_to_driver=False, logging_level="ERROR", **own)
    try:
        yield
    finally:
        ray.shutdown()


def _absolute(job: SongJob) -> SongJob:
    """Return the job with paths that mean the same in every process."""
    audio = job.context.audio
    audio = replace(audio, soundfont=audio.soundfont.resolve() if audio.soundfont else None)
    return replace(
        job, out=job.out.resolve(), context=replace(job.context, root=job.context.root.resolve(), audio=audio)
    )


def _import_ray() -> ModuleType:
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    try:
        import ray  # noqa: PLC0415  an extra
        import ray.data  # noqa: PLC0415  an extra
    except ImportError as err:
        raise BuildError("engine 'ray' needs Ray: pip install 'whitelight[distributed]', or --engine local") from err
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    return ray
