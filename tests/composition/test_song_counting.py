"""What `benchmarks/songs.py` counts, on a song whose faults are known."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import mido
import pytest

from whitelight.errors import WhitelightError
from whitelight.music import (
    Key,
    KeyChange,
    Meter,
    MeterChange,
    MidiTrack,
    Notes,
    Piece,
    TempoMap,
    TextEvent,
    write_midi,
)

BAR = 1920
SONG = """\
title: Counted
key: C major
meter: 4/4
tempo_bpm: 120
sections:
  - {name: verse, role: verse, bars: 4, energy: 0.5}
form:
  - {name: verse 1, section: verse, variant: 0, energy: 0.5, bars: 4}
  - {name: verse 2, section: verse, variant: 1, energy: 0.5, bars: 4}
"""
ARRANGEMENT = """\
ending: none
blocks:
  - {name: verse 1, section: verse, bars: 4, energy: 0.5, parts: {chords: verse_a, bass: verse_a, melody: verse_a}}
  - {name: verse 2, section: verse, bars: 4, energy: 0.5, parts: {chords: verse_b, bass: verse_a, melody: verse_b}}
"""
TRIADS = {"C": (48, 52, 55), "F": (53, 57, 60), "G": (55, 59, 62), "D": (50, 54, 57)}
CHORDS = {"a": ("C", "F", "G", "C"), "b": ("C", "D", "G", "C")}
ROOTS = {"C": 36, "F": 41, "G": 43, "D": 38}
CLEAN = {"C": (64, 62, 67, 64), "F": (65, 67, 69, 65), "G": (67, 69, 71, 67), "D": (66, 67, 69, 66)}

Rows = list[tuple[int, int, int, int]]


@pytest.fixture(scope="module")
def counting(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("song_counting", repository / "benchmarks" / "song_counting.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def parts(label: str) -> dict[str, Rows]:
    """Chords, bass and a melody of quarters that leans on nothing."""
    rows: dict[str, Rows] = {"Chords": [], "Bass": [], "Melody": []}
    for bar, symbol in enumerate(CHORDS[label]):
        rows["Chords"] += [(bar * BAR, BAR, pitch, 70) for pitch in TRIADS[symbol]]
        rows["Bass"].append((bar * BAR, BAR, ROOTS[symbol], 80))
        rows["Melody"] += [(bar * BAR + 480 * i, 480, pitch, 90) for i, pitch in enumerate(CLEAN[symbol])]
    return rows


def piece(rows: dict[str, Rows], markers: tuple[TextEvent, ...] = (), *, n_bars: int = 4) -> Piece:
    return Piece(
        480,
        TempoMap.constant(120, 480),
        meters=(MeterChange(0, Meter(4, 4)),),
        keys=(KeyChange(0, Key.parse("C major")),),
        markers=markers,
        midi_tracks=tuple(MidiTrack(name, notes=Notes.from_rows(notes)) for name, notes in rows.items()),
        end_tick=n_bars * BAR,
    )


def write_song(folder: Path, *, melody: Rows | None = None, bass: Rows | None = None, twins: bool = False) -> Path:
    """Write a folder of two variants; `melody` and `bass` replace those of the whole song."""
    (folder / "song.yml").write_text(SONG)
    (folder / "arrangement.yml").write_text(ARRANGEMENT)
    whole: dict[str, Rows] = {"Chords": [], "Bass": [], "Melody": []}
    for place, label in enumerate("ab"):
        rows = parts("a" if twins else label)
        markers = tuple(TextEvent(bar * BAR, symbol) for bar, symbol in enumerate(CHORDS["a" if twins else label]))
        for name, notes in rows.items():
            approved = folder / name.lower() / "approved"
            approved.mkdir(parents=True, exist_ok=True)
            (approved / f"verse_{label}.mid").write_bytes(write_midi(piece({name: notes}, markers)))
            whole[name] += [(onset + place * 4 * BAR, *rest) for onset, *rest in notes]
    whole |= {name: rows for name, rows in (("Melody", melody), ("Bass", bass)) if rows is not None}
    (folder / "song.mid").write_bytes(write_midi(piece(whole, n_bars=8)))
    return folder


def melody_of_the_song() -> Rows:
    return [(o + at * 4 * BAR, d, p, v) for at, label in enumerate("ab") for o, d, p, v in parts(label)["Melody"]]


def test_a_clean_song_is_clean(counting, tmp_path: Path) -> None:
    song = counting.count_song(write_song(tmp_path))
    counts = song.counts
    assert (counts.n_outside, counts.n_hanging, counts.n_overlapping, counts.n_against_bass) == (0, 0, 0, 0)
    assert counts.n_outside_meant == 3  # the third of D: in the chord part once, in the melody twice
    assert counts.n_strong == counts.n_strong_tones == 16
    assert counts.n_strong_clashes == counts.n_strong_sounding == 0
    assert counts.n_phrases == counts.n_phrase_tones == 1
    assert (counts.n_parts, counts.n_parts_varied) == (3, 3)
    assert song.unvaried == []
    assert len(song.fits) == 2
    assert len(song.loops) == 1


def test_every_fault_is_counted(counting, tmp_path: Path) -> None:
    melody = melody_of_the_song()
    clean = counting.count_song(write_song(tmp_path)).counts
    melody[0] = (0, 480, 77, 90)  # F over C on the bar line, reached from nowhere and left by a leap
    melody[6] = (BAR + 960, 480, 61, 90)  # C sharp, outside scale and chord, left by a leap
    bass = [(bar * BAR, BAR, pitch, 80) for bar, pitch in enumerate((36, 41, 43, 36, 36, 38, 43, 39))]
    counts = counting.count_song(write_song(tmp_path, melody=melody, bass=bass)).counts
    assert counts.n_strong_clashes - counts.n_strong_prepared == 2
    assert counts.n_strong_tones == clean.n_strong_tones - 2
    assert counts.n_strong_sounding == 3  # F over E and C sharp over C in the chords, E over E flat in the bass
    assert counts.n_outside == 2  # C sharp, and the E flat of the bass
    assert counts.n_against_bass - counts.n_against_bass_prepared == 3  # E, D and E over E flat


def test_prepared_clashes_are_counted_apart(counting, tmp_path: Path) -> None:
    melody = melody_of_the_song()
    melody[1], melody[2], melody[3] = ((480 * i, 480, pitch, 90) for i, pitch in ((1, 64), (2, 65), (3, 64)))
    counts = counting.count_song(write_song(tmp_path, melody=melody)).counts
    assert (counts.n_strong_clashes, counts.n_strong_prepared) == (1, 1)


def test_twins_are_no_variants(counting, tmp_path: Path) -> None:
    song = counting.count_song(write_song(tmp_path, twins=True))
    assert song.counts.n_parts_varied == 0
    assert song.unvaried == ["chords verse", "bass verse", "melody verse"]


def test_hanging_and_overlapping_notes_are_heard(counting, tmp_path: Path) -> None:
    file = mido.MidiFile()
    file.tracks.append(
        mido.MidiTrack(
            [
                mido.Message("note_on", note=60, velocity=80, time=0),
                mido.Message("note_on", note=60, velocity=80, time=100),
                mido.Message("note_off", note=60, time=100),
                mido.Message("note_on", note=62, velocity=80, time=0),
                mido.Message("note_off", note=62, time=5000),
                mido.Message("note_on", note=64, velocity=80, time=0),
            ]
        )
    )
    file.save(tmp_path / "song.mid")
    assert counting.count_endings(tmp_path / "song.mid", 4800) == (2, 1)


def test_loops_are_the_same_in_every_key(counting, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    song = counting.count_song(write_song(tmp_path / "one"))
    reading = counting.read_song(
        piece({}, n_bars=8), (), key=Key.parse("C major"), grid=counting.meter_grid(Meter(4, 4), 120)
    )
    chord = counting.SoundingChord(0, 128, 2, 2, (2, 6, 9), "D")
    in_d = replace(reading, key=Key.parse("D major"), chords=(chord,))
    in_c = replace(reading, chords=(counting.SoundingChord(0, 128, 0, 0, (0, 4, 7), "C"),))
    assert list(counting.loops_of(in_d)) == list(counting.loops_of(in_c))
    assert not song.loops & set(counting.loops_of(in_c))
    assert list(counting.loops_of(reading)) == []


def test_an_unfinished_song_is_said_to_be_one(counting, tmp_path: Path) -> None:
    write_song(tmp_path)
    (tmp_path / "song.mid").unlink()
    with pytest.raises(WhitelightError, match=r"no song\.mid"):
        counting.count_song(tmp_path)


def test_terms_are_read_from_the_search_record(counting, tmp_path: Path) -> None:
    folder = write_song(tmp_path)
    (folder / "bass" / "search.yml").write_text(
        "runs:\n  seed 0:\n    verse a:\n      weights:\n"
        "        chromatic: {weight: 1.0, mean: 0, spread: 1, noise: 0, status: informative}\n"
        "        line: {weight: 0.0, mean: 1, spread: 0.0, noise: 0, status: uninformative}\n"
    )
    assert [(stage, term, record["status"]) for stage, term, record in counting.count_song(folder).terms] == [
        ("bass", "line", "uninformative")
    ]
