"""The lyric stage: words on the approved melody, out of the songwriter's own; `craft.STAGE` is the whole of it."""

from whitelight.composition.lyrics.asking import Offer, ask_for_lines
from whitelight.composition.lyrics.chat import Endpoint, LanguageModelError, Usage
from whitelight.composition.lyrics.craft import STAGE, LyricCraft
from whitelight.composition.lyrics.drafts import read_edits, record_edit, words_of
from whitelight.composition.lyrics.fitting import Fit, fit_words, genome_of_text, sing
from whitelight.composition.lyrics.genome import LyricGenome, candidate_text, genome_from_dict
from whitelight.composition.lyrics.learning import (
    LyricStyle,
    catalog_lines,
    dataset_lines,
    learn_words,
    style_of_dataset,
)
from whitelight.composition.lyrics.llm import LlmAnswer, LlmLyricist, with_offered
from whitelight.composition.lyrics.lrc import to_lrc
from whitelight.composition.lyrics.phrases import NoMelodyError, find_phrases
from whitelight.composition.lyrics.repeats import RepeatKind
from whitelight.composition.lyrics.setting import LyricBrief

__all__ = [
    "STAGE",
    "Endpoint",
    "Fit",
    "LanguageModelError",
    "LlmAnswer",
    "LlmLyricist",
    "LyricBrief",
    "LyricCraft",
    "LyricGenome",
    "LyricStyle",
    "NoMelodyError",
    "Offer",
    "RepeatKind",
    "Usage",
    "ask_for_lines",
    "candidate_text",
    "catalog_lines",
    "dataset_lines",
    "find_phrases",
    "fit_words",
    "genome_from_dict",
    "genome_of_text",
    "learn_words",
    "read_edits",
    "record_edit",
    "sing",
    "style_of_dataset",
    "to_lrc",
    "with_offered",
    "words_of",
]
