"""What the drum stage learns from played drums."""

import csv
from pathlib import Path

import numpy as np
import pytest

from whitelight.catalog import read_catalog
from whitelight.composition.drums import STAGE, drum_style_of_classes, learn_drums
from whitelight.composition.drums import take as counted
from whitelight.composition.drums.kits import family_of, shipped_families
from whitelight.composition.drums.learning import learn_parts
from whitelight.composition.drums.take import hear_take
from whitelight.dataset import build_dataset
from whitelight.music import Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap, read_midi, write_midi

SIXTEENTH = 120


def drum_part(n_bars=8, kicks=(0, 7, 8), snares=(4, 12), meter="4/4", ride=False):
    meter = Meter.parse(meter)
    size = meter.bar_ticks(480)
    rows = []
    for bar in range(n_bars):
        rows += [(bar * size + k * SIXTEENTH, 60, 36, 90) for k in kicks]
        rows += [(bar * size + s * SIXTEENTH, 60, 38, 100) for s in snares]
        rows += [(bar * size + tick, 60, 51 if ride else 42, 70) for tick in range(0, size, 240)]
    track = MidiTrack("drums", is_drum=True, notes=Notes.from_rows(rows))
    return Piece(480, TempoMap.constant(120), (MeterChange(0, meter),), midi_tracks=(track,), end_tick=n_bars * size)


def test_a_part_becomes_a_family():
    (family,) = learn_drums([drum_part(ride=True)]).families
    assert (family.time, family.layers, family.backbeat) == ({"ride": 1.0}, {"double": 1.0}, {"back": 1.0})
    assert family.table["kick"][2] < 0.25
    assert 0.75 < family.table["kick"][7] < 1.0  # never a copied bar


def test_other_meters_keep_their_own_table(context_for):
    style = learn_drums([drum_part(kicks=(0, 9), snares=(4,), meter="7/8")])
    assert style.families[0].meter == "7/8"
    assert len(style.families[0].table["kick"]) == 14
    craft, rng = STAGE.craft(context_for("7/8", 120), style), np.random.default_rng(0)
    genomes = [craft.compose(rng) for _ in range(30)]
    own = [g for g in genomes if g.family == "own 1"]
    assert 15 <= len(own) < 30
    assert np.mean([9 in bar.lane("kick") for g in own for bar in g.bars]) > 0.6
    for meter in ("4/4", "5/8", "18/32"):  # and it can be played in any other
        other = STAGE.craft(context_for(meter), style)
        other.play(other.compose(np.random.default_rng(0)))


def test_nothing_to_hear():
    assert learn_drums([]) is None
    assert learn_drums([drum_part(n_bars=1)]) is None
    silent = Piece(
        480, TempoMap.constant(120), midi_tracks=(MidiTrack("piano", notes=Notes.from_rows([(0, 9, 60, 9)])),)
    )
    assert hear_take(silent) is None


def with_more(part, rows):
    return part.with_midi_tracks(
        [part.midi_tracks[0].with_notes(Notes.concatenate([part.all_notes(), Notes.from_rows(rows)]))]
    )


def test_what_is_struck_beside_the_kit_becomes_a_lane(context_for):
    toms = [(bar * 1920 + tick, 60, 43, 90) for bar in range(8) for tick in (360, 1320)]
    (family,) = learn_drums([with_more(drum_part(), toms)]).families
    assert (family.color, family.color_rate) == ({"tom_low": 1.0}, 1.0)
    assert np.flatnonzero(family.table["color"]).tolist() == [3, 11]
    craft, rng = STAGE.craft(context_for(), learn_drums([with_more(drum_part(), toms)])), np.random.default_rng(0)
    own = [g for g in (craft.compose(rng) for _ in range(20)) if g.family == "own 1"]
    assert {pulse for g in own for bar in g.bars for pulse in bar.lane("color")} == {3, 11}


def test_a_soft_backbeat_is_no_ghost():
    part = drum_part()
    rows = [(o, d, p, 40 if p == 38 else v) for o, d, p, v in part.all_notes().to_rows()]
    soft = part.with_midi_tracks([part.midi_tracks[0].with_notes(Notes.from_rows(rows))])
    assert counted.ghost_share(hear_take(soft)) == 0
    (family,) = learn_drums([soft]).families
    assert family.backbeat == {"back": 1.0}


