"""The song as it is written: read back, bars, tempo, meter, markers, names and notes are as planned; nothing hangs."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from whitelight.composition.arrangement import (
    ArrangedBlock,
    Arrangement,
    ArrangementError,
    PartUse,
    StageMix,
    assemble,
    assemble_song,
    read_arrangement,
    write_arrangement,
    write_song,
)
from whitelight.composition.arrangement.model import STAGES
from whitelight.composition.song_sheet import SongSheetError
from whitelight.music import (
    SCALES,
    BarGrid,
    Controls,
    Key,
    Meter,
    MidiTrack,
    Notes,
    Piece,
    TempoMap,
    read_midi,
    write_midi,
)

METERS = ("4/4", "3/4", "6/8", "5/8", "7/8", "11/8", "2+2+3/8", "5/6", "18/32")


def overlaps(notes: Notes) -> int:
    rows = sorted((pitch, onset, onset + duration) for onset, duration, pitch, _ in notes.to_rows())
    return sum(a[0] == b[0] and b[1] < a[2] for a, b in pairwise(rows))


def part(piece: Piece, name: str) -> MidiTrack:
    return next(midi_track for midi_track in piece.midi_tracks if midi_track.name == name)


def test_the_song_reads_back_as_planned(production: Path, sounded: Callable) -> None:
    report = write_song(production)
    piece = read_midi(production / "song.mid")
    bar = 4 * piece.ticks_per_beat
    assert (report.n_bars, piece.end_tick) == (44, 44 * bar)
    assert [(m.tick // bar, m.text) for m in piece.markers] == [
        (0, "intro"), (4, "verse 1"), (12, "chorus 1"), (20, "verse 2"), (28, "bridge"), (32, "chorus 2"), (40, "outro"),
    ]  # fmt: skip
    assert piece.tempo_map.tempo_bpm_at(0) == pytest.approx(96, abs=1e-3)
    assert (piece.meter_at(0), piece.key_at(0)) == (Meter(4, 4), Key.parse("A minor"))
    assert [midi_track.name for midi_track in piece.midi_tracks] == [
        "Chords (piano)", "Chords (guitar)", "Drums", "Bass", "Melody", "Violin I", "Violin II", "Viola", "Cello", "Vocal",
    ]  # fmt: skip
    assert [midi_track.is_drum for midi_track in piece.midi_tracks].count(True) == 1
    other = sounded((production / "song.mid").read_bytes())
    assert other.hanging == 0
    assert other.end_tick == piece.end_tick


def test_every_note_lies_in_its_block(production: Path) -> None:
    song = assemble_song(production)
    seams = np.array([placed.end_tick for placed in song.blocks])
    for midi_track in song.piece.midi_tracks:
        notes = midi_track.notes
        assert overlaps(notes) == 0
        following = seams[seams.searchsorted(notes.onset_tick, side="right")]
        assert (notes.end_tick <= following).all()


def test_verse_two_is_note_for_note_the_approved_part(production: Path) -> None:
    song = assemble_song(production)
    placed = next(placed for placed in song.blocks if placed.block.name == "verse 2")
    approved = read_midi(production / "melody" / "approved" / "verse_b.mid").midi_tracks[0].notes
    notes = part(song.piece, "Melody").notes
    inside = notes.select((notes.onset_tick >= placed.start_tick) & (notes.onset_tick < placed.end_tick))
    assert inside.shifted(-placed.start_tick).onset_tick.tolist() == approved.onset_tick.tolist()
    assert inside.pitch.tolist() == approved.pitch.tolist()
    assert inside.duration_ticks.tolist() == approved.duration_ticks.tolist()


def test_energy_moves_velocity_gently(production: Path) -> None:
    song = assemble_song(production)
    notes = part(song.piece, "Bass").notes
    means = {}
    for placed in song.blocks:
        inside = (notes.onset_tick >= placed.start_tick) & (notes.onset_tick < placed.end_tick)
        if inside.any():
            means[placed.block.name] = float(notes.velocity[inside].mean())
    assert means["verse 1"] == 80
    assert means["verse 2"] == 81  # 0.05 of energy above its section
    assert 76 <= means["outro"] < means["chorus 1"] < 80 < means["chorus 2"] <= 82


def test_the_shortened_outro_plays_the_last_bars(production: Path) -> None:
    song = assemble_song(production)
    chords = [chord for chord in song.chords if chord.start_tick >= song.blocks[-1].start_tick]
    assert [chord.chord.root for chord in chords] == [9, 5, 4, 9]  # i bVI v i, the second half of the chorus


def test_the_last_chord_is_the_tonic_and_rings(production: Path) -> None:
    song = assemble_song(production)
    end, bar = song.piece.end_tick, song.bar_ticks
    chords = song.tracks_of("chords")[0].notes
    last = chords.select(chords.onset_tick >= end - bar)
    assert set((last.pitch % 12).tolist()) == {9, 0, 4}
    assert set(last.onset_tick.tolist()) == {end - bar}
    assert (last.end_tick == end).all()


def test_a_song_that_ends_elsewhere_is_led_to_the_tonic(production: Path) -> None:
    write_song(production)
    path = production / "arrangement.yml"
    head, outro = path.read_text().split("  - name: outro")
    path.write_text(f"{head}  - name: outro{outro.replace('bars: 4', 'bars: 3')}")  # ends on the fifth now
    song = assemble_song(production)
    end, bar = song.piece.end_tick, song.bar_ticks
    assert song.arrangement.n_bars == 43
    sounding = {
        int(pitch) % 12
        for stage in ("chords", "bass")
        for midi_track in song.tracks_of(stage)
        for pitch in midi_track.notes.pitch[midi_track.notes.end_tick > end - bar]
    }
    assert sounding == {9, 0, 4}
    path.write_text(path.read_text().replace("\nending: ring", "\nending: none"))
    plain = assemble_song(production)
    assert {int(pitch) % 12 for pitch in plain.tracks_of("chords")[0].notes.pitch[-3:]} != {9, 0, 4}


def test_syllables_stand_on_their_notes(production: Path) -> None:
    vocal = part(assemble(production), "Vocal")
    onsets = set(vocal.notes.onset_tick.tolist())
    assert vocal.lyrics
    assert {event.tick for event in vocal.lyrics} <= onsets
    assert [event.text for event in vocal.lyrics[:3]] == ["kit-", "chen", "light"]


def test_a_short_loop_made_by_hand_is_repeated_and_one_of_another_resolution_fitted(production: Path) -> None:
    kicks = Notes.from_rows([(0, 24, 36, 100), (5 * 96, 24, 38, 100)])
    loop = Piece(96, TempoMap(96), midi_tracks=(MidiTrack("Kit", is_drum=True, notes=kicks),), end_tick=8 * 96)
    (production / "drums" / "approved" / "verse_a.mid").write_bytes(write_midi(loop))
    song = assemble_song(production)
    placed = song.blocks[1]
    beat = song.piece.ticks_per_beat
    notes = part(song.piece, "Kit").notes
    heard = ((notes.onset_tick[notes.onset_tick < placed.end_tick] - placed.start_tick) // beat).tolist()
    assert heard == [0, 5, 8, 13, 16, 21, 24, 29]


def test_a_pedal_is_let_go_at_the_seam(production: Path) -> None:
    path = production / "chords" / "approved" / "verse_a.mid"
    piece = read_midi(path)
    held = MidiTrack("Chords", notes=piece.midi_tracks[0].notes, controls=Controls.from_rows([(0, 64, 127)]))
    path.write_bytes(write_midi(piece.with_midi_tracks([held])))
    song = assemble_song(production)
    controls = song.tracks_of("chords")[0].controls
    rows = [(t, v) for t, n, v in zip(controls.tick, controls.number, controls.value, strict=True) if n == 64]
    assert rows[:3] == [(0, 127), (song.blocks[0].end_tick, 0), (song.blocks[0].end_tick, 127)]


def test_muted_stages_and_parts_are_not_played(production: Path) -> None:
    write_song(production)
    path = production / "arrangement.yml"
    path.write_text(path.read_text().replace("\nblocks:", "\nmix:\n  drums: {mute: true}\nblocks:"))
    assert not any(midi_track.is_drum for midi_track in assemble(production).midi_tracks)


def test_stems_together_are_the_song(production: Path) -> None:
    report = write_song(production)
    song = read_midi(production / "song.mid")
    stems = [read_midi(path) for path in report.stems]
    assert [stem.midi_tracks[0] for stem in stems] == list(song.midi_tracks)
    assert {stem.end_tick for stem in stems} == {song.end_tick}
    assert {stem.markers for stem in stems} == {song.markers}


def test_writing_again_changes_nothing_and_reports_what_is_stale(production: Path) -> None:
    write_song(production)
    (production / "stems" / "old.mid").write_bytes(b"mine")
    report = write_song(production)
    assert report.written == ()
    assert [path.name for path in report.stale] == ["old.mid"]
    assert (production / "stems" / "old.mid").read_bytes() == b"mine"


@pytest.mark.parametrize("meter", METERS)
def test_any_meter(small_song: ModuleType, tmp_path: Path, meter: str) -> None:
    folder = small_song.make_small_song(tmp_path, meter=meter, tempo_bpm=131.7)
    write_song(folder)
    piece = read_midi(folder / "song.mid")
    stated = Meter.parse(meter)
    assert (piece.meter_at(0).numerator, piece.meter_at(0).denominator) == (stated.numerator, stated.denominator)
    grid = BarGrid.of(piece)
    assert [grid.position(marker.tick).bar for marker in piece.markers] == [0, 4, 12, 20, 28, 32, 40]
    assert all(grid.position(marker.tick).beat == 0 for marker in piece.markers)
    assert grid.position(piece.end_tick).bar == 44


@pytest.mark.parametrize("scale", sorted(SCALES))
def test_any_key_ends_on_its_tonic(small_song: ModuleType, tmp_path: Path, scale: str) -> None:
    for tonic in (1, 8):
        key = Key(tonic, scale)
        folder = small_song.make_small_song(tmp_path / str(tonic), key=f'"{key}"', stages=("chords", "bass"))
        song = assemble_song(folder)
        assert song.piece.key_at(0) == key
        assert int(song.tracks_of("bass")[0].notes.pitch[-1]) % 12 == tonic


@pytest.fixture(scope="module")
def stock(small_song: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose arrangement is drawn anew for every example."""
    return small_song.make_small_song(tmp_path_factory.mktemp("stock"), meter="7/8")


