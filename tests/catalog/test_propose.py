from pathlib import Path

from whitelight.catalog import propose_songs, read_catalog


def write_song(root: Path, song_id: str, *, letter: str, bpm: int, meter: str, key: str, mood: str) -> None:
    (root / song_id).mkdir(parents=True)
    (root / song_id / f"{song_id}.yml").write_text(
        f"manifest_id: '{song_id}'\nbpm: {bpm}\ntempo: {meter}\nkey: {key}\nrainbow_color: {letter}\ntitle: T\n"
        f"TRT: '[01:00.000]'\nmood: [{mood}]\nstructure: []\naudio_tracks: []\n"
    )


def test_a_class_is_proposed_from_its_own_songs_only(tmp_path: Path) -> None:
    write_song(tmp_path, "02_01", letter="R", bpm=80, meter="3/4", key="F# minor", mood="still")
    write_song(tmp_path, "02_02", letter="R", bpm=90, meter="5/8", key="C major", mood="still")
    write_song(tmp_path, "02_03", letter="R", bpm=130, meter="5/8", key="C major", mood="loud")
    write_song(tmp_path, "05_01", letter="G", bpm=200, meter="4/4", key="D dorian", mood="green")
    red, green = propose_songs(read_catalog(tmp_path))
    assert (red.class_name, red.tempo_bpm, str(red.meter), str(red.musical_key)) == ("Red", 90, "5/8", "C major")
    assert red.mood == ("still", "loud")
    assert (green.class_name, green.tempo_bpm, str(green.musical_key)) == ("Green", 200, "D dorian")
    assert red.iteration_id != green.iteration_id


def test_classes_without_songs_are_not_proposed(tmp_path: Path) -> None:
    write_song(tmp_path, "02_01", letter="R", bpm=80, meter="3/4", key="nonsense", mood="still")
    (only,) = propose_songs(read_catalog(tmp_path))
    assert only.musical_key is None
