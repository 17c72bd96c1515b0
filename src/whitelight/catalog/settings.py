"""`catalog.yml` at the root of a catalog: its ontology, time codes a person has decided, terms of use.

```yaml
ontology: rainbow            # a shipped name, a YAML file beside this one, or the whole ontology written out
time_codes:                  # wins over detection; paths relative to this folder
  05_05/05_05.yml: {encoding: FFS@25}
  01_06/01_06.lrc: {encoding: ms, offset_s: 3600}      # subtracted from every time
license: CC-BY-SA-4.0        # SPDX id, or other; with attribution, usage, source_url: see `terms`
```
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from whitelight.catalog.terms import Terms, TermsError, checked_terms
from whitelight.catalog.timecode import encoding_named
from whitelight.errors import WhitelightError
from whitelight.files import inside, load_yaml
from whitelight.music.midi import MAX_DURATION_S
from whitelight.ontology import Ontology, load_ontology

SETTINGS_FILE = "catalog.yml"
DEFAULT_ONTOLOGY = "rainbow"


class SettingsError(WhitelightError):
    """`catalog.yml` or an override table cannot be used."""


class Override(BaseModel):
    """What a person decided about the time codes of one file; None leaves that to detection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoding: str | None = None
    offset_s: Annotated[float | None, Field(ge=-MAX_DURATION_S, le=MAX_DURATION_S)] = None

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, name: str | None) -> str | None:
        return None if name is None else encoding_named(name).name


class _SettingsRow(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ontology: str | dict[str, Any] = DEFAULT_ONTOLOGY
    time_codes: dict[str, Override] = {}
    license: str = ""
    attribution: str = ""
    usage: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a catalog's root says about it."""

    ontology: Ontology
    overrides: Mapping[str, Override]
    terms: Terms


def read_settings(root: Path, ontology: Ontology | str | Path | None, overrides: Path | None) -> Settings:
    """Read `catalog.yml` when there is one; arguments win over it.

    Parameters
    ----------
    overrides : YAML file with the mapping `time_codes` holds, added to it.
    """
    path = root / SETTINGS_FILE
    row = _parse(_SettingsRow, (load_yaml(path) or {}) if path.is_file() else {}, path)
    terms = _terms_of(row, path)
    table = dict(row.time_codes)
    if overrides is not None:
        table |= _parse(_SettingsRow, {"time_codes": load_yaml(overrides) or {}}, overrides).time_codes
    if isinstance(ontology, Ontology):
        return Settings(ontology, table, terms)
    named = ontology if ontology is not None else row.ontology
    return Settings(_ontology_of(named, root), table, terms)


def _ontology_of(named: str | Path | dict[str, Any], root: Path) -> Ontology:
    if isinstance(named, dict):
        return Ontology.from_dict(named, source=SETTINGS_FILE)
    is_beside = str(named).endswith((".yml", ".yaml")) and not Path(named).is_absolute()
    beside = inside(root, str(named), source=SETTINGS_FILE) if is_beside else None
    return load_ontology(beside if beside is not None and beside.is_file() else named)


def _terms_of(row: _SettingsRow, path: Path) -> Terms:
    try:
        return checked_terms(Terms(row.license, row.attribution, row.usage, row.source_url))
    except TermsError as err:
        raise SettingsError(f"{path.name}: {err}") from err


def _parse(model: type[_SettingsRow], value: Any, path: Path) -> _SettingsRow:
    try:
        return model.model_validate(value)
    except (ValidationError, WhitelightError) as err:
        if isinstance(err, WhitelightError):
            raise SettingsError(f"{path.name}: {err}") from err
        first = err.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise SettingsError(f"{path.name}: {where or 'whole file'}: {first['msg']}") from err
