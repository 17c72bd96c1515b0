"""What a craft is told of its song."""

from pathlib import Path

from whitelight.composition.song_sheet import read_song_sheet
from whitelight.composition.stages import find_stage
from whitelight.composition.workshop import Workshop

SHEET = """\
title: Kitchen Light
key: A minor
sections:
  - {name: verse, role: verse, bars: 4}
  - {name: bridge, role: bridge, bars: 4}
"""
REVIEW = """\
candidates:
  - {id: verse-1, section: verse, status: approved, label: a}
  - {id: verse-2, section: verse, status: undecided, label: b}
"""


def make_song(folder: Path) -> Workshop:
    approved = folder / "lyrics" / "approved"
    approved.mkdir(parents=True)
    (folder / "song.yml").write_text(SHEET)
    (folder / "lyrics" / "review.yml").write_text(REVIEW)
    for name, words in (("verse_a", "The river froze\n\nNobody rows\n"), ("verse_b", "Chosen by nobody\n")):
        (approved / f"{name}.mid").write_bytes(b"")
        (approved / f"{name}.txt").write_text(words)
    return Workshop(folder, read_song_sheet(folder), {})


def test_a_section_knows_the_words_a_human_approved_elsewhere(tmp_path: Path) -> None:
    shop = make_song(tmp_path)
    assert shop.sung_elsewhere("bridge") == ("The river froze", "Nobody rows")
    assert shop.sung_elsewhere("verse") == ()


def test_they_reach_the_brief_of_the_words() -> None:
    brief = find_stage("lyrics").brief
    assert brief is not None
    assert brief(None, "Kitchen Light", "", ("The river froze",)).sung == ("The river froze",)
