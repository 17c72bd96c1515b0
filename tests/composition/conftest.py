"""A proposal and a real, deterministic scorer: it reads the MIDI bytes and measures register, density and thirds."""

import importlib.util
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import mido
import numpy as np
import pytest

from whitelight.composition.chords.setting import ChordStyle, Setting, make_setting
from whitelight.composition.chords.transitions import shipped_rules
from whitelight.composition.form import DEFAULT_FORM, SectionPlan
from whitelight.dataset import VIEWS
from whitelight.errors import WhitelightError
from whitelight.music import Key, Meter, read_midi
from whitelight.scoring import Candidate


@dataclass
class Proposal:
    title: str = "The Lighthouse Keeps Count"
    tempo_bpm: float | None = 96.0
    meter: Meter | None = field(default_factory=lambda: Meter(4, 4))
    musical_key: Key | None = field(default_factory=lambda: Key.parse("A minor"))
    class_name: str | None = "calm"
    iteration_id: str = "lighthouse-1"
    concept: str = "a light that counts"
    mood: tuple[str, ...] = ("patient",)
    genres: tuple[str, ...] = ()
    problems: tuple[Any, ...] = ()


@dataclass
class Verdict:
    index: int
    fitness: float = float("nan")
    match: float = float("nan")
    novelty: float = float("nan")
    error: str | None = None


class UnheardError(WhitelightError):
    pass


class RegisterScorer:
    """Calm music is low, sparse and minor; every number comes from the notes in the bytes."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def score_batch(
        self, candidates: Sequence[Any], target: Any = None, *, view: str = "full", velocity: str = "full"
    ) -> list[Verdict]:
        assert view in {*VIEWS, "full"}
        assert velocity == "free"
        if target not in (None, "calm", "bright"):
            raise UnheardError(f"target '{target}': never heard")
        self.calls.append(len(candidates))
        verdicts = [self._judge(index, data, target) for index, data in enumerate(candidates)]
        return sorted(verdicts, key=lambda v: (v.error is not None, -v.fitness if v.fitness == v.fitness else 0.0))

    @staticmethod
    def _judge(index: int, data: Any, target: str | None) -> Verdict:
        if isinstance(data, Candidate):  # words: long ones are dark
            lengths = [len(word) for word in (data.lyrics or "").split()]
            return Verdict(index, -float(np.mean(lengths)), 0.5, 0.1) if target else Verdict(index, novelty=0.1)
        piece = read_midi(data)
        notes = piece.all_notes()
        if not len(notes):
            return Verdict(index, error="silence")
        shares = np.bincount(notes.pitch % 12, weights=notes.duration_ticks, minlength=12)
        brightness = (float(np.mean(notes.pitch)) - 58.0) / 2 + 0.3 * len(notes) / piece.duration_s
        novelty = float(shares.max() / shares.sum())
        if target is None:
            return Verdict(index, novelty=novelty)
        fitness = brightness if target == "bright" else -brightness
        return Verdict(index, fitness, float(1 / (1 + np.exp(-fitness))), novelty)


@pytest.fixture
def scorer() -> RegisterScorer:
    return RegisterScorer()


@pytest.fixture
def proposal() -> Proposal:
    return Proposal()


@pytest.fixture(scope="session")
def make_proposal() -> type[Proposal]:
    return Proposal


@pytest.fixture(scope="session")
def verdict_class() -> type[Verdict]:
    return Verdict


@pytest.fixture(scope="session")
def setting_for() -> Callable[..., Setting]:
    def build(
        key: str = "C major", meter: str = "4/4", tempo_bpm: float = 100.0, section: SectionPlan = DEFAULT_FORM[0]
    ) -> Setting:
        style = ChordStyle(shipped_rules())
        return make_setting(section, key=Key.parse(key), meter=Meter.parse(meter), tempo_bpm=tempo_bpm, style=style)

    return build


@dataclass(frozen=True)
class Sounded:
    """A MIDI file as another reader (mido) sees it: notes (start, end, pitch, velocity), texts, ticks of a bar."""

    notes: list[tuple[int, int, int, int]]
    markers: list[tuple[int, str]]
    track_names: list[str]
    bar_ticks: float
    end_tick: int
    tempo_bpm: float
    meter: tuple[int, int]
    key: str | None
    hanging: int


@pytest.fixture(scope="session")
def sounded() -> Callable[[bytes], Sounded]:
    def read(data: bytes) -> Sounded:
        import io

        file = mido.MidiFile(file=io.BytesIO(data))
        notes, markers, names, hanging, end = [], [], [], 0, 0
        tempo, meter, key = 500000, (4, 4), None
        for midi_track in file.tracks:
            tick, sounding = 0, {}
            for message in midi_track:
                tick += message.time
                if message.type == "note_on" and message.velocity > 0:
                    assert (message.channel, message.note) not in sounding, "two notes of one pitch overlap"
                    sounding[message.channel, message.note] = (tick, message.velocity)
                elif message.type in ("note_off", "note_on"):
                    start, velocity = sounding.pop((message.channel, message.note))
                    notes.append((start, tick, message.note, velocity))
                elif message.type == "marker":
                    markers.append((tick, message.text))
                elif message.type == "track_name":
                    names.append(message.name)
                elif message.type == "set_tempo":
                    tempo = message.tempo
                elif message.type == "time_signature":
                    meter = (message.numerator, message.denominator)
                elif message.type == "key_signature":
                    key = message.key
            hanging += len(sounding)
            end = max(end, tick)
        bar = 4 * file.ticks_per_beat * meter[0] / meter[1]
        return Sounded(sorted(notes), markers, names, bar, end, mido.tempo2bpm(tempo), meter, key, hanging)

    return read


@pytest.fixture(scope="session")
def small_song() -> ModuleType:
    path = Path(__file__).parent / "arrangement" / "small_song.py"
    spec = importlib.util.spec_from_file_location("small_song", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def template(small_song: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_song.make_small_song(tmp_path_factory.mktemp("template") / "song")


@pytest.fixture
def production(template: Path, tmp_path: Path) -> Path:
    """A folder of its own for each test."""
    return shutil.copytree(template, tmp_path / "song")
