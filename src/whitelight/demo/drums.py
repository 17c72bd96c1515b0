"""Drums of the demo: a groove per role of section, small changes from bar to bar, a fill before the next section."""

from collections.abc import Mapping

import numpy as np

from whitelight.demo.plan import Bar, SongPlan, bars_of
from whitelight.demo.steps import ACCENTS, STEP_TICKS, fit_pattern, group_steps, hits

Row = tuple[int, int, int, int]
INSTRUMENTS = {  # General MIDI percussion
    "kick": 36,
    "rim": 37,
    "snare": 38,
    "clap": 39,
    "tom_low": 43,
    "hat": 42,
    "open_hat": 46,
    "tom_mid": 47,
    "crash": 49,
    "tom_high": 50,
    "ride": 51,
    "tambourine": 54,
    "cowbell": 56,
    "shaker": 70,
}
_FILL = {
    "k": "kick",
    "r": "rim",
    "s": "snare",
    "o": "snare",
    "c": "clap",
    "l": "tom_low",
    "m": "tom_mid",
    "h": "tom_high",
}
_GAIN = {"kick": 1.0, "snare": 1.05, "hat": 0.72, "open_hat": 0.78, "ride": 0.75, "shaker": 0.6, "crash": 0.95}
_VARIED = ("kick", "snare", "rim")
_GHOST_OUT, _STROKE_OUT = 0.25, 0.12  # chance that a ghost, or an off-beat stroke of `_VARIED`, is left out
_WANDER_TICKS = 4  # a drummer, not a machine; the drum machine of an album still breathes a little


def play_drums(plan: SongPlan, rng: np.random.Generator) -> list[Row]:
    """Play the drums of the whole song; the song ends on one stroke."""
    part = plan.album.drums
    first, second = rng.integers(len(part.grooves), size=2)
    rows: list[Row] = []
    for section in plan.sections:
        if "drums" not in section.parts:
            continue
        groove = part.grooves[first if section.role in ("intro", "verse") else second]
        for bar in bars_of(plan, section):
            if bar.is_song_end:
                rows += [_stroke(bar, 0, name, 1.0, rng) for name in ("kick", *_cymbal(groove))]
                continue
            has_fill = bar.index == section.n_bars - 1
            rows += _groove(bar, groove, _fill_start(plan) if has_fill else bar.n_steps, rng)
            if has_fill:
                rows += _fill(bar, str(rng.choice(part.fills)), rng)
            if bar.index == 0 and section.role == "chorus":
                rows += [_stroke(bar, 0, name, 1.1, rng) for name in _cymbal(groove)]
    return rows


def _groove(bar: Bar, groove: Mapping[str, str], end: int, rng: np.random.Generator) -> list[Row]:
    """Play one bar up to step `end`: ghosts come and go, now and then an off-beat stroke is left out."""
    rows = []
    for name, pattern in groove.items():
        for hit in hits(fit_pattern(pattern, bar.plan.meter)):
            is_varied = hit.step % 4 != 0 and name in _VARIED
            chance_out = _GHOST_OUT if hit.symbol == "o" else _STROKE_OUT if is_varied else 0.0
            if hit.step < end and rng.random() >= chance_out:
                rows.append(_stroke(bar, hit.step, name, ACCENTS[hit.symbol], rng))
    return rows


def _fill(bar: Bar, fill: str, rng: np.random.Generator) -> list[Row]:
    """Play a fill from the middle of the bar to its end, growing louder."""
    start = _fill_start(bar.plan)
    n_steps = bar.n_steps - start
    symbols = (fill * 2)[-n_steps:]
    return [
        _stroke(bar, start + step, _FILL[symbol], (0.7 if symbol == "o" else 0.85) + 0.25 * step / n_steps, rng)
        for step, symbol in enumerate(symbols)
        if symbol != "."
    ]


def _fill_start(plan: SongPlan) -> int:
    """Step where the second half of the bar's groups begins."""
    sizes = group_steps(plan.meter)
    return sum(sizes[: (len(sizes) + 1) // 2])


def _cymbal(groove: Mapping[str, str]) -> tuple[str, ...]:
    """Return a crash for kits that have a backbeat."""
    return ("crash",) if {"snare", "clap"} & set(groove) else ()


def _stroke(bar: Bar, step: int, name: str, accent: float, rng: np.random.Generator) -> Row:
    """Shape one stroke: swing, a little wander, velocity from accent, instrument and place in the bar."""
    onset = max(bar.tick_at(step) + round(rng.normal(0, _WANDER_TICKS)), bar.start_tick)
    loudness = bar.plan.album.drums.velocity * accent * _GAIN.get(name, 0.9) * bar.energy
    loudness *= 1.05 if step % 4 == 0 else 0.95
    return onset, STEP_TICKS, INSTRUMENTS[name], min(max(round(loudness + rng.normal(0, 4)), 8), 126)
