"""A small song with candidates in every stage, and clients that speak to a studio opened on it."""

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from whitelight.composition.review_writing import append_entries
from whitelight.music import read_midi, write_midi
from whitelight.studio.app import create_app
from whitelight.studio.library import song_id_of
from whitelight.studio.state import StudioSettings

PORT = 8765
STAGES = ("chords", "drums", "bass", "melody", "harmony", "lyrics")
FOLDER = "kitchen_light"

MakeClient = Callable[..., TestClient]


def candidate_id(section: str, label: str, stage: str, take: int) -> str:
    """Ids as the composer makes them; those of chords know no variant."""
    part = section if stage == "chords" else f"{section}-{label}"
    return f"{part}-g{take}-{STAGES.index(stage)}{ord(label) - 96:03x}{take:04x}"


def machine(take: int) -> dict[str, Any]:
    return {
        "kept": take == 0,
        "style": "plain",
        "fitness": round(1.5 - take, 4),
        "match": round(0.9 - 0.2 * take, 4),
        "novelty": 0.25 + 0.1 * take,
        "terms": {"flow": 0.5 + 0.1 * take, "space": 1.0},
        "measures": {"density": 2.0 + take},
        "seed": 7,
        "generation": take,
        "parents": [],
    }


def add_candidates(folder: Path) -> None:
    """Two candidates per approved part of every stage: the part itself, and one a little louder."""
    for stage in STAGES:
        entries: list[dict[str, Any]] = []
        for approved in sorted((folder / stage / "approved").glob("*.mid")):
            section, label = approved.stem.split("_")
            for take in (0, 1):
                name = candidate_id(section, label, stage, take)
                target = folder / stage / "candidates" / f"{name}.mid"
                target.parent.mkdir(parents=True, exist_ok=True)
                piece = read_midi(approved)
                louder = [
                    t.with_notes(t.notes.from_rows([(o, d, p, min(v + 9 * take, 127)) for o, d, p, v in t.notes.to_rows()]))
                    for t in piece.midi_tracks
                ]  # fmt: skip
                target.write_bytes(approved.read_bytes() if take == 0 else write_midi(piece.with_midi_tracks(louder)))
                if stage == "lyrics":
                    target.with_suffix(".txt").write_text("kitchen light\nunderstood oh yes\n")
                entries.append(
                    {
                        "id": name,
                        "section": section,
                        **({} if stage == "chords" else {"variant": label}),
                        "file": f"candidates/{name}.mid",
                        "status": "undecided",
                        "label": None,
                        "rating": None,
                        "notes": None,
                        "machine": machine(take),
                    }
                )
        append_entries(folder / stage / "review.yml", entries, header=f"# {stage}: yours\n")


@pytest.fixture(scope="session")
def song_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A song of three sections in 4/4, everything approved, ten candidates per stage; never written to."""
    path = Path(__file__).parents[1] / "composition" / "arrangement" / "small_song.py"
    spec = importlib.util.spec_from_file_location("small_song_of_the_studio", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder: Path = module.make_small_song(tmp_path_factory.mktemp("studio") / FOLDER)
    add_candidates(folder)
    return folder


@pytest.fixture
def root(song_template: Path, tmp_path: Path) -> Path:
    """The folder a studio is opened on: one song in it, a copy for each test."""
    shutil.copytree(song_template, tmp_path / "songs" / FOLDER)
    return tmp_path / "songs"


@pytest.fixture
def folder(root: Path) -> Path:
    """The production folder of the song."""
    return root / FOLDER


@pytest.fixture
def song() -> str:
    """Its id."""
    return song_id_of(FOLDER)


@pytest.fixture
def candidate() -> Callable[..., str]:
    """Id of a candidate: `candidate(stage, section, label, take)`."""

    def name(stage: str = "chords", section: str = "verse", label: str = "a", take: int = 0) -> str:
        return candidate_id(section, label, stage, take)

    return name


@pytest.fixture
def make_client(root: Path) -> Iterator[MakeClient]:
    """`make_client(read_only=True, …)`: a studio on `root` with these settings, and a client that has its token."""
    with ExitStack() as opened:

        def make(**settings: Any) -> TestClient:
            chosen = StudioSettings(**({"root": root, "port": PORT} | settings))
            client = TestClient(
                create_app(chosen), base_url=f"http://127.0.0.1:{PORT}", headers={"x-studio-token": chosen.token}
            )
            return opened.enter_context(client)

        yield make


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client of a studio without scorer and SoundFont."""
    return make_client()
