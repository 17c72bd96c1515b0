"""An expert of sound, from rendered clips: trained beside MIDI, asked through `score(audio=…)`, refused when misnamed."""

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from whitelight.audio import render_piece
from whitelight.catalog import read_catalog
from whitelight.dataset import AudioSettings, build_dataset
from whitelight.music import read_midi
from whitelight.scoring import Candidate, ChromaticScorer
from whitelight.scoring.bundle import BundleError
from whitelight.scoring.scorer import ScoringError
from whitelight.training import train_fusion
from whitelight.training.settings import EncoderNames, ExpertSettings, FusionSettings, SettingsError

RATE = 22_050
SMALL = ExpertSettings(network_steps=60, width=8, input_dropout=0.2)
HEARD = FusionSettings(
    n_folds=2, midi=SMALL, audio=ExpertSettings(network_steps=60, width=8, input_dropout=0.2, standardize=True)
)


@pytest.fixture(scope="module")
def heard(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `catalog`, `dataset` of rendered sound and `model` trained on both."""
    folder = tmp_path_factory.mktemp("heard")
    tiny.write_tiny_dataset(folder, songs_per_class=2, held_out=0)
    sound = AudioSettings(sample_rate=RATE, mono=True, render=True)
    build_dataset(read_catalog(folder / "catalog"), folder / "sounding", policy="whole", audio=sound)
    train_fusion(folder / "sounding", folder / "model", settings=HEARD)
    return folder


def test_sound_alone_is_judged_and_names_its_encoder(heard: Path, tiny: ModuleType) -> None:
    scorer = ChromaticScorer(heard / "model")
    assert scorer.experts == ("midi", "audio")
    named = scorer.record["inputs"]["audio_emb"]
    assert (named["encoder"], named["dim"]) == ("audio-statistics", 364)
    piece = tiny.clip("Q1", np.random.default_rng(9), n_notes=24)
    audio = render_piece(piece, sample_rate=RATE, mono=True)
    found = scorer.score(audio=audio, target="Q1")
    assert found.modalities == ("audio",)
    assert 0 < found.match < 1
    assert np.isnan(found.novelty)  # measured on MIDI
    both = scorer.score(piece, audio=audio, target="Q1")
    assert both.modalities == ("midi", "audio")
    assert both.fitness == pytest.approx(scorer.score(piece, target="Q1").fitness)  # MIDI decides where there is any
    assert set(both.contributions) == {"midi", "audio"}


def test_silence_and_noise_that_is_no_sound_are_errors_of_their_own(heard: Path, tiny: ModuleType) -> None:
    scorer = ChromaticScorer(heard / "model")
    piece = tiny.clip("Q3", np.random.default_rng(9), n_notes=8)
    good = render_piece(piece, sample_rate=RATE, mono=True)
    results = {r.index: r for r in scorer.score_batch([Candidate(audio=b"no sound"), Candidate(audio=good)], "Q3")}
    assert results[0].error is not None
    assert results[1].error is None
    silence = type(good)(np.zeros((RATE, 1), np.float32), RATE)
    with pytest.raises(ScoringError, match="candidate holds audio; expected MIDI, audio"):
        scorer.score(audio=silence)


def test_another_encoder_than_the_one_trained_on_is_refused(heard: Path, tmp_path: Path) -> None:
    for file in (heard / "model").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    record = json.loads((tmp_path / "bundle.json").read_text())
    record["inputs"]["audio_emb"]["fingerprint"] = "0" * 64
    (tmp_path / "bundle.json").write_text(json.dumps(record))
    scorer = ChromaticScorer(tmp_path)
    midi = next((heard / "midi").glob("*.mid"))
    assert scorer.score(midi, target="Q1").error is None  # nothing else is loaded
    with pytest.raises(BundleError, match="input 'audio_emb' was trained on encoder 'audio-statistics'"):
        scorer.score(audio=render_piece(read_midi(midi), sample_rate=RATE, mono=True))


def test_an_encoder_that_reads_something_else_is_refused(heard: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="encoder 'minilm' reads text; expected one that reads audio"):
        train_fusion(heard / "sounding", tmp_path / "m", settings=FusionSettings(encoders=EncoderNames(audio="minilm")))
    with pytest.raises(SettingsError, match="audio encoder 'ears'; expected one of"):
        EncoderNames(audio="ears")
