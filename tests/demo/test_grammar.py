"""Patterns, chords and words: the small pieces that the demo's data is read with."""

import numpy as np
import pytest

from whitelight.demo.drums import _FILL, INSTRUMENTS
from whitelight.demo.grammar import GrammarError, _album, load_grammars
from whitelight.demo.harmony import ChordSpan, nearest, pitch_classes_of, plan_chords, voice
from whitelight.demo.proposals import write_demo_proposals
from whitelight.demo.steps import Hit, bar_steps, fit_pattern, hits, strong_steps
from whitelight.demo.words import load_words, write_lyrics
from whitelight.files import load_yaml
from whitelight.music import Key, Meter

C_MAJOR = Key.parse("C major")


@pytest.mark.parametrize(
    ("meter", "fitted"),
    [
        ("4/4", "abcdefghijklmnop"),
        ("3/4", "abcdefghijkl"),
        ("6/8", "abcdcdefghgh"),
        ("7/8", "abcdefghijklkl"),
        ("5/4", "abcdefghijklmnopabcd"),
    ],
)
def test_a_pattern_takes_one_cell_per_group(meter: str, fitted: str) -> None:
    assert fit_pattern("abcdefghijklmnop", Meter.parse(meter)) == fitted
    assert bar_steps(Meter.parse(meter)) == len(fitted)


def test_hits_last_as_long_as_their_dashes() -> None:
    assert hits("--x-.X--") == (Hit(2, 2, "x"), Hit(5, 3, "X"))
    assert hits("....") == ()


def test_strong_steps_start_the_groups() -> None:
    assert strong_steps(Meter.parse("5/8")) == {0, 6}


@pytest.mark.parametrize(
    ("token", "color", "expected"),
    [
        ("1", "triad", (0, 4, 7)),
        ("2", "seventh", (2, 5, 9, 0)),
        ("4:min", "seventh", (5, 8, 0)),
        ("5:7", "triad", (7, 11, 2, 5)),
        ("b7", "triad", (10, 2, 5)),
        ("4", "sus4", (5, 9, 0)),  # the fourth of the scale is a tritone there
        ("7", "seventh", (11, 2, 5)),  # the diminished triad stays a triad
        ("3", "add9", (4, 7, 11)),  # its ninth would be minor
        ("1", "power", (0, 7)),
    ],
)
def test_chords_are_stacked_from_the_scale(token: str, color: str, expected: tuple[int, ...]) -> None:
    assert pitch_classes_of(token, C_MAJOR, color) == expected


def test_an_unreadable_chord_says_what_was_expected() -> None:
    with pytest.raises(GrammarError, match="degree 1 to 7"):
        pitch_classes_of("8", C_MAJOR, "triad")


def test_a_section_is_filled_and_ends_with_its_cadence() -> None:
    rng = np.random.default_rng(0)
    spans = plan_chords(["1", "6"], "5 1", n_bars=8, bars_per_chord=1, key=C_MAJOR, colors={"triad": 1}, rng=rng)
    assert [span.root for span in spans] == [0, 9, 0, 9, 0, 9, 7, 0]
    assert sum(span.n_bars for span in spans) == 8


@pytest.mark.parametrize("style", ["close", "open", "wide", "rootless", "power", "quartal", "grounded"])
def test_voicings_hold_chord_tones_near_their_center(style: str) -> None:
    span = ChordSpan(0, 1, (0, 5, 7))
    pitches = voice(span, style, 60, ())
    assert {pitch % 12 for pitch in pitches} <= {0, 5, 7}
    assert abs(sum(pitches) / len(pitches) - 60) <= 7
    assert list(pitches) == sorted(pitches)


def test_nearest_prefers_the_closer_octave() -> None:
    assert nearest(0, 64) == 60
    assert nearest(0, 67) == 72
    assert nearest(11, 60) == 59


def test_every_album_is_playable() -> None:
    grammars, words = load_grammars(), load_words()
    assert {album.letter for album in grammars.albums} == set(words)
    for album in grammars.albums:
        n_songs = len(words[album.letter].songs)
        assert sum(album.meters.values()) == n_songs
        assert sum(harmony.songs for harmony in album.harmony) == n_songs
        rhythms = [figure.rhythm for figure in album.chords.figures] + [*album.bass.patterns, *album.melody.rhythms]
        rhythms += [pattern for groove in album.drums.grooves for pattern in groove.values()]
        assert {len(rhythm) for rhythm in rhythms} == {16}
        assert {name for groove in album.drums.grooves for name in groove} <= set(INSTRUMENTS)
        assert set("".join(album.drums.fills)) <= set(_FILL) | {"."}


def test_an_album_with_an_unknown_field_is_named() -> None:
    with pytest.raises(GrammarError, match="album 'Q'"):
        _album("Q", {"tempo_bpm": [1, 2]})


def test_choruses_return_with_the_same_words() -> None:
    words = load_words()["G"]
    lyrics = write_lyrics(words, {"Verse 1": 4, "Chorus 1": 4, "Chorus 2": 4}, np.random.default_rng(3))
    assert lyrics["Chorus 1"] == lyrics["Chorus 2"]
    assert not any("{" in line for lines in lyrics.values() for line in lines)


def test_there_is_a_proposal_per_album(tmp_path) -> None:
    written = write_demo_proposals(tmp_path)
    assert len({proposal.class_name for proposal in written}) == 8
    for proposal in written:
        value = load_yaml(proposal.path)
        Key.parse(value["key"])
        Meter.from_value(value["tempo"])
        assert value["concept"]
