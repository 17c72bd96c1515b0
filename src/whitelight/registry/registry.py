"""`Registry`: a folder of model bundles under names, versions and aliases.

    <root>/<name>/<version>/model/         the bundle, copied
    <root>/<name>/<version>/version.json   checksum, gate, notes, time
    <root>/promotions.jsonl                every move of an alias

A version appears by one rename, complete and verified, and never changes; an alias moves by one line of the log. So a
process killed at any point leaves the state before or after, and one lock keeps writers apart.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whitelight.errors import WhitelightError
from whitelight.files import write_atomic
from whitelight.locking import locked
from whitelight.origin import read_origin, write_origin
from whitelight.registry.log import PROMOTE, ROLLBACK, Promotion, aliases_of, append_log, history, read_log
from whitelight.scoring import ChromaticScorer
from whitelight.scoring.bundle import HELD_OUT, RECORD, read_bundle
from whitelight.scoring.release import Gate, refusal

LOG, LOCK, MODEL, ABOUT = "promotions.jsonl", ".lock", "model", "version.json"
PATIENCE_S = 60.0
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class RegistryError(WhitelightError):
    """A model, version or alias that is not there, or may not be had."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model.

    Attributes
    ----------
    checksum : SHA-256 of its `bundle.json`, which holds those of the other files. gate : passed, failed or not judged.
    role : scorer or judge. notes : as given. added : UTC, ISO 8601.
    """

    name: str
    version: int
    checksum: str
    gate: str
    role: str
    notes: str
    added: str


class Registry:
    """Models below one folder; reading it makes nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, bundle: Path, name: str, *, notes: str = "") -> Version:
        """Copy a bundle and return its version; one that is there already keeps the version it has.

        Raises
        ------
        RegistryError : the name cannot be used.
        BundleError : the bundle is damaged or of another version of this program.
        """
        _check_word("name", name)
        record = read_bundle(bundle).record
        with self._writing():
            folder = self.root / name
            folder.mkdir(exist_ok=True)
            for left in folder.glob(".new-*"):
                shutil.rmtree(left)
            known = self.versions(name)
            building = Path(tempfile.mkdtemp(dir=folder, prefix=".new-"))
            try:
                _copy(bundle, building / MODEL, (*record["files"], RECORD))
                checksum = _verified(building / MODEL)
                same = [one for one in known if one.checksum == checksum]
                if same:
                    return same[0]
                number = 1 + max((one.version for one in known), default=0)
                version = _version(building / MODEL, name, number, checksum, notes)
                write_atomic(building / ABOUT, json.dumps(asdict(version), indent=1, ensure_ascii=False) + "\n")
                building.chmod(0o755)
                building.rename(folder / str(number))
            finally:
                shutil.rmtree(building, ignore_errors=True)
        return version

    def names(self) -> list[str]:
        """Return the names of all models."""
        folders = self.root.iterdir() if self.root.is_dir() else ()
        return sorted(f.name for f in folders if _WORD.fullmatch(f.name) and self.versions(f.name))

    def versions(self, name: str) -> list[Version]:
        """Return all versions of a model, the oldest first; none of an unknown name."""
        _check_word("name", name)
        found = [Version(**json.loads(path.read_bytes())) for path in (self.root / name).glob(f"[0-9]*/{ABOUT}")]
        return sorted(found, key=lambda one: one.version)

    def aliases(self, name: str) -> dict[str, int]:
        """Return the aliases of a model and what each means now."""
        return aliases_of(self.promotions(), name)

    def promotions(self) -> list[Promotion]:
        """Return every move of every alias, the oldest first."""
        return read_log(self.root / LOG)

    def alias(
        self, name: str, alias: str, version: int, *, reason: str = "", who: str = "", force: bool = False
    ) -> Promotion:
        """Let an alias mean a version.

        Parameters
        ----------
        who : as the log shall call whoever asks. force : although the version did not pass its release gate.

        Raises
        ------
        RegistryError : no such version, or its gate did not pass.
        """
        _check_word("alias", alias)
        if alias.isdigit():
            raise RegistryError(
                f"alias '{alias}' is a number, which names a version; expected a word such as 'production'"
            )
        with self._writing():
            wanted = self._version(name, version)
            reason_against = refusal(read_bundle(self._model(wanted)).record)
            if reason_against is not None and not force:
                raise RegistryError(f"{name}@{version}: {reason_against}; promote another version, or pass --force")
            moved = self.aliases(name).get(alias, 0)
            forced = reason_against is not None
            return self._move(PROMOTE, name, alias, moved, version, reason=reason, who=who, forced=forced)

    def rollback(self, name: str, alias: str, *, reason: str = "", who: str = "") -> Promotion:
        """Let an alias mean what it meant before; again, what it meant before that.

        Raises
        ------
        RegistryError : it never meant anything else.
        """
        with self._writing():
            meant = history(self.promotions(), name, alias)
            if len(meant) < 2:
                what = f"has only ever meant version {meant[0]}" if meant else "does not exist"
                raise RegistryError(
                    f"alias '{name}@{alias}' {what}; expected an earlier version to go back to; promote one"
                )
            self._model(self._version(name, meant[-2]))
            return self._move(ROLLBACK, name, alias, meant[-1], meant[-2], reason=reason, who=who, forced=False)

    def resolve(self, reference: str) -> Path:
        """Return the bundle's folder of ``name@alias`` or ``name@3``.

        Raises
        ------
        RegistryError : no such model, alias or version, or its files are not what was added.
        """
        name, _, which = reference.partition("@")
        _check_word("name", name)
        if which.isdigit():
            return self._model(self._version(name, int(which)))
        aliases = self.aliases(name)
        if which not in aliases:
            known = ", ".join([*aliases, *(str(one.version) for one in self.versions(name))])
            there = f"expected one of {known}" if known else f"expected one of the models {', '.join(self.names())}"
            raise RegistryError(f"'{reference}' is not in {self.root}; {there}; see: whitelight registry list")
        return self._model(self._version(name, aliases[which]))

    def _move(self, action: str, name: str, alias: str, old: int, new: int, **about: Any) -> Promotion:
        moved = Promotion(_now(), action, name, alias, old, new, **about)
        append_log(self.root / LOG, moved)
        return moved

    def _version(self, name: str, version: int) -> Version:
        versions = {one.version: one for one in self.versions(name)}
        if version not in versions:
            known = ", ".join(map(str, versions)) or "none; add one with: whitelight registry add"
            raise RegistryError(f"'{name}@{version}' is not in {self.root}; versions of '{name}': {known}")
        return versions[version]

    def _model(self, version: Version) -> Path:
        """Return the folder of a version, whose record is still what was added; files are checked as they are loaded."""
        folder = self.root / version.name / str(version.version) / MODEL
        found = _checksum(folder)
        if found != version.checksum:
            raise RegistryError(
                f"{folder}: checksum {found[:12]}, the registry says {version.checksum[:12]}; the files were changed by "
                "hand; add the model again"
            )
        return folder

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with locked(self.root / LOCK, what=f"registry {self.root}", patience_s=PATIENCE_S):
            yield


