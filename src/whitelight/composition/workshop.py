"""How the stages of one song are crafted: by what the catalog taught, or cut from the songs beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.composition.approved import approved_parts
from whitelight.composition.context import SectionContext
from whitelight.composition.craft import Craft
from whitelight.composition.form import ImpossibleSectionError
from whitelight.composition.material import Material, read_material
from whitelight.composition.production import REVIEW_FILE, slug
from whitelight.composition.promotion import approved_name
from whitelight.composition.review import read_review
from whitelight.composition.song_sheet import SongSheet
from whitelight.composition.stage import Stage
from whitelight.composition.white import CUT_STAGES, CutUpCraft, NoFittingSourcesError, SourcePart, read_sources
from whitelight.files import read_text

Styles = Mapping[str, Any]  # stage → what the catalog taught it


@dataclass(frozen=True, slots=True)
class Workshop:
    """What crafts of a song are made with.

    Attributes
    ----------
    folder : of the song; its neighbors lie beside it. called : how errors name the song, its title when empty.
    """

    folder: Path
    sheet: SongSheet
    styles: Styles
    called: str = ""

    @property
    def neighbors(self) -> list[Path]:
        """Folders of the songs beside it."""
        return [self.folder.parent / name for name in self.sheet.neighbors]

    def craft(self, stage: Stage, context: SectionContext) -> Craft[Any]:
        """A craft for a section: cut from other songs where the song asks for it and there is something to cut.

        Raises
        ------
        ImpossibleSectionError : a tempo or meter that cannot be composed in; the message names the song.
        """
        sources = self.sources(stage)
        if sources:
            try:
                return CutUpCraft(context, sources, stage.name)
            except NoFittingSourcesError:  # said in `doubts`
                pass
        style = self.styles.get(stage.name)
        if stage.brief is not None:
            style = stage.brief(style, self.sheet.title, self.sheet.concept, self.sung_elsewhere(context.section.name))
        try:
            return stage.craft(context, style)
        except ImpossibleSectionError as err:
            where = self.called or f"proposal '{self.sheet.title}'"
            raise ImpossibleSectionError(f"{where}: {err}") from err

    def sung_elsewhere(self, section: str) -> tuple[str, ...]:
        """Lines of the words a human approved in other sections; the machine's may change with the next run."""
        parts = approved_parts(self.folder, self.sheet.form.sections)["lyrics"]
        review = read_review(self.folder / "lyrics" / REVIEW_FILE)
        meant = {approved_name(entry) for entry in review.entries if entry.status == "approved"}
        settled = (part.file for part in parts if part.section != slug(section) and part.file.stem in meant)
        texts = (file.with_suffix(".txt") for file in settled)
        return tuple(line for text in texts if text.is_file() for line in read_text(text).splitlines() if line.strip())

    def sources(self, stage: Stage) -> tuple[SourcePart, ...]:
        """What a cut-up is cut from; nothing for other songs."""
        if not self.sheet.cut_up or stage.name not in CUT_STAGES:
            return ()
        return read_sources(self.neighbors, stage.name)

    def others(self, stage: Stage) -> tuple[Material, ...]:
        """Material to keep away from; a cut-up keeps away from nothing."""
        return () if self.sheet.cut_up else read_material(self.neighbors, stage.name)

    def doubts(self, stage: Stage, craft: Craft[Any]) -> tuple[str, ...]:
        """Why a cut-up is none."""
        if not self.sheet.cut_up or stage.name not in CUT_STAGES or isinstance(craft, CutUpCraft):
            return ()
        what = "that fits its meter" if self.sources(stage) else "yet"
        return (f"{stage.name}: nothing approved beside it {what} to cut from; composed like any other song",)
