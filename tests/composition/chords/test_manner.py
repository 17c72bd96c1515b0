import numpy as np
import pytest

from whitelight.composition.chords.manner_learning import learn_manner
from whitelight.composition.chords.playing import compose_genome
from whitelight.composition.chords.rendering import render
from whitelight.composition.chords.setting import ChordStyle, make_setting
from whitelight.composition.chords.transitions import shipped_rules
from whitelight.composition.form import DEFAULT_FORM
from whitelight.music import Key, Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap, slice_piece

TRIADS = ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67))
BAR = 1920


def part(bars, meter="4/4", tempo_bpm=120.0):
    """A piece of bars, each a list of (tick in the bar, duration, pitch)."""
    size = int(Meter.parse(meter).bar_ticks(480))
    rows = [(at * size + tick, length, pitch, 80) for at, bar in enumerate(bars) for tick, length, pitch in bar]
    tracks = (MidiTrack("keys", notes=Notes.from_rows(rows)),)
    meters = (MeterChange(0, Meter.parse(meter)),)
    return Piece(480, TempoMap.constant(tempo_bpm), meters=meters, midi_tracks=tracks, end_tick=len(bars) * size)


def struck(triad, ticks=(0, 960), length=480):
    return [(tick, length, pitch) for tick in ticks for pitch in triad]


def broken(triad):
    return [(240 * step, 240, triad[step % 3]) for step in range(8)]


def rolled(triad, ticks=24):
    return [(ticks * rank, BAR - ticks * rank, pitch) for rank, pitch in enumerate(triad)]


def only_habit(piece):
    manner = learn_manner([piece])
    assert manner is not None
    return manner.habits[0]


def test_a_part_of_chords_on_half_bars_is_heard_as_it_is():
    habit = only_habit(part([struck(triad) for triad in TRIADS * 2]))
    assert habit.lowest == pytest.approx(63.0)
    assert habit.center == pytest.approx(68.0, abs=0.5)
    assert habit.n_voices == 3
    assert habit.figure == "strum"
    assert habit.gate == pytest.approx(0.5)
    assert habit.strokes_per_s == pytest.approx(1.0)
    assert (habit.hold, habit.pace, habit.is_colored) == (pytest.approx(1 / 7), 0.0, False)


def test_figures_have_their_names():
    assert only_habit(part([broken(triad) for triad in TRIADS * 2])).figure == "broken"
    assert only_habit(part([struck(triad, (0,), BAR) for triad in TRIADS * 2])).figure == "hold"
    alternate = [[(0, 400, t[0] - 24), (480, 400, t[1]), (480, 400, t[2]), (960, 400, t[0] - 17)] for t in TRIADS * 2]
    assert only_habit(part([[*bar, (1440, 400, 76), (1440, 400, 79)] for bar in alternate])).figure == "alternate"


def test_a_rolled_chord_is_one_stroke():
    habit = only_habit(part([rolled(triad) for triad in TRIADS * 2]))
    assert habit.figure == "hold"
    assert habit.roll_s == pytest.approx(2 * 24 / 960, abs=1e-6)


def test_two_chords_in_a_bar_are_a_pace_of_one():
    bars = [struck(a, (0,)) + struck(b, (960,)) for a, b in zip(TRIADS[:3] * 3, TRIADS[1:] * 3, strict=True)]
    assert only_habit(part(bars)).pace == 1.0


def test_foreign_notes_are_color():
    bars = [struck(triad) for triad in (*TRIADS, (66, 70, 73), *TRIADS, (61, 65, 68))]
    assert only_habit(part(bars)).is_colored


def test_swing_is_heard_and_played():
    swung = [[(480 * beat + at, 100, p) for beat in range(4) for at in (0, 320) for p in triad] for triad in TRIADS * 2]
    straight = [[(480 * b + at, 100, p) for b in range(4) for at in (0, 240) for p in triad] for triad in TRIADS * 2]
    assert only_habit(part(swung)).swing == pytest.approx(2 / 3)
    assert only_habit(part(straight)).swing == 0.5
    setting, rng = setting_of(learn_manner([part(swung)])), np.random.default_rng(0)
    played = [render(compose_genome(setting, rng), setting).piece.all_notes().onset_tick % 480 for _ in range(20)]
    off = np.concatenate([ticks[(ticks > 120) & (ticks < 420)] for ticks in played])
    assert np.mean(np.abs(off - 320) < 20) > 0.6


