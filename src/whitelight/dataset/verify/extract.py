"""Rows as files one can open: FLAC, MIDI and JSON, named for people.

    02_01_a-song-of-rivers/0001_verse-1_stem-02-lead-melody_00m08.00s-00m12.50s.flac

The folder is made beside its place and renamed when it is whole. One that an earlier extraction made is replaced, anything
else is refused.
"""

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from whitelight.dataset.dataset import Dataset
from whitelight.dataset.verify.choosing import choose_songs
from whitelight.errors import WhitelightError
from whitelight.progress import Progress, silent

MARKER = "extracted.txt"  # says that an extraction made a folder and may replace it
_LONGEST = 48  # characters of a name's part; a whole name stays below the 255 bytes of file systems


class ExtractError(WhitelightError):
    """Rows cannot be written here."""


def extract_rows(
    path: Path,
    out: Path,
    *,
    class_name: str = "",
    song_id: str = "",
    row_ids: Collection[str] | None = None,
    progress: Progress = silent,
) -> int:
    """Write the media and the columns of rows into the folder `out`, and return how many rows.

    Parameters
    ----------
    class_name, song_id : only songs of this class, only this song.
    row_ids : only these rows; all when None.

    Raises
    ------
    ExtractError : `out` holds something else.
    """
    dataset = Dataset.open(path)
    songs = choose_songs(dataset, class_name, song_id)
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / MARKER).is_file())):
        raise ExtractError(f"{out} holds other things and no {MARKER}; give a new or empty folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    n_rows = 0
    try:
        for n, song in enumerate(songs, 1):
            n_rows += _extract_song(dataset, song, building, row_ids)
            progress(n, len(songs))
        (building / MARKER).write_text(
            f"{n_rows} rows of a whitelight dataset; extracting again replaces this folder\n"
        )
        building.chmod(0o755)
        _swap(building, out)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return n_rows


def _extract_song(dataset: Dataset, song_id: str, building: Path, row_ids: Collection[str] | None) -> int:
    rows = [row for row in dataset.song_rows(song_id).to_pylist() if row_ids is None or row["row_id"] in row_ids]
    if not rows:
        return 0
    folder = building / f"{song_id}_{slug(rows[0]['title']) or 'untitled'}"
    folder.mkdir()
    midi = dataset.song_media(song_id)
    needed = {part for row in rows for part in row["audio_rows"]}
    audio = dict(dataset.song_audio(song_id, needed)) if needed else {}
    for row in rows:
        name = readable_name(row)
        files = {}
        if row["row_id"] in midi:
            files["mid"] = midi[row["row_id"]]
        if row["audio_rows"]:
            files["flac"] = _sound(row, [audio[part] for part in row["audio_rows"]])
        for suffix, content in files.items():
            (folder / f"{name}.{suffix}").write_bytes(content)
        told = row | {"files": [f"{name}.{suffix}" for suffix in files]}
        (folder / f"{name}.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(rows)


def readable_name(row: Mapping[str, Any]) -> str:
    """Return the name of a row's files: segment, section, part, time."""
    segment = row["segment_id"].rpartition("/")[2]
    part = row["row_id"].rpartition("/")[2]
    if row["kind"] == "stem":
        part = "-".join(filter(None, (part, slug(row["stem_description"]))))
    names = (segment, slug(row["section"]) or "no-section", part, f"{_clock(row['start_s'])}-{_clock(row['end_s'])}")
    return "_".join(names)


def slug(text: str) -> str:
    """Return a text in small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")


def _sound(row: Mapping[str, Any], parts: Sequence[bytes]) -> bytes:
    """Return FLAC of a row: as stored, or its parts added up."""
    if len(parts) == 1:
        return parts[0]
    from whitelight.audio import decode_flac, encode_flac, mix  # noqa: PLC0415  only sums need it

    total = mix([decode_flac(part) for part in parts])
    return encode_flac(total.samples, total.sample_rate, bits=row["audio_bits"])


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 100), 6000)
    return f"{minutes:02d}m{rest // 100:02d}.{rest % 100:02d}s"


def _swap(building: Path, out: Path) -> None:
    """Put a finished folder in its place; an earlier one is gone only once the new one is there."""
    old = None
    if out.exists():
        old = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.old."))
        out.replace(old / out.name)
    building.replace(out)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)
