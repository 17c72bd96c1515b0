"""Decisions become judgements: only a human's, only the last, with exactly the music that was judged."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.composition.composing import compose_chords
from whitelight.composition.decisions import DECISIONS_FILE, record_decisions
from whitelight.composition.judgements import NoJudgementsError, music_of, opinion, read_judgements
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.encoders import DescriptorEncoder
from whitelight.files import load_yaml
from whitelight.music import MidiTrack, Notes, read_midi, write_midi


def write(folder: Path, *records: dict) -> None:
    lines = "".join(f"  - {json.dumps(record)}\n" for record in records)
    (folder / DECISIONS_FILE).write_text(f"decisions:\n{lines}")


def record(name: str = "one", **marks: object) -> dict:
    plain = {"stage": "bass", "id": name, "section": "verse", "by": "human", "status": "undecided", "rating": None}
    return plain | {"ticks_per_beat": 480, "music": "Bass 0+240:40/80 480+240:43/70"} | marks


@pytest.mark.parametrize(
    ("marks", "liked"),
    [
        ({"status": "approved"}, True),
        ({"status": "rejected"}, False),
        ({"status": "approved", "rating": 1}, True),
        ({"rating": 5}, True),
        ({"rating": 4}, True),
        ({"rating": 3}, None),
        ({"rating": 2}, False),
        ({"rating": True}, None),
        ({"rating": "good"}, None),
        ({"wish": "more"}, True),
        ({"wish": "less"}, False),
        ({"rating": 3, "wish": "more"}, True),
        ({"notes": "hm"}, None),
        ({}, None),
    ],
)
def test_what_counts_as_liked(marks: dict, liked: bool | None) -> None:
    assert opinion(record(**marks)) is liked


def test_only_the_last_word_of_a_human_counts(production: Path) -> None:
    write(
        production,
        record("a", status="approved"),
        record("b", status="approved", by="auto"),
        record("a", status="rejected", blind=True),
        record("c", rating=5),
        record("d", status="approved", music=None),
        record("e"),
    )
    found = read_judgements([production])
    assert [(one.candidate, one.liked, one.blind) for one in found.judged] == [("a", False, True), ("c", True, False)]
    assert found.n_records == 6
    assert {one.stage for one in found.judged} == {"bass"}


def test_what_was_edited_is_judged_as_it_was_edited(production: Path) -> None:
    terms = {"machine": {"terms": {"pace": 0.5}}}
    write(
        production,
        record("a", status="approved", edited="f" * 64, edited_music="Bass 0+240:40/80; Other 0+240:52/80", **terms),
        record("b", status="approved", **terms),
    )
    edited, plain = read_judgements([production]).judged
    assert edited.edited
    assert edited.music.all_notes().pitch.tolist() == [40, 52]
    assert not edited.terms  # they were measured on something else
    assert dict(plain.terms) == {"pace": 0.5}


def test_an_edit_is_heard_at_its_own_clock_and_tempo(production: Path) -> None:
    edit = {"edited_music": "Bass 0+960:40/80", "edited_ticks_per_beat": 960, "edited_tempo_bpm": 90.0}
    write(
        production,
        record("a", status="approved", tempo_bpm=100.0, **edit),
        record("b", status="approved", tempo_bpm=100.0),
    )
    edited, plain = (one.music for one in read_judgements([production]).judged)
    assert (edited.ticks_per_beat, edited.tempo_map.us_per_beat) == (960, (round(60_000_000 / 90),))
    assert (plain.ticks_per_beat, plain.tempo_map.us_per_beat) == (480, (600_000,))


@pytest.mark.parametrize("stated", [None, "fast", 0, -3, float("nan"), True, 1e9])
def test_a_tempo_that_no_file_can_state_is_the_song_s(production: Path, stated: object) -> None:
    sheet = read_song_sheet(production)
    music = music_of(record(tempo_bpm=stated), sheet)
    assert music is not None
    assert music.tempo_map.us_per_beat == (round(60_000_000 / sheet.tempo_bpm),)


def test_a_song_is_one_song_in_every_folder(production: Path, tmp_path: Path) -> None:
    write(production, record("a", status="approved"))
    copy = tmp_path / "tree" / "copy"
    copy.mkdir(parents=True)
    for name in ("song.yml", DECISIONS_FILE):
        (copy / name).write_bytes((production / name).read_bytes())
    assert len(read_judgements([production, tmp_path]).judged) == 1


def test_a_song_that_cannot_be_read_is_left_out_and_named(production: Path, tmp_path: Path) -> None:
    write(production, record("a", status="approved"))
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "song.yml").write_text("tempo_bpm: fast\n")
    write(broken, record("a", status="approved"))
    found = read_judgements([tmp_path])
    assert len(found.judged) == 1
    assert "broken: left out" in found.problems[0]
    with pytest.raises(NoJudgementsError, match="promote"):
        read_judgements([tmp_path / "nowhere"])


def test_recorded_notes_are_the_candidate_itself(tmp_path: Path, proposal, scorer) -> None:
    """Every descriptor of what the record holds is that of the file that was scored, to the last bit."""
    out = tmp_path / "song"
    compose_chords(proposal, scorer=scorer, out=out, n_candidates=4, n_generations=0)
    review = out / "chords" / "review.yml"
    review.write_text(review.read_text().replace("status: undecided", "status: rejected"))
    record_decisions(out)
    sheet = read_song_sheet(out)
    records = load_yaml(out / DECISIONS_FILE)["decisions"]
    files = [read_midi(out / "chords" / "candidates" / f"{one['id']}.mid") for one in records]
    pieces = [music_of(one, sheet) for one in records]
    assert len(pieces) == 8
    encoder = DescriptorEncoder()
    assert (encoder.encode(files) == encoder.encode(pieces)).all()
    assert not any(one.liked for one in read_judgements([out]).judged)


note = st.tuples(st.integers(0, 5000), st.integers(1, 2000), st.integers(0, 127), st.integers(1, 127))


@given(st.lists(note, min_size=1, max_size=12, unique_by=lambda n: (n[0], n[2])), st.text(max_size=12))
def test_notes_are_found_whatever_the_track_is_called(rows: list, name: str) -> None:
    notes = Notes.from_rows(sorted(rows))
    text = " ".join(f"{on}+{length}:{pitch}/{velocity}" for on, length, pitch, velocity in notes.to_rows())
    sheet = type("Sheet", (), {"tempo_bpm": 100.0, "meter": read_song_meter()})()
    piece = music_of(
        {"stage": "bass", "ticks_per_beat": 480, "music": f"{name.replace('+', '')} {text}; more {text}"}, sheet
    )
    assert len(piece.all_notes()) == 2 * len(notes)
    assert np.isin(piece.all_notes().pitch, notes.pitch).all()
    assert write_midi(piece.with_midi_tracks([MidiTrack("x", notes=notes)]))


def read_song_meter():
    from whitelight.music import Meter

    return Meter(4, 4)
