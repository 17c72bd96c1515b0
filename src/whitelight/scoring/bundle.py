"""The model bundle: a folder with `model.onnx`, `arrays.npz`, `held_out.npz` and `bundle.json`.

`bundle.json` names the format, the ontology and its hash, the encoder and fingerprint of every input, how to run the
model, what it was trained on, how well it did, and the SHA-256 of the other files. It is refused as a whole when
anything does not fit. Nothing in it is ever unpickled. The folder is built beside its place and renamed into it.
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from whitelight.errors import WhitelightError
from whitelight.ontology import Ontology
from whitelight.scoring.calibration import JOINTS
from whitelight.scoring.record import problem_of

FORMAT = "whitelight-bundle"
FORMAT_VERSION = 4  # 3: the release gate; 4: sound, and encoders by the name they are made with
RECORD, MODEL, ARRAYS, HELD_OUT = "bundle.json", "model.onnx", "arrays.npz", "held_out.npz"
DISTRIBUTIONS = "distributions.npz"  # how the catalog is spread; bundles of before have none
MAX_RECORD_BYTES = 64 * 1024 * 1024  # a catalog of 10,000 songs needs 2 MB

Arrays = Mapping[str, NDArray[Any]]


class BundleError(WhitelightError):
    """A folder is not a bundle this version can use."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that has been read and checked.

    Attributes
    ----------
    folder : where it lies.
    record : the content of `bundle.json`.
    ontology : the one it was trained on.
    """

    folder: Path
    record: Mapping[str, Any]
    ontology: Ontology

    def model(self) -> bytes:
        """Return the ONNX model, checked against its hash."""
        return _checked(self.folder, MODEL, self.record)

    def arrays(self, name: str = ARRAYS) -> dict[str, NDArray[Any]]:
        """Return the arrays of one .npz file, checked against its hash."""
        content = _checked(self.folder, name, self.record)
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:
                arrays = {key: stored[key] for key in stored.files}
        except (ValueError, OSError, BadZipFile) as err:
            raise BundleError(f"{self.folder / name}: not plain arrays ({err}); train the model again") from err
        if name == HELD_OUT:
            logits = {f"logits_{expert}" for expert in (*self.record["experts"], *JOINTS)}
            check_arrays(arrays, {"row_id", "fold"}, optional=logits, name=name)
        return arrays


def write_bundle(
    folder: Path,
    record: Mapping[str, Any],
    *,
    ontology: Ontology,
    model: bytes,
    arrays: Arrays,
    held_out: Arrays,
    distributions: Arrays | None = None,
) -> None:
    """Write a bundle so that `folder` holds the old one or the complete new one.

    Parameters
    ----------
    distributions : how the catalog is spread, to explain by (`scoring.distributions`); None writes none.

    Raises
    ------
    BundleError : `folder` exists and holds something else.
    """
    refuse_foreign_folder(folder)
    files = {MODEL: model, ARRAYS: _npz(arrays), HELD_OUT: _npz(held_out)}
    if distributions is not None:
        files[DISTRIBUTIONS] = _npz(distributions, np.savez_compressed)
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "ontology": ontology.to_dict(),
        "ontology_hash": ontology.hash,
        **record,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.new-"))
    try:
        for name, data in {**files, RECORD: json.dumps(content, indent=1, ensure_ascii=False).encode()}.items():
            with (building / name).open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        building.chmod(0o755)
        _swap(building, folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def read_bundle(folder: Path) -> Bundle:
    """Read `bundle.json` and check format, version, ontology and that the named files are there.

    Raises
    ------
    BundleError : with the reason; the files' hashes are checked when they are loaded.
    """
    path = folder / RECORD
    try:
        if path.stat().st_size > MAX_RECORD_BYTES:
            raise BundleError(f"{path}: {path.stat().st_size:,} bytes, at most {MAX_RECORD_BYTES:,}; not a bundle")
        record = json.loads(path.read_bytes())
    except OSError as err:
        raise BundleError(
            f"{folder}: no readable {RECORD} ({err.strerror}); expected a model folder; train one first"
        ) from err
    except (ValueError, RecursionError) as err:
        raise BundleError(f"{path}: not JSON ({err}); train the model again") from err
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise BundleError(f"{path}: expected format '{FORMAT}'; this is no model bundle")
    if record.get("format_version") != FORMAT_VERSION:
        raise BundleError(
            f"{path}: format version {record.get('format_version')!r}, this program reads {FORMAT_VERSION}; "
            "train the model again"
        )
    missing = [name for name in (MODEL, ARRAYS, HELD_OUT) if not (folder / name).is_file()]
    if missing:
        raise BundleError(f"{folder}: {missing[0]} is missing; copy the whole folder or train the model again")
    problem = problem_of(record)
    if problem is not None:
        raise BundleError(f"{path}: {problem}; the file was changed by hand; copy it again or train the model again")
    return Bundle(folder, record, _ontology_of(record, path))


def check_arrays(found: Collection[str], needed: set[str], *, optional: Collection[str] = (), name: str) -> None:
    """Refuse a file that does not hold exactly the arrays of this format.

    Parameters
    ----------
    needed, optional : names that must and that may be there. name : the file, for the message.

    Raises
    ------
    BundleError : one is missing, or there is one that nothing reads.
    """
    missing, strange = sorted(needed - set(found)), sorted(set(found) - needed - set(optional))
    if missing or strange:
        what = f"array '{missing[0]}' is missing" if missing else f"array '{strange[0]}' is unknown"
        raise BundleError(
            f"{name}: {what}, expected the arrays of format {FORMAT_VERSION} for the experts of {RECORD}; "
            "the model is of another version of this program; train it again"
        )


def check_encoder(record: Mapping[str, Any], input_name: str, fingerprint: str) -> None:
    """Refuse features made by another encoder than the model was trained on.

    Raises
    ------
    BundleError : the fingerprints differ.
    """
    wanted = record["inputs"].get(input_name)
    if wanted is None:
        raise BundleError(f"{RECORD}: input '{input_name}' is missing; the file was changed by hand; train again")
    if wanted["fingerprint"] != fingerprint:
        raise BundleError(
            f"input '{input_name}' was trained on encoder '{wanted['encoder']}' {wanted['version']} "
            f"({wanted['fingerprint'][:12]}), this program has {fingerprint[:12]}; train the model again"
        )


def refuse_foreign_folder(folder: Path) -> None:
    """Refuse to replace a folder that holds something else than a bundle."""
    if folder.exists() and not (folder / RECORD).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise BundleError(f"{folder} exists and is no model bundle; give another folder or remove it")


def _ontology_of(record: Mapping[str, Any], path: Path) -> Ontology:
    ontology = Ontology.from_dict(record["ontology"], source=str(path))
    if ontology.hash != record.get("ontology_hash"):
        raise BundleError(
            f"{path}: the ontology's hash is {ontology.hash[:12]}, the bundle says "
            f"{str(record.get('ontology_hash'))[:12]}; the file was changed by hand; train the model again"
        )
    return ontology


def _checked(folder: Path, name: str, record: Mapping[str, Any]) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except OSError as err:
        raise BundleError(f"{folder / name}: {err.strerror}; copy the whole folder or train the model again") from err
    found, wanted = hashlib.sha256(content).hexdigest(), record["files"].get(name)
    if found != wanted:
        raise BundleError(
            f"{folder / name}: checksum {found[:12]}, the bundle says {str(wanted)[:12]}; "
            "the file is damaged or from another model; copy the folder again or train again"
        )
    return content


def _npz(arrays: Arrays, save: Callable[..., None] = np.savez) -> bytes:
    """Return the bytes of an .npz file; the same arrays give the same bytes (zip times are constant in numpy)."""
    buffer = io.BytesIO()
    save(buffer, allow_pickle=False, **dict(arrays))
    return buffer.getvalue()


def _swap(building: Path, folder: Path) -> None:
    """Rename the finished folder into place; an older bundle steps aside first and goes last."""
    if not folder.exists():
        building.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.old-"))
    folder.rename(aside / folder.name)
    try:
        building.rename(folder)
    except OSError:
        (aside / folder.name).rename(folder)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
