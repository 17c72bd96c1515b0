from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.music import SCALES, Chord, InvalidChordError, InvalidKeyError, Key, diatonic_chord
from whitelight.music.chord import SHORTHANDS, degree_semitones

DEGREES = st.sampled_from(["b2", "2", "#4", "b6", "6", "b7", "7", "9", "#11", "b13"])
CHORDS = st.builds(
    lambda root, quality, bass, added, omitted: Chord(
        root,
        quality,
        bass,
        tuple(dict.fromkeys(added)) or (("b3",) if not quality else ()),
        tuple(omitted) if len(SHORTHANDS.get(quality, ())) > 2 else (),
    ),
    st.integers(0, 11),
    st.sampled_from([*SHORTHANDS, ""]),
    st.sampled_from(["1", "3", "b3", "5", "b7", "2"]),
    st.lists(DEGREES, max_size=2),
    st.lists(st.just("5"), max_size=1),
)


@pytest.mark.parametrize(
    ("text", "pitch_classes", "symbol", "inversion"),
    [
        ("C", (0, 4, 7), "C", 0),
        ("F#:min7/5", (6, 9, 1, 4), "F#m7/C#", 2),
        ("Bb:maj/3", (10, 2, 5), "Bb/D", 1),
        ("G:7/b7", (7, 11, 2, 5), "G7/F", 3),
        ("G:sus4(b7)", (7, 0, 2, 5), "G7sus4", 0),
        ("A:hdim7", (9, 0, 3, 7), "Am7b5", 0),
        ("D:(1,b3,5)", (2, 5, 9), "D(1,b3,5)", 0),
        ("C:maj(9,*3)", (0, 7, 2), "Cadd9(no3)", 0),
        ("C:maj/2", (0, 4, 7, 2), "C/D", None),
        ("E:5", (4, 11), "E5", 0),
        ("Ab:minmaj7", (8, 11, 3, 7), "Abm(maj7)", 0),
        ("N", (), "N.C.", None),
    ],
)
def test_harte(text: str, pitch_classes: tuple[int, ...], symbol: str, inversion: int | None) -> None:
    chord = Chord.parse(text)
    assert chord.pitch_classes == pitch_classes
    assert chord.symbol() == symbol
    assert chord.inversion == inversion
    assert Chord.parse(str(chord)) == chord


@given(CHORDS)
def test_writing_and_reading(chord: Chord) -> None:
    assert Chord.parse(str(chord)) == chord
    assert len(set(chord.pitch_classes)) == len(chord.pitch_classes)
    n_tones = len(chord.pitch_classes)
    assert sum(chord.interval_vector) == n_tones * (n_tones - 1) // 2
    assert chord.bass_pitch_class in chord.pitch_classes


@given(CHORDS, st.integers(-13, 13))
def test_transposition(chord: Chord, semitones: int) -> None:
    moved = chord.transposed(semitones)
    assert moved.pitch_classes == tuple((pc + semitones) % 12 for pc in chord.pitch_classes)
    assert moved.interval_vector == chord.interval_vector
    assert chord.transposed(12) == chord.transposed(0)
    assert len(moved.spelling) <= 2


@pytest.mark.parametrize("text", ["", "H:maj", "C:foo", "C:maj/x", "C:(x)", "C:maj(14)", "c:maj", "C:maj)", "X"])
def test_no_chords(text: str) -> None:
    with pytest.raises(InvalidChordError, match=r"chord|degree"):
        Chord.parse(text)


def test_contradictions_are_refused() -> None:
    with pytest.raises(InvalidChordError, match="not pitch class"):
        Chord(3, "maj", spelling="D")
    with pytest.raises(InvalidChordError, match="quality"):
        Chord(3, "major")
    with pytest.raises(InvalidChordError, match="root 12"):
        Chord(12)


def test_degrees_count_the_major_scale() -> None:
    assert [degree_semitones(degree) for degree in ("1", "b3", "5", "bb7", "9", "#11", "13")] == [
        0,
        3,
        7,
        9,
        14,
        18,
        21,
    ]


def test_tones_are_spelled_from_the_root() -> None:
    assert Chord.parse("Ab:min").tone_names == ("Ab", "Cb", "Eb")
    assert Chord.parse("F#:7").tone_names == ("F#", "A#", "C#", "E")
    assert Chord(1).spelled_in(Key.parse("Ab major")).spelling == "Db"
    assert Chord(1).spelled_in(Key.parse("F# minor")).spelling == "C#"


@pytest.mark.parametrize("scale_name", SCALES)
@pytest.mark.parametrize("n_tones", [3, 4])
def test_chords_of_every_key_lie_in_it(scale_name: str, n_tones: int) -> None:
    for tonic in range(12):
        key = Key(tonic, scale_name)
        chords = [diatonic_chord(key, degree, n_tones=n_tones) for degree in range(1, 8)]
        assert all(chord.fits(key) and len(chord.pitch_classes) == n_tones for chord in chords)
        assert [chord.spelling for chord in chords] == list(key.scale_names)


def test_chords_of_a_minor() -> None:
    key = Key.parse("A minor")
    assert [diatonic_chord(key, degree).symbol() for degree in range(1, 8)] == "Am Bdim C Dm Em F G".split()  # noqa: SIM905  reads as music
    with pytest.raises(InvalidKeyError, match="degree 8"):
        diatonic_chord(key, 8)


def test_every_annotated_chord_of_pop909(shared_data: Path) -> None:
    texts = {
        line.split()[2]
        for file in sorted((shared_data / "pop909").glob("*/chord_midi.txt"))
        for line in file.read_text().splitlines()
    }
    assert len(texts) > 100
    assert all(str(Chord.parse(text)) == text for text in texts)
