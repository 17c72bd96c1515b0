"""Labels of MIDI files: read from a CSV or from folder names, and matched with the files they mean."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows of a table of labels are wanted, and how much of a class's name.

    Attributes
    ----------
    where : column → values, one of which a row must hold; every column must agree. Empty: every row.
    class_until : the class is the text before this one ("jazz/funk" is jazz by "/"); empty: the whole text.
    """

    where: Mapping[str, frozenset[str]] = field(default_factory=dict)
    class_until: str = ""

    @classmethod
    def of(cls, where: Iterable[str], class_until: str = "") -> "Choice":
        """Read texts such as "beat_type=beat"; a column that occurs twice may hold either value.

        Raises
        ------
        ImportMidiError : a text without "=".
        """
        found: dict[str, frozenset[str]] = {}
        for text in where:
            column, equals, value = (part.strip() for part in text.partition("="))
            if not column or not equals:
                raise ImportMidiError(f"--where {text!r}; expected COLUMN=VALUE, such as split=train")
            found[column] = found.get(column, frozenset()) | {value}
        return cls(found, class_until)

    def class_of(self, text: str) -> str:
        """Return the class a cell of the column names."""
        return text.partition(self.class_until)[0].strip() if self.class_until else text


EVERYTHING = Choice()


def labels_from_folders(files: dict[str, Path]) -> list[Label]:
    """Label every file with the folder directly below the source it lies in; files beside those folders have none."""
    found = []
    for name in files:
        first, _, rest = name.partition("/")
        if rest:
            found.append(Label(name, first, "", "", 0))
    return found


def labels_from_csv(
    path: Path, columns: Sequence[str | None], log: ProblemLog, choice: Choice = EVERYTHING
) -> list[Label]:
    """Read a CSV of labels.

    Parameters
    ----------
    columns : titles of the columns of clip, class, song and split; None for one that is not wanted.
    choice : which rows.
    """
    rows = csv.reader(io.StringIO(read_text(path), newline=""))
    header = [name.strip() for name in next(rows, [])]
    for column in (*columns, *choice.where):
        if column is not None and column not in header:
            raise ImportMidiError(f"{path.name}: no column '{column}'; it has {', '.join(header) or 'nothing'}")
    places = [header.index(column) if column is not None else None for column in columns]
    wanted = {header.index(column): values for column, values in choice.where.items()}
    labels: dict[str, Label] = {}
    n_rows = n_others = 0
    try:
        for row in rows:
            if not any(row):
                continue
            n_rows += 1
            if any(_cell(row, place) not in values for place, values in wanted.items()):
                n_others += 1
                continue
            name, class_name, song, split = (_cell(row, place) for place in places)
            _add_label(labels, Label(name, choice.class_of(class_name), song, split, rows.line_num), log)
    except csv.Error as err:
        raise ImportMidiError(f"{path.name} line {rows.line_num}: {err}; expected comma-separated values") from err
    if n_others:
        asked = ", ".join(f"{column}={'|'.join(sorted(values))}" for column, values in choice.where.items())
        log.add("label-not-asked", f"{n_others} of {n_rows} rows are not {asked}", "left them out", severity="info")
    return list(labels.values())


def _cell(row: Sequence[str], place: int | None) -> str:
    """Return a cell of a row, empty where the row or the column is not there."""
    return row[place].strip() if place is not None and place < len(row) else ""


def _add_label(labels: dict[str, Label], label: Label, log: ProblemLog) -> None:
    """Keep a label unless it is empty or its clip has one already."""
    known = labels.get(label.name)
    if not label.name or not label.class_name:
        log.add("label-empty", f"row without {'class' if label.name else 'clip name'}", "left it out", line=label.line)
    elif known is None:
        labels[label.name] = label
    elif known.class_name != label.class_name:
        found = f"'{label.name}' is '{label.class_name}' here and '{known.class_name}' in line {known.line}"
        log.add("label-contradicts", found, "kept the first", line=label.line)
    else:
        log.add("label-repeated", f"'{label.name}' occurs twice", "kept the first", line=label.line, severity="info")


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
