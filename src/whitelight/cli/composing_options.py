"""Options that the commands of composing share, and what they mean: scorer, learned styles, production folders."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whitelight.cli.models import find_model
from whitelight.cli.output import say

if TYPE_CHECKING:
    from whitelight.composition.song_sheet import SongSheet
    from whitelight.scoring import ChromaticScorer
    from whitelight.scoring.taste import Taste

ModelOption = Annotated[Path, typer.Option("--model", help="Folder of the model bundle, or name@alias of a registry.")]
DatasetOption = Annotated[
    Path | None,
    typer.Option("--dataset", help="Dataset whose songs show how parts are played; else that of the model."),
]
ForceFlag = Annotated[bool, typer.Option("--force", help="Compose with a scorer that did not pass its release gate.")]
TasteOption = Annotated[
    Path | None, typer.Option("--taste", help="Your taste, which then takes part in choosing; see 'train taste'.")
]
StageOption = Annotated[str, typer.Option("--stage", help="chords, drums, bass, melody, harmony or lyrics.")]
SectionOption = Annotated[
    list[str] | None, typer.Option("--section", help="Section or part, such as verse or 'verse a'; all when not given.")
]
FolderArgument = Annotated[Path, typer.Argument(help="Production folder of the song.")]


def open_scorer(model: Path) -> "ChromaticScorer":
    """Load a scorer by folder or by name."""
    from whitelight.scoring import ChromaticScorer  # noqa: PLC0415  keeps --help fast

    return ChromaticScorer(find_model(model))


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command composes with: the scorer, where it came from, whether an unfit one will do, and whose taste counts."""

    scorer: "ChromaticScorer"
    model: Path
    dataset: Path | None
    force: bool
    taste: "Taste | None" = None

    @classmethod
    def open(cls, model: Path, dataset: Path | None, *, force: bool, taste: Path | None = None) -> "Desk":
        """Load the scorer, and the taste if there is one; a taste that cannot be told from chance is refused."""
        from whitelight.composition.taste import open_taste  # noqa: PLC0415  keeps --help fast

        own = open_taste(taste)
        return cls(open_scorer(model), model, dataset, force, own)

    def styles(self, folder: Path, stages: Collection[str]) -> dict[str, Any]:
        """What the songs of a song's target teach these stages."""
        from whitelight.composition.song_sheet import read_song_sheet  # noqa: PLC0415  keeps --help fast

        return self.styles_of(read_song_sheet(folder), stages)

    def styles_of(self, sheet: "SongSheet", stages: Collection[str]) -> dict[str, Any]:
        """What the songs of a target teach; nothing, and that is said, when the dataset is not there any more."""
        from whitelight.composition.desk import learned_styles  # noqa: PLC0415  keeps --help fast
        from whitelight.origin import read_origin  # noqa: PLC0415  as above

        songs = self.dataset or read_origin(find_model(self.model))
        if songs is None:
            say(
                f"{self.model} does not know its dataset any more: parts are played as in songs at large; "
                "--dataset DIR mends it"
            )
            return {}
        return learned_styles(songs, sheet, self.scorer.ontology, stages)


def productions(folder: Path) -> list[Path]:
    """The folder itself when it holds a song, else the songs in it by name, those that are cut from the others last."""
    from whitelight.composition.production import SONG_FILE  # noqa: PLC0415  keeps --help fast
    from whitelight.composition.song_sheet import read_song_sheet  # noqa: PLC0415  as above

    if (folder / SONG_FILE).exists():
        return [folder]
    songs = [path.parent for path in folder.glob(f"*/{SONG_FILE}")]
    return sorted(songs, key=lambda song: (read_song_sheet(song).cut_up, song.name)) or [folder]
