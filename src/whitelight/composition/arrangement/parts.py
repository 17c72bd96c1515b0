"""What lies in the `approved/` folders, as an arrangement asks for it: labels by stage and section."""

from collections.abc import Mapping
from pathlib import Path

from whitelight.composition.approved import approved_parts as approved_files
from whitelight.composition.arrangement.model import STAGES
from whitelight.composition.production import slug
from whitelight.composition.song_sheet import read_song_sheet

Approved = Mapping[str, Mapping[str, tuple[str, ...]]]
APPROVED_FOLDER = "approved"


def approved_parts(folder: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return stage → slug of the section → labels in order, as the files `<stage>/approved/<section>_<label>.mid` say.

    Sections come in the order of the song; `foreign_parts` lists files of no section of it.

    Raises
    ------
    SongSheetError : no `song.yml`, or one that cannot be understood.
    """
    sections = read_song_sheet(folder).form.sections
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for stage, parts in approved_files(folder, sections).items():
        for section in (slug(section.name) for section in sections):
            labels = tuple(part.label for part in parts if part.section == section)
            if labels:
                found.setdefault(stage, {})[section] = labels
    return found


def foreign_parts(folder: Path) -> tuple[str, ...]:
    """Approved files that belong to no section of the song, as "stage/name"."""
    parts = approved_files(folder, read_song_sheet(folder).form.sections)
    known = {part.file for of_stage in parts.values() for part in of_stage}
    files = (file for stage in STAGES for file in sorted((folder / stage / APPROVED_FOLDER).glob("*.mid")))
    return tuple(f"{file.parent.parent.name}/{file.stem}" for file in files if file not in known)


def part_names(approved: Approved, stage: str) -> tuple[str, ...]:
    """All parts of a stage, by file name without the ending."""
    return tuple(f"{section}_{label}" for section, labels in approved.get(stage, {}).items() for label in labels)


def part_path(folder: Path, stage: str, part: str) -> Path:
    """Where a part lies."""
    return folder / stage / APPROVED_FOLDER / f"{part}.mid"
