"""Recordings of every format, written once, sound and damaged."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from whitelight.audio.samples import Samples

RATE = 44_100


class Make:
    """What tests make recordings with."""

    @staticmethod
    def music(seconds: float = 2.0, n_channels: int = 2, rate: int = RATE, seed: int = 0) -> Samples:
        """Tones and a little noise: nothing that a coder finds easy, shape (n, n_channels), below full scale."""
        rng = np.random.default_rng(seed)
        t = np.arange(round(seconds * rate)) / rate
        tones = [0.3 * np.sin(2 * np.pi * (220 + 110 * c) * t) for c in range(n_channels)]
        return (np.stack(tones, axis=1) + 0.02 * rng.standard_normal((len(t), n_channels))).astype(np.float32)

    @staticmethod
    def write_integers(path: Path, whole: np.ndarray, bits: int, rate: int = RATE, container: str = "") -> Path:
        """Write integers of `bits` bits exactly."""
        data = whole.astype(np.int16) if bits == 16 else whole.astype(np.int32) << 8
        soundfile.write(path, data, rate, subtype=f"PCM_{bits}", format=container or None)
        return path

    @staticmethod
    def write_font(path: Path) -> Path:
        """Write a SoundFont 2 file: program 0 a decaying plucked tone, 16 an endless loop, 48 two regions; drum 38."""
        rate, n_attack, period = 32_000, 3_200, 100  # a cycle of 100 samples: 320 Hz
        t = np.arange(n_attack + 10 * period)
        tone = 0.6 * np.sin(2 * np.pi * t / period) + 0.2 * np.sin(4 * np.pi * t / period)
        noise = 0.5 * np.random.default_rng(0).standard_normal(3200) * np.exp(-np.arange(3200) / 600)
        wave = np.concatenate([tone, np.zeros(46), np.clip(noise, -1, 1), np.zeros(46)])
        smpl = np.rint(wave * 32767).astype("<i2").tobytes()
        key, cents = 63, round(1200 * np.log2(320 / 311.126984))  # 320 Hz is an E♭ and 49 cents
        n_tone = len(tone)
        headers = [
            (b"tone", 0, n_tone, n_attack, n_tone, rate, key, -cents, 0, 1),
            (b"noise", n_tone + 46, n_tone + 46 + 3200, 0, 0, rate, 60, 0, 0, 1),
            (b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0),
        ]
        looped, decay_1_s, sustain_off = (54, 1), (36, 0), (37, 1000)
        instruments = [
            [[decay_1_s, sustain_off], [looped, (53, 0)]],  # a global zone, then the tone
            [[looped, (53, 0)]],
            [[(43, 0 | 59 << 8), looped, (17, -500), (53, 0)], [(43, 60 | 127 << 8), looped, (17, 500), (53, 0)]],
            [[(43, 36 | 40 << 8), (53, 1)]],
        ]
        presets = [(0, 0, 0), (16, 0, 1), (48, 0, 2), (0, 128, 3)]

        def tables(groups: list[list[list[tuple[int, int]]]]) -> tuple[bytes, bytes, list[int]]:
            bags, gens, firsts, n_bags = b"", b"", [], 0
            for zones in groups:
                firsts.append(n_bags)
                for zone in zones:
                    bags += struct.pack("<HH", len(gens) // 4, 0)
                    gens += b"".join(struct.pack("<Hh", *row) for row in zone)
                    n_bags += 1
            return bags + struct.pack("<HH", len(gens) // 4, 0), gens + bytes(4), [*firsts, n_bags]

        ibag, igen, i_first = tables(instruments)
        pbag, pgen, p_first = tables([[[(41, preset[2])]] for preset in presets])
        inst = b"".join(struct.pack("<20sH", b"i", first) for first in i_first)
        phdr = b"".join(
            struct.pack("<20sHHHIII", b"p", program, bank, first, 0, 0, 0)
            for (program, bank, _), first in zip([*presets, (255, 255, 0)], p_first, strict=True)
        )
        shdr = b"".join(struct.pack("<20sIIIIIBbHH", *row) for row in headers)

        def chunk(name: bytes, data: bytes) -> bytes:
            return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)

        def listed(kind: bytes, *parts: bytes) -> bytes:
            return chunk(b"LIST", kind + b"".join(parts))

        tables_of = (b"phdr", phdr), (b"pbag", pbag), (b"pmod", bytes(10)), (b"pgen", pgen), (b"inst", inst)
        tables_of += (b"ibag", ibag), (b"imod", bytes(10)), (b"igen", igen), (b"shdr", shdr)
        body = listed(b"INFO", chunk(b"ifil", struct.pack("<HH", 2, 1))) + listed(b"sdta", chunk(b"smpl", smpl))
        body += listed(b"pdta", *(chunk(*table) for table in tables_of))
        path.write_bytes(chunk(b"RIFF", b"sfbk" + body))
        return path

    @staticmethod
    def random_integers(bits: int, n_samples: int = 20_000, n_channels: int = 2, seed: int = 0) -> np.ndarray:
        """Integers over the whole range, its ends among them."""
        full = 1 << (bits - 1)
        whole = np.random.default_rng(seed).integers(-full, full, (n_samples, n_channels))
        whole[0], whole[1] = -full, full - 1
        return whole


@pytest.fixture(scope="session")
def make() -> type[Make]:
    """Return the makers; test modules cannot import from this file."""
    return Make


@pytest.fixture(scope="session")
def tiny_font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SoundFont made for the tests: see `Make.write_font`."""
    return Make.write_font(tmp_path_factory.mktemp("font") / "tiny.sf2")


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the same two seconds as sound.wav, .flac, .mp3, .ogg and float.wav."""
    folder = tmp_path_factory.mktemp("recordings")
    samples = Make.music()
    whole = np.rint(samples * 32768)
    for name in ("sound.wav", "sound.flac"):
        Make.write_integers(folder / name, whole, 16)
    for name in ("sound.mp3", "sound.ogg"):
        soundfile.write(folder / name, samples, RATE)
    soundfile.write(folder / "float.wav", samples, RATE, subtype="FLOAT")
    return folder
