"""From approved to used: what a song kept, in a DAW, of what was approved for it, and what came in beside."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

from whitelight.composition.arrangement.arrangement_file import ARRANGEMENT_FILE, read_arrangement
from whitelight.composition.arrangement.daw_import import SILENCE, ImportedArrangement
from whitelight.composition.arrangement.daw_naming import NamedClip
from whitelight.composition.arrangement.model import STAGES, Arrangement
from whitelight.composition.arrangement.parts import approved_parts, part_names, part_path
from whitelight.composition.arrangement.planning import plan_arrangement
from whitelight.composition.production import slug
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.music import read_midi


@dataclass(frozen=True, slots=True)
class PartDrift:
    """What became of one approved part, or of a clip that was never approved.

    Attributes
    ----------
    approved_bars : its length as approved, None when it was not. n_clips : clips of it. used_bars : bars it sounds.
    clip_bars : lengths of its clips, each once.
    """

    stage: str
    part: str
    approved_bars: int | None
    n_clips: int
    used_bars: float
    clip_bars: tuple[float, ...]

    @property
    def is_other_length(self) -> bool:
        """Whether some clip of it is neither as long as what was approved nor a repeat of it."""
        length = self.approved_bars
        return length is not None and any(bars % length != 0 for bars in self.clip_bars)


@dataclass(frozen=True, slots=True)
class DriftReport:
    """Approved → used.

    Attributes
    ----------
    used : approved parts that sound. never_used : approved, not in the song. never_approved : in the song, not approved.
    planned_sections, used_sections : in order, neighbors of one name once.
    planned_bars, used_bars : of the song.
    """

    used: tuple[PartDrift, ...]
    never_used: tuple[PartDrift, ...]
    never_approved: tuple[PartDrift, ...]
    planned_sections: tuple[str, ...]
    used_sections: tuple[str, ...]
    planned_bars: int
    used_bars: int

    @property
    def other_lengths(self) -> tuple[PartDrift, ...]:
        """Used parts whose clips have another length than what was approved."""
        return tuple(part for part in self.used if part.is_other_length)

    @property
    def is_reordered(self) -> bool:
        """Whether sections come in another order than planned."""
        return self.planned_sections != self.used_sections

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            name: [_plain(part) for part in getattr(self, name)] for name in ("used", "never_used", "never_approved")
        } | {
            "other_lengths": [f"{part.stage}/{part.part}" for part in self.other_lengths],
            "planned_sections": list(self.planned_sections),
            "used_sections": list(self.used_sections),
            "reordered": self.is_reordered,
            "planned_bars": self.planned_bars,
            "used_bars": self.used_bars,
        }

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        n_approved = len(self.used) + len(self.never_used)
        yield f"{len(self.used)} of {n_approved} approved parts are used, {len(self.never_used)} never"
        for part in self.used:
            yield f"  {part.stage} {part.part}: {part.n_clips} clips, {part.used_bars:g} bars"
        yield from (f"  {part.stage} {part.part}: never used" for part in self.never_used)
        if self.never_approved:
            yield f"{len(self.never_approved)} used parts were never approved"
        yield from (
            f"  {part.stage} {part.part}: {part.n_clips} clips, {part.used_bars:g} bars" for part in self.never_approved
        )
        for part in self.other_lengths:
            lengths = ", ".join(f"{bars:g}" for bars in part.clip_bars)
            yield f"{part.stage} {part.part}: {part.approved_bars} bars approved, clips of {lengths} bars"
        if self.is_reordered:
            yield f"planned: {' '.join(self.planned_sections)}"
            yield f"used:    {' '.join(self.used_sections)}"
        yield f"{self.planned_bars} bars planned, {self.used_bars} used"


def drift(folder: Path, imported: ImportedArrangement) -> DriftReport:
    """Compare a DAW's arrangement with what is approved in a production folder.

    Parameters
    ----------
    imported : read with `approved=approved_parts(folder)`, so that its clips were compared with those parts.

    Raises
    ------
    SongSheetError, ArrangementError, MidiError : the folder cannot be read.
    """
    approved, sheet = approved_parts(folder), read_song_sheet(folder)
    by_part: dict[tuple[str, str], list[NamedClip]] = {}
    for clip in imported.clips:
        by_part.setdefault((clip.stage, clip.part), []).append(clip)
    known = [(stage, part) for stage in STAGES for part in part_names(approved, stage)]
    bar_beats = sheet.meter.beats_per_bar
    used: list[PartDrift] = []
    never_used: list[PartDrift] = []
    for stage, part in known:
        clips = by_part.get((stage, part), [])
        found = _part(stage, part, clips, _bars_of(part_path(folder, stage, part), bar_beats))
        (used if clips else never_used).append(found)
    strange = [_part(*key, clips, None) for key, clips in by_part.items() if key not in set(known)]
    has_plan = (folder / ARRANGEMENT_FILE).exists()
    planned = read_arrangement(folder) if has_plan else plan_arrangement(sheet, approved)
    return DriftReport(
        used=tuple(used),
        never_used=tuple(never_used),
        never_approved=tuple(strange),
        planned_sections=_sections(planned),
        used_sections=_sections(imported.arrangement),
        planned_bars=planned.n_bars,
        used_bars=imported.n_bars,
    )


def _part(stage: str, part: str, clips: Sequence[NamedClip], approved_bars: int | None) -> PartDrift:
    lengths = Counter(float(clip.clip.n_bars) for clip in clips)
    return PartDrift(
        stage, part, approved_bars, len(clips), sum(n * bars for bars, n in lengths.items()), tuple(sorted(lengths))
    )


def _bars_of(path: Path, bar_beats: Fraction) -> int:
    """Bars of an approved file, the last one counted whole."""
    piece = read_midi(path)
    bars = Fraction(piece.end_tick, piece.ticks_per_beat) / bar_beats
    return max(-(-bars.numerator // bars.denominator), 1)


def _sections(arrangement: Arrangement) -> tuple[str, ...]:
    names = (slug(block.section) for block in arrangement.blocks)
    return tuple(name for name, _ in groupby(name for name in names if name != SILENCE))


def _plain(part: PartDrift) -> dict[str, Any]:
    return {
        "stage": part.stage,
        "part": part.part,
        "approved_bars": part.approved_bars,
        "clips": part.n_clips,
        "bars": part.used_bars,
        "clip_bars": list(part.clip_bars),
    }
