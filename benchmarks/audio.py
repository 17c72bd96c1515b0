"""How fast sound is: decoded, cut into FLAC, resampled, measured, mixed and rendered, in × real time, side by side.

    python benchmarks/audio.py [--seconds 180] [--repeats 5] [--json] [--soundfont FONT]

The material is a made song of several programs, played by the built-in synthesizer with noise added at −60 dBFS, so that
lossless coders have real work. One process throughout, so figures are per core. `× real time` is by processor time,
which a busy machine does not stretch as much; `wall` is by the clock. Best of the repeats. The bar for cutting is 200.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

import whitelight.audio.flac as flac_module
from whitelight.audio import (
    Audio,
    Renderer,
    encode_flac,
    find_soundfont,
    loudness_lufs,
    measure_levels,
    mix,
    probe_audio,
    read_audio,
    slice_samples,
)
from whitelight.audio.flac import quantize
from whitelight.music import MidiTrack, Notes, Piece, TempoMap

RATE = 44_100
SLICE_S = 8.0
NOISE_DBFS = -60.0
FORMATS = ("16-bit WAV", "24-bit WAV", "float WAV", "16-bit FLAC", "24-bit FLAC", "MP3", "OGG Vorbis", "AAC in M4A")


@dataclass(frozen=True)
class Row:
    """One measurement: what was done to how many seconds of sound, and how long it took."""

    what: str
    sound_s: float
    cpu_s: float
    wall_s: float
    note: str = ""

    @property
    def times_real_time(self) -> float:
        """By processor time."""
        return self.sound_s / max(self.cpu_s, 1e-9)

    @property
    def wall(self) -> float:
        """By the clock."""
        return self.sound_s / max(self.wall_s, 1e-9)


def measured(what: str, sound_s: float, work: Callable[[], str | None], repeats: int) -> Row:
    """Best of some repeats."""
    best_cpu, best_wall, note = float("inf"), float("inf"), ""
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        note = work() or ""
        best_cpu = min(best_cpu, time.process_time() - cpu)
        best_wall = min(best_wall, time.perf_counter() - wall)
    return Row(what, sound_s, best_cpu, best_wall, note)


def made_piece(seconds: float) -> Piece:
    """Chords, bass, melody and drums at 120 bpm."""
    n_beats = round(seconds * 2)
    chords = [(480 * b, 470, p + (b // 8 % 4) * 2, 70) for b in range(0, n_beats, 2) for p in (52, 59, 64, 67)]
    bass = [(240 * b, 230, 36 + (b // 16 % 4) * 2 + 7 * (b % 4 == 3), 90) for b in range(2 * n_beats)]
    melody = [(480 * b + 240 * (b % 3 == 0), 400, 67 + (5 * b) % 12, 80) for b in range(n_beats)]
    drums = [(240 * b, 60, 42, 60) for b in range(2 * n_beats)]
    drums += [(480 * b, 60, 36 if b % 2 == 0 else 38, 100) for b in range(n_beats)]
    parts = ((0, False, chords), (33, False, bass), (73, False, melody), (0, True, drums))
    midi_tracks = tuple(MidiTrack("", program, drum, Notes.from_rows(rows)) for program, drum, rows in parts)
    return Piece(480, TempoMap(480), midi_tracks=midi_tracks, end_tick=480 * n_beats)


def write_sources(folder: Path, samples: np.ndarray) -> dict[str, Path]:
    """The same recording in every format."""
    whole, fine = quantize(samples, 16), quantize(samples, 24) << 8
    plans = {
        "16-bit WAV": ("a.wav", whole, {"subtype": "PCM_16"}),
        "24-bit WAV": ("b.wav", fine, {"subtype": "PCM_24"}),
        "float WAV": ("c.wav", samples, {"subtype": "FLOAT"}),
        "16-bit FLAC": ("d.flac", whole, {"subtype": "PCM_16"}),
        "24-bit FLAC": ("e.flac", fine, {"subtype": "PCM_24"}),
        "MP3": ("f.mp3", samples, {}),
    }
    for name, data, options in plans.values():
        soundfile.write(folder / name, data, RATE, **options)
    sources = {label: folder / plan[0] for label, plan in plans.items()}
    with soundfile.SoundFile(folder / "g.ogg", "w", RATE, samples.shape[1]) as out:
        for start in range(0, len(samples), RATE):  # one long write of Vorbis overflows the stack of libsndfile
            out.write(samples[start : start + RATE])
    sources["OGG Vorbis"] = folder / "g.ogg"
    return sources | write_m4a(folder / "h.m4a", samples)


def write_m4a(path: Path, samples: np.ndarray) -> dict[str, Path]:
    """AAC, when av is installed."""
    try:
        import av
    except ImportError:
        return {}
    with av.open(str(path), "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        for start in range(0, len(samples), 4096):
            part = np.ascontiguousarray(samples[start : start + 4096].T)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return {"AAC in M4A": path}


def cut(audio: Audio) -> int:
    """FLAC-encode every slice; bytes written."""
    n_slices = -(-audio.n_samples // round(SLICE_S * audio.sample_rate))
    slices = (slice_samples(audio, k * SLICE_S, (k + 1) * SLICE_S) for k in range(n_slices))
    return sum(len(encode_flac(part, audio.sample_rate, bits=audio.bits)) for part in slices)


def decoding(sources: dict[str, Path], seconds: float, repeats: int) -> Iterator[Row]:
    for label, path in sources.items():
        yield measured(f"decode {label}", seconds, lambda path=path: read_audio(path).problems[:0] and None, repeats)
    wav = sources["16-bit WAV"]
    yield measured(
        "decode, resample to 48 kHz", seconds, lambda: str(read_audio(wav, sample_rate=48_000).n_samples), repeats
    )
    mono = {"sample_rate": 22_050, "mono": True}
    yield measured(
        "decode, resample to 22.05 kHz mono", seconds, lambda: str(read_audio(wav, **mono).n_samples), repeats
    )
    yield measured("read the header", seconds, lambda: probe_audio(wav).format, repeats)


def cutting(sources: dict[str, Path], seconds: float, repeats: int) -> Iterator[Row]:
    """Decode once, cut into slices, encode each: the bar is 200 × real time for lossless sources."""
    for label in ("16-bit WAV", "24-bit WAV", "16-bit FLAC", "24-bit FLAC", "MP3"):
        path = sources[label]

        def work(path: Path = path) -> str:
            return f"{cut(read_audio(path)) / seconds * 3600 / 1e6:,.0f} MB per hour"

        yield measured(f"cut {label} into {SLICE_S:g}-s FLAC", seconds, work, repeats)

    def with_levels() -> None:
        audio = read_audio(sources["16-bit WAV"])
        for k in range(int(audio.duration_s // SLICE_S)):
            measure_levels(slice_samples(audio, k * SLICE_S, (k + 1) * SLICE_S), RATE)
        cut(audio)

    yield measured("cut 16-bit WAV, levels of each slice", seconds, with_levels, repeats)


def encoding(samples: np.ndarray, seconds: float, repeats: int) -> Iterator[Row]:
    """FLAC at several levels: time against bytes."""
    usual = flac_module.COMPRESSION_LEVEL
    for bits in (16, 24):
        for level in (0, 1, 3, 4, 5, 8):
            flac_module.COMPRESSION_LEVEL = level / 8

            def work(bits: int = bits) -> str:
                n_bytes = len(encode_flac(samples, RATE, bits=bits))  # type: ignore[arg-type]  # 16 or 24
                return f"{n_bytes / seconds * 3600 / 1e6:,.0f} MB per hour"

            mark = ", used" if level / 8 == usual else ""
            yield measured(f"encode FLAC, {bits} bits, level {level}{mark}", seconds, work, repeats)
    flac_module.COMPRESSION_LEVEL = usual


def measuring(samples: np.ndarray, seconds: float, repeats: int) -> Iterator[Row]:
    yield measured("RMS, peak and loudness", seconds, lambda: str(measure_levels(samples, RATE).is_silent), repeats)
    yield measured("loudness", seconds, lambda: f"{loudness_lufs(samples, RATE):.3f} LUFS", repeats)
    try:
        import pyloudnorm
    except ImportError:
        return
    for filters in ("DeMan", "K-weighting"):
        meter = pyloudnorm.Meter(RATE, filter_class=filters)
        wide = samples.astype(np.float64)
        what = f"loudness by pyloudnorm, {filters}"
        yield measured(what, seconds, lambda: f"{meter.integrated_loudness(wide):.3f} LUFS", repeats)  # noqa: B023  called at once
    halves = [Audio(samples, RATE), Audio(samples[::-1] * np.float32(0.5), RATE)]
    yield measured("mix two recordings", seconds, lambda: str(mix(halves).n_samples), repeats)


def rendering(soundfont: Path | None, seconds: float, repeats: int) -> Iterator[Row]:
    piece = made_piece(seconds)
    for font in dict.fromkeys((None, soundfont)):
        for rate, mono in ((RATE, False), (22_050, True)):
            name = "mono" if mono else "stereo"

            def work(font: Path | None = font, rate: int = rate, *, mono: bool = mono) -> str:
                return (Renderer(font).render(piece, rate, mono=mono).problems[:1] and "turned down") or ""

            what = (
                f"render {piece.n_notes:,} notes, {rate / 1000:g} kHz {name}, {Renderer(font).instrument.split(',')[0]}"
            )
            yield measured(what, seconds, work, repeats)


def all_rows(seconds: float, repeats: int, soundfont: Path | None) -> Iterator[Row]:
    clean = Renderer(None).render(made_piece(seconds), RATE).samples
    noise = np.random.default_rng(0).standard_normal(clean.shape).astype(np.float32) * np.float32(
        10 ** (NOISE_DBFS / 20)
    )
    samples = np.clip(clean + noise, -1, 0.999)
    with tempfile.TemporaryDirectory() as folder:
        sources = write_sources(Path(folder), samples)
        yield from decoding(sources, seconds, repeats)
        yield from cutting(sources, seconds, repeats)
    yield from encoding(samples, seconds, repeats)
    yield from measuring(samples, seconds, repeats)
    yield from rendering(soundfont, seconds, repeats)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--soundfont", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    rows = []
    if not chosen.json:
        print(f"{'':<58} {'× real time':>12} {'wall':>8}")
    for row in all_rows(chosen.seconds, chosen.repeats, find_soundfont(chosen.soundfont)):
        rows.append(row)
        if not chosen.json:
            print(f"{row.what:<58} {row.times_real_time:>12,.0f} {row.wall:>8,.0f}  {row.note}", flush=True)
    if chosen.json:
        table = [{"what": r.what, "times_real_time": r.times_real_time, "wall": r.wall, "note": r.note} for r in rows]
        print(json.dumps(table, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
