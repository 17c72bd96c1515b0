import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.music import SCALES, InvalidKeyError, Key
from whitelight.music.key import note_pitch_class

KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(list(SCALES)))
SPELLED = [f"{letter}{accidental}" for letter in "CDEFGAB" for accidental in ("", "#", "b")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A#", "A# major"),
        ("Bb", "Bb major"),
        ("B ♭ major", "Bb major"),
        ("B♭", "Bb major"),
        ("C Major", "C major"),
        ("C MAJOR", "C major"),
        ("F# minor", "F# minor"),
        ("f# minor", "F# minor"),
        ("a minor", "A minor"),
        ("a", "A minor"),
        ("A", "A major"),
        ("Am", "A minor"),
        ("AM", "A major"),
        ("F#m", "F# minor"),
        ("F♯m", "F# minor"),
        ("C♯ min", "C# minor"),
        ("Eb", "Eb major"),
        ("Eb maj", "Eb major"),
        ("E-flat major", "Eb major"),
        ("F sharp minor", "F# minor"),
        ("D dorian", "D dorian"),
        ("D Dorian mode", "D dorian"),
        ("G mixolydian", "G mixolydian"),
        ("F Lydian", "F lydian"),
        ("B locrian", "B locrian"),
        ("E phrygian", "E phrygian"),
        ("C ionian", "C major"),
        ("A aeolian", "A minor"),
        ("A natural minor", "A minor"),
        ("A harmonic minor", "A harmonic minor"),
        ("Bb_melodic_minor", "Bb melodic minor"),
        ("  G#   minor ", "G# minor"),
        ("D:min", "D minor"),
    ],
)
def test_real_spellings(text: str, expected: str) -> None:
    assert str(Key.parse(text)) == expected


@pytest.mark.parametrize("text", ["", "H minor", "12", "major", "C foo", "Absolutely", "C###", "minor F#", "B#b"])
def test_no_keys(text: str) -> None:
    with pytest.raises(InvalidKeyError, match="expected a tonic and a scale"):
        Key.parse(text)


def test_minor_keys_are_not_three_semitones_low() -> None:
    natural_minor = {
        "A": "A B C D E F G",
        "E": "E F# G A B C D",
        "B": "B C# D E F# G A",
        "F#": "F# G# A B C# D E",
        "C#": "C# D# E F# G# A B",
        "G#": "G# A# B C# D# E F#",
        "D": "D E F G A Bb C",
        "G": "G A Bb C D Eb F",
        "C": "C D Eb F G Ab Bb",
        "F": "F G Ab Bb C Db Eb",
        "Bb": "Bb C Db Eb F Gb Ab",
        "Eb": "Eb F Gb Ab Bb Cb Db",
    }
    for tonic, names in natural_minor.items():
        key = Key.parse(f"{tonic} minor")
        assert key.scale_names == tuple(names.split())
        assert key.scale_pitch_classes == tuple(note_pitch_class(name) for name in names.split())
        assert key.scale_pitch_classes[0] == key.tonic == note_pitch_class(tonic)
        assert key.is_minor


@pytest.mark.parametrize("scale_name", SCALES)
@pytest.mark.parametrize("tonic", SPELLED)
def test_every_tonic_and_scale(tonic: str, scale_name: str) -> None:
    key = Key.parse(f"{tonic} {scale_name}")
    assert (key.tonic, key.scale_name, key.spelling) == (note_pitch_class(tonic), scale_name, tonic)
    assert key.scale_pitch_classes[0] == key.tonic
    assert tuple((pc - key.tonic) % 12 for pc in key.scale_pitch_classes) == SCALES[scale_name]
    assert [name[0] for name in key.scale_names] == [
        "CDEFGAB"[("CDEFGAB".index(tonic[0]) + step) % 7] for step in range(7)
    ]
    assert Key.parse(str(key)) == key


@given(KEYS)
def test_spelling_and_signature(key: Key) -> None:
    assert [note_pitch_class(key.spell(pitch_class)) for pitch_class in range(12)] == list(range(12))
    assert tuple(key.spell(pitch_class) for pitch_class in key.scale_pitch_classes) == key.scale_names
    assert abs(key.signature_fifths) <= 6  # the plainest spelling
    if key.scale_name not in ("harmonic minor", "melodic minor"):  # the signature holds exactly the scale's accidentals
        assert key.signature_fifths == sum(name.count("#") - name[1:].count("b") for name in key.scale_names)
    assert Key.from_signature(key.signature_fifths, key.scale_name) == key


@given(KEYS, st.integers(-24, 24))
def test_transposing_moves_the_scale(key: Key, semitones: int) -> None:
    moved = key.transposed(semitones)
    assert moved.scale_name == key.scale_name
    assert {(pc + semitones) % 12 for pc in key.scale_pitch_classes} == set(moved.scale_pitch_classes)


def test_modes_share_the_notes_of_their_parent() -> None:
    parents = zip(
        SPELLED_C_MAJOR, ("major", "dorian", "phrygian", "lydian", "mixolydian", "minor", "locrian"), strict=True
    )
    for tonic, scale_name in parents:
        key = Key.parse(f"{tonic} {scale_name}")
        assert set(key.scale_pitch_classes) == {0, 2, 4, 5, 7, 9, 11}
        assert key.signature_fifths == 0


SPELLED_C_MAJOR = "CDEFGAB"


def test_tones_outside_the_scale_are_spelled_by_habit() -> None:
    assert [Key.parse("C").spell(pc) for pc in (1, 3, 6, 8, 10)] == ["Db", "Eb", "F#", "Ab", "Bb"]
    assert Key.parse("A minor").spell(8) == "G#"
    assert Key.parse("F# minor").spell(5) == "E#"
    assert Key.parse("E minor").parallel("major").spell(8) == "G#"


def test_contradictions_are_refused() -> None:
    with pytest.raises(InvalidKeyError, match="not pitch class 3"):
        Key(3, "major", "D")
    with pytest.raises(InvalidKeyError, match="pitch class 0 to 11"):
        Key(12, "major")
    with pytest.raises(InvalidKeyError, match="scale 'blues'"):
        Key(0, "blues")
    with pytest.raises(InvalidKeyError, match="note name"):
        note_pitch_class("H")
