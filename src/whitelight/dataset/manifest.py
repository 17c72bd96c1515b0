"""``manifest.json``: what a dataset holds. It is written last, so where it is, everything it names is there.

The same record of a song is stored inside its shard when that is written, so that a build which was interrupted
knows what is done. Nothing in it depends on when or where the dataset was built.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from whitelight.catalog.terms import NO_TERMS, Terms
from whitelight.dataset.schema import SCHEMA_VERSION
from whitelight.errors import WhitelightError
from whitelight.ontology import Ontology

MANIFEST = "manifest.json"


class NotADatasetError(WhitelightError):
    """A folder is no dataset, an unfinished one, or one of another schema."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ProblemRecord(_Record):
    """Something wrong with the media of a song."""

    song_id: str
    file: str
    code: str
    message: str
    action: str

    @property
    def is_error(self) -> bool:
        """Whether a file was left out because it could not be read; the other codes say how one was understood."""
        return self.code in {"midi-damaged", "audio-damaged"} or self.is_passing

    @property
    def is_passing(self) -> bool:
        """Whether a file could not even be opened: it may be there again, so its song does not count as built."""
        return self.code in {"midi-unreadable", "audio-unreadable"}


class AudioRecord(_Record):
    """How recordings were cut.

    Attributes
    ----------
    sample_rate : Hz; None where each recording kept its own.
    is_cut : False where recordings were left out.
    instrument : what rendered MIDI was played with, by name and hash; "" where nothing was to be rendered.
    """

    sample_rate: int | None = None
    mono: bool = False
    is_cut: bool = True
    instrument: str = ""


class SongRecord(_Record):
    """One song of a dataset.

    Attributes
    ----------
    content_hash : of the song in the catalog: manifest, lyrics, media.
    build_key : of everything its rows depend on; equal keys mean equal rows.
    duration_s, covered_s : length of the song, and how much of it lies in segments.
    shard, media : files relative to the dataset; media is empty without MIDI.
    dropped : reason → count.
    """

    content_hash: str
    build_key: str
    group_id: str
    split: str
    class_name: str = Field(validation_alias=AliasChoices("class", "class_name"), serialization_alias="class")
    duration_s: float
    covered_s: float
    n_segments: int
    n_rows: int
    shard: str
    sha256: str = ""
    media: str = ""
    media_sha256: str = ""
    media_bytes: int = 0
    dropped: dict[str, int]
    problems: tuple[ProblemRecord, ...] = ()


class Manifest(_Record):
    """The whole dataset.

    Attributes
    ----------
    audio : how recordings were cut.
    terms : on what terms it may be used, as the catalog states them.
    base_sha256 : of the base table, ``base_manifest.parquet``.
    """

    schema_version: int
    tool_version: str
    policy: str
    audio: AudioRecord = AudioRecord()
    ontology: dict[str, Any]
    ontology_hash: str
    terms: Terms = NO_TERMS
    base_sha256: str = ""
    n_songs: int
    n_segments: int
    n_rows: int
    dropped: dict[str, int]
    songs: dict[str, SongRecord]

    def to_json(self) -> str:
        """Return the text of ``manifest.json``."""
        return json.dumps(self.model_dump(by_alias=True), indent=1, ensure_ascii=False) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a dataset.

    Raises
    ------
    NotADatasetError : missing, unfinished, damaged, or of another schema version.
    """
    file = folder / MANIFEST
    if not file.is_file():
        state = "an unfinished dataset" if (folder / "segments").is_dir() else "no dataset"
        raise NotADatasetError(f"{folder} is {state}: it has no {MANIFEST}; run `whitelight dataset build` to make it")
    try:
        data = json.loads(file.read_bytes())
        version = data.get("schema_version")
        if version != SCHEMA_VERSION:
            raise NotADatasetError(f"{file}: schema {version}, expected {SCHEMA_VERSION}; build the dataset again")
        manifest = Manifest.model_validate(data)
    except (ValueError, AttributeError, ValidationError) as err:
        reason = str(err).splitlines()[0]
        raise NotADatasetError(f"{file} is damaged ({reason}); delete it and build the dataset again") from err
    if Ontology.from_dict(manifest.ontology, source=str(file)).hash != manifest.ontology_hash:
        raise NotADatasetError(f"{file}: the ontology does not match its hash; build the dataset again")
    return manifest
