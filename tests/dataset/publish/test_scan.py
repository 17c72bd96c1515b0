from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.dataset.publish import LeakError
from whitelight.dataset.publish.scan import check_midi, check_table, check_text, check_values, found_in, local_places
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, write_midi

PRIVATE = {
    "/home/me/song.wav": "an absolute path",
    "in /Users/me": "an absolute path",
    "C:\\Users\\me": "an absolute path",
    '{"a": "D:\\\\Music"}': "an absolute path",
    "\\\\server\\share": "an absolute path",
    "file:///etc/passwd": "an absolute path",
    "~/songs": "an absolute path",
    "hf_" + "a" * 34: "a token of the Hugging Face hub",
    "ghp_" + "A1" * 18: "a token of GitHub",
    "AKIAIOSFODNN7EXAMPLE": "a key of AWS",
    "AIza" + "B" * 35: "a key of Google",
    "sk-proj-" + "c" * 40: "an API key",
    "xoxb-123456789012-abc": "a token of Slack",
    "-----BEGIN OPENSSH PRIVATE KEY-----": "a private key",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.x": "a JSON web token",
    "https://me:hunter2@example.org": "an address with a password",
    'api_key = "0123456789abcdef0123"': "a password",
}
FREE = [
    "he/she/they", "and/or", "1/2 of it", "AC/DC", "http://example.org/home/page", "a: b\\c", "4/4", "F#/C bass", "~ tilde ~",
    "see home/me", "my secret: none of your business", "the password is love", "hf_short", "risk-taking", "12:34", "ratio a:b",
    "\\o/", "love / hate", "05_01/05_01_chords.mid", "C:maj7", "mailto:me@example.org", "/ˈkæt/", "//",
]  # fmt: skip


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_private_is_found(text: str) -> None:
    assert found_in(text) == PRIVATE[text]
    assert found_in(f"la la {text} la") == PRIVATE[text]


@pytest.mark.parametrize("text", FREE)
def test_songs_may_say_what_they_like(text: str) -> None:
    assert found_in(text) == ""


def test_places_of_this_machine_are_private() -> None:
    place = str(Path("deep/down").resolve())
    assert place in local_places(Path("deep/down"))
    assert found_in(f"at {place}/x", [place]) == "an absolute path"


def test_every_text_of_a_table_is_looked_at() -> None:
    clean = {"a": ["x"], "l": [["x"]], "s": [[{"text": "x", "n": 1}]], "audio_file": ["a/b.wav"], "n": [1]}
    check_table(pa.table(clean), "t")
    for column, value, path in (
        ("a", "~/x", "a"),
        ("l", ["y", "~/x"], "l"),
        ("s", [{"text": "~/x", "n": 2}], "s.text"),
    ):
        with pytest.raises(LeakError, match=rf"t, column '{path}' holds an absolute path"):
            check_table(pa.table(clean | {column: [value]}), "t")
    for name in ("/a.wav", "../a.wav", "a/../../b.wav", "s3://a/b.wav", "..\\a.wav"):
        with pytest.raises(LeakError, match="column 'audio_file' holds no relative path"):
            check_table(pa.table(clean | {"audio_file": [name]}), "t")


def test_secrets_are_never_repeated() -> None:
    with pytest.raises(LeakError) as raised:
        check_values({"a": [{"b": "hf_" + "x" * 34}]}, "manifest.json")
    assert str(raised.value).startswith("manifest.json.a.b holds a token of the Hugging Face hub")
    assert "xxxx" not in str(raised.value)
    with pytest.raises(LeakError, match=r"README\.md line 2 holds an absolute path"):
        check_text("fine\n/tmp/x\n", "README.md")


NOTES = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 400), st.integers(0, 127), st.integers(1, 127)), min_size=1, max_size=200)  # fmt: skip


@given(NOTES)
@settings(max_examples=40, deadline=None)
def test_notes_are_no_texts(rows: list[tuple[int, int, int, int]]) -> None:
    track = MidiTrack("Piano", notes=Notes.from_rows(rows))
    check_midi("a", write_midi(Piece(480, TempoMap.constant(120.0, 480), midi_tracks=(track,))))


def test_names_inside_a_midi_file_are_looked_at() -> None:
    notes = Notes.from_rows([(0, 1, 60, 1)])
    for name in ("/Users/me/Music/Bass.aif", "x" * 200 + " ~/x"):
        midi = write_midi(Piece(480, TempoMap.constant(120.0, 480), midi_tracks=(MidiTrack(name, notes=notes),)))
        with pytest.raises(LeakError, match="MIDI of 01_01/0000/bass holds an absolute path"):
            check_midi("01_01/0000/bass", midi)
