"""Making a catalog from labelled MIDI files: a CSV of labels, or one folder per class.

Each clip becomes a song of its own: `<id>/<id>.yml` with the MIDI beside it. The source song it was cut from is its
`group_id`, the unit of every split, so that clips of one song never stand on both sides. The catalog is built in a
folder beside the wanted one and renamed when it is complete.
"""

import io
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil
from pathlib import Path
from typing import Any

from whitelight.catalog.labels import (
    EVERYTHING,
    MIDI_SUFFIXES,
    Choice,
    ImportMidiError,
    Label,
    labels_from_csv,
    labels_from_folders,
    match_files,
    midi_files,
)
from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.settings import SETTINGS_FILE
from whitelight.catalog.song import Problem
from whitelight.music import MidiError, Piece, read_midi
from whitelight.ontology import Ontology, UnknownClassError, load_ontology, ontology_from_classes, shipped_ontologies
from whitelight.progress import Progress, silent

MARKER = "imported.txt"  # says that a folder was made by an import and may be replaced by one


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What `import_midi` did."""

    n_clips: int
    n_songs: int
    clips_by_class: dict[str, int]
    clips_by_split: dict[str, int]
    ontology: str
    problems: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return {
            "clips": self.n_clips,
            "songs": self.n_songs,
            "classes": self.clips_by_class,
            "splits": self.clips_by_split,
            "ontology": self.ontology,
            "problems": [problem.to_dict() for problem in self.problems],
        }


def import_midi(
    src: Path,
    labels_csv: Path | None = None,
    *,
    id_column: str | None = None,
    class_column: str | None = None,
    song_column: str | None = None,
    split_column: str | None = None,
    where: Sequence[str] = (),
    class_until: str = "",
    ontology: str = "auto",
    out: Path,
    progress: Progress = silent,
) -> ImportReport:
    """Make a catalog of labelled MIDI files.

    Parameters
    ----------
    src : folder of the MIDI files; without a CSV each folder directly below it is a class.
    id_column : clip names or paths below `src`, with or without suffix.
    class_column, song_column, split_column : what the clip is, was cut from, and is used for.
    where : "COLUMN=VALUE": take the rows of the CSV that say so; a column named twice may hold either value.
    class_until : take the class up to this text, so that "jazz/funk" is jazz by "/"; empty: the whole text.
    ontology : shipped name, YAML file, or "auto": one axis with one mode per class found.
    out : folder of the catalog; replaced when an earlier import made it, refused when anything else did.

    Raises
    ------
    ImportMidiError : nothing to import, a column that is not there, `out` holds something else.
    """
    src, out = Path(src), Path(out)
    if not src.is_dir():
        raise ImportMidiError(f"{src}: no such folder; give the folder that holds the MIDI files")
    _refuse_foreign(out)
    files = midi_files(src)
    log = ProblemLog(labels_csv.name if labels_csv is not None else ".")
    columns = (id_column, class_column, song_column, split_column)
    labels, axis = _labels(files, labels_csv, columns, Choice.of(where, class_until), log)
    clips = match_files(labels, files, src, log)
    known, named = _choose_ontology(ontology, axis, [label.class_name for label, _, _ in clips])
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        written = _write_clips(building, clips, known, log, progress)
        if not written:
            raise ImportMidiError(_nothing_imported(src, log))
        _write_settings(building, known, named)
        building.chmod(0o755)
        _swap(building, out)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return ImportReport(
        n_clips=len(written),
        n_songs=len({label.song for label in written}),
        clips_by_class=_tally(label.class_name for label in written),
        clips_by_split=_tally(label.split for label in written if label.split),
        ontology=known.name,
        problems=tuple(log.problems),
    )


def _labels(
    files: dict[str, Path],
    labels_csv: Path | None,
    columns: tuple[str | None, str | None, str | None, str | None],
    choice: Choice,
    log: ProblemLog,
) -> tuple[list[Label], str]:
    """Return the labels, of a table or of folders, and what the axis they speak of is called."""
    if labels_csv is None:
        if choice != EVERYTHING:
            raise ImportMidiError(
                "--where and --class-until choose among the rows of a labels file; give it with --labels"
            )
        return labels_from_folders(files), "class"
    id_column, class_column, *_ = columns
    if id_column is None or class_column is None:
        raise ImportMidiError("a labels file needs --id-column and --class-column, the columns of clip and class")
    return labels_from_csv(Path(labels_csv), columns, log, choice), class_column


def _choose_ontology(named: str, axis: str, class_names: Sequence[str]) -> tuple[Ontology, str | None]:
    """Return the ontology, and its name when a reader can load it by that."""
    if named != "auto":
        known = load_ontology(named)
        return known, known.name if named in shipped_ontologies() else None
    classes = sorted(set(class_names))
    if len(classes) < 2:
        raise ImportMidiError(
            f"found {len(classes)} classes ({', '.join(classes)}); two are needed to tell anything apart"
        )
    return ontology_from_classes(axis, classes), None


def _write_clips(
    building: Path, clips: Sequence[tuple[Label, str, Path]], ontology: Ontology, log: ProblemLog, progress: Progress
) -> list[Label]:
    written: list[Label] = []
    taken: set[str] = set()
    for done, (label, name, path) in enumerate(clips, 1):
        try:
            class_name = ontology.resolve_class(label.class_name).name
            data = path.read_bytes()
            piece = read_midi(data)
        except UnknownClassError as err:
            log.add("class-unknown", str(err), "left the clip out", line=label.line)
        except (MidiError, OSError) as err:
            log.problems.append(Problem(name, 0, "midi-unreadable", str(err), "left the clip out", "error"))
        else:
            clip_id = _safe_id(label.name, taken)
            song = _safe_text(label.song) or clip_id
            folder = building / clip_id
            folder.mkdir()
            (folder / f"{clip_id}.mid").write_bytes(data)
            (folder / f"{clip_id}.yml").write_text(_manifest(clip_id, class_name, song, label, piece), encoding="utf-8")
            written.append(Label(clip_id, class_name, song, label.split, label.line))
        progress(done, len(clips))
    return written


def _nothing_imported(src: Path, log: ProblemLog) -> str:
    """Say why no clip is left: the problem that took most of them."""
    if not log.problems:
        return (
            f"no labelled MIDI file below {src.name}/; expected .mid files named in the labels or in a folder per class"
        )
    most = max(log.problems, key=lambda problem: sum(other.code == problem.code for other in log.problems))
    return f"no clip of {src.name}/ can be imported ({len(log.problems)} problems); {most.message}"


def _safe_id(name: str, taken: set[str]) -> str:
    """Make a folder name of a clip's name: no slashes, no leading '-' or '.', none of them twice without regard to case."""
    stem = name.removesuffix(next((suffix for suffix in MIDI_SUFFIXES if name.endswith(suffix)), ""))
    base = re.sub(r"[^A-Za-z0-9._\-]+", "_", stem).strip(".")[-100:] or "clip"
    base = f"c{base}" if base[0] in "-." else base
    unique = next(
        n for n in (base, *(f"{base}~{k}".replace("~", "-v") for k in range(2, 10_000))) if n.lower() not in taken
    )
    taken.add(unique.lower())
    return unique