def _copy(bundle: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Copy the files of a bundle, and where it is from as seen from its new place."""
    folder.mkdir()
    for name in names:
        content = (bundle / name).read_bytes()
        with (folder / name).open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    source = read_origin(bundle)
    if source is not None:
        write_origin(folder, source)  # the place it is renamed to is as deep as this one


def _verified(folder: Path) -> str:
    """Load a copied bundle as whoever composes with it will, every file of it, and return its checksum."""
    ChromaticScorer(folder)
    read_bundle(folder).arrays(HELD_OUT)
    return _checksum(folder)


def _version(folder: Path, name: str, number: int, checksum: str, notes: str) -> Version:
    record = read_bundle(folder).record
    gate, role = Gate.from_dict(record["gate"]).status, str(record["training"]["role"])
    return Version(name, number, checksum, gate, role, notes, _now())


def _checksum(folder: Path) -> str:
    try:
        return hashlib.sha256((folder / RECORD).read_bytes()).hexdigest()
    except OSError as err:
        raise RegistryError(f"{folder / RECORD}: {err.strerror}; add the model again") from err


def _check_word(what: str, word: str) -> None:
    if not _WORD.fullmatch(word):
        raise RegistryError(f"{what} '{word}'; expected letters, digits, '-', '_' or '.', with a letter or digit first")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
