"""What is approved, by stage, section and label."""

from pathlib import Path
from types import ModuleType

from whitelight.composition.arrangement import approved_parts, write_song
from whitelight.composition.arrangement.parts import foreign_parts, part_names


def test_labels_come_in_order_by_section_of_the_song(production: Path) -> None:
    approved = approved_parts(production)
    assert list(approved) == ["chords", "drums", "bass", "melody", "harmony", "lyrics"]
    assert approved["bass"] == {"verse": ("a", "b"), "chorus": ("a", "b"), "bridge": ("a",)}
    assert part_names(approved, "bass") == ("verse_a", "verse_b", "chorus_a", "chorus_b", "bridge_a")


def test_a_section_may_have_a_name_that_begins_like_another(small_song: ModuleType, tmp_path: Path) -> None:
    names = ("verse", "verse_two")
    sections = [{"name": name, "role": "verse", "bars": 8, "energy": 0.5} for name in names]
    form = [{"name": name, "section": name, "variant": 0, "energy": 0.5, "bars": 8} for name in names]
    labels = {"verse": ("a", "b_2"), "verse_two": ("a",)}
    folder = small_song.make_small_song(tmp_path, sections=sections, form=form, labels=labels, stages=("chords",))
    assert approved_parts(folder) == {"chords": {"verse": ("a", "b_2"), "verse_two": ("a",)}}
    assert write_song(folder).n_bars == 16


def test_files_of_no_section_are_said_and_left_out(production: Path) -> None:
    (production / "bass" / "approved" / "solo_a.mid").write_bytes(b"")
    assert foreign_parts(production) == ("bass/solo_a",)
    assert write_song(production).problems == ("bass/solo_a.mid: belongs to no section of the song; not used",)