def test_basses_and_whole_chords_struck_again_are_heard():
    low = [(0, 1900, 40), *((480 * beat, 200, p) for beat in range(4) for p in TRIADS[0])]
    assert only_habit(part([low] * 8)).bass_again == 0.0
    assert only_habit(part([low] * 8)).full_again == 1.0
    again = only_habit(part([[(480 * b, 200, p) for b in range(4) for p in (40, *TRIADS[0])]] * 8))
    assert (again.bass_again, again.full_again) == (1.0, 1.0)


def test_flavors_are_those_of_the_catalog():
    suspended = learn_manner([part([struck((60, 65, 67)) for _ in range(8)])])
    assert suspended is not None
    assert suspended.flavors == {"sus4": 16.0}
    assert suspended.habits[0].richness == 1.0
    setting, rng = setting_of(suspended), np.random.default_rng(1)
    qualities = [chord.quality for _ in range(30) for chord in compose_genome(setting, rng).chords]
    assert qualities.count("sus4") > len(qualities) / 4
    assert qualities.count("sus4") > 10 * qualities.count("maj7")
    assert learn_manner([part([struck(triad) for triad in TRIADS * 2])]).flavors == {}


def test_bars_of_a_slice_begin_where_those_of_the_song_do():
    whole = part([struck(triad, (0, 1440)) for triad in TRIADS * 3])
    late = learn_manner([slice_piece(whole, 3 * BAR + 480, 12 * BAR)])
    assert late is not None
    assert late.n_bars == 8
    assert [set(bars) for bars in late.patterns.values()] == [{(0.0, 0.75)}]


def test_too_little_is_no_manner():
    assert learn_manner([]) is None
    assert learn_manner([part([struck(triad) for triad in TRIADS])]) is None
    assert learn_manner([part([[]] * 20)]) is None


def setting_of(manner, meter="4/4"):
    return make_setting(
        DEFAULT_FORM[0],
        key=Key.parse("C major"),
        meter=Meter.parse(meter),
        tempo_bpm=120.0,
        style=ChordStyle(shipped_rules(), manner),
    )


def heard(manner, meter="4/4"):
    """Mean lowest pitch of the bars and notes per bar, per candidate."""
    setting, rng = setting_of(manner, meter), np.random.default_rng(3)
    pieces = [render(compose_genome(setting, rng), setting).piece for _ in range(40)]
    size = int(Meter.parse(meter).bar_ticks(pieces[0].ticks_per_beat))
    lows, counts = [], []
    for piece in pieces:
        notes = piece.all_notes()
        bars = [notes.pitch[(notes.onset_tick // size) == bar] for bar in range(8)]
        lows.append(np.mean([bar.min() for bar in bars if len(bar)]))
        counts.append(len(notes) / 8)
    return np.array(lows), np.array(counts)


def test_candidates_lie_where_the_catalog_lies():
    high = learn_manner([part([broken([p + 5 for p in triad]) for triad in TRIADS * 2])])
    low = learn_manner([part([struck([p - 17 for p in triad], (0,), BAR) for triad in TRIADS * 2])])
    (high_low, high_count), (low_low, low_count), (plain_low, _) = heard(high), heard(low), heard(None)
    assert np.median(low_low) < 50 < np.median(high_low)
    assert np.median(plain_low) < np.median(high_low) - 8
    assert np.median(high_count) > 1.5 * np.median(low_count)


def test_a_meter_the_catalog_never_plays_takes_its_pace():
    busy = learn_manner([part([broken(triad) for triad in TRIADS * 2])])
    calm = learn_manner([part([struck(triad, (0,), BAR) for triad in TRIADS * 2])])
    assert np.median(heard(busy, "7/8")[1]) > np.median(heard(calm, "7/8")[1])
