"""What the report shows, as plain values: the page knows nothing of catalogs, scorers or MIDI files.

`whitelight.demo.report.adapters` makes these from what the other rooms return. Everything optional may be absent; the
page then says so in place of the figure.
"""

from dataclasses import dataclass

from whitelight.reporting.data import Candidate, ClassStyle, Evaluation


@dataclass(frozen=True, slots=True)
class SongRow:
    """One song of the catalog table; empty text and None are shown as a dash."""

    song_id: str
    title: str
    class_name: str | None
    musical_key: str
    meter: str
    tempo_bpm: float | None
    duration_s: float | None
    n_stems: int
    n_lyric_lines: int
    n_problems: int


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One finding of the catalog check."""

    file: str
    line: int
    code: str
    message: str
    action: str
    severity: str = "warning"  # "info" is worth knowing and normal


@dataclass(frozen=True, slots=True)
class MapPoint:
    """One song on the color map, already projected to two dimensions."""

    song_id: str
    title: str
    class_name: str
    x: float
    y: float
    estimated: str | None = None  # class the scorer gave it when it had not heard it


@dataclass(frozen=True, slots=True)
class ColorMap:
    """Songs by how the scorer hears them; `share` is the variance each drawn dimension holds."""

    points: tuple[MapPoint, ...]
    basis: str
    share: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ComposedSong:
    """A proposal and the candidates composed for it."""

    title: str
    class_name: str | None
    musical_key: str
    meter: str
    tempo_bpm: float
    concept: str
    folder: str
    candidates: tuple[Candidate, ...]
    n_generated: int
    match_sd: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportData:
    """The whole page."""

    title: str
    classes: tuple[ClassStyle, ...]
    songs: tuple[SongRow, ...]
    problems: tuple[ProblemRow, ...] = ()
    color_map: ColorMap | None = None
    evaluation: Evaluation | None = None
    composed: tuple[ComposedSong, ...] = ()
    next_steps: tuple[str, ...] = ()  # commands or sentences
    footer: str = ""
