"""Sources that are not as they should be, or of other kinds: what the build made of them is what verify expects."""

import json

import numpy as np
import pytest
import soundfile

from whitelight.audio import decode_flac, encode_flac
from whitelight.catalog import read_catalog
from whitelight.dataset import AudioSettings, build_dataset, verify_dataset
from whitelight.dataset.verify import Recheck
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, TextEvent, write_midi

RATE = 22050
MANIFEST = 'manifest_id: "{song}"\nbpm: 120\ntempo: "4/4"\nrainbow_color: R\ntitle: "{song}"\n{more}\n'


def write_song(root, song, more):
    folder = root / "catalog" / song
    folder.mkdir(parents=True)
    (folder / f"{song}.yml").write_text(MANIFEST.format(song=song, more=more))
    return folder


def stems_of(*files):
    rows = [f"- {{id: {i}, description: Stem {i}, audio_file: {file}}}" for i, file in enumerate(files, 1)]
    return "audio_tracks:\n" + "\n".join(rows)


def built(root, **settings):
    return build_dataset(read_catalog(root / "catalog"), root / "dataset", audio=AudioSettings(**settings))


def checked(root):
    return verify_dataset(root / "dataset", recheck=Recheck(None))


@pytest.fixture
def noise():
    return np.random.default_rng(5).normal(size=(RATE * 6, 2)) * np.linspace(0.01, 0.2, RATE * 6)[:, None]


def test_recordings_in_every_state(tmp_path, noise):
    names = [
        "cut.flac",
        "nan.wav",
        "loud.wav",
        "really.wav",
        "eight.wav",
        "zero.wav",
        "lossy.mp3",
        "deep.wav",
        "bytes.wav",
    ]
    folder = write_song(tmp_path, "02_01", stems_of(*names))
    soundfile.write(folder / "cut.flac", noise, RATE)
    (folder / "cut.flac").write_bytes((folder / "cut.flac").read_bytes()[:90_000])
    broken = noise.astype(np.float32).copy()
    broken[1000:1010] = np.nan
    soundfile.write(folder / "nan.wav", broken, RATE, subtype="FLOAT")
    soundfile.write(folder / "loud.wav", noise * 20, RATE, subtype="FLOAT")
    soundfile.write(folder / "really.flac", noise, RATE)
    (folder / "really.flac").rename(folder / "really.wav")
    soundfile.write(folder / "eight.wav", np.tile(noise, (1, 4)), RATE, subtype="PCM_24")
    (folder / "zero.wav").write_bytes(b"")
    soundfile.write(folder / "lossy.mp3", noise, RATE)
    soundfile.write(folder / "deep.wav", noise, RATE, subtype="PCM_32")
    soundfile.write(folder / "bytes.wav", noise, RATE, subtype="PCM_U8")
    report = built(tmp_path, sample_rate=None)
    assert {"audio-damaged", "audio-flawed"} <= {problem.code for problem in report.problems}
    found = checked(tmp_path)
    assert found.failures == ()
    assert found.fidelity.by_kind()["audio"]["checked"] >= 8


@pytest.mark.parametrize("rate", [RATE, 32000])
def test_a_mono_mix(tmp_path, noise, rate):
    folder = write_song(tmp_path, "02_01", stems_of("a.wav", "b.flac"))
    soundfile.write(folder / "a.wav", noise, RATE)
    soundfile.write(folder / "b.flac", noise[:, :1], RATE, subtype="PCM_24")
    built(tmp_path, sample_rate=rate, mono=True)
    assert checked(tmp_path).failures == ()


def test_recordings_left_out(tmp_path, noise):
    folder = write_song(tmp_path, "02_01", 'TRT: "[00:05.000]"\ntime_code: ms\n' + stems_of("a.wav"))
    soundfile.write(folder / "a.wav", noise, RATE)
    built(tmp_path, is_cut=False)
    found = checked(tmp_path)
    assert found.failures == ()
    assert found.n_sounds == 0


def piano(folder):
    notes = Notes.from_rows([(480 * i, 470, 60 + i % 7, 80) for i in range(12)])
    syllables = ("Down ", "to ", "the ", "ri-", "ver\n", "we ", "go\n")
    lyrics = tuple(TextEvent(480 * i, text) for i, text in enumerate(syllables))
    track = MidiTrack("Piano", 0, False, notes, lyrics)
    (folder / "song.mid").write_bytes(write_midi(Piece(480, TempoMap.constant(120), midi_tracks=(track,))))


def test_rendered_rows_are_played_again(tmp_path):
    piano(write_song(tmp_path, "05_01", "main_midi_file: song.mid"))
    built(tmp_path, sample_rate=RATE, mono=True, render=True)
    found = checked(tmp_path)
    assert found.failures == ()
    assert found.n_sounds > 0
    assert found.fidelity.by_kind()["audio"] == {"checked": found.n_sounds, "failed": 0, "unchecked": 0}
    manifest = json.loads((tmp_path / "dataset/manifest.json").read_text())
    manifest["audio"]["instrument"] = f"SoundFont other.sf2 {'0' * 64}"
    (tmp_path / "dataset/manifest.json").write_text(json.dumps(manifest))
    found = checked(tmp_path)
    assert found.passed
    reasons = found.fidelity.why_unchecked()
    assert "audio: it was played by SoundFont other.sf2, which is not here" in reasons


def test_words_of_the_midi(tmp_path, planted_class):
    piano(write_song(tmp_path, "05_01", "main_midi_file: song.mid"))
    built(tmp_path)
    found = checked(tmp_path)
    assert found.failures == ()
    assert found.fidelity.by_kind()["text"]["checked"] > 1
    planted = planted_class(tmp_path / "dataset", tmp_path / "catalog")

    def edit(rows):
        for row in rows:
            row["lyric_text"] = row["lyric_text"].replace("river", "rover")

    planted.edit_rows("05_01", edit)
    assert verify_dataset(tmp_path / "dataset").passed
    assert any("is not in the MIDI" in failure.message for failure in checked(tmp_path).failures)


def test_a_shifted_rendering(tmp_path, planted_class):
    piano(write_song(tmp_path, "05_01", "main_midi_file: song.mid"))
    built(tmp_path, sample_rate=RATE, mono=True, render=True)
    planted = planted_class(tmp_path / "dataset", tmp_path / "catalog")

    def late(rows):
        row = next(row for row in rows if row["audio"])
        sound = decode_flac(row["audio"])
        row["audio"] = encode_flac(np.concatenate([sound.samples[:221], sound.samples[:-221]]), RATE, bits=sound.bits)

    planted.edit_media("05_01", late)
    assert verify_dataset(tmp_path / "dataset").passed
    assert any("too late" in failure.message for failure in checked(tmp_path).failures)
