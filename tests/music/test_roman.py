import pytest

from whitelight.music import SCALES, Chord, InvalidChordError, Key, from_roman, to_roman
from whitelight.music.chord import SHORTHANDS


@pytest.mark.parametrize(
    ("numeral", "key", "harte"),
    [
        ("I", "C major", "C:maj"),
        ("ii7", "C major", "D:min7"),
        ("iii", "C major", "E:min"),
        ("V7/3", "C major", "G:7/3"),
        ("IV/5", "F# major", "B:maj/5"),
        ("vii°", "C major", "B:dim"),
        ("viiø7", "C major", "B:hdim7"),
        ("bVII", "C major", "Bb:maj"),
        ("iv", "C major", "F:min"),
        ("II", "C major", "D:maj"),
        ("III", "C major", "E:maj"),
        ("bVI", "E major", "C:maj"),
        ("VI", "C minor", "Ab:maj"),
        ("VII", "F# minor", "E:maj"),
        ("i", "F# minor", "F#:min"),
        ("V", "F# minor", "C#:maj"),
        ("#vii°7", "A minor", "G#:dim7"),
        ("bII", "A minor", "Bb:maj"),
        ("IV", "D dorian", "G:maj"),
        ("V7sus4", "C major", "G:sus4(b7)"),
        ("Vsus4", "C major", "G:sus4"),
        ("I(9)", "C major", "C:maj(9)"),
        ("V7(*5)", "C major", "G:7(*5)"),
        ("I+", "C major", "C:aug"),
        ("Iadd6", "C major", "C:maj6"),
        ("imaj7", "C minor", "C:minmaj7"),
        ("N", "C minor", "N"),
    ],
)
def test_both_ways(numeral: str, key: str, harte: str) -> None:
    musical_key = Key.parse(key)
    assert str(from_roman(numeral, musical_key)) == harte
    assert Chord.parse(harte).roman(musical_key) == numeral


@pytest.mark.parametrize(
    ("numeral", "same"), [("viio", "vii°"), ("♭VII", "bVII"), ("V7/V", "II7"), ("V/vi", "III"), ("viim7b5", "viiø7")]
)
def test_other_spellings_are_read(numeral: str, same: str) -> None:
    key = Key.parse("C major")
    assert from_roman(numeral, key) == from_roman(same, key)


@pytest.mark.parametrize("scale_name", SCALES)
def test_every_chord_in_every_key_comes_back(scale_name: str) -> None:
    for key in (Key(tonic, scale_name) for tonic in range(12)):
        for root in range(12):
            for quality in SHORTHANDS:
                chord = Chord(root, quality, "b7" if root % 2 else "1").spelled_in(key)
                assert from_roman(to_roman(chord, key), key) == chord


def test_chords_given_by_degrees_come_back() -> None:
    key = Key.parse("Eb minor")
    for text in ("Eb:(3,#5,b7)", "Ab:(b2,b3)/5", "Gb:maj(9,*5)/3"):
        assert str(from_roman(Chord.parse(text).roman(key), key)) == text


@pytest.mark.parametrize("numeral", ["", "VIII", "H", "V8", "ii°9", "V7/", "Iø7", "bbbVI"])
def test_no_numerals(numeral: str) -> None:
    with pytest.raises(InvalidChordError, match="numeral"):
        from_roman(numeral, Key.parse("C"))
