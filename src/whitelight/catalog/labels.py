"""Labels of MIDI files: read from a CSV or from folder names, and matched with the files they mean."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from whitelight.catalog.problems import ProblemLog
from whitelight.errors import WhitelightError
from whitelight.files import UnsafePathError, inside, read_text

MIDI_SUFFIXES = (".mid", ".midi", ".MID", ".MIDI")


class ImportMidiError(WhitelightError):
    """The import cannot be done at all."""


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled clip, before its file is looked for; `line` is that of the CSV, 0 without one."""

    name: str
    class_name: str
    song: str
    split: str
    line: int


def labels_from_folders(files: dict[str, Path]) -> list[Label]:
    """Label every file with the folder directly below the source it lies in; files beside those folders have none."""
    found = []
    for name in files:
        first, _, rest = name.partition("/")
        if rest:
            found.append(Label(name, first, "", "", 0))
    return found


def labels_from_csv(path: Path, columns: Sequence[str | None], log: ProblemLog) -> list[Label]:
    """Read a CSV of labels.

    Parameters
    ----------
    columns : titles of the columns of clip, class, song and split; None for one that is not wanted.
    """
    rows = csv.reader(io.StringIO(read_text(path), newline=""))
    header = [name.strip() for name in next(rows, [])]
    for column in columns:
        if column is not None and column not in header:
            raise ImportMidiError(f"{path.name}: no column '{column}'; it has {', '.join(header) or 'nothing'}")
    places = [header.index(column) if column is not None else None for column in columns]
    labels: dict[str, Label] = {}
    try:
        for row in rows:
            if not any(row):
                continue
            name, class_name, song, split = (
                row[place].strip() if place is not None and place < len(row) else "" for place in places
            )
            line = rows.line_num
            if not name or not class_name:
                log.add("label-empty", f"row without {'class' if name else 'clip name'}", "left it out", line=line)
            elif name in labels and labels[name].class_name != class_name:
                found = f"'{name}' is '{class_name}' here and '{labels[name].class_name}' in line {labels[name].line}"
                log.add("label-contradicts", found, "kept the first", line=line)
            elif name in labels:
                log.add("label-repeated", f"'{name}' occurs twice", "kept the first", line=line, severity="info")
            else:
                labels[name] = Label(name, class_name, song, split, line)
    except csv.Error as err:
        raise ImportMidiError(f"{path.name} line {rows.line_num}: {err}; expected comma-separated values") from err
    return list(labels.values())


def midi_files(src: Path) -> dict[str, Path]:
    """MIDI files below `src` by their POSIX path relative to it, sorted; hidden ones are left alone."""
    found = (p for suffix in MIDI_SUFFIXES for p in src.rglob(f"*{suffix}") if p.is_file())
    names = {path.relative_to(src).as_posix(): path for path in found}
    return {name: names[name] for name in sorted(names) if not name.startswith(".") and "/." not in name}


def match_files(
    labels: Sequence[Label], files: dict[str, Path], src: Path, log: ProblemLog
) -> list[tuple[Label, str, Path]]:
    """Find the file of every label: its name as a path below `src`, or as the stem of exactly one file.

    Returns
    -------
    label, path relative to `src`, and path of every clip, sorted by the label's name.
    """
    by_stem: dict[str, list[str]] = {}
    for name in files:
        by_stem.setdefault(Path(name).stem, []).append(name)
    clips, used = [], set()
    for label in labels:
        candidates = [label.name, *(label.name + suffix for suffix in MIDI_SUFFIXES)]
        found = [name for name in candidates if name in files]
        if not found and "/" not in label.name:
            stem = label.name if label.name in by_stem else Path(label.name).stem
            found = by_stem.get(stem, [])
        if len(found) != 1:
            try:
                inside(src, label.name, source="the folder of MIDI files")
                what = f"{len(found)} files called" if found else "no MIDI file"
                log.add("label-without-file", f"{what} '{label.name}'", "left the label out", line=label.line)
            except UnsafePathError as err:
                log.add("path-outside", str(err), "did not open it", line=label.line, severity="error")
            continue
        used.add(found[0])
        clips.append((label, found[0], files[found[0]]))
    unused = [name for name in files if name not in used]
    if unused:
        text = f"{len(unused)} of {len(files)} MIDI files have no label ({', '.join(unused[:3])}{', …' if len(unused) > 3 else ''})"
        log.add("file-without-label", text, "left them out", severity="info")
    return sorted(clips, key=lambda clip: clip[0].name)
