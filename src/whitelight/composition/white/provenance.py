"""`provenance.yml`: of every bar of a cut-up song, which bar of which song it was."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from whitelight.composition.production import write_when_new
from whitelight.composition.white.genome import Cut, CutUpGenome, tidy
from whitelight.composition.white.joining import BarOrigin
from whitelight.files import load_yaml

PROVENANCE_FILE = "provenance.yml"
_HEADER = "# Written by whitelight: where every bar was cut from. Bars and groups count from 1.\n"


def provenance_text(parts: Mapping[str, Sequence[BarOrigin]]) -> str:
    """Return the file: part ("chords/verse_a") → one line per stretch, parts in order of their names."""
    return _HEADER + "".join(f"{line}\n" for line in _lines(parts))


def _lines(parts: Mapping[str, Sequence[BarOrigin]]) -> Iterator[str]:
    for part in sorted(parts):
        yield f"{json.dumps(part, ensure_ascii=False)}:"
        yield from (f"  - {json.dumps(origin.to_dict(), ensure_ascii=False)}" for origin in parts[part])


def write_provenance(folder: Path, parts: Mapping[str, Sequence[BarOrigin]]) -> bool:
    """Write `provenance.yml` of a production folder; return whether it changed."""
    return write_when_new(folder / PROVENANCE_FILE, provenance_text(parts).encode())


def read_provenance(path: Path) -> dict[str, tuple[BarOrigin, ...]]:
    """Read the file again; raises UnreadableFileError like any YAML."""
    return {part: tuple(BarOrigin(**origin) for origin in told) for part, told in load_yaml(path).items()}


def genome_of(told: Sequence[BarOrigin]) -> CutUpGenome:
    """The genome that lays exactly these bars; with the same sources it sounds the same."""
    bars: dict[int, list[Cut]] = {}
    for origin in told:
        cut = Cut(origin.file, origin.source_bar - 1, origin.first_group - 1, origin.n_groups)
        bars.setdefault(origin.bar, []).append(cut)
    units = tuple(tuple(bars[bar]) for bar in sorted(bars))
    return tidy(units, tuple(range(len(units))))
