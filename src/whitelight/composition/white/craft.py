"""A stage made of other songs, as a craft: what `search` needs, in the terms of cut-ups."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from whitelight.composition.clashes import clash_frame
from whitelight.composition.context import SectionContext
from whitelight.composition.craft import Played
from whitelight.composition.form import SectionPlan
from whitelight.composition.randomness import Rng
from whitelight.composition.white import drawing, operators
from whitelight.composition.white.bench import set_up
from whitelight.composition.white.genome import CutUpGenome
from whitelight.composition.white.joining import BarOrigin, joined, lay, origins
from whitelight.composition.white.library import build_library
from whitelight.composition.white.settling import settled
from whitelight.composition.white.sources import CUT_STAGES, NoFittingSourcesError, SourcePart
from whitelight.composition.white.theory import Heard, measures, ranges, theory_terms
from whitelight.music import Piece, write_midi

_VIEWS = {"harmony": "full"}  # others are heard as what they are


class CutUpCraft:
    """One stage of one section, cut from approved parts of other songs; see `craft.Craft`.

    Parameters
    ----------
    context : the section, with what was approved before. sources : parts of any stage; those of `stage` are used.

    Raises
    ------
    NoFittingSourcesError : nothing fits the meter; the message says why.
    """

    def __init__(self, context: SectionContext, sources: Sequence[SourcePart], stage: str) -> None:
        if stage not in CUT_STAGES:
            raise NoFittingSourcesError(f"stage '{stage}' cannot be cut up; expected one of {', '.join(CUT_STAGES)}")
        self.context, self.stage = context, stage
        self.library = build_library(tuple(sources), stage, context.key, context.meter)
        self._bench = set_up(context, self.library, stage)
        self._frame = clash_frame(context)

    @property
    def view(self) -> str:
        """Judged as the stage it stands for."""
        return _VIEWS.get(self.stage, self.stage)

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """The measures of `theory`."""
        return ranges(self.stage)

    @property
    def section(self) -> SectionPlan:
        """What is composed."""
        return self.context.section

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """Source files that do not fit, each with the reason."""
        return self.library.refused

    def compose(self, rng: Rng) -> CutUpGenome:
        """Cut one from nothing but the sources."""
        return drawing.compose(self._bench, rng)

    def mutate(self, genome: CutUpGenome, rng: Rng) -> CutUpGenome:
        """Change a bar or two, or the plan."""
        return operators.mutate(self._bench, genome, rng)

    def cross(self, first: CutUpGenome, second: CutUpGenome, rng: Rng) -> CutUpGenome:
        """Bars of both by the plan of one."""
        return operators.cross(self._bench, first, second, rng)

    def again(self, genome: CutUpGenome) -> CutUpGenome:
        """The same: a cut-up keeps the touch of its sources and adds none of its own."""
        return genome

    def piece(self, genome: CutUpGenome) -> Piece:
        """The music of a genome."""
        return self._settled(joined(lay(genome, self.library, self.context), self.library, self.context))

    def _settled(self, cut: Piece) -> Piece:
        return settled(cut, self.stage, self._frame)

    def play(self, genome: CutUpGenome) -> Played:
        """Lay a genome out to the bytes that will be scored and written; terms tell how its bars fit as they were cut."""
        laid = lay(genome, self.library, self.context)
        cut = joined(laid, self.library, self.context)
        heard = Heard(genome, laid, cut, self._bench, self._frame)
        return Played(write_midi(self._settled(cut)), theory_terms(heard), measures(heard))

    def idea(self, genome: CutUpGenome) -> tuple[Hashable, ...]:
        """The bars, in order."""
        return tuple(genome.bars)

    def origins(self, genome: CutUpGenome) -> tuple[BarOrigin, ...]:
        """Where every bar came from."""
        return origins(lay(genome, self.library, self.context), self.context)

    def facts(self, genome: CutUpGenome) -> dict[str, Any]:
        """The plan, how many songs, and where every bar came from."""
        told = self.origins(genome)
        return {
            "plan": " ".join(chr(ord("A") + unit) for unit in genome.plan),
            "songs": len({origin.song for origin in told}),
            "cut_from": [origin.text for origin in told],
        }
