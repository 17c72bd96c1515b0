"""What every descriptor promises: finite, named, independent of the batch, and honest about its flags."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.encoders.batch import NoteBatch
from whitelight.encoders.descriptors.document import describe_table
from whitelight.encoders.descriptors.encoder import DESCRIPTORS, GROUPS, DescriptorEncoder
from whitelight.encoders.descriptors.shared import Shared
from whitelight.music import MidiTrack, Piece, TempoMap, TextEvent

ENCODER = DescriptorEncoder()
NAMES = ENCODER.names
NEUTRAL = np.array([d.neutral for d in DESCRIPTORS], np.float32)
VELOCITY = np.array([d.uses_velocity for d in DESCRIPTORS])
NOTATION = np.array([d.uses_notation for d in DESCRIPTORS])
INVARIANT = np.array([d.transposition_invariant for d in DESCRIPTORS])
SEEDS = st.integers(0, 2**32 - 1)


def different(a, b, tolerance=1e-4):
    """Names of the columns that differ."""
    gap = np.abs(a - b).max(axis=0)
    return [NAMES[k] for k in np.flatnonzero(gap > tolerance * np.maximum(1, np.abs(a).max(axis=0)))]


@pytest.fixture(scope="module")
def pieces(make_piece, make_random_rows):
    rng = np.random.default_rng(5)
    sizes = (1, 2, 3, 7, 40, 300, 900)
    pitched = [make_piece(make_random_rows(rng, n, seconds=n / 8 + 1)) for n in sizes]
    drums = [make_piece(make_random_rows(rng, n, low=35, high=60), is_drum=True) for n in (1, 2, 150)]
    return [*pitched, *drums, make_piece([])]


def test_table_is_within_its_limits_and_documented():
    assert 200 <= len(DESCRIPTORS) <= 400
    assert len(set(NAMES)) == len(NAMES)
    assert all(d.doc.endswith(".") and d.unit and "{" not in d.doc for d in DESCRIPTORS)
    assert ENCODER.velocity_mask.tolist() == VELOCITY.tolist()
    assert {d.group for d in DESCRIPTORS} == {
        *("energy", "density", "tonality", "harmony", "lines", "register", "articulation", "rhythm", "drums", "form")
    }


def test_every_block_has_the_columns_it_names(pieces):
    heard = NoteBatch.from_pieces(pieces)
    for part in ("pitched", "drums"):
        shared = Shared(heard.only(drums=part == "drums"))
        for group in (group for group in GROUPS if group.notes == part):
            computed = group.compute(shared)
            for block in group.blocks:
                expected = {(shared.n, block.width)} | ({(shared.n,)} if block.width == 1 else set())
                assert computed[block.name].shape in expected, block.name


def test_reference_page_is_current(repository):
    page = (repository / "docs" / "descriptors.md").read_text()
    assert page == describe_table(), "run python -m whitelight.encoders.descriptors.document docs/descriptors.md"


def test_every_value_is_finite_and_the_batch_does_not_matter(pieces):
    together = ENCODER.encode(pieces)
    assert together.dtype == np.float32
    assert together.shape == (len(pieces), ENCODER.dim)
    assert np.isfinite(together).all()
    alone = np.concatenate([ENCODER.encode([piece]) for piece in pieces])
    assert np.array_equal(together, alone)
    assert np.array_equal(ENCODER.encode(pieces[::-1])[::-1], together)


@settings(deadline=None, max_examples=40)
@given(seed=SEEDS, seconds=st.lists(st.floats(0.1, 40), min_size=2, max_size=12))
def test_pieces_of_any_length_are_described_to_the_bit_as_they_are_alone(make_piece, make_random_rows, seed, seconds):
    rng = np.random.default_rng(seed)
    some = [make_piece(make_random_rows(rng, max(round(s * 4), 1), seconds=s)) for s in seconds]
    together, middle = ENCODER.encode(some), len(some) // 2
    assert np.array_equal(together, np.concatenate([ENCODER.encode([piece]) for piece in some]))
    assert np.array_equal(together, np.concatenate([ENCODER.encode(some[:middle]), ENCODER.encode(some[middle:])]))


def test_nothing_gives_the_neutral_values(make_piece):
    words = MidiTrack(name="words", lyrics=(TextEvent(0, "la"), TextEvent(480, "la")))
    lyric_only = Piece(ticks_per_beat=480, tempo_map=TempoMap.constant(90, 480), midi_tracks=(words,), end_tick=960)
    empty = Piece(ticks_per_beat=480, tempo_map=TempoMap.constant(90, 480))
    found = ENCODER.encode([make_piece([]), lyric_only, empty])
    assert np.array_equal(found, np.stack([NEUTRAL] * 3))
    assert ENCODER.encode([]).shape == (0, ENCODER.dim)


def test_drums_only_leaves_pitched_groups_neutral_and_the_other_way_round(pieces, make_piece, make_random_rows):
    drums = np.array([d.group == "drums" for d in DESCRIPTORS])
    rows = make_random_rows(np.random.default_rng(1), 100, low=35, high=52)
    as_drums, as_notes = ENCODER.encode([make_piece(rows, is_drum=True), make_piece(rows)])
    assert np.array_equal(as_drums[~drums], NEUTRAL[~drums])
    assert np.array_equal(as_notes[drums], NEUTRAL[drums])
    assert (as_drums[drums] != 0).sum() > 40
    assert (as_notes[~drums] != 0).sum() > 150


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, n=st.integers(1, 250), shift=st.integers(-40, 40))
def test_velocity_changes_only_what_says_so(make_piece, make_random_rows, seed, n, shift):
    rows = make_random_rows(np.random.default_rng(seed), n)
    louder = [(o, d, p, min(max(v + shift, 1), 127)) for o, d, p, v in rows]
    flat = [(o, d, p, 64) for o, d, p, _ in rows]
    for is_drum in (False, True):
        found = ENCODER.encode([make_piece(r, is_drum=is_drum) for r in (rows, louder, flat)])
        assert different(found[:1, ~VELOCITY], found[1:2, ~VELOCITY], 0) == []
        assert np.array_equal(found[0, ~VELOCITY], found[2, ~VELOCITY])


def test_velocity_does_change_what_says_so(make_piece, make_random_rows):
    rows = make_random_rows(np.random.default_rng(3), 400, seconds=40)
    other = [(o, d, p, 127 - v) for o, d, p, v in rows]
    for is_drum in (False, True):
        chosen = VELOCITY & np.array([(d.group == "drums") == is_drum for d in DESCRIPTORS])
        found = ENCODER.encode([make_piece(r, is_drum=is_drum) for r in (rows, other)])[:, chosen]
        assert (found[0] != found[1]).mean() > 0.6


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, n=st.integers(3, 250), interval=st.integers(-12, 12))
def test_transposition_leaves_what_claims_to_be_invariant(make_piece, make_random_rows, seed, n, interval):
    rows = make_random_rows(np.random.default_rng(seed), n)
    moved = [(o, d, p + interval, v) for o, d, p, v in rows]
    found = ENCODER.encode([make_piece(rows), make_piece(moved)])
    gap = np.abs(found[0] - found[1])
    assert [NAMES[k] for k in np.flatnonzero(INVARIANT & (gap > 1e-3))] == []


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, n=st.integers(1, 250))
def test_twice_the_tempo_with_doubled_values_is_the_same_sound(make_piece, make_random_rows, seed, n):
    rows = make_random_rows(np.random.default_rng(seed), n)
    doubled = [(2 * o, 2 * d, p, v) for o, d, p, v in rows]
    for is_drum in (False, True):
        found = ENCODER.encode(
            [make_piece(rows, is_drum=is_drum), make_piece(doubled, tempo_bpm=240.0, is_drum=is_drum)]
        )
        assert different(found[:1, ~NOTATION], found[1:, ~NOTATION], 1e-6) == []
    assert NOTATION.mean() < 0.3


def test_a_million_notes(make_piece):
    rng = np.random.default_rng(0)
    n = 1_000_000
    from whitelight.music import Notes

    notes = Notes.from_checked(*_columns(rng, n))
    piece = Piece(
        ticks_per_beat=480,
        tempo_map=TempoMap.constant(120, 480),
        midi_tracks=(MidiTrack(notes=notes),),
        end_tick=int(notes.end_tick.max()),
    )
    found = ENCODER.encode([piece, make_piece([(0, 480, 60, 64)])])
    assert np.isfinite(found).all()


def _columns(rng, n):
    onset, pitch = np.sort(rng.integers(0, 4_000_000, n)), rng.integers(21, 108, n).astype(np.int16)
    order = np.lexsort((pitch, onset))
    return onset[order], rng.integers(1, 960, n), pitch[order], rng.integers(1, 127, n).astype(np.int16)


def test_absurd_times_stay_bounded(make_piece):
    far = make_piece([(0, 10, 60, 64), (480 * 3600 * 24, 480 * 3600 * 24 * 30, 64, 64)])
    still = make_piece([(0, 1, 60, 64), (0, 1, 60, 64), (0, 1, 127, 127), (0, 1, 0, 1)])
    assert np.isfinite(ENCODER.encode([far, still])).all()


def value(piece, name):
    return float(ENCODER.encode([piece])[0, NAMES.index(name)])


def test_a_major_scale_sounds_major_and_a_minor_one_minor(make_piece):
    def scale(degrees, tonic):
        line = [tonic, *(tonic + d for d in degrees), tonic + 12, tonic + 7, tonic]
        return make_piece([(480 * k, 470, p, 64) for k, p in enumerate(line * 3)])

    major, minor = (scale(d, 62) for d in ((2, 4, 5, 7, 9, 11), (2, 3, 5, 7, 8, 10)))
    assert value(major, "key_major_minus_minor") > 0.05 > -0.05 > value(minor, "key_major_minus_minor")
    assert value(major, "third") == pytest.approx(1)
    assert value(minor, "third") == pytest.approx(-1)
    assert value(major, "collection_fit") == pytest.approx(1)


def test_chords_are_recognized(make_piece):
    def chords(*tones):
        return make_piece([(1920 * k, 1920, 48 + t + r, 64) for k, r in enumerate((0, 5, 7, 0)) for t in tones])

    assert value(chords(0, 4, 7), "chord_similarity_major") == pytest.approx(1, abs=1e-3)
    assert value(chords(0, 3, 7), "chord_minor_share") == pytest.approx(1)
    assert value(chords(0, 4, 7), "chord_minor_share") == pytest.approx(0)
    assert value(chords(0, 4, 7, 10), "chord_similarity_dominant_seventh") == pytest.approx(1, abs=1e-3)
    assert value(chords(0, 4, 7), "chord_root_in_bass") == pytest.approx(1)
    assert value(chords(0, 4, 7), "root_motion_fourth_up") == pytest.approx(2 / 3)


def test_rates_pitches_and_steps_are_what_they_say(make_piece):
    quarters = make_piece([(480 * k, 480, 60 + (k % 2) * 4, 64) for k in range(24)])  # two a second for 12 s
    assert value(quarters, "note_rate_log") == pytest.approx(np.log1p(2), abs=0.01)
    assert value(quarters, "ioi_mean") == pytest.approx(-1)
    assert value(quarters, "melody_interval_4") == pytest.approx(1)
    assert value(quarters, "melody_turning") == pytest.approx(1)
    assert value(quarters, "pitch_mean") == pytest.approx(62)
    assert value(quarters, "velocity_mean") == pytest.approx(64)
    assert value(quarters, "beat_position_beat") == pytest.approx(1)
    assert value(quarters, "tempo") == pytest.approx(0)


def test_a_rock_beat_is_one(make_piece):
    beat = [(960 * k + o, 60, key, v) for k in range(16) for key, o, v in ((36, 0, 100), (38, 480, 90), (42, 0, 60))]
    found = make_piece(beat, is_drum=True)
    assert value(found, "drum_share_kick") == pytest.approx(1 / 3)
    assert value(found, "drum_step_snare_5") == pytest.approx(1)
    assert value(found, "drum_step_kick_1") == pytest.approx(1)
    assert value(found, "drum_step_kick_2") == pytest.approx(0)
    assert value(found, "drum_repetition") == pytest.approx(1)
    assert value(found, "drum_velocity_snare") == pytest.approx(90)
    assert value(found, "drum_timing") == pytest.approx(0)


def test_form_tells_a_crescendo_from_a_plain(make_piece):
    plain = [(480 * k, 480, 60 + k % 5, 60) for k in range(240)]
    growing = [(o, d, p, 30 + 90 * o // (480 * 240)) for o, d, p, _ in plain]
    assert value(make_piece(growing), "power_log_rise") > 0.5
    assert value(make_piece(plain), "power_log_rise") == pytest.approx(0, abs=0.02)
    assert value(make_piece(growing), "velocity_mean_variation") > 10


def test_fingerprint_names_the_definition():
    class Next(DescriptorEncoder):
        version = "next"

    assert ENCODER.fingerprint() == DescriptorEncoder().fingerprint()
    assert Next().fingerprint() != ENCODER.fingerprint()
    assert len(ENCODER.fingerprint()) == 64


def test_real_clips_are_finite_and_distinct(shared_data):
    from whitelight.music import read_midi

    files = sorted((shared_data / "emopia" / "midi").glob("*.mid"))[:30]
    found = ENCODER.encode(NoteBatch.from_pieces([read_midi(file) for file in files]))
    assert np.isfinite(found).all()
    assert all(not np.array_equal(a, b) for a, b in pairwise(found))