PARTS = ("verse_a", "verse_b", "chorus_a", "chorus_b", "bridge_a")
USES = st.builds(
    PartUse,
    stage=st.sampled_from(STAGES),
    part=st.sampled_from(PARTS),
    from_bar=st.integers(0, 9),
    gain_db=st.sampled_from([0.0, -6.0, 4.5]),
    mute=st.booleans(),
)
BLOCKS = st.builds(
    ArrangedBlock,
    name=st.text(alphabet="ab 1:#-'é\"", min_size=1, max_size=8).filter(lambda name: bool(name.strip())),
    section=st.sampled_from(["verse", "chorus", "bridge"]),
    n_bars=st.integers(1, 12),
    energy=st.sampled_from([0.0, 0.25, 0.7, 1.0]),
    uses=st.lists(USES, max_size=7).map(lambda uses: tuple(sorted(uses, key=lambda use: STAGES.index(use.stage)))),
)
ARRANGEMENTS = st.builds(
    Arrangement,
    blocks=st.lists(BLOCKS, min_size=1, max_size=5).map(tuple),
    mix=st.dictionaries(st.sampled_from(STAGES), st.builds(StageMix, st.sampled_from([0.0, -3.0]), st.booleans())),
    ending=st.sampled_from(["ring", "none"]),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrangement=ARRANGEMENTS)
