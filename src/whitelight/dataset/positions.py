"""Where a moment of a song lies for a musician and for a film editor: beats, and SMPTE time code.

Beats are quarter notes from the start of the song: of its MIDI or, without any, of the tempo its manifest states.
SMPTE counts frames and 80 subframes per frame, as DAWs do, at the rate of the song's own time codes, else 25 per
second. A semicolon before the frames says that frame numbers are dropped (SMPTE 12M).
"""

from dataclasses import dataclass

from whitelight.catalog.song import Song
from whitelight.catalog.timecode import ENCODINGS, Encoding, label_number
from whitelight.music import Piece

SUBFRAMES_PER_FRAME = 80
DEFAULT_RATE = ENCODINGS["0FF@25"]


@dataclass(frozen=True, slots=True)
class SmpteClock:
    """Time code at one frame rate; `encoding` is one with frames."""

    encoding: Encoding

    @classmethod
    def of(cls, encoding_name: str) -> "SmpteClock":
        """Return the clock of a song whose time codes are read as `encoding_name`; 25 fps where it has no frames."""
        encoding = ENCODINGS.get(encoding_name, DEFAULT_RATE)
        return cls(encoding if encoding.frame_rate else DEFAULT_RATE)

    @property
    def frames_per_second(self) -> float:
        """Frames per second, as people write it: 25, 29.97, 23.976."""
        return round(self.encoding.frame_rate / self.encoding.stretch, 3)

    def text(self, seconds: float) -> str:
        """Return ``HH:MM:SS:FF.SS``, the nearest subframe; a semicolon before the frames where numbers are dropped.

        Parameters
        ----------
        seconds : ≥ 0.
        """
        per_second = self.encoding.frame_rate
        count = round(seconds / self.encoding.stretch * per_second * SUBFRAMES_PER_FRAME)
        if self.encoding.drops_frames:
            count = label_number(count, SUBFRAMES_PER_FRAME)
        frames, subframes = divmod(count, SUBFRAMES_PER_FRAME)
        whole, frame = divmod(frames, per_second)
        mark = ";" if self.encoding.drops_frames else ":"
        return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{mark}{frame:02d}.{subframes:02d}"

    def seconds(self, text: str) -> float:
        """Return the time of a text, the inverse of `text`."""
        clock, _, rest = text.replace(";", ":").rpartition(":")
        hours, minutes, seconds = (int(part) for part in clock.split(":"))
        frame, subframes = (int(part) for part in rest.split("."))
        minutes += hours * 60
        frames = (minutes * 60 + seconds) * self.encoding.frame_rate + frame
        if self.encoding.drops_frames:
            frames -= 2 * (minutes - minutes // 10)
        return (frames + subframes / SUBFRAMES_PER_FRAME) * self.encoding.stretch / self.encoding.frame_rate


def beat_position(song: Song, piece: Piece | None, seconds: float) -> float | None:
    """Return quarter notes from the start of the song; None where neither MIDI nor manifest gives a tempo.

    The last tempo holds beyond the end of the MIDI.
    """
    if piece is not None:
        tempo_map = piece.tempo_map
        tick = tempo_map.seconds_to_ticks(seconds)
        left_s = seconds - tempo_map.ticks_to_seconds(tick)  # within half a tick
        return round(tick / piece.ticks_per_beat + left_s * tempo_map.tempo_bpm_at(tick) / 60.0, 6)
    return round(seconds * song.tempo_bpm / 60.0, 6) if song.tempo_bpm else None