def test_segments_of_a_song_are_one_part():
    style = learn_parts([[drum_part(2), drum_part(2, kicks=(0,)), drum_part(2, meter="3/4", snares=(8,), kicks=(0,))]])
    assert [(family.meter, family.name) for family in style.families] == [("4/4", "own 1"), ("3/4", "own 2")]
    assert style.n_bars == 6
    assert 0.35 < style.families[0].table["kick"][7] < 0.65


def test_swing_is_heard():
    straight = drum_part(kicks=(0, 6, 8))
    rows = [(o + (80 if o % 480 == 240 else 0), d, p, v) for o, d, p, v in straight.all_notes().to_rows()]
    swung = straight.with_midi_tracks([MidiTrack("drums", is_drum=True, notes=Notes.from_rows(rows))])
    assert hear_take(straight).swing == 0.5
    assert hear_take(swung).swing == pytest.approx(2 / 3, abs=0.01)
    assert hear_take(swung).lane("kick").tolist() == hear_take(straight).lane("kick").tolist()


def test_descriptors_are_counted_on_known_bars():
    take = hear_take(drum_part())
    assert counted.hits_per_bar(take) == 13
    assert counted.changed_hits(take) == 0
    assert counted.own_bars(take) == 1 / 8
    assert counted.kick_with_cymbal(take) == pytest.approx(2 / 3)
    assert counted.off_beat(take) == pytest.approx(1 / 5)
    assert counted.ghost_share(take) == 0


def test_words_name_a_family():
    assert family_of("slow indie rock with a choir") == "rock"
    assert family_of("Trip-Hop") == "hip-hop"
    assert family_of("Gregorian") == ""
    assert "" not in shipped_families()


def write_song(root: Path, song_id: str, letter: str, part: Piece) -> None:
    folder = root / song_id
    folder.mkdir(parents=True)
    (folder / "drums.mid").write_bytes(write_midi(part))
    (folder / f"{song_id}.yml").write_text(
        f"manifest_id: '{song_id}'\nbpm: 120\ntempo: 4/4\nkey: C major\nrainbow_color: {letter}\ntitle: T\n"
        "TRT: '[00:48.000]'\nstructure: []\n"
        "audio_tracks: [{id: 1, description: drums, midi_file: drums.mid}]\n"
    )


def test_a_class_is_heard_in_a_dataset(tmp_path):
    write_song(tmp_path / "songs", "02_01", "R", drum_part(24, ride=True))
    write_song(tmp_path / "songs", "05_01", "G", drum_part(24, kicks=(0, 10)))
    build_dataset(read_catalog(tmp_path / "songs"), tmp_path / "dataset", policy="whole")
    red, green = (drum_style_of_classes(tmp_path / "dataset", [name]) for name in ("Red", "Green"))
    assert {name for f in red.families for name in f.time} == {"ride"}
    assert {name for f in green.families for name in f.time} == {"hat"}
    assert len(drum_style_of_classes(tmp_path / "dataset", []).families) == len(red.families) + len(green.families)


def test_played_drums_teach(shared_data, context_for):
    with (shared_data / "groove" / "info.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["beat_type"] == "beat" and r["style"].startswith("funk")][:6]
    pieces = [read_midi(shared_data / "groove" / row["midi_filename"]) for row in rows]
    style = learn_drums(pieces)
    craft, rng = STAGE.craft(context_for("4/4", 95), style), np.random.default_rng(0)
    own = [g for g in (craft.compose(rng) for _ in range(20)) if g.family.startswith("own")]
    assert len(own) >= 10
    played = np.mean([counted.hits_per_bar(hear_take(piece)) for piece in pieces])
    composed = np.mean([len(read_midi(craft.play(g).midi).all_notes()) / 8 for g in own])
    assert composed == pytest.approx(played, rel=0.35)


def test_density_is_that_of_the_part_that_is_followed(context_for):
    style = learn_drums([drum_part()])
    craft, rng = STAGE.craft(context_for(tempo_bpm=120, energy=0.0), style), np.random.default_rng(0)
    own = [craft.play(g).terms["density"] for g in (craft.compose(rng) for _ in range(20)) if g.family == "own 1"]
    assert style.families[0].hits_per_s == pytest.approx(13 / 2)
    assert np.mean(own) > 0.6
