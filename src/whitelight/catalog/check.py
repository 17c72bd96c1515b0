"""`catalog check`: everything a catalog holds and everything that is odd about it, as one report."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.catalog.media import check_audio, check_midi
from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.reader import read_catalog
from whitelight.catalog.song import Catalog, Problem
from whitelight.catalog.timecode import ENCODINGS, parse_stamp
from whitelight.ontology import Ontology
from whitelight.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class BeatDistance:
    """How far section boundaries lie from the beat of their manifest, over all files of one form of encoding.

    Attributes
    ----------
    form : "FFS", "0FF" or "ms".
    median_ms, as_milliseconds_ms : read as detected, and read as milliseconds.
    chance_ms : what times without any relation to the beat would give.
    """

    form: str
    n_files: int
    n_boundaries: int
    median_ms: float
    as_milliseconds_ms: float
    chance_ms: float


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `check_catalog` found."""

    catalog: Catalog
    problems: tuple[Problem, ...]
    beat_distances: tuple[BeatDistance, ...]

    @property
    def exit_code(self) -> int:
        """1 when a file, or a path in it, could not be used at all (severity "error"), else 0."""
        return int(any(problem.severity == "error" for problem in self.problems))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        songs = self.catalog.songs
        return {
            "songs": len(songs),
            "stems": sum(len(song.stems) for song in songs),
            "sections": sum(len(song.sections) for song in songs),
            "lyric_lines": sum(len(song.lyric_lines) for song in songs),
            "problems": [problem.to_dict() for problem in self.problems],
            "time_codes": [
                {
                    "file": c.file,
                    "encoding": c.encoding,
                    "confidence": c.confidence,
                    "offset_s": c.offset_s,
                    "source": c.source,
                    "tempo_bpm": c.tempo_bpm,
                    "on_beat": c.on_beat,
                }
                for c in self.catalog.time_codes
            ],
            "beat_distance_ms": {
                d.form: {
                    "files": d.n_files,
                    "boundaries": d.n_boundaries,
                    "median": d.median_ms,
                    "as_milliseconds": d.as_milliseconds_ms,
                    "chance": d.chance_ms,
                }
                for d in self.beat_distances
            },
        }


def check_catalog(
    path: Path,
    *,
    ontology: Ontology | str | Path | None = None,
    overrides: Path | None = None,
    progress: Progress = silent,
) -> CheckReport:
    """Read a catalog, every MIDI file and the beginning of every recording it names, and report what there is and what is wrong.

    Parameters
    ----------
    ontology, overrides : see `read_catalog`.
    """
    catalog = read_catalog(path, ontology=ontology, overrides=overrides, progress=progress)
    problems = [*catalog.problems, *_check_midi_files(catalog), *_check_recordings(catalog)]
    problems.sort(key=lambda problem: (problem.file, problem.line, problem.code))
    return CheckReport(catalog, tuple(problems), measure_beat_distances(catalog))


def measure_beat_distances(catalog: Catalog) -> tuple[BeatDistance, ...]:
    """Measure how far section boundaries are from the beat the manifest states, quarter notes from 0 s."""
    encodings = {codes.file: codes.encoding for codes in catalog.time_codes}
    decoded: dict[str, list[float]] = {}
    naive: dict[str, list[float]] = {}
    chance: dict[str, list[float]] = {}
    files: dict[str, int] = {}
    for song in catalog.songs:
        form = encodings.get(song.manifest_file, "").partition("@")[0]
        if not song.tempo_bpm or not form or not song.sections:
            continue
        beat_s = 60.0 / song.tempo_bpm
        files[form] = files.get(form, 0) + 1
        for section in song.sections:
            for code, seconds in ((section.start, section.start_s), (section.end, section.end_s)):
                stamp = parse_stamp(code.raw)
                if stamp is None or seconds <= 0:
                    continue
                decoded.setdefault(form, []).append(_to_beat(seconds, beat_s))
                naive.setdefault(form, []).append(_to_beat(ENCODINGS["ms"].seconds(stamp), beat_s))
                chance.setdefault(form, []).append(beat_s / 4)
    return tuple(
        BeatDistance(
            form,
            files[form],
            len(decoded[form]),
            *(round(1000 * float(np.median(table[form])), 1) for table in (decoded, naive, chance)),
        )
        for form in sorted(decoded)
    )


def _to_beat(seconds: float, beat_s: float) -> float:
    return abs(seconds - round(seconds / beat_s) * beat_s)


def _check_midi_files(catalog: Catalog) -> Iterator[Problem]:
    for song in catalog.songs:
        names = {stem.midi_file for stem in song.stems if stem.has_midi} | {song.main_midi_file}
        for name in sorted(name for name in names if name):
            log = ProblemLog(name)
            if (catalog.root / name).is_file():
                check_midi(catalog.root / name, log)
            yield from log.problems


def _check_recordings(catalog: Catalog) -> Iterator[Problem]:
    """Check the recordings of stems; what is wrong with that of the whole song is said by its manifest."""
    for song in catalog.songs:
        names = {stem.audio_file for stem in song.stems if stem.has_audio} - {song.main_audio_file}
        for name in sorted(name for name in names if name):
            log = ProblemLog(name)
            check_audio(catalog.root / name, log)
            yield from log.problems
