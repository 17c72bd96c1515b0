"""What lies in the `approved/` folders: parts by stage, section and label."""

from collections.abc import Mapping
from pathlib import Path

from whitelight.composition.arrangement.model import STAGES
from whitelight.composition.production import slug
from whitelight.composition.song_sheet import read_song_sheet

Approved = Mapping[str, Mapping[str, tuple[str, ...]]]
APPROVED_FOLDER = "approved"


def approved_parts(folder: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return stage → slug of the section → labels in order, as the files `<stage>/approved/<section>_<label>.mid` say.

    A section may have "_" in its name; a file belongs to the section with the longest name it begins with. Files of no
    section of the song are left out (`foreign_parts` lists them).

    Raises
    ------
    SongSheetError : no `song.yml`, or one that cannot be understood.
    """
    sections = [slug(section.name) for section in read_song_sheet(folder).form.sections]
    found: dict[str, dict[str, list[str]]] = {}
    for stage in STAGES:
        for name in _files(folder, stage):
            section = _section_of(name, sections)
            if section is not None:
                found.setdefault(stage, {}).setdefault(section, []).append(name[len(section) + 1 :])
    return {
        stage: {section: tuple(by_section[section]) for section in sections if section in by_section}
        for stage, by_section in found.items()
    }


def foreign_parts(folder: Path) -> tuple[str, ...]:
    """Approved files that belong to no section of the song, as "stage/name"."""
    sections = [slug(section.name) for section in read_song_sheet(folder).form.sections]
    return tuple(
        f"{stage}/{name}" for stage in STAGES for name in _files(folder, stage) if _section_of(name, sections) is None
    )


def part_names(approved: Approved, stage: str) -> tuple[str, ...]:
    """All parts of a stage, by file name without the ending."""
    return tuple(f"{section}_{label}" for section, labels in approved.get(stage, {}).items() for label in labels)


def part_path(folder: Path, stage: str, part: str) -> Path:
    """Where a part lies."""
    return folder / stage / APPROVED_FOLDER / f"{part}.mid"


def _files(folder: Path, stage: str) -> list[str]:
    return sorted(file.stem for file in (folder / stage / APPROVED_FOLDER).glob("*.mid") if file.is_file())


def _section_of(name: str, sections: list[str]) -> str | None:
    fitting = [section for section in sections if name.startswith(f"{section}_") and len(name) > len(section) + 1]
    return max(fitting, key=len, default=None)
