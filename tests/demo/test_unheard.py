from pathlib import Path

from whitelight.demo import write_demo_catalog, write_unheard_songs
from whitelight.music import read_midi


def test_one_new_song_per_album_and_the_same_again(tmp_path: Path) -> None:
    songs = write_unheard_songs(tmp_path / "a", seed=0)
    again = write_unheard_songs(tmp_path / "b", seed=0)
    assert len({song.class_name for song in songs}) == len(songs) == 8
    assert [s.path.read_bytes() for s in songs] == [s.path.read_bytes() for s in again]
    assert all(read_midi(song.path).duration_s > 25 for song in songs)


def test_none_of_them_is_in_the_catalog(tmp_path: Path) -> None:
    write_demo_catalog(tmp_path / "catalog", seed=0, audio=False)
    known = set()
    for path in (tmp_path / "catalog").rglob("*chords*.mid"):
        known.add(notes_of(path))
    for song in write_unheard_songs(tmp_path / "unheard", seed=0):
        assert not {notes_of(song.path, index) for index in range(4)} & known


def notes_of(path: Path, index: int = 0) -> bytes:
    try:
        midi_tracks = [t for t in read_midi(path).midi_tracks if len(t.notes)]
    except Exception:  # noqa: BLE001  damaged on purpose by the demo
        return path.name.encode()
    if index >= len(midi_tracks):
        return f"{path.name} {index}".encode()
    notes = midi_tracks[index].notes
    return notes.onset_tick.tobytes() + notes.pitch.tobytes()
