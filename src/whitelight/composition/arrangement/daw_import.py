"""An arrangement made in a DAW, read back: which part sounds in which bars."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from whitelight.composition.arrangement.daw_naming import PLAIN_STAGE, NamedClip, name_clips
from whitelight.composition.arrangement.daw_reading import DawExport, read_clips
from whitelight.composition.arrangement.model import STAGES, ArrangedBlock, Arrangement, PartUse
from whitelight.composition.arrangement.parts import Approved
from whitelight.music import Meter

_MIDDLE_ENERGY = 0.5  # a DAW export says nothing of it
SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class ImportedArrangement:
    """A DAW's arrangement.

    Attributes
    ----------
    export : the clips as they stand in the file, and how its last field was read.
    clips : the same with stage and part. arrangement : blocks cut where what sounds changes.
    """

    export: DawExport
    clips: tuple[NamedClip, ...]
    arrangement: Arrangement
    problems: tuple[str, ...]

    @property
    def n_bars(self) -> int:
        """Bars of the song."""
        return self.export.n_bars


def read_daw_export(
    path: Path, *, meter: Meter, tempo_bpm: float, approved: Approved | None = None
) -> ImportedArrangement:
    """Read an arrangement export of a DAW.

    Parameters
    ----------
    meter, tempo_bpm : of the song. approved : what clips are compared with; without it parts are called as clips are.

    Raises
    ------
    DawExportError : see `daw_reading.read_clips`.
    """
    export = read_clips(path, meter=meter, tempo_bpm=tempo_bpm)
    clips = name_clips(export.clips, approved or {})
    cuts = _cuts(clips)
    rounded = sorted({round(cut) for cut in cuts})
    problems = export.problems
    if any(cut.denominator > 1 for cut in cuts):
        problems = (*problems, "blocks of the arrangement begin at the nearest bar lines")
    return ImportedArrangement(export, clips, Arrangement(tuple(_blocks(clips, rounded)), ending="none"), problems)


def _cuts(clips: Sequence[NamedClip]) -> list[Fraction]:
    """Where blocks begin and end: where other parts sound than before, or everything that sounds begins anew."""
    edges = sorted({Fraction(0), *(c.clip.start_bar for c in clips), *(c.clip.end_bar for c in clips)})
    cuts, before = [edges[0]], _sounding(clips, edges[0])
    for edge in edges[1:]:
        sounding = _sounding(clips, edge)
        is_other = {_identity(c) for c in sounding} != {_identity(c) for c in before}
        if is_other or (sounding and all(c.clip.start_bar == edge for c in sounding)):
            cuts.append(edge)
        before = sounding
    return cuts if cuts[-1] == edges[-1] else [*cuts, edges[-1]]


def _identity(clip: NamedClip) -> tuple[str, str, str]:
    return (clip.stage, clip.part, clip.clip.track)


def _sounding(clips: Sequence[NamedClip], bar: Fraction | int) -> list[NamedClip]:
    return [clip for clip in clips if clip.clip.start_bar <= bar < clip.clip.end_bar]


def _blocks(clips: Sequence[NamedClip], cuts: Sequence[int]) -> list[ArrangedBlock]:
    blocks: list[ArrangedBlock] = []
    seen: Counter[str] = Counter()
    for start, end in pairwise(cuts):
        sounding = sorted(_sounding(clips, start), key=lambda c: (STAGES.index(c.stage), c.clip.line))
        section = _section(sounding)
        seen[section] += 1
        name = SILENCE if not sounding else f"{section} {seen[section]}"
        blocks.append(ArrangedBlock(name, section, end - start, _MIDDLE_ENERGY, _uses(sounding, start)))
    return blocks


def _section(sounding: Sequence[NamedClip]) -> str:
    """The section of the chords, else the one most parts come from."""
    chords = [clip.section for clip in sounding if clip.stage == PLAIN_STAGE]
    return (chords or [name for name, _ in Counter(clip.section for clip in sounding).most_common(1)] or [SILENCE])[0]


def _uses(sounding: Sequence[NamedClip], start: int) -> tuple[PartUse, ...]:
    """Every part once; one that began before the block goes on where it is."""
    uses: dict[tuple[str, str], PartUse] = {}
    for clip in sounding:
        from_bar = max(start - round(clip.clip.start_bar), 0)
        uses.setdefault((clip.stage, clip.part), PartUse(clip.stage, clip.part, from_bar))
    return tuple(uses.values())
