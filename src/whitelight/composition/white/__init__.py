"""Cut-ups: sections made of approved bars of other songs, re-keyed by mode, with the origin of every bar.

Not a stage but another craft for the stages there are: `CutUpCraft(context, sources, stage)`.
"""

from whitelight.composition.white.craft import CutUpCraft
from whitelight.composition.white.cutting import CutUp, cut_up
from whitelight.composition.white.genome import Cut, CutUpGenome, genome_from_dict, is_cut_up
from whitelight.composition.white.joining import BarOrigin
from whitelight.composition.white.provenance import genome_of, provenance_text, read_provenance, write_provenance
from whitelight.composition.white.rekeying import rekey_pitch
from whitelight.composition.white.sources import CUT_STAGES, NoFittingSourcesError, SourcePart, read_sources

__all__ = [
    "CUT_STAGES",
    "BarOrigin",
    "Cut",
    "CutUp",
    "CutUpCraft",
    "CutUpGenome",
    "NoFittingSourcesError",
    "SourcePart",
    "cut_up",
    "genome_from_dict",
    "genome_of",
    "is_cut_up",
    "provenance_text",
    "read_provenance",
    "read_sources",
    "rekey_pitch",
    "write_provenance",
]
