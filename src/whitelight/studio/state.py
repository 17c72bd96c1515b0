"""What one studio knows while it runs: its settings, where the songs lie, and what was loaded for them."""

import json
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Event, Lock, RLock
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

from fastapi import Depends, Request

from whitelight.files import read_text
from whitelight.origin import read_origin
from whitelight.studio.errors import NotAllowedError
from whitelight.studio.library import SongLibrary, SongPlace, print_of, version_of
from whitelight.studio.watching import Changes

if TYPE_CHECKING:  # loading the composer takes longer than opening a page may
    from whitelight.composition.song_sheet import SongSheet
    from whitelight.ontology import Ontology
    from whitelight.scoring import ChromaticScorer
    from whitelight.studio.decision_keeping import DecisionKeeper
    from whitelight.studio.jobs import JobQueue
    from whitelight.studio.journal import Journal
    from whitelight.studio.sounds import Sounds

_DEFAULT_ONTOLOGY = "rainbow"  # whose colors songs have when no scorer says
_BUNDLE = "bundle.json"
Made = TypeVar("Made")


class NoModelError(NotAllowedError):
    """A scorer is needed, and the studio was opened without one."""


@dataclass(frozen=True, slots=True)
class StudioSettings:
    """How a studio is opened.

    Attributes
    ----------
    root : a production folder or a tree of them; nothing outside it is served or written.
    model : folder of the scorer's bundle; without one nothing is composed or explained.
    dataset : whose songs show how parts are played; the model's own when None. taste : takes part in composing.
    soundfont : plays the rendered sound; None leaves the page's own synthesizer, unless `system_soundfont` asks for
        the one of the system.
    read_only : refuse whatever would write. force : compose with a scorer that did not pass its gate.
    token, port : of the address that is opened.
    """

    root: Path
    model: Path | None = None
    dataset: Path | None = None
    soundfont: Path | None = None
    system_soundfont: bool = False
    read_only: bool = False
    force: bool = False
    taste: Path | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    port: int = 0


class Studio:
    """Everything a route reaches; one per app.

    Attributes
    ----------
    settings : as given. library : song id → folder. changes : who wants to know what changed on disk.
    closing : set when the server is asked to stop; whatever streams ends then.
    """

    def __init__(self, settings: StudioSettings) -> None:
        self.settings = settings
        self.library = SongLibrary(settings.root)
        self.changes = Changes(self.library)
        self._made: dict[str, Any] = {}
        self.closing = Event()
        self._loading, self._making = Lock(), RLock()
        self._scorer: ChromaticScorer | None = None
        self._cards: dict[str, dict[str, Any]] = {}

    @cached_property
    def ontology(self) -> "Ontology":
        """The colors: those of the scorer, without loading it."""
        from whitelight.ontology import Ontology, load_ontology  # noqa: PLC0415  see above

        if self.settings.model is None:
            return load_ontology(_DEFAULT_ONTOLOGY)
        return Ontology.from_dict(json.loads(read_text(self.settings.model / _BUNDLE))["ontology"], _BUNDLE)

    @cached_property
    def soundfont(self) -> Path | None:
        """What plays the rendered sound; None when there is nothing."""
        if self.settings.soundfont is not None or not self.settings.system_soundfont:
            return self.settings.soundfont
        from whitelight.audio import find_soundfont  # noqa: PLC0415  see above

        return find_soundfont()

    @cached_property
    def sounds(self) -> "Sounds":
        """What renders parts with the SoundFont."""
        from whitelight.studio.sounds import Sounds  # noqa: PLC0415  see above

        return Sounds(self.soundfont)

    @property
    def scorer(self) -> "ChromaticScorer":
        """The scorer, loaded when it is first asked for.

        Raises
        ------
        NoModelError : the studio was opened without one.
        """
        if self.settings.model is None:
            raise NoModelError("this studio was opened without a scorer; start it with --model MODEL")
        with self._loading:
            if self._scorer is None:
                from whitelight.scoring import ChromaticScorer  # noqa: PLC0415  see above

                self._scorer = ChromaticScorer(self.settings.model)
            return self._scorer

    @property
    def dataset(self) -> Path | None:
        """The songs that show how parts are played, None when nobody knows them."""
        if self.settings.dataset is not None or self.settings.model is None:
            return self.settings.dataset
        return read_origin(self.settings.model)

    def styles_of(self, sheet: "SongSheet", stages: Collection[str]) -> dict[str, Any]:
        """What the songs of a song's target teach these stages; nothing without a dataset."""
        from whitelight.composition.desk import learned_styles  # noqa: PLC0415  see above

        return {} if self.dataset is None else learned_styles(self.dataset, sheet, self.scorer.ontology, stages)

    def card(self, place: SongPlace) -> dict[str, Any]:
        """A song as the list shows it, made anew when one of its files has changed; raises like `song_card`."""
        from whitelight.studio.cards import song_card  # noqa: PLC0415  see above

        version = version_of(print_of(place.folder))
        card = self._cards.get(place.song_id)
        if card is None or card["version"] != version:
            card = self._cards[place.song_id] = song_card(place, self.ontology, version)
        return card

    @property
    def journal(self) -> "Journal":
        """What can be undone, and the lock of each song."""
        from whitelight.studio.journal import Journal  # noqa: PLC0415  see above

        return self._once("journal", Journal)

    @property
    def decisions(self) -> "DecisionKeeper":
        """Keeps `decisions.yml` of the songs up with their marks."""
        from whitelight.studio.decision_keeping import DecisionKeeper  # noqa: PLC0415  see above

        return self._once("decisions", lambda: DecisionKeeper(self.journal, is_on=not self.settings.read_only))

    @property
    def jobs(self) -> "JobQueue":
        """What is being composed, or waits for it."""
        from whitelight.studio.jobs import JobQueue  # noqa: PLC0415  see above

        return self._once("jobs", lambda: JobQueue(self.settings.root))

    def lock(self, folder: Path) -> Any:
        """The lock of a song, to be held (``with``) around every write into its folder."""
        return self.journal.lock(folder)

    def _once(self, name: str, make: Callable[[], Made]) -> Made:
        with self._making:
            if name not in self._made:
                self._made[name] = make()
            return cast("Made", self._made[name])

    def close(self) -> None:
        """Let go of what runs."""
        self.closing.set()
        self.changes.close()
        for name in ("jobs", "decisions"):
            if name in self._made:
                self._made[name].close()


def studio_of(request: Request) -> Studio:
    """The studio a request belongs to."""
    studio = request.app.state.studio
    assert isinstance(studio, Studio)
    return studio


StudioDep = Annotated[Studio, Depends(studio_of)]
