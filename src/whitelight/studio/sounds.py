"""Parts as sound, rendered with the SoundFont: one stage alone, exactly as long as its section, ready to be looped.

What still rings when the section ends is added to its beginning, as it would be heard when the loop has come round; so
a loop neither clicks nor breaks off. Stages stand at the levels of a mix (`composition.arrangement.levels`), nothing
else is done to them, so that what the page adds up sounds like the song.
"""

import io
import os
import tempfile
import wave
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np

from whitelight.audio import Renderer
from whitelight.composition.exports import balanced, write_preview
from whitelight.music import Piece, TempoMap, slice_piece
from whitelight.studio.errors import NotThereError

SAMPLE_RATE = 44_100
TAIL_S = 3.0  # a cymbal rings about as long
MAX_KEPT_BYTES = 192 << 20  # an hour of stereo in 16 bits would be three times that
MIN_TEMPO_BPM, MAX_TEMPO_BPM = 20.0, 400.0
_FULL_SCALE = 2**15


class NoSoundFontError(NotThereError):
    """Rendered sound was asked for, and there is no SoundFont."""


class Sounds:
    """Renders, and keeps what was rendered, the oldest going first.

    Parameters
    ----------
    soundfont : what plays; without one nothing is rendered, since the page's own synthesizer does as well.
    """

    def __init__(self, soundfont: Path | None) -> None:
        self._soundfont = soundfont
        self._renderer: Renderer | None = None
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._n_bytes = 0
        self._lock, self._playing = Lock(), Lock()

    def loop(self, key: tuple[object, ...], stage: str, piece: Callable[[], Piece]) -> bytes:
        """A WAV file of a part that can be looped.

        Parameters
        ----------
        key : what the sound depends on besides the stage. piece : gives the part, when it is not kept already.

        Raises
        ------
        NoSoundFontError : there is none. AudioError : the part has no length.
        """
        return self._made((stage, *key), lambda renderer: loop_wav(balanced({stage: piece()}), renderer))

    def song(self, key: tuple[object, ...], piece: Callable[[], Piece]) -> bytes:
        """A WAV file of a whole song, at the loudness of `preview.wav`; raises like `loop`."""
        return self._made(("song", *key), lambda renderer: _preview(piece(), renderer))

    def _made(self, key: tuple[object, ...], make: Callable[[Renderer], bytes]) -> bytes:
        if self._soundfont is None:
            raise NoSoundFontError(
                "no SoundFont: the page plays with its own synthesizer; install one, or start with --soundfont FILE"
            )
        found = self._find(key)
        if found is not None:
            return found
        with self._playing:  # a renderer keeps its notes and plays one part at a time
            found = self._find(key)  # somebody else may have waited for the same
            if found is None:
                if self._renderer is None:
                    self._renderer = Renderer(self._soundfont)
                found = make(self._renderer)
                self._keep(key, found)
            return found

    def _find(self, key: tuple[object, ...]) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: tuple[object, ...], data: bytes) -> None:
        with self._lock:
            self._kept[key] = data
            self._n_bytes += len(data)
            while self._n_bytes > MAX_KEPT_BYTES and len(self._kept) > 1:
                self._n_bytes -= len(self._kept.popitem(last=False)[1])


def at_tempo(piece: Piece, tempo_bpm: float, end_tick: int) -> Piece:
    """A part at one tempo, cut or lengthened to end at `end_tick` of its own ticks."""
    ticks = piece.ticks_per_beat
    there = slice_piece(piece, 0, end_tick) if piece.end_tick > end_tick else piece
    return replace(there, tempo_map=TempoMap.constant(tempo_bpm, ticks), end_tick=end_tick)


def loop_wav(piece: Piece, renderer: Renderer, sample_rate: int = SAMPLE_RATE) -> bytes:
    """Render a part exactly as long as it is, what rings beyond its end added to its beginning.

    Raises
    ------
    AudioError : the part has no length.
    """
    n_samples = max(round(piece.duration_s * sample_rate), 1)
    n_tail = min(round(TAIL_S * sample_rate), n_samples)
    rendered = renderer.render(piece, sample_rate, n_samples=n_samples + n_tail).samples
    looped = np.array(rendered[:n_samples])
    looped[:n_tail] += rendered[n_samples:]
    return _wav(looped, sample_rate)


def _wav(samples: "np.ndarray[tuple[int, int], np.dtype[np.float32]]", sample_rate: int) -> bytes:
    """The bytes of a WAV file, 16 bits."""
    whole = np.clip(np.rint(samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2")
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(whole.tobytes())
    return stream.getvalue()


def _preview(piece: Piece, renderer: Renderer) -> bytes:
    with tempfile.TemporaryDirectory(prefix="whitelight-") as folder:  # the production folder is not written to
        path = Path(os.fspath(folder)) / "song.wav"
        write_preview(piece, path, renderer)
        return path.read_bytes()
