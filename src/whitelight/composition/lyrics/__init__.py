"""The lyric stage: words on the approved melody, out of the songwriter's own; `craft.STAGE` is the whole of it."""

from whitelight.composition.lyrics.craft import STAGE, LyricCraft
from whitelight.composition.lyrics.genome import LyricGenome, candidate_text, genome_from_dict
from whitelight.composition.lyrics.learning import LyricStyle, catalog_lines, dataset_lines, learn_words
from whitelight.composition.lyrics.phrases import NoMelodyError, find_phrases
from whitelight.composition.lyrics.repeats import RepeatKind
from whitelight.composition.lyrics.setting import LyricBrief

__all__ = [
    "STAGE",
    "LyricBrief",
    "LyricCraft",
    "LyricGenome",
    "LyricStyle",
    "NoMelodyError",
    "RepeatKind",
    "candidate_text",
    "catalog_lines",
    "dataset_lines",
    "find_phrases",
    "genome_from_dict",
    "learn_words",
]
