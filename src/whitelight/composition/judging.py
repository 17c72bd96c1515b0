"""Who judges a song, and for what: the scorer and its target, or theory alone with the reason said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from whitelight.composition.craft import Played
from whitelight.composition.scorer import VELOCITY, VIEW, BatchScorer, Chromatic, DeafScorer, score_in_order
from whitelight.composition.taste import TasteOfStage, taste_of_stage
from whitelight.errors import WhitelightError
from whitelight.scoring import Candidate
from whitelight.scoring.release import refuse_unfit
from whitelight.scoring.taste import Taste


class NoCandidatesError(WhitelightError):
    """Nothing could be composed or scored."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A scorer and what it is asked for.

    Attributes
    ----------
    goal : target in the scorer's terms, None when theory decides alone.
    doubts : what people should know about it. taste : of the human, in this stage; None composes without.
    """

    scorer: BatchScorer
    goal: Any
    doubts: tuple[str, ...] = ()
    taste: TasteOfStage | None = None

    @property
    def target(self) -> str | None:
        """The goal in words."""
        return None if self.goal is None else str(getattr(self.goal, "text", self.goal))

    @property
    def ontology(self) -> Any:
        """Ontology of the scorer, None when it has none."""
        return getattr(self.scorer, "ontology", None)

    def hear(self, files: Sequence[bytes], *, view: str = VIEW, lyrics: Sequence[str] = ()) -> list[Chromatic]:
        """Score files in their order; the words instead of the music when there are words."""
        return score_in_order(self.scorer, files, self.goal, view=view, lyrics=lyrics)

    def with_taste(self, taste: Taste | None, stage: str) -> "Judge":
        """The same with a human's taste beside the scorer; raises UnusableTasteError for one that is chance."""
        own, doubts = taste_of_stage(taste, stage)
        return replace(self, taste=own, doubts=(*self.doubts, *doubts))

    def likes(self, played: Sequence[Played]) -> list[float] | None:
        """What the human would say of each candidate, log-odds; None without a taste."""
        return None if self.taste is None else self.taste.of(played)


def choose_judge(
    scorer: BatchScorer, *, class_name: str | None, target: Any, probe: Played, view: str = VIEW, force: bool = False
) -> Judge:
    """Decide who judges.

    A class that the scorer cannot judge (it never heard it, or was trained on words alone) is left out, and that is
    said; an explicit `target` that cannot be judged is refused. `probe` is any candidate to try it on.

    Raises
    ------
    NoCandidatesError : a target was asked for and the scorer cannot judge music.
    GateError : the scorer did not pass its release gate, or is a judge of others, and `force` is not set.
    """
    goal = target if target is not None else class_name or None
    try:
        material = Candidate(lyrics=probe.lyrics) if probe.lyrics else probe.midi
        verdicts = scorer.score_batch([material, material], goal, view=view, velocity=VELOCITY)
    except WhitelightError as err:
        if target is not None:
            raise
        return Judge(scorer, None, (f"{err}; composed by theory alone",))
    deaf = verdicts[0].error if all(verdict.error for verdict in verdicts) else None
    what = "lyrics" if probe.lyrics else "music"
    if deaf and target is not None and not probe.lyrics:
        raise NoCandidatesError(
            f"target '{target}': the scorer cannot judge music ({deaf}); train it on songs with MIDI"
        )
    if deaf:
        return Judge(DeafScorer(), None, (f"the scorer cannot judge {what} ({deaf}); composed by theory alone",))
    if goal is None:  # nobody asks the scorer, so it need not be fit
        return Judge(scorer, None, ("the proposal names no class; composed by theory alone",))
    refuse_unfit(scorer, force=force)
    return Judge(scorer, goal)
