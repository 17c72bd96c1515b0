"""The pictures of a row as inline SVG: the outline of its sound, and its notes; both over the same time from left to right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whitelight.markup import Markup, el, svg
from whitelight.music import Piece
from whitelight.music.bars import BarGrid

WIDTH, _LEFT = 820.0, 34.0
_WAVE_HEIGHT, _ROLL_HEIGHT = 72.0, 132.0
_DRUM_STEP = 7.0
_N_BINS = 560
_MAX_GAIN = 32.0  # quiet rows are drawn larger, and say so; silence stays flat
_LOUDNESSES = (0.45, 0.7, 1.0)  # opacity of soft, middle and loud notes


@dataclass(frozen=True, slots=True)
class PlayedNote:
    """A note in seconds from the start of the row."""

    start_s: float
    duration_s: float
    pitch: int
    velocity: int
    is_drum: bool


def played_notes(piece: Piece) -> tuple[PlayedNote, ...]:
    """Return all notes of a piece in order of time."""
    found = []
    for track in piece.midi_tracks:
        starts, ends = (piece.tempo_map.ticks_to_seconds(t) for t in (track.notes.onset_tick, track.notes.end_tick))
        rows = zip(
            starts.tolist(), ends.tolist(), track.notes.pitch.tolist(), track.notes.velocity.tolist(), strict=True
        )
        found += [
            PlayedNote(start, end - start, pitch, velocity, track.is_drum) for start, end, pitch, velocity in rows
        ]
    return tuple(sorted(found, key=lambda note: (note.start_s, note.pitch)))


def waveform(samples: NDArray[np.float32], duration_s: float) -> Markup:
    """Draw the outline of a sound, shape (n_samples, n_channels), channels one over the other, quiet ones enlarged.

    Parameters
    ----------
    duration_s : of the row, which a recording that ends early does not fill.
    """
    from whitelight.audio import peaks  # noqa: PLC0415  only rows with sound need it

    n_channels = samples.shape[1]
    height = _WAVE_HEIGHT / n_channels
    gain = min(0.95 / max(float(np.abs(samples).max(initial=0.0)), 1e-6), _MAX_GAIN)
    shapes = []
    for channel in range(n_channels):
        outline = peaks(samples[:, channel : channel + 1], min(_N_BINS, max(len(samples), 1)))
        middle = height * (channel + 0.5)
        shapes.append(el("line", x1=_LEFT, x2=WIDTH, y1=middle, y2=middle, class_="zero"))
        shapes.append(el("path", d=_outline(outline * gain, middle, height / 2 - 1), class_="wave"))
    body = [el("rect", x=_LEFT, y=0, width=WIDTH - _LEFT, height=_WAVE_HEIGHT, class_="ground"), *shapes]
    if gain > 1.5:
        body.append(el("text", f"drawn × {gain:.1f}", x=WIDTH - 4, y=11, class_="end gain"))
    body += [_seconds(duration_s, _WAVE_HEIGHT), _cursor(_WAVE_HEIGHT)]
    return svg(WIDTH, _WAVE_HEIGHT + 14, *body, label="Outline of the sound", class_="wave-picture")


def piano_roll(notes: Sequence[PlayedNote], bars_s: Iterable[float], duration_s: float) -> Markup:
    """Draw notes and bar lines; drums have lines of their own at the bottom."""
    pitched = [note for note in notes if not note.is_drum]
    kit = sorted({note.pitch for note in notes if note.is_drum})
    low, high = (min(n.pitch for n in pitched) - 1, max(n.pitch for n in pitched) + 1) if pitched else (0, -1)
    n_pitches = high - low + 1
    step = min(max(_ROLL_HEIGHT / max(n_pitches, 1), 2.5), 8.0)
    height = n_pitches * step + len(kit) * _DRUM_STEP + 4

    def up(note: PlayedNote) -> float:
        if note.is_drum:
            return height - (kit.index(note.pitch) + 0.5) * _DRUM_STEP
        return (high - note.pitch + 0.5) * step

    across = (WIDTH - _LEFT) / max(duration_s, 1e-3)
    body = [el("rect", x=_LEFT, y=0, width=WIDTH - _LEFT, height=height, class_="ground")]
    lines = "".join(f"M{_LEFT + bar_s * across:.1f} 0v{height:.1f}" for bar_s in bars_s)
    body.append(el("path", d=lines, class_="bars") if lines else Markup())
    body += [
        el("text", f"C{pitch // 12 - 1}", x=_LEFT - 5, y=(high - pitch + 0.5) * step + 4, class_="pitch")
        for pitch in range(low, high + 1)
        if pitch % 12 == 0
    ]
    for is_drum in (False, True):
        for loudness, opacity in enumerate(_LOUDNESSES):
            chosen = [n for n in notes if n.is_drum == is_drum and min(n.velocity * 3 // 128, 2) == loudness]
            path = "".join(
                f"M{_LEFT + n.start_s * across:.1f} {up(n):.1f}h{3.0 if is_drum else max(n.duration_s * across - 0.7, 1.2):.1f}"
                for n in chosen
            )
            kind = "drum" if is_drum else "note"
            width = _DRUM_STEP - 2.5 if is_drum else step - 0.5
            if path:
                body.append(el("path", d=path, class_=kind, stroke_width=width, opacity=opacity))
    body += [_seconds(duration_s, height), _cursor(height)]
    return svg(WIDTH, height + 14, *body, label="Piano roll", class_="roll-picture")


def bar_times(piece: Piece) -> list[float]:
    """Return where the bars of a piece begin, in seconds."""
    ticks = BarGrid.of(piece).starts(max(piece.end_tick, 1))
    times: list[float] = piece.tempo_map.ticks_to_seconds(ticks).tolist()
    return times[:2000]


def _outline(outline: NDArray[np.float32], middle: float, reach: float) -> str:
    """Return a closed path: greatest samples from left to right, least ones back."""
    xs = _LEFT + (np.arange(len(outline)) + 0.5) * (WIDTH - _LEFT) / len(outline)
    forth = [f"{x:.1f} {middle - float(y) * reach:.1f}" for x, y in zip(xs, outline[:, 1], strict=True)]
    back = [f"{x:.1f} {middle - float(y) * reach:.1f}" for x, y in zip(xs, outline[:, 0], strict=True)]
    return f"M{'L'.join([*forth, *reversed(back)])}Z"


def _seconds(duration_s: float, height: float) -> Markup:
    """Draw marks of whole seconds below a picture, not more than ten."""
    step = next((s for s in (0.5, 1, 2, 5, 10, 30, 60, 120, 300) if duration_s / s <= 10), 600)
    marks = []
    for index in range(int(duration_s / step) + 1):
        x = _LEFT + index * step / max(duration_s, 1e-3) * (WIDTH - _LEFT)
        place = "start" if index == 0 else "middle" if x < WIDTH - 12 else "end"
        marks.append(el("text", f"{index * step:g} s", x=x, y=height + 11, class_=f"second {place}"))
    return el("g", *marks)


def _cursor(height: float) -> Markup:
    return el("line", x1=_LEFT, x2=_LEFT, y1=0, y2=height, class_="cursor", visibility="hidden")
