import numpy as np
import pytest

from whitelight.training.leakage import (
    LeakageError,
    LeakageReport,
    Material,
    SharedMaterial,
    check_leakage,
    chroma_prints,
    linked_groups,
    pitch_prints,
)

CONCEPT = "a lighthouse keeper counts the ships that never come home while his radio repeats a lost weather report"
OTHER = "two sisters divide an inheritance of broken clocks and find that each one stopped on a different birthday"


def melody(seed: int, n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.arange(n) * 240, 60 + np.cumsum(rng.integers(-4, 5, n)) % 24


def material(name: str, seed: int, *, shift: int = 0, concept: str = "") -> Material:
    onset_tick, pitch = melody(seed)
    return Material(name, {"concept": frozenset({concept})}, pitch_prints(onset_tick, pitch + shift, 480))


def test_a_transposed_copy_under_another_name_is_found() -> None:
    materials = [material("a", 1), material("b", 2), material("copy of a", 1, shift=5)]
    report = check_leakage(materials, [("a", True), ("b", True), ("copy of a", False)])
    assert report.crossing == (SharedMaterial("MIDI", "a", "copy of a", 1.0),)
    with pytest.raises(LeakageError, match="MIDI of 'a' and 'copy of a' \\(100% alike\\)"):
        report.refuse()


def test_half_of_a_song_inside_another_is_found_and_unrelated_songs_are_not() -> None:
    onset_tick, pitch = melody(1)
    half = Material("half", {}, pitch_prints(onset_tick[:50], pitch[:50] - 7, 480))
    report = check_leakage([material("a", 1), material("b", 2), half], [(g, True) for g in ("a", "b", "half")])
    assert [(p.group_a, p.group_b) for p in report.shared] == [("a", "half")]
    assert report.crossing == ()
    report.refuse()  # nothing is held out, so nothing crosses


def test_tempo_and_rolled_chords_do_not_hide_a_copy() -> None:
    onset_tick, pitch = melody(3)
    rolled = onset_tick * 2 + np.random.default_rng(0).integers(0, 12, len(onset_tick))
    assert (pitch_prints(onset_tick, pitch, 480) == pitch_prints(rolled, pitch, 480)).all()


def test_scales_and_repeated_notes_are_no_fingerprint() -> None:
    assert len(pitch_prints(np.arange(40) * 120, np.full(40, 60), 480)) == 0
    assert len(pitch_prints(np.arange(5) * 120, np.arange(60, 65), 480)) == 0


def test_nearly_identical_texts_cross_a_split() -> None:
    changed = CONCEPT.replace("lost", "wrong")
    materials = [material("a", 1, concept=CONCEPT), material("b", 2, concept=changed), material("c", 3, concept=OTHER)]
    report = check_leakage(materials, [("a", True), ("b", False), ("c", False)])
    assert [(p.kind, p.group_a, p.group_b) for p in report.crossing] == [("concept", "a", "b")]


def test_a_text_that_every_song_of_an_album_has_is_found_however_many_there_are() -> None:
    materials = [material(f"s{i}", i, concept=CONCEPT) for i in range(12)]
    report = check_leakage(materials, [(f"s{i}", i > 0) for i in range(12)])
    assert len(report.shared) == 11
    assert len(set(linked_groups([f"s{i}" for i in range(12)], report.shared))) == 1


def test_short_texts_repeat_by_chance() -> None:
    materials = [material("a", 1, concept="instrumental"), material("b", 2, concept="instrumental")]
    assert check_leakage(materials, [("a", True), ("b", False)]).shared == ()


def test_a_song_on_both_sides_is_refused_by_name() -> None:
    report = check_leakage([material("a", 1)], [("a", True), ("a", False)])
    with pytest.raises(LeakageError, match="song 'a' is on both sides"):
        report.refuse()


def test_linked_songs_share_one_name() -> None:
    pairs = [SharedMaterial("MIDI", "b", "c", 1.0), SharedMaterial("concept", "a", "c", 0.9)]
    assert linked_groups(["a", "b", "c", "d", "a"], pairs) == ["a", "a", "a", "d", "a"]


def test_the_report_is_plain_data() -> None:
    value = LeakageReport(2, (SharedMaterial("MIDI", "a", "b", 0.75),)).to_dict()
    assert value["shared"] == ({"kind": "MIDI", "group_a": "a", "group_b": "b", "similarity": 0.75},)


def voiced(seed: int, *, shift: int = 0, slower: int = 1, doubled: bool = False) -> np.ndarray:
    """Prints of a melody over chords; transposed, slower, or doubled in octaves with a bass two octaves lower."""
    onset_tick, pitch = melody(seed)
    chord_tick = onset_tick[::4]
    onsets, pitches = [onset_tick, chord_tick, chord_tick], [pitch, pitch[::4] - 9, pitch[::4] - 16]
    if doubled:
        onsets, pitches = [*onsets, onset_tick, chord_tick], [*pitches, pitch + 12, pitch[::4] - 40]
    return chroma_prints(np.concatenate(onsets) * slower, np.concatenate(pitches) + shift, 480)


def test_a_copy_transposed_slower_and_voiced_otherwise_is_found_by_its_harmony() -> None:
    plain, copy, other = voiced(1), voiced(1, shift=-7, slower=2), voiced(2)
    assert (plain == copy).all()
    again = voiced(1, shift=5, doubled=True)
    assert len(np.intersect1d(plain, again)) / len(plain) > 0.4
    nothing = np.zeros(0, dtype=np.uint64)
    materials = [Material(n, {}, nothing, p) for n, p in (("a", plain), ("b", other), ("copy of a", copy))]
    report = check_leakage(materials, [("a", True), ("b", True), ("copy of a", False)])
    assert report.crossing == (SharedMaterial("harmony", "a", "copy of a", 1.0),)


def test_a_vamp_is_no_fingerprint_of_harmony() -> None:
    onset_tick = np.arange(60) * 480
    assert len(chroma_prints(onset_tick, 60 + np.tile([0, 7, 5], 20), 480)) == 0
    assert len(chroma_prints(onset_tick[:5], np.arange(60, 65), 480)) == 0
    assert len(chroma_prints(onset_tick[:0], np.zeros(0, dtype=np.int64), 480)) == 0
