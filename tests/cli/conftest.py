"""The command line as people use it, a small catalog on disk, and a small trained model."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from whitelight.cli.main import main
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, write_midi

if TYPE_CHECKING:
    from whitelight.training.train_report import TrainReport

TIME = "[{:02d}:{:02d}.000]"


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The JSON on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """What follows "error:" on the only such line; fails when there is a traceback or more than one line."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        assert "Traceback" not in self.err
        assert len(lines) == 1, self.err
        assert lines[0].startswith("error: "), self.err
        return lines[0].removeprefix("error: ")


Run = Callable[..., Outcome]


@pytest.fixture
def whitelight(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `whitelight ARGUMENTS` in this process."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["whitelight", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        captured = capsys.readouterr()
        code = exit_.value.code
        return Outcome(code if isinstance(code, int) else int(code is not None), captured.out, captured.err)

    return run


def melody(n_notes: int = 64, first: int = 60) -> bytes:
    """A scale of half seconds at 120 bpm."""
    notes = Notes.from_rows([(480 * i, 480, first + i % 12, 80) for i in range(n_notes)])
    return write_midi(Piece(480, TempoMap.constant(120.0, 480), midi_tracks=(MidiTrack("piano", notes=notes),)))


@pytest.fixture(scope="session")
def midi_bytes() -> bytes:
    return melody()


def write_song(root: Path, song_id: str, *, lrc: str | None = None, midi: bytes | None = None, **fields: Any) -> Path:
    """Write a song without anything to report, except what `fields` change; return its manifest.

    The manifest is JSON, which is YAML 1.2, one field per line; `...` leaves a field out.
    """
    folder = root / song_id
    folder.mkdir(parents=True)
    content = {
        "manifest_id": song_id,
        "bpm": 120,
        "tempo": "4/4",
        "key": "C major",
        "rainbow_color": "R",
        "title": f"Song {song_id}",
        "TRT": TIME.format(0, 32),
        "structure": [{"section_name": "Verse", "start_time": TIME.format(0, 0), "end_time": TIME.format(0, 32)}],
        "concept": "a test",
        "time_code": "ms",
        "audio_tracks": [{"id": 1, "description": "Piano", "midi_file": "piano.mid"}],
    } | fields
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in content.items() if value is not ...]
    (folder / f"{song_id}.yml").write_text("\n".join(lines) + "\n")
    (folder / "piano.mid").write_bytes(melody() if midi is None else midi)
    if lrc is not None:
        (folder / f"{song_id}.lrc").write_text(lrc)
    return folder / f"{song_id}.yml"


@pytest.fixture(scope="session")
def make_song() -> Callable[..., Path]:
    return write_song


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too, by its relative path."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="session")
def snapshot() -> Callable[[Path], dict[str, bytes]]:
    return contents


@pytest.fixture(scope="session")
def tiny_dataset(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of four classes, two songs of two clips each."""
    found: Path = tiny.write_tiny_dataset(tmp_path_factory.mktemp("tiny"), songs_per_class=2)
    return found


@pytest.fixture(scope="session")
def tiny_training(tiny: ModuleType, tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> "TrainReport":
    """A training run of a few seconds."""
    from whitelight.training import train_fusion

    return train_fusion(tiny_dataset, tmp_path_factory.mktemp("model") / "model", settings=tiny.SETTINGS)


@pytest.fixture(scope="session")
def tiny_model(tiny_training: "TrainReport") -> Path:
    """The bundle it made."""
    return tiny_training.out