def _running_time(seconds: float) -> str:
    """Write a duration to the microsecond, rounded up so that no note ends after it."""
    microseconds = ceil(seconds * 1e6 - 1e-3)
    return f"[{microseconds // 60_000_000:02d}:{microseconds % 60_000_000 / 1e6:09.6f}]"


def _safe_text(text: str) -> str:
    return " ".join(text.split())


def _manifest(clip_id: str, class_name: str, song: str, label: Label, piece: Piece) -> str:
    """Write a clip's manifest; every text is quoted, so that nothing in a label can change the file's meaning."""
    fields: dict[str, Any] = {
        "manifest_id": clip_id,
        "title": label.name,
        "rainbow_color": class_name,
        "group_id": song,
        "split": label.split,
    }
    fields["bpm"] = round(piece.tempo_map.tempo_bpm_at(0), 3)
    if piece.meters:
        fields["tempo"] = str(piece.meters[0].meter)
    if piece.keys:
        fields["key"] = str(piece.keys[0].key)
    fields["time_code"] = "ms"
    fields["TRT"] = _running_time(piece.duration_s)
    lines = [f"{name}: {_quoted(value)}" for name, value in fields.items() if value not in ("", None)]
    lines += [f"main_midi_file: {_quoted(clip_id + '.mid')}", "audio_tracks:", "  - id: 1"]
    lines += ['    description: "full mix"', f"    midi_file: {_quoted(clip_id + '.mid')}"]
    return "\n".join(lines) + "\n"


def _quoted(value: Any) -> str:
    """Return a YAML 1.2 scalar: a number as it is, a text in double quotes (JSON strings are YAML)."""
    if isinstance(value, int | float):
        return f"{value:g}" if float(value).is_integer() else f"{value}"
    text = "".join(char if char.isprintable() else " " for char in str(value))
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _write_settings(building: Path, ontology: Ontology, named: str | None) -> None:
    from ruamel.yaml import YAML  # noqa: PLC0415  only an import writes YAML

    buffer = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False  # lines, so that people can add theirs below, the license first of all
    writer.dump({"ontology": named if named is not None else ontology.to_dict()}, buffer)
    (building / SETTINGS_FILE).write_text(buffer.getvalue(), encoding="utf-8")
    (building / MARKER).write_text("This folder was made by `whitelight catalog import-midi`.\n", encoding="utf-8")


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not (out.is_dir() and ((out / MARKER).is_file() or not any(out.iterdir()))):
        raise ImportMidiError(f"{out} exists and no import made it; give a new folder with --out")


def _swap(building: Path, out: Path) -> None:
    """Put the new folder in the place of the old one; at no moment is a half-written catalog there."""
    old = None
    if out.exists():
        old = next(p for k in count() if not (p := out.with_name(f".{out.name}.old{k}")).exists())
        out.rename(old)
    building.rename(out)
    if old is not None:
        shutil.rmtree(old)


def _tally(names: Iterator[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))
