"""A cut-up in one go: the best of a few draws for a section, with its provenance."""

from collections.abc import Sequence
from dataclasses import dataclass

from whitelight.composition.context import SectionContext
from whitelight.composition.randomness import Rng
from whitelight.composition.white.craft import CutUpCraft
from whitelight.composition.white.genome import CutUpGenome
from whitelight.composition.white.joining import BarOrigin
from whitelight.composition.white.sources import SourcePart
from whitelight.music import Piece

N_DRAWS = 16


@dataclass(frozen=True, slots=True)
class CutUp:
    """A section made of other songs.

    Attributes
    ----------
    origins : where every bar came from. refused : (file, reason) of parts that do not fit.
    """

    genome: CutUpGenome
    piece: Piece
    origins: tuple[BarOrigin, ...]
    refused: tuple[tuple[str, str], ...]


def cut_up(
    sources: Sequence[SourcePart], context: SectionContext, rng: Rng, *, stage: str, n_draws: int = N_DRAWS
) -> CutUp:
    """Cut a section of one stage from other songs.

    Parameters
    ----------
    n_draws : candidates drawn; the one whose terms sum highest is kept.

    Raises
    ------
    NoFittingSourcesError : nothing fits the section's meter.
    """
    craft = CutUpCraft(context, sources, stage)
    genomes = [craft.compose(rng) for _ in range(max(n_draws, 1))]
    genome = max(genomes, key=lambda one: sum(value or 0.0 for value in craft.play(one).terms.values()))
    return CutUp(genome, craft.piece(genome), craft.origins(genome), craft.refused)
