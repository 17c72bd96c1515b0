"""What a training run is told, from a YAML file: typed, nested as the settings are, every key checked.

A file has the sections `fusion` and `network`, each with the fields of its settings class; what is left out keeps its
default. With ``extends: NAME`` a file changes a few keys of a preset, or of another file beside it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

from whitelight.errors import WhitelightError
from whitelight.files import load_yaml
from whitelight.training.networks.settings import NetworkSettings
from whitelight.training.settings import FusionSettings, SettingsError

EXTENDS = "extends"
_PRESETS = Path(__file__).parent / "presets"
_KINDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
Settings = TypeVar("Settings")


class ConfigError(WhitelightError):
    """A config file that says something no setting means."""


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything training can be told.

    Attributes
    ----------
    fusion : the scorer of one expert per modality. network : one network on notes.
    """

    fusion: FusionSettings = field(default_factory=FusionSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data that `config_from` reads."""
        return asdict(self)


def presets() -> tuple[str, ...]:
    """Return the names of the presets that come with the program."""
    return tuple(sorted(path.stem for path in _PRESETS.glob("*.yml")))


def load_config(name_or_path: str | Path) -> TrainConfig:
    """Load a preset by name, or a YAML file.

    Raises
    ------
    ConfigError : no such preset or file, an unknown key, a value of another kind or out of range, or files that extend
        each other in a circle. The message names file, key, what was found and what was expected.
    UnreadableFileError : the file is not YAML.
    """
    return _load(_place_of(str(name_or_path), Path()), ())


def config_from(values: Any, base: TrainConfig, *, source: str) -> TrainConfig:
    """Return `base` with the values of a config file in their places.

    Parameters
    ----------
    source : what messages call the file.
    """
    return changed(base, values, source=source)


def changed(base: Settings, values: Any, *, source: str, path: str = "") -> Settings:
    """Return settings with some values changed, however deep they lie.

    Parameters
    ----------
    base : a frozen dataclass. values : key → value, or a mapping of those for a key that holds settings.
    source, path : what messages call the file and the key that holds `values`.

    Raises
    ------
    ConfigError : as `load_config`.
    """
    if values is None:  # a section that is named and left empty
        return base
    if not isinstance(values, Mapping):
        raise ConfigError(f"{source}: {path or 'the file'} is {_shown(values)}; expected keys with values")
    kinds = get_type_hints(type(base))
    new: dict[str, Any] = {}
    for key, value in values.items():
        where = f"{path}.{key}" if path else str(key)
        if key not in kinds:
            raise ConfigError(f"{source}: unknown key '{where}'; {_nearest(str(key), tuple(kinds))}")
        old = getattr(base, key)
        if is_dataclass(old):
            new[key] = changed(old, value, source=source, path=where)
        else:
            new[key] = _checked(value, kinds[key], f"{source}: {where}")
    try:
        return cast("Settings", replace(cast("Any", base), **new))
    except SettingsError as err:
        raise ConfigError(f"{source}: {path}: {err}" if path else f"{source}: {err}") from err


def flat(settings: Any, path: str = "") -> dict[str, Any]:
    """Return every value of nested settings by its dotted key: ``midi.network_l2``."""
    found: dict[str, Any] = {}
    for one in fields(settings):
        value, where = getattr(settings, one.name), f"{path}.{one.name}" if path else one.name
        found |= flat(value, where) if is_dataclass(value) else {where: value}
    return found


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by dotted keys as nested mappings: the reverse of `flat`."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        *parts, last = key.split(".")
        place = found
        for part in parts:
            place = place.setdefault(part, {})
        place[last] = value
    return found


def _load(path: Path, before: tuple[Path, ...]) -> TrainConfig:
    content = load_yaml(path)
    if path.resolve() in before:
        raise ConfigError(
            f"{path.name}: '{EXTENDS}' leads back to itself; end the circle at one of {len(before)} files"
        )
    base = TrainConfig()
    if isinstance(content, Mapping) and EXTENDS in content:
        content = dict(content)
        name = content.pop(EXTENDS)
        if not isinstance(name, str):
            raise ConfigError(f"{path.name}: {EXTENDS} is {_shown(name)}; expected a preset or a file")
        base = _load(_place_of(name, path.parent), (*before, path.resolve()))
    return config_from(content, base, source=path.name)


def _place_of(name: str, folder: Path) -> Path:
    """Return the file of a preset, or the path of a file relative to `folder`."""
    if name in presets():
        return _PRESETS / f"{name}.yml"
    path = folder / name
    if not path.is_file():
        raise ConfigError(f"config '{name}': neither a preset ({', '.join(presets())}) nor a file; check the path")
    return path


def _checked(value: Any, kind: Any, where: str) -> Any:
    """Return the value as its kind; a whole number will do for a number, true and false for neither."""
    fits = isinstance(value, (int, float) if kind is float else kind) and (kind is bool or not isinstance(value, bool))
    if not fits or (kind is float and not isfinite(value)):
        raise ConfigError(f"{where} is {_shown(value)}; expected {_KINDS[kind]}")
    return float(value) if kind is float else value


def _shown(value: Any) -> str:
    text = "nothing" if value is None else f"a list of {len(value)}" if isinstance(value, list) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _nearest(key: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(key, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"expected one of {', '.join(known)}"
