"""Loggers of other tools, beside the local run record: CSV, MLflow, TensorBoard, Weights & Biases.

Everything lies in one folder that needs no server: `csv/<run>/`, `tensorboard/<run>/`, `mlflow.db` with `mlflow/` for
artifacts, `wandb/`. Nothing is sent anywhere unless the environment says WANDB_MODE=online; usage statistics are off,
and neither user, machine nor command line is written down. (MLflow itself notes where its artifacts lie, absolutely.)
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whitelight.errors import WhitelightError

if TYPE_CHECKING:
    from lightning.pytorch.loggers import Logger

PROJECT = "whitelight"
ONLINE = "online"
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "DO_NOT_TRACK": "true",
    "WANDB_ERROR_REPORTING": "false",
    "WANDB_SILENT": "true",
}
_NOBODY = {
    "mlflow.user": "",
    "mlflow.source.name": PROJECT,
    "mlflow.source.git.commit": "",
}  # else taken from the system
_TALKERS = ("mlflow", "alembic", "lightning.pytorch.loggers.mlflow", "lightning.pytorch.utilities.rank_zero")
Log = Callable[[Mapping[str, float], int], None]


class TrackingError(WhitelightError):
    """A logger nobody knows, or one whose package is not installed."""


def make_loggers(names: Sequence[str], folder: Path, run_name: str) -> "list[Logger]":
    """Return Lightning loggers that write below `folder`.

    Parameters
    ----------
    names : of `LOGGERS`; a name given twice counts once. folder : shared by many runs, so that tools compare them.
    run_name : as the tools show it.

    Raises
    ------
    TrackingError : a name is unknown or its package is missing.
    """
    chosen = list(dict.fromkeys(names))
    check_names(chosen)
    os.environ.update({key: value for key, value in _QUIET.items() if key not in os.environ})
    folder.mkdir(parents=True, exist_ok=True)
    with quiet():
        return [LOGGERS[name](folder, run_name) for name in chosen]


@contextmanager
def tracked(names: Sequence[str], folder: Path, run_name: str, config: Mapping[str, Any]) -> Iterator[Log]:
    """Open loggers, write the settings, yield a function that logs figures at a step, and close them however it ends."""
    loggers = make_loggers(names, folder, run_name)
    with quiet():
        for logger in loggers:
            logger.log_hyperparams(dict(config))

    def log(figures: Mapping[str, float], step: int) -> None:
        with quiet():
            for logger in loggers:
                logger.log_metrics(dict(figures), step=step)

    try:
        yield log
    except BaseException:
        close_loggers(loggers, "failed")
        raise
    close_loggers(loggers)


def close_loggers(loggers: "Sequence[Logger]", status: str = "success") -> None:
    """Write what is still in memory and end the runs.

    Parameters
    ----------
    status : "success" or "failed", as Lightning calls them.
    """
    with quiet():
        for logger in loggers:
            logger.save()
            logger.finalize(status)
            finish = getattr(getattr(logger, "experiment", None), "finish", None)
            if callable(finish):  # the run of Weights & Biases is a process of its own
                finish(exit_code=0 if status == "success" else 1)


@contextmanager
def quiet() -> Iterator[None]:
    """Let the tools log warnings of their own only when they are errors: what a command says is ours to decide."""
    levels = {name: logging.getLogger(name).level for name in _TALKERS}
    for name in _TALKERS:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def check_names(names: Sequence[str]) -> None:
    """Refuse names that cannot be made, before anything is written; nothing is loaded.

    Raises
    ------
    TrackingError : as `make_loggers`.
    """
    for name in names:
        if name not in LOGGERS:
            raise TrackingError(f"logger '{name}'; expected one of {', '.join(LOGGERS)}")
        for package, extra in (("lightning", "train"), (name, "track")):
            if package != "csv" and find_spec(package) is None:
                raise TrackingError(f"logger '{name}' needs the package '{package}'; pip install 'whitelight[{extra}]'")


def _csv(folder: Path, run_name: str) -> "Logger":
    from lightning.pytorch.loggers import CSVLogger  # noqa: PLC0415  loads Lightning

    place, again = folder / "csv", 1
    name = run_name
    while (place / name).exists():  # Lightning would delete what an earlier run wrote
        again += 1
        name = f"{run_name}-{again}"
    return CSVLogger(save_dir=place, name="", version=name)


def _tensorboard(folder: Path, run_name: str) -> "Logger":
    from lightning.pytorch.loggers import TensorBoardLogger  # noqa: PLC0415  as above

    return TensorBoardLogger(save_dir=folder / "tensorboard", name="", version=run_name)


def _mlflow(folder: Path, run_name: str) -> "Logger":
    from lightning.pytorch.loggers import MLFlowLogger  # noqa: PLC0415  as above

    return MLFlowLogger(
        experiment_name=PROJECT,
        run_name=run_name,
        tracking_uri=f"sqlite:///{(folder / 'mlflow.db').as_posix()}",
        artifact_location=(folder / "mlflow").as_posix(),
        tags=dict(_NOBODY),
    )


def _wandb(folder: Path, run_name: str) -> "Logger":
    import wandb  # noqa: PLC0415  an extra
    from lightning.pytorch.loggers import WandbLogger  # noqa: PLC0415  as above

    private = wandb.Settings(
        x_disable_meta=True,
        x_disable_machine_info=True,
        x_disable_stats=True,
        disable_git=True,
        disable_code=True,
        console="off",
        silent=True,
    )
    offline = os.environ.get("WANDB_MODE") != ONLINE
    logger = WandbLogger(name=run_name, save_dir=folder, project=PROJECT, offline=offline, settings=private)
    logger._wandb_init.pop("anonymous", None)  # noqa: SLF001  Lightning 2.6 passes it always, and wandb 0.31 complains
    return logger


LOGGERS: Mapping[str, Callable[[Path, str], "Logger"]] = {
    "csv": _csv,
    "mlflow": _mlflow,
    "tensorboard": _tensorboard,
    "wandb": _wandb,
}
