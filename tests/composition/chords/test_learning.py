import numpy as np
import pytest

from whitelight.composition import blend, learn_transitions, read_transitions, shipped_rules, write_transitions
from whitelight.composition.chords.learning import estimate_chords, estimate_key, estimate_triad
from whitelight.composition.chords.vocabulary import QUALITIES
from whitelight.music import Key, KeyChange, Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap, read_midi


def piece_of(chords, *, bar=1920, key=None, n_beats=4):
    rows = [
        (i * bar, bar, 48 + (root + interval) % 12 + (0 if interval == 0 else 12), 80)
        for i, (root, quality) in enumerate(chords)
        for interval in QUALITIES[quality]
    ]
    return Piece(
        ticks_per_beat=480,
        tempo_map=TempoMap.constant(100, 480),
        meters=(MeterChange(0, Meter(n_beats, 4)),),
        keys=() if key is None else (KeyChange(0, Key.parse(key)),),
        midi_tracks=(MidiTrack("Piano", notes=Notes.from_rows(rows)),),
        end_tick=bar * len(chords),
    )


AXIS = [(0, "maj"), (7, "maj"), (9, "min"), (5, "maj")] * 3 + [(0, "maj")]


def test_chords_are_heard_and_counted_by_function():
    piece = piece_of([((root + 2) % 12, quality) for root, quality in AXIS], key="D major")
    assert estimate_chords(piece)[:4] == [(2, "maj"), (9, "maj"), (11, "min"), (7, "maj")]
    learned = learn_transitions([piece])
    assert learned.counts["major"] == {"I": {"V": 3}, "IV": {"I": 3}, "V": {"vi": 3}, "vi": {"IV": 3}}
    assert (learned.n_pieces, learned.n_transitions) == (1, 12)


def test_minor_is_read_from_its_own_tonic():
    minor = [(9, "min"), (5, "maj"), (0, "maj"), (7, "maj")] * 3 + [(9, "min")]
    piece = piece_of(minor)
    assert str(estimate_key(piece)) == "A minor"
    assert learn_transitions([piece]).counts["minor"]["i"] == {"bVI": 3}


def test_a_key_that_the_notes_contradict_is_not_believed():
    assert estimate_key(piece_of([((root + 6) % 12, q) for root, q in AXIS], key="C major")).tonic == 6
    assert estimate_key(piece_of(AXIS, key="C major")).tonic == 0


def test_clusters_and_silence_are_no_chords():
    assert estimate_triad(np.ones(12), 0) is None
    assert estimate_triad(np.zeros(12), None) is None
    assert estimate_key(piece_of([])) is None
    assert learn_transitions([piece_of([])]).n_transitions == 0


def test_counts_travel_with_their_provenance(tmp_path):
    path = tmp_path / "mine.yml"
    learned = learn_transitions([piece_of(AXIS, key="C major")])
    write_transitions(path, learned, source="my songs: 'live'")
    assert read_transitions(path) == learned.counts
    text = path.read_text()
    assert learned.sha256 in text
    assert "pieces: 1" in text
    rules = blend(shipped_rules(), read_transitions(path))
    assert rules.transitions["major"]["V"]["vi"] > shipped_rules().transitions["major"]["V"]["vi"]


def test_real_songs_give_the_known_table(shared_data):
    """Counted from the piano and the melody alone, the commonest moves are those of the corrected annotation."""
    folder = shared_data / "pop909"
    if not folder.is_dir():
        pytest.skip("pop909 is not there")
    files = sorted(folder.glob("*/*.mid"))[:12]
    learned = learn_transitions(read_midi(file) for file in files)
    assert learned.n_transitions > 300
    major = learned.counts["major"]
    top = max(major["V"], key=major["V"].__getitem__)
    assert top in ("I", "vi")
    busiest = sorted(major, key=lambda name: -sum(major[name].values()))[:4]
    assert {"I", "IV", "V"} <= set(busiest)
