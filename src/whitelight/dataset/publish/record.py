"""``publication.json``: what was published. It is written last, so where it is, everything it names is there."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from whitelight import __version__
from whitelight.catalog.terms import Terms
from whitelight.dataset.publish.errors import OccupiedError
from whitelight.dataset.publish.plan import LAYOUT, Plan
from whitelight.dataset.publish.version import Version
from whitelight.files import sha256_of

RECORD = "publication.json"
FORMAT = "whitelight-publication"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileRecord(_Record):
    """One published file; `rows` is null where it is no table."""

    sha256: str
    bytes: int
    rows: int | None = None


class EncoderRecord(_Record):
    """An encoder whose vectors are included."""

    config: str
    name: str
    column: str
    dim: int
    fingerprint: str


class Publication(_Record):
    """A publication.

    Attributes
    ----------
    versions : every version published here so far → its content.
    content : hash of all files but this one.
    key : hash of all the content was made from.
    songs : song id → title.
    files : path → hash, size, rows.
    """

    format: str
    format_version: int
    version: str
    versions: dict[str, str]
    content: str
    key: str
    tool_version: str
    schema_version: int
    policy: str
    ontology: str
    ontology_hash: str
    terms: Terms
    encoders: tuple[EncoderRecord, ...]
    songs: dict[str, str]
    files: dict[str, FileRecord]

    def to_json(self) -> str:
        """Return the text of ``publication.json``."""
        return json.dumps(self.model_dump(), indent=1, ensure_ascii=False) + "\n"

    @property
    def n_bytes(self) -> int:
        """Size of all files."""
        return sum(file.bytes for file in self.files.values())


def make_record(plan: Plan, files: Mapping[str, FileRecord]) -> Publication:
    """Return the record of what has been written."""
    manifest, version = plan.dataset.manifest, str(plan.settings.version)
    content = content_hash(files)
    return Publication(
        format=FORMAT,
        format_version=LAYOUT,
        version=version,
        versions={version: content},
        content=content,
        key=plan.key,
        tool_version=__version__,
        schema_version=manifest.schema_version,
        policy=manifest.policy,
        ontology=plan.dataset.ontology.name,
        ontology_hash=manifest.ontology_hash,
        terms=manifest.terms,
        encoders=tuple(
            EncoderRecord(
                config=f"embeddings_{e.slug}", name=e.name, column=e.column, dim=e.dim, fingerprint=e.fingerprint
            )
            for e in plan.embeddings
        ),
        songs=plan.titles(),
        files=dict(sorted(files.items())),
    )


def content_hash(files: Mapping[str, FileRecord]) -> str:
    """Return the hash of paths and contents, whatever their order."""
    return sha256_of(part.encode() for path in sorted(files) for part in (path, files[path].sha256))


def parse_record(text: str | bytes, where: str) -> Publication:
    """Read a record.

    Raises
    ------
    OccupiedError : damaged, or of another format.
    """
    try:
        data: dict[str, Any] = json.loads(text)
        found = (data.get("format"), data.get("format_version"))
        if found != (FORMAT, LAYOUT):
            raise OccupiedError(f"{where}/{RECORD}: format {found}, expected {(FORMAT, LAYOUT)}; publish elsewhere")
        return Publication.model_validate(data)
    except (ValueError, AttributeError, ValidationError) as err:
        reason = str(err).splitlines()[0]
        raise OccupiedError(f"{where}/{RECORD} is damaged ({reason}); publish elsewhere") from err


def read_record(folder: Path) -> Publication | None:
    """Return the record of a folder, None without one."""
    file = folder / RECORD
    return parse_record(file.read_bytes(), str(folder)) if file.is_file() else None


def check_successor(old: Publication, new: Publication, where: str) -> Publication:
    """Return `new` with the versions published before, or refuse it.

    Raises
    ------
    OccupiedError : another dataset is there, the version is there with other content, or a later one is.
    """
    check_same_dataset(old, new.ontology, new.songs, where)
    check_version(old, Version.parse(new.version), where)
    if old.versions.get(new.version, new.content) != new.content:
        raise other_content(old, new.version, where)
    return new.model_copy(update={"versions": old.versions | new.versions})


def check_version(old: Publication, version: Version, where: str) -> None:
    """Refuse a version older than the one that is there."""
    if version < Version.parse(old.version):
        raise OccupiedError(f"{where} holds version {old.version}, later than {version}; give a later version")


def check_same_dataset(old: Publication, ontology: str, songs: Mapping[str, str], where: str) -> None:
    """Refuse to publish one dataset over another.

    Datasets have no name, so they are known by their songs: id and title of at least half of the songs of the smaller
    one must be those of the other. Ids alone would not do: every catalog has a `01_01`.
    """
    shared = old.songs.items() & songs.items()
    if old.ontology != ontology or 2 * len(shared) < min(len(old.songs), len(songs)):
        raise OccupiedError(
            f"{where} holds another dataset ({len(old.songs)} songs, ontology '{old.ontology}'; {len(shared)} songs are "
            f"in both); publish elsewhere, or remove it first"
        )


def file_record(file: Path, n_rows: int | None = None) -> FileRecord:
    """Return hash and size of a file."""
    digest = sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return FileRecord(sha256=digest.hexdigest(), bytes=file.stat().st_size, rows=n_rows)


def other_content(old: Publication, version: str, where: str) -> OccupiedError:
    """Return the error of a version that is there already, and is something else."""
    latest = Version.parse(old.version)
    advice = f"give a new version, such as {Version(latest.major, latest.minor, latest.patch + 1)}"
    return OccupiedError(f"{where} holds version {version} with other content; {advice}")
