"""Playing the pitched parts of a song plan: chords, bass and melody. Rows are (onset, duration, pitch, velocity)."""

import numpy as np

from whitelight.demo.harmony import nearest, voice
from whitelight.demo.melody import Sung, sing_section
from whitelight.demo.plan import Bar, SongPlan, bars_of
from whitelight.demo.steps import ACCENTS, STEP_TICKS, Hit, fit_pattern, hits, strong_steps

Row = tuple[int, int, int, int]
_SHORTEST_TICKS = 30
_DRIFT = 4  # semitones a song's chords may lie off the album's center


def play_chords(plan: SongPlan, rng: np.random.Generator) -> list[Row]:
    """Play every section with one of the album's figures; the last bar of the song is one held tonic."""
    part = plan.album.chords
    first, second = rng.integers(len(part.figures), size=2)
    style, center = str(rng.choice(part.voicings)), part.center + int(rng.integers(-_DRIFT, _DRIFT + 1))
    rows: list[Row] = []
    voicing: tuple[int, ...] = ()
    for section in plan.sections:
        figure = part.figures[first if section.role in ("intro", "verse") else second]
        bar_hits = hits(fit_pattern(figure.rhythm, plan.meter))
        voicings = {}
        for span in section.spans:
            voicing = voicings[span] = voice(span, style, center, voicing)
        for bar in bars_of(plan, section):
            if bar.is_song_end:
                rows += _struck(bar, Hit(0, bar.n_steps, "x"), voicing, rng)
                continue
            for index, hit in enumerate(bar_hits):
                notes = _chosen(voicings[bar.chord_at(hit.step)], figure.order, index)
                rows += _struck(bar, hit, notes, rng)
    return rows


def play_bass(plan: SongPlan, rng: np.random.Generator) -> list[Row]:
    """Play roots, fifths and approach notes by the album's patterns; the end of the song is one held root."""
    part = plan.album.bass
    first, second = rng.integers(len(part.patterns), size=2)
    rows: list[Row] = []
    for section in plan.sections:
        if "bass" not in section.parts:
            continue
        pattern = part.patterns[first if section.role in ("intro", "verse") else second]
        bar_hits = hits(fit_pattern(pattern, plan.meter))
        for bar in bars_of(plan, section):
            played = (Hit(0, bar.n_steps, "1"),) if bar.is_song_end else bar_hits
            rows += [
                _note(bar, hit, _bass_pitch(bar, hit), velocity=part.velocity, gate=part.gate, rng=rng)
                for hit in played
            ]
    return rows


def play_melody(plan: SongPlan, rng: np.random.Generator) -> list[Row]:
    """Sing verses, choruses and the outro; a returning section brings its melody back."""
    part = plan.album.melody
    sung: dict[str, tuple[Sung, ...]] = {}
    rows: list[Row] = []
    for section in plan.sections:
        if "melody" not in section.parts:
            continue
        if section.role not in sung:
            sung[section.role] = sing_section(plan, section, rng)
        bars = bars_of(plan, section)
        rows += [
            _note(bars[note.bar], note.hit, note.pitch, velocity=part.velocity, gate=part.gate, rng=rng)
            for note in sung[section.role]
        ]
    return rows


def _note(bar: Bar, hit: Hit, pitch: int, *, velocity: float, gate: float, rng: np.random.Generator) -> Row:
    """Shape one note: swing, gate, and a velocity from energy, accent, strong beats and a little chance."""
    duration = max(round(hit.n_steps * STEP_TICKS * gate), _SHORTEST_TICKS)
    strong = 1.06 if hit.step in strong_steps(bar.plan.meter) else 0.97
    loudness = velocity * bar.energy * ACCENTS.get(hit.symbol, 1.0) * strong
    return bar.tick_at(hit.step), duration, pitch, min(max(round(loudness + rng.normal(0, 3)), 12), 124)


def _struck(bar: Bar, hit: Hit, notes: tuple[int, ...], rng: np.random.Generator) -> list[Row]:
    """Strike the notes of a chord, rolled upward by the album's strum."""
    part = bar.plan.album.chords
    rows = []
    for index, pitch in enumerate(notes):
        onset, duration, _, velocity = _note(bar, hit, pitch, velocity=part.velocity, gate=part.gate, rng=rng)
        delay = min(index * part.strum_ticks, duration // 2)
        rows.append((onset + delay, duration - delay, pitch, velocity))
    return rows


def _chosen(voicing: tuple[int, ...], order: str, index: int) -> tuple[int, ...]:
    """Notes of a voicing that hit number `index` of the bar plays."""
    n = len(voicing)
    if order == "up":
        return (voicing[index % n],)
    if order == "down":
        return (voicing[-1 - index % n],)
    if order == "updown":
        turn = index % max(2 * n - 2, 1)
        return (voicing[min(turn, 2 * n - 2 - turn)],)
    if order == "alberti":
        return (voicing[(0, -1, n // 2, -1)[index % 4]],)
    if order == "split":
        return voicing[:1] if index % 2 == 0 else voicing[1:]
    return voicing


def _bass_pitch(bar: Bar, hit: Hit) -> int:
    """Pitch of a bass symbol: degrees of the chord that sounds, a pedal, or a scale step before the next root."""
    key, center = bar.plan.key, bar.plan.album.bass.center
    span = bar.chord_at(hit.step)
    root = nearest(span.root, center)
    above = [(pitch_class - span.root) % 12 for pitch_class in span.pitch_classes]
    if hit.symbol == "T":
        rubs = {(key.tonic + shift) % 12 for shift in (1, 11)} & set(span.pitch_classes)
        return root if rubs else nearest(key.tonic, center)
    if hit.symbol == "a":
        following = bar.chord_at(bar.n_steps) if bar.index + 1 < bar.section.n_bars else span
        target = nearest(following.root, center)
        below = [target - shift for shift in (1, 2) if (target - shift) % 12 in key.scale_pitch_classes]
        return below[0] if below and following.root != span.root else root + 12
    wanted = {"3": (3, 4), "5": (7, 6, 8), "8": ()}.get(hit.symbol, (0,))
    return root + next((interval for interval in wanted if interval in above), 12)
