"""A taste: which of two candidates of a stage a human would rather hear, learned from that human's judgements.

`taste.json` holds it: for every stage the features that count, each with its middle, its spread and its weight. Plain
numbers, computed with numpy; `training.taste` learns them. A score is a difference in log-odds from a middling
candidate of the same stage: of two candidates, that of the higher score is preferred with probability
1 / (1 + exp(−difference)). A taste whose ranking of songs it did not hear cannot be told from chance is stored all the
same, says so, and is refused wherever it would decide something.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from whitelight.encoders import DescriptorEncoder
from whitelight.errors import WhitelightError
from whitelight.files import UnreadableFileError, read_text
from whitelight.music import Piece
from whitelight.scoring.heads import Array
from whitelight.scoring.listening import hear

FORMAT, FORMAT_VERSION = "whitelight-taste", 1
TASTE_FILE = "taste.json"
REACH = 4.0  # spreads; beyond it a feature says "extreme", not more, so a search cannot buy taste with it
MAX_BYTES = 4 * 1024 * 1024


class TasteError(WhitelightError):
    """A folder that holds no taste this version can use."""


class UnusableTasteError(TasteError):
    """A taste that cannot be told from chance, or knows nothing of a stage."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One candidate a human liked or did not.

    Attributes
    ----------
    song : names the song whatever its folder is called. stage, section, candidate : what was judged.
    music : notes, tempo and meter. terms : theory term → value, as it was measured when it was proposed.
    blind : judged without seeing its scores. edited : the music is what the human made of it.
    """

    song: str
    stage: str
    section: str
    candidate: str
    liked: bool
    music: Piece
    terms: Mapping[str, float]
    blind: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class StageTaste:
    """What counts in one stage: parallel arrays over its features.

    Attributes
    ----------
    descriptors, terms : names; the first features are descriptors, the others theory terms.
    middle, spread, weight : (n_features,); spread is positive.
    """

    descriptors: tuple[str, ...]
    terms: tuple[str, ...]
    middle: Array
    spread: Array
    weight: Array

    def score(self, features: Array) -> Array:
        """Return log-odds against a middling candidate, (n,).

        A feature that is not known (NaN) counts as middling; where nothing at all is known there is no score (NaN).
        """
        scaled = np.clip((features - self.middle) / self.spread, -REACH, REACH)
        score = (np.nan_to_num(scaled) * self.weight).sum(axis=1)
        return np.asarray(np.where(np.isnan(features).all(axis=1), np.nan, score))


@dataclass(frozen=True, slots=True)
class Taste:
    """A taste that was read.

    Attributes
    ----------
    record : the whole of `taste.json`. stages : by name.
    """

    record: Mapping[str, Any]
    stages: Mapping[str, StageTaste]

    @classmethod
    def load(cls, path: str | Path) -> "Taste":
        """Read a taste from its folder.

        Raises
        ------
        TasteError : it is not there, is no taste, or was learned on other descriptors than this program has.
        """
        return read_taste(Path(path))

    @property
    def name(self) -> str:
        """Twelve letters that stand for exactly this taste."""
        return str(self.record["data_hash"])[:12]

    @property
    def usable(self) -> bool:
        """Whether it may decide anything."""
        return bool(self.record["usable"])

    def for_stage(self, stage: str) -> StageTaste:
        """The taste in one stage, to be used.

        Raises
        ------
        UnusableTasteError : it cannot be told from chance, or has no judgements of this stage.
        """
        if not self.usable:
            raise UnusableTasteError(f"this taste is not to be used: {self.record['reason']}")
        if stage not in self.stages:
            known = ", ".join(self.stages) or "no stage"
            raise UnusableTasteError(
                f"this taste knows {known}, nothing of {stage}; judge some {stage} and train it again"
            )
        return self.stages[stage]

    def score(
        self,
        files: Sequence[bytes | Path | Piece],
        stage: str,
        terms: Sequence[Mapping[str, float | None]] | None = None,
    ) -> Array:
        """Score candidates of one stage, (n,); NaN where a file cannot be read.

        Parameters
        ----------
        terms : theory terms of each candidate as its stage measures them; without them only the notes count.

        Raises
        ------
        UnusableTasteError : see `for_stage`.
        """
        own = self.for_stage(stage)
        return own.score(features_of(files, terms or [{}] * len(files), own.descriptors, own.terms))


def features_of(
    files: Sequence[bytes | Path | Piece],
    terms: Sequence[Mapping[str, float | None]],
    descriptors: Sequence[str],
    term_names: Sequence[str],
) -> Array:
    """Return the features of candidates, (n, n_features); a whole row is NaN where a file cannot be read."""
    encoder = DescriptorEncoder()
    columns = [encoder.names.index(name) for name in descriptors]
    found = np.full((len(files), len(descriptors) + len(term_names)), np.nan)
    heard = hear(files, encoder)
    found[heard.read[:, None], np.arange(len(columns))] = heard.descriptors[:, columns]
    for row, known in enumerate(terms):
        found[row, len(columns) :] = [_number(known.get(name)) for name in term_names]
    silent = [row for row, problem in enumerate(heard.problems) if problem is not None]
    found[silent] = np.nan
    return found


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


# --- the rim


class _Strict(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _Feature(_Strict):
    name: str
    kind: str = Field(pattern="^(descriptor|term)$")
    middle: FiniteFloat
    spread: Annotated[FiniteFloat, Field(gt=0)]
    weight: FiniteFloat


class _Encoder(_Strict):
    name: str
    fingerprint: str


class _Stage(_Strict):
    features: list[_Feature]


class _Record(_Strict):
    usable: bool
    reason: str
    data_hash: str
    encoder: _Encoder
    stages: dict[str, _Stage]


def read_taste(folder: Path) -> Taste:
    """Read and check `taste.json`; raises as `Taste.load`."""
    path = folder / TASTE_FILE if folder.is_dir() else folder
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TasteError(f"{path.name}: more than {MAX_BYTES // 2**20} MB; this is no taste")
        content = json.loads(read_text(path))
    except OSError as err:
        raise TasteError(
            f"{folder}: no readable {TASTE_FILE} ({err.strerror}); make one with: whitelight train taste"
        ) from err
    except (ValueError, RecursionError, UnreadableFileError) as err:
        raise TasteError(f"{path.name}: not JSON ({err}); train the taste again") from err
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise TasteError(f"{path.name}: expected format '{FORMAT}'; this is no taste")
    if content.get("format_version") != FORMAT_VERSION:
        found = content.get("format_version")
        raise TasteError(f"{path.name}: format version {found!r}, this program reads {FORMAT_VERSION}; train it again")
    try:
        record = _Record.model_validate(content)
    except ValidationError as err:
        first = err.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise TasteError(f"{path.name}: '{where}': {first['msg']}; it was changed by hand; train it again") from err
    encoder = DescriptorEncoder()
    if record.encoder.fingerprint != encoder.fingerprint():
        raise TasteError(
            f"{path.name}: learned on other descriptors ({record.encoder.fingerprint[:12]}, this program has "
            f"{encoder.fingerprint()[:12]}); train it again"
        )
    stages = {name: _stage(one, name, path, encoder.names) for name, one in record.stages.items()}
    return Taste(content, stages)


def _stage(stage: _Stage, name: str, path: Path, known: Sequence[str]) -> StageTaste:
    kinds = {kind: tuple(f.name for f in stage.features if f.kind == kind) for kind in ("descriptor", "term")}
    strange = sorted(set(kinds["descriptor"]) - set(known))
    if strange:
        raise TasteError(f"{path.name}: {name} counts '{strange[0]}', which is no descriptor; train it again")
    ordered = [*(f for f in stage.features if f.kind == "descriptor"), *(f for f in stage.features if f.kind == "term")]
    numbers: list[NDArray[np.float64]] = [
        np.array([getattr(feature, each) for feature in ordered], np.float64) for each in ("middle", "spread", "weight")
    ]
    return StageTaste(kinds["descriptor"], kinds["term"], *numbers)
