"""Exports as downloads: the few files that exporting writes, by name, and never another."""

import io
import zipfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as PathParameter
from starlette.responses import FileResponse, Response

from whitelight.composition.arrangement.song_writing import SONG_MIDI, STEMS_FOLDER
from whitelight.composition.exports.export import DAWPROJECT, LRC, MUSICXML, PREVIEW
from whitelight.composition.production import slug
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.files import UnsafePathError, inside, read_bytes
from whitelight.studio.errors import NotThereError
from whitelight.studio.state import StudioDep

router = APIRouter(prefix="/api/songs/{song}")
STEMS = "stems.zip"  # made on the fly of all stems
MEDIA_TYPES = {
    SONG_MIDI: "audio/midi",
    MUSICXML: "application/vnd.recordare.musicxml+xml",
    DAWPROJECT: "application/zip",
    LRC: "text/plain; charset=utf-8",
    PREVIEW: "audio/wav",
    STEMS: "application/zip",
}
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the same stems, the same bytes


@router.get("/files/{name}")
def download(
    song: Annotated[str, PathParameter(max_length=120)],
    name: Annotated[str, PathParameter(max_length=40)],
    studio: StudioDep,
) -> Response:
    """An export, as an attachment that is called after the song."""
    if name not in MEDIA_TYPES:
        raise NotThereError(f"no export of that name; exports are {', '.join(MEDIA_TYPES)}")
    folder = studio.library.find(song)
    called = f"{_plain_title(folder)}-{name}"
    if name == STEMS:
        headers = {"content-disposition": f'attachment; filename="{called}"'}
        return Response(zipped_stems(folder), media_type=MEDIA_TYPES[name], headers=headers)
    return FileResponse(_export(folder, name), media_type=MEDIA_TYPES[name], filename=called)


def _plain_title(folder: Path) -> str:
    """The title in letters that every file system takes."""
    plain = slug(read_song_sheet(folder).title).encode("ascii", "ignore").decode()
    return plain.strip("-_.")[:80] or "song"


def _export(folder: Path, name: str) -> Path:
    """A regular file of the song itself; a link that leads elsewhere is as good as not there."""
    try:
        path = inside(folder, name)
    except UnsafePathError:
        path = None
    if path is None or not path.is_file():
        raise NotThereError(f"{name} is not there yet; export it first")
    return path


def zipped_stems(folder: Path) -> bytes:
    """All stems of a song in one archive, in the order of their names.

    Raises
    ------
    NotThereError : there are none.
    """
    names = sorted(path.name for path in (folder / STEMS_FOLDER).glob("*.mid"))
    if not names:
        raise NotThereError(f"{STEMS_FOLDER}/ is not there yet; export it first")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            data = read_bytes(_export(folder, f"{STEMS_FOLDER}/{name}"))
            archive.writestr(zipfile.ZipInfo(f"{STEMS_FOLDER}/{name}", _EARLIEST), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
