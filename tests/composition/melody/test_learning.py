from pathlib import Path

import numpy as np
import pytest

from whitelight.catalog import read_catalog
from whitelight.composition.melody import STAGE, learn_melody, melody_style_of_classes
from whitelight.composition.melody.learning import MIN_NOTES, top_line
from whitelight.composition.melody.tables import in_style, shipped_tables
from whitelight.dataset import build_dataset
from whitelight.music import MidiTrack, Notes, Piece, TempoMap, read_midi, write_midi

Q = 480


def scale_piece(low: int, *, step: int = 1, per_quarter: int = 1, n: int = 80) -> Piece:
    degrees = [0, 2, 4, 5, 7, 9, 11, 12]
    size = Q // per_quarter
    rows = [(i * size, size - 20, low + degrees[(i * step) % 8], 80) for i in range(n)]
    return Piece(Q, TempoMap.constant(120, Q), midi_tracks=(MidiTrack("Melody", notes=Notes.from_rows(rows)),))


def test_a_style_is_statistics() -> None:
    style = learn_melody([scale_piece(60), scale_piece(60)])
    assert style is not None
    habit = style.overall
    assert (habit.low, habit.high) == (60.0, 72.0)
    assert habit.steps > 0.8 > habit.leaps
    assert habit.off_beat == 0.0
    assert 1.9 < habit.notes_per_s < 2.3
    assert habit.n_notes == 160
    assert [one.n_notes for one in style.habits] == [80, 80]
    busy = learn_melody([scale_piece(60, per_quarter=2)])
    assert busy is not None
    assert busy.overall.off_beat == 0.5


def test_too_little_teaches_nothing() -> None:
    assert learn_melody([]) is None
    assert learn_melody([scale_piece(60, n=MIN_NOTES - 1)]) is None


def test_of_a_chord_the_top_is_the_melody() -> None:
    notes = Notes.from_rows([(0, 10, 60, 80), (0, 10, 67, 80), (20, 10, 62, 80)])
    assert top_line(notes).pitch.tolist() == [67, 62]


def test_a_style_moves_register_and_steps(section_for) -> None:
    low, high = learn_melody([scale_piece(48)]), learn_melody([scale_piece(72, step=3)])
    assert low is not None
    assert high is not None
    crafts = [STAGE.craft(section_for("C major"), style) for style in (low, None, high)]
    assert crafts[0].setting.center < crafts[1].setting.center < crafts[2].setting.center
    stepping, leaping = (in_style(shipped_tables(), style.overall) for style in (low, high))
    assert stepping.moves[1] > shipped_tables().moves[1] > leaping.moves[1]


def test_candidates_lean_to_single_melodies(section_for) -> None:
    slow, busy = scale_piece(60), scale_piece(60, per_quarter=2)
    craft = STAGE.craft(section_for("C major"), learn_melody([slow, busy]))
    rng = np.random.default_rng(0)
    mixed = [craft.play(craft.compose(rng)).measures["notes_per_second"] for _ in range(40)]
    (plain,) = (learn_melody([slow, slow]),)
    even = STAGE.craft(section_for("C major"), plain)
    alike = [even.play(even.compose(rng)).measures["notes_per_second"] for _ in range(40)]
    assert np.mean(mixed) > np.mean(alike)
    assert np.std(mixed) > np.std(alike)


def write_song(root: Path, song_id: str, letter: str, part: Piece) -> None:
    folder = root / song_id
    folder.mkdir(parents=True)
    (folder / "melody.mid").write_bytes(write_midi(part))
    (folder / f"{song_id}.yml").write_text(
        f"manifest_id: '{song_id}'\nbpm: 120\ntempo: 4/4\nkey: C major\nrainbow_color: {letter}\ntitle: T\n"
        "TRT: '[00:48.000]'\nstructure: []\n"
        "audio_tracks: [{id: 1, description: melody, midi_file: melody.mid}]\n"
    )


def test_a_class_is_heard_in_a_dataset(tmp_path) -> None:
    write_song(tmp_path / "songs", "02_01", "R", scale_piece(48, n=96))
    write_song(tmp_path / "songs", "05_01", "G", scale_piece(72, n=96))
    build_dataset(read_catalog(tmp_path / "songs"), tmp_path / "dataset", policy="whole")
    red, green = (melody_style_of_classes(tmp_path / "dataset", [name]) for name in ("Red", "Green"))
    assert red.overall.high < green.overall.low
    everyone = melody_style_of_classes(tmp_path / "dataset", [])
    assert everyone.overall.n_notes == red.overall.n_notes + green.overall.n_notes


def test_real_melodies_move_as_the_tables_say(shared_data) -> None:
    files = sorted((shared_data / "pop909").rglob("*.mid"))[:40]
    if not files:
        pytest.skip("no POP909 files in the shared material")
    pieces = [read_midi(path) for path in files]
    parts = [
        piece.with_midi_tracks([one for one in piece.midi_tracks if one.name.upper() == "MELODY"]) for piece in pieces
    ]
    style = learn_melody(parts)
    assert style is not None
    assert 0.36 < style.overall.steps < 0.6
    assert 0.1 < style.overall.repeated < 0.35
    assert 0.05 < style.overall.leaps < 0.25
    assert 1.6 < style.overall.notes_per_s < 3.8
