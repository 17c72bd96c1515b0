"""Reading approved parts of production folders, and the file that says where every bar came from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from whitelight.composition.production import update_song
from whitelight.composition.white import SourcePart, cut_up, read_provenance, read_sources, write_provenance
from whitelight.music import write_midi


def test_approved_parts_of_other_songs_are_read(
    make_source: Callable[..., SourcePart], context_for: Callable[..., Any], tmp_path: Path
) -> None:
    for song, key in (("First", "C major"), ("Second", "A minor")):
        folder = tmp_path / song.lower()
        (folder / "chords/approved").mkdir(parents=True)
        facts = {"title": song, "iteration_id": None, "tempo_bpm": 100.0, "meter": "4/4", "key": key, "seed": 0}
        facts["sections"] = [{"name": "verse", "role": "verse", "bars": 8, "energy": 0.4}]
        update_song(folder, facts)
        part = make_source(song, key=key, stage="chords")
        (folder / "chords/approved/verse_a.mid").write_bytes(write_midi(part.piece))
        (folder / "chords/approved/other_a.mid").write_bytes(write_midi(part.piece))  # of no section
    (tmp_path / "no-song").mkdir()
    found = read_sources(tmp_path.iterdir())
    assert [(part.song, str(part.key), part.section, part.file) for part in found] == [
        ("First", "C major", "verse_a", "first/chords/approved/verse_a.mid"),
        ("Second", "A minor", "verse_a", "second/chords/approved/verse_a.mid"),
    ]
    assert read_sources(tmp_path.iterdir(), "bass") == ()
    cut = cut_up(found, context_for(), np.random.default_rng(0), stage="chords")
    assert write_provenance(tmp_path, {"chords/verse_a": cut.origins})
    assert not write_provenance(tmp_path, {"chords/verse_a": cut.origins})
    assert read_provenance(tmp_path / "provenance.yml") == {"chords/verse_a": cut.origins}
