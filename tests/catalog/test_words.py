import pytest

from whitelight.catalog.words import section_role, stem_view


@pytest.mark.parametrize(
    ("group", "description", "file_name", "view"),
    [
        ("drums", "big, open room mic", "01_01_19", "drums"),
        ("", "Hi-Hat", "", "drums"),
        ("", "Toms", "", "drums"),
        ("", "808", "", "drums"),
        ("", "Disney Steel Drum", "10_steel_drum", "melody"),
        ("", "Synth Bass", "", "bass"),
        ("", "electric bass with spring reverb and tape slap", "", "bass"),
        ("", "Main Vocals", "", "melody"),
        ("", "Lead Guitar", "", "melody"),
        ("", "Wurlitzer", "", "chords"),
        ("Synths", "Turbo", "", "chords"),
        ("", "mystery", "07_synth_bass", "bass"),
        ("", "Ocean Sound Effect", "02_ocean", "other"),
        ("", "full mix", "", "full"),
    ],
)
def test_the_view_of_a_stem(group: str, description: str, file_name: str, view: str) -> None:
    assert stem_view(group, description, file_name) == view


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Verse 1", "verse"),
        ("Chorus 2", "chorus"),
        ("Pre-Chorus", "pre-chorus"),
        ("Settling Pre-verse", "pre-chorus"),
        ("Verse as Jams", "verse"),
        ("Outro Chorus Jamz", "outro"),
        ("Intro Chorus", "intro"),
        ("Bridging Verse", "bridge"),
        ("Instrumental 2", "interlude"),
        ("Breakdown", "breakdown"),
        ("Coda", "outro"),
        ("1870", "other"),
        ("", "other"),
    ],
)
def test_the_role_of_a_section(name: str, role: str) -> None:
    assert section_role(name) == role