def test_any_arrangement_is_read_back_and_played_in_its_bars(stock: Path, arrangement: Arrangement) -> None:
    (stock / "arrangement.yml").unlink(missing_ok=True)
    write_arrangement(stock, arrangement)
    assert read_arrangement(stock) == arrangement
    heard = {use.stage for block in arrangement.blocks for use in block.uses if not use.mute}
    heard -= {stage for stage, mix in arrangement.mix.items() if mix.mute}
    assume(not heard or heard - {"melody", "lyrics"})  # whose second bars are rests
    if not heard:
        with pytest.raises(ArrangementError, match="nothing sounds"):
            assemble_song(stock)
        return
    song = assemble_song(stock)
    piece = read_midi(write_midi(song.piece))
    assert piece.end_tick == arrangement.n_bars * song.bar_ticks
    assert [(marker.tick, marker.text) for marker in piece.markers] == [
        (start * song.bar_ticks, block.name)
        for start, block in zip(arrangement.starts, arrangement.blocks, strict=True)
    ]
    seams = np.array([placed.end_tick for placed in song.blocks])
    for midi_track in piece.midi_tracks:
        assert overlaps(midi_track.notes) == 0
        if len(midi_track.notes):
            following = seams[seams.searchsorted(midi_track.notes.onset_tick, side="right")]
            assert (midi_track.notes.end_tick <= following).all()


def test_what_is_missing_is_said(production: Path, tmp_path: Path) -> None:
    with pytest.raises(SongSheetError, match=r"no song\.yml"):
        assemble(tmp_path / "nowhere")
    write_song(production)
    for path in (production / "bass" / "approved").glob("*.mid"):
        path.unlink()
    with pytest.raises(ArrangementError, match="no approved part 'verse_a' in bass"):
        assemble(production)
