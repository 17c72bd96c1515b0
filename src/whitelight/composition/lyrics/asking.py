"""Asking a language model for lines for every part of a song before its words are searched."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.composition.approved import approved_parts, contexts_for
from whitelight.composition.lyrics.chat import Usage
from whitelight.composition.lyrics.craft import STAGE, brief_song
from whitelight.composition.lyrics.llm import LlmLyricist, with_offered
from whitelight.composition.lyrics.phrases import find_phrases
from whitelight.composition.lyrics.setting import LyricBrief
from whitelight.composition.song_sheet import read_song_sheet


@dataclass(frozen=True, slots=True)
class Offer:
    """What a model offered for a song.

    Attributes
    ----------
    brief : of the song, with the lines. dropped : why → how many lines were not kept. usage : of all requests.
    """

    brief: LyricBrief
    dropped: Mapping[str, int]
    usage: Usage

    def __str__(self) -> str:
        left_out = ", ".join(f"{n} {why}" for why, n in self.dropped.items())
        return f"{len(self.brief.offered)} lines offered ({self.usage}){'; left out: ' + left_out if left_out else ''}"


def ask_for_lines(
    folder: Path, lyricist: LlmLyricist, style: Any, *, sections: Sequence[str] = (), n_candidates: int = 6
) -> Offer:
    """Ask for lines for every section and variant that has an approved melody.

    Parameters
    ----------
    style : what the user's lyrics taught, None without. n_candidates : lines for each phrase.

    Raises
    ------
    NothingApprovedError : no melody is approved. LanguageModelError : the endpoint does not answer as it should.
    """
    sheet = read_song_sheet(folder)
    brief = brief_song(style, sheet.title, sheet.concept)
    dropped, usages = Counter[str](), list[Usage]()
    for context in contexts_for(sheet, approved_parts(folder, sheet.form.sections), STAGE, sections):
        phrases = find_phrases(context.notes_of("melody"), context)
        answer = lyricist.propose(phrases, brief, role=context.section.role, n_candidates=n_candidates, seed=sheet.seed)
        brief = with_offered(brief, answer)
        dropped.update(answer.dropped)
        usages.append(answer.usage)
    return Offer(brief, dict(dropped), _summed(usages))


def _summed(usages: Sequence[Usage]) -> Usage:
    costs = [usage.cost for usage in usages if usage.cost is not None]
    return Usage(
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        requests=sum(usage.requests for usage in usages),
        cost=sum(costs) if costs else None,
    )
