"""What is searched: settings of the fusion recipe by dotted key, each with its range; typed by the settings themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from whitelight.errors import WhitelightError
from whitelight.files import load_yaml
from whitelight.training.config import ConfigError, changed, flat, nested
from whitelight.training.settings import FusionSettings

DEFAULT = Path(__file__).parent / "space.yml"
FIXED = (
    "seed",
    "n_folds",
    "encoders.",
)  # what the measure itself rests on; encoders would be read anew for every trial
_WORDS = {"low", "high", "log", "step", "choices"}


class TuneError(WhitelightError):
    """A search that cannot be made as asked."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One setting that is searched.

    Attributes
    ----------
    key : dotted. whole : it is a whole number. low, high : both included. log : by magnitude. step : 0 is none.
    choices : instead of a range, else empty.
    """

    key: str
    whole: bool = False
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    step: float = 0.0
    choices: tuple[Any, ...] = ()

    def holds(self, value: Any) -> bool:
        """Tell whether a value lies in what is searched."""
        if self.choices:
            return value in self.choices
        n_steps = (value - self.low) / self.step if self.step else 0.0
        return bool(self.low <= value <= self.high and abs(n_steps - round(n_steps)) < 1e-9)

    def draw(self, trial: Any) -> Any:
        """Ask an Optuna trial for a value."""
        if self.choices:
            return trial.suggest_categorical(self.key, list(self.choices))
        step = self.step or None
        if self.whole:
            return trial.suggest_int(self.key, int(self.low), int(self.high), step=int(step or 1), log=self.log)
        return trial.suggest_float(self.key, self.low, self.high, step=step, log=self.log)


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """All settings that are searched."""

    dimensions: tuple[Dimension, ...]

    def draw(self, trial: Any) -> dict[str, Any]:
        """Return values by dotted key for an Optuna trial."""
        return {one.key: one.draw(trial) for one in self.dimensions}

    def start(self, base: FusionSettings) -> dict[str, Any]:
        """Return the values settings have already; nothing where some lie outside of what is searched."""
        known = flat(base)
        inside = all(one.holds(known[one.key]) for one in self.dimensions)
        return {one.key: known[one.key] for one in self.dimensions} if inside else {}

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, which tells one space from another."""
        return {
            one.key: {"choices": list(one.choices)}
            if one.choices
            else {"low": one.low, "high": one.high, "log": one.log, "step": one.step}
            for one in self.dimensions
        }


def with_values(base: FusionSettings, values: Mapping[str, Any]) -> FusionSettings:
    """Return settings with values by dotted key.

    Raises
    ------
    ConfigError : together they are impossible.
    """
    return changed(base, nested(values), source="the trial")


def load_space(path: Path | None, base: FusionSettings) -> SearchSpace:
    """Read a search space from a YAML file; None is the one that comes with the program.

    Parameters
    ----------
    base : settings whose other values stay.

    Raises
    ------
    TuneError : a key that is no setting or stays fixed, or a range that is none; file, key, found and expected are named.
    """
    content = load_yaml(path or DEFAULT)
    name = (path or DEFAULT).name
    if not isinstance(content, Mapping) or not content:
        raise TuneError(
            f"{name}: no settings; expected lines such as midi.network_l2: {{low: 0.003, high: 0.1, log: true}}"
        )
    return SearchSpace(tuple(_dimension(name, str(key), value, base) for key, value in content.items()))


def _dimension(name: str, key: str, value: Any, base: FusionSettings) -> Dimension:
    where, known = f"{name}: {key}", flat(base)
    if key not in known:
        close = get_close_matches(key, known, n=1)
        hint = f"did you mean '{close[0]}'?" if close else "expected a setting such as midi.network_l2"
        raise TuneError(f"{where}: unknown setting; {hint}")
    if key.startswith(FIXED):
        raise TuneError(f"{where}: stays fixed in a search; set it in the config instead")
    if not isinstance(value, Mapping) or not set(value) <= _WORDS:
        raise TuneError(f"{where} is {value!r}; expected {{low: a, high: b}} with log or step, or {{choices: [...]}}")
    one = _choices(where, key, value) if "choices" in value else _range(where, key, value, known[key])
    for end in one.choices or (one.low, one.high):
        try:
            with_values(base, {key: int(end) if one.whole else end})
        except ConfigError as err:
            raise TuneError(f"{where}: {err}") from err
    return one


def _choices(where: str, key: str, value: Mapping[str, Any]) -> Dimension:
    found = value["choices"]
    if len(value) > 1 or not isinstance(found, list) or len(found) < 2:
        raise TuneError(f"{where} is {dict(value)!r}; expected choices alone, two at least")
    return Dimension(key, choices=tuple(found))


def _range(where: str, key: str, value: Mapping[str, Any], default: Any) -> Dimension:
    whole = isinstance(default, int) and not isinstance(default, bool)
    ends = [value.get("low"), value.get("high"), value.get("step", 0)]
    if isinstance(default, bool | str) or not all(_is_number(v, whole=whole) for v in ends):
        kind = "whole numbers" if whole else "numbers" if isinstance(default, float) else "choices, it has no range"
        raise TuneError(f"{where} is {dict(value)!r}; expected low and high as {kind}")
    low, high, step = map(float, ends)
    log = value.get("log", False)
    if not low < high or step < 0 or not isinstance(log, bool) or (log and (low <= 0 or step)):
        raise TuneError(
            f"{where} is {dict(value)!r}; expected low below high, and for log: true low above 0 and no step"
        )
    return Dimension(key, whole, low, high, log, step)


def _is_number(value: Any, *, whole: bool) -> bool:
    return isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
