"""Words go on when a section comes back."""

from pathlib import Path

from whitelight.composition.arrangement import assemble_song

FIRST = "Kitchen light is low\nNobody wants to know\nMorning on the floor\nNobody at the door"
SECOND = "River in the town\nEverybody going down\nSilver on the stone\nNobody coming home"


def sung(folder: Path, block: str) -> str:
    song = assemble_song(folder)
    placed = next(one for one in song.blocks if one.block.name == block)
    events = [event for part in song.piece.midi_tracks for event in part.lyrics]
    inside = [event.text for event in events if placed.start_tick <= event.tick < placed.end_tick]
    return "".join(text.removesuffix("-") if text.endswith("-") else f"{text} " for text in inside)


def arrange(folder: Path, *names: str) -> None:
    blocks = "".join(
        f"  - {{name: {name}, section: verse, bars: 8, parts: {{melody: verse_a, lyrics: verse_a}}}}\n"
        for name in names
    )
    (folder / "arrangement.yml").write_text(f"blocks:\n{blocks}")


def test_a_verse_that_returns_sings_its_next_stanza(production: Path) -> None:
    arrange(production, "one", "two", "three")
    (production / "lyrics" / "approved" / "verse_a.txt").write_text(f"{FIRST}\n\n{SECOND}\n")
    assert sung(production, "two").startswith("River in the town")
    assert sung(production, "one") == sung(production, "three")  # what lies in approved/, again after the last stanza
    assert "River" not in sung(production, "one")


def test_one_stanza_returns_as_it_is(production: Path) -> None:
    arrange(production, "one", "two")
    before = sung(production, "one")
    (production / "lyrics" / "approved" / "verse_a.txt").write_text(f"{FIRST}\n")
    assert sung(production, "two") == before
    (production / "lyrics" / "approved" / "verse_a.txt").unlink()
    assert sung(production, "two") == before


def test_notes_of_a_later_stanza_are_those_of_the_melody(production: Path) -> None:
    arrange(production, "one", "two")
    (production / "lyrics" / "approved" / "verse_a.txt").write_text(f"{FIRST}\n\n{SECOND}\n")
    song = assemble_song(production)
    melody, voice = (next(t for t in song.piece.midi_tracks if t.name == name) for name in ("Melody", "Vocal"))
    second = song.blocks[1].start_tick
    starts = {tick for tick in melody.notes.onset_tick.tolist() if tick >= second}
    heard = {tick for tick in voice.notes.onset_tick.tolist() if tick >= second}
    assert heard <= starts
    assert len(heard) > 4
