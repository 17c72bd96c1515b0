"""What the command line and the studio do alike around a stage: learn its styles, adopt files made by hand, compose."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.composition.adoption import adopt
from whitelight.composition.catalog_styles import learn_styles
from whitelight.composition.composing import compose_stage
from whitelight.composition.evolution import evolve, regenerate
from whitelight.composition.report import StageReport
from whitelight.composition.section_search import Effort
from whitelight.composition.song_sheet import SongSheet, read_song_sheet
from whitelight.composition.status import OPEN, song_status
from whitelight.ontology import Ontology, Target
from whitelight.progress import Progress, silent
from whitelight.scoring import ChromaticScorer
from whitelight.scoring.taste import Taste


def learned_styles(dataset: Path, sheet: SongSheet, ontology: Ontology, stages: Collection[str]) -> dict[str, Any]:
    """What the songs of a dataset that belong to a song's target teach these stages."""
    goal = sheet.target or sheet.class_name
    names = Target.parse(goal, ontology).class_names(ontology) if goal else ()
    return dict(learn_styles(dataset, names, stages))


def next_open_stage(folder: Path) -> str:
    """The first stage that has nothing composed yet; the last one when all have."""
    phases = song_status(folder).phases
    return next((phase.stage for phase in phases if phase.state == OPEN), phases[-1].stage)


@dataclass(frozen=True, slots=True)
class ComposingDesk:
    """What is composed with.

    Attributes
    ----------
    dataset : its songs show how parts are played; as in songs at large when None. taste : a human's, which takes part.
    force : a scorer that did not pass its release gate will do.
    """

    scorer: ChromaticScorer
    dataset: Path | None = None
    taste: Taste | None = None
    force: bool = False

    def compose(
        self, folder: Path, stage: str, *, sections: Sequence[str], effort: Effort | None, progress: Progress = silent
    ) -> tuple[StageReport, tuple[str, ...]]:
        """Compose a stage as `whitelight compose run` does; the second value says what could not be adopted."""
        adopted, problems = adopt(folder, stage, read_song_sheet(folder))
        report = self._work(compose_stage, folder, stage, sections=sections, effort=effort, progress=progress)
        return report, (*(f"adopted {stage}/candidates/{name}.mid" for name in adopted), *problems)

    def regenerate(
        self, folder: Path, stage: str, *, sections: Sequence[str], effort: Effort | None, progress: Progress = silent
    ) -> StageReport:
        """Compose a stage anew as `whitelight compose regenerate` does."""
        return self._work(regenerate, folder, stage, sections=sections, effort=effort, progress=progress)

    def evolve(
        self,
        folder: Path,
        stage: str,
        *,
        sections: Sequence[str],
        like: Sequence[str] = (),
        effort: Effort | None,
        progress: Progress = silent,
    ) -> StageReport:
        """Breed as `whitelight compose evolve` does."""
        return self._work(evolve, folder, stage, sections=sections, like=like, effort=effort, progress=progress)

    def _work(self, work: Callable[..., StageReport], folder: Path, stage: str, **options: Any) -> StageReport:
        sheet = read_song_sheet(folder)
        styles = {} if self.dataset is None else learned_styles(self.dataset, sheet, self.scorer.ontology, (stage,))
        with_whom: dict[str, Any] = {"scorer": self.scorer, "taste": self.taste, "force": self.force}
        return work(folder, stage, styles=styles, **with_whom, **options)
