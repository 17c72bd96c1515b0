"""The demo catalog: complete, deterministic, in key, and as irregular as promised."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from whitelight.catalog.settings import read_settings
from whitelight.demo.catalog import DemoCatalogReport, demo_songs, write_demo_catalog
from whitelight.demo.grammar import PARTS, load_grammars
from whitelight.demo.irregular import KINDS, load_irregularities
from whitelight.demo.plan import Bar
from whitelight.demo.steps import STEP_TICKS, strong_steps
from whitelight.files import load_yaml
from whitelight.music import Key, Meter, Piece, read_midi
from whitelight.ontology import load_ontology


@pytest.fixture(scope="module")
def songs(demo: DemoCatalogReport) -> dict[str, Mapping[str, Piece]]:
    return {
        folder.name: {
            part: read_midi(path) for part in PARTS if (path := folder / f"{folder.name}_{part}.mid").exists()
        }
        for folder in sorted(demo.root.glob("??_??"))
    }


def files_of(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_there_are_eight_albums_of_seven_songs(demo: DemoCatalogReport, songs: Mapping[str, object]) -> None:
    albums = {song_id[:2] for song_id in songs}
    assert len(albums) == 8
    assert demo.n_songs == len(songs) == 56
    letters = {load_yaml(demo.root / song_id / f"{song_id}.yml")["rainbow_color"] for song_id in songs}
    ontology = load_ontology("rainbow")
    assert {ontology.resolve_class(letter).prefix for letter in letters} == albums


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_songs(
    demo: DemoCatalogReport, tmp_path: Path
) -> None:
    write_demo_catalog(tmp_path, audio=False)
    assert files_of(tmp_path) == files_of(demo.root)
    here, there = (list(demo_songs(load_grammars(), seed=seed)) for seed in (0, 1))
    assert [song.song_id for song in here] == [song.song_id for song in there]
    assert sum(one.plan.sections == other.plan.sections for one, other in zip(here, there, strict=True)) < 10


def test_every_song_lasts_between_half_a_minute_and_75_seconds(songs: Mapping[str, Mapping[str, Piece]]) -> None:
    for song_id, stems in songs.items():
        assert {"chords", "bass", "melody"} <= set(stems), song_id
        for stem in stems.values():
            assert 30 <= stem.duration_s <= 75, song_id
            assert stem.markers[0].text == "Intro"


def test_some_songs_have_no_drums_and_none_lacks_the_rest(songs: Mapping[str, Mapping[str, Piece]]) -> None:
    drumless = [song_id for song_id, stems in songs.items() if "drums" not in stems]
    assert 4 <= len(drumless) <= 16


def test_stems_state_the_tempo_meter_and_key_of_the_manifest(
    demo: DemoCatalogReport, songs: Mapping[str, Mapping[str, Piece]]
) -> None:
    for song_id, stems in songs.items():
        manifest = load_yaml(demo.root / song_id / f"{song_id}.yml")
        for part, stem in stems.items():
            assert stem.midi_tracks[0].name == part
            assert stem.tempo_map.tempo_bpm_at(0) == pytest.approx(manifest["bpm"], abs=1e-3)
            assert stem.meter_at(0) == Meter.parse(manifest["tempo"])
            stated = stem.key_at(0)
            assert stated is not None
            assert stated.tonic == Key.parse(manifest["key"]).tonic


def test_odd_meters_occur(demo: DemoCatalogReport) -> None:
    meters = {load_yaml(path)["tempo"] for path in demo.root.glob("*/*.yml")}
    assert {"4/4", "3/4", "6/8", "5/8", "7/8", "5/4"} <= meters


def test_notes_stay_in_key_but_for_chords_the_data_borrows(songs: Mapping[str, Mapping[str, Piece]]) -> None:
    plans = {song.song_id: song.plan for song in demo_songs(load_grammars(), seed=0)}
    for song_id, stems in songs.items():
        plan = plans[song_id]
        sounding = {pc for section in plan.sections for span in section.spans for pc in span.pitch_classes}
        allowed = set(plan.key.scale_pitch_classes) | sounding
        for part in ("chords", "bass", "melody"):
            found = {int(pitch) % 12 for pitch in stems[part].midi_tracks[0].notes.pitch}
            assert found <= allowed, (song_id, part)


def test_melodies_do_not_clash_with_the_chord_on_strong_beats(songs: Mapping[str, Mapping[str, Piece]]) -> None:
    """A melody note on a pulse belongs to the chord of the plan, so it clashes only with the chord's own ninth."""
    for song in demo_songs(load_grammars(), seed=0):
        plan = song.plan
        if plan.album.swing:
            continue
        melody = songs[song.song_id]["melody"].midi_tracks[0].notes
        for onset, pitch in zip(melody.onset_tick, melody.pitch, strict=True):
            bar, within = divmod(int(onset), plan.bar_ticks)
            if within % STEP_TICKS or within // STEP_TICKS not in strong_steps(plan.meter):
                continue
            section = next(section for section in reversed(plan.sections) if section.start_bar <= bar)
            span = Bar(plan, section, bar - section.start_bar).chord_at(within // STEP_TICKS)
            assert int(pitch) % 12 in span.pitch_classes, (song.song_id, bar, within)


def test_songs_end_on_the_tonic(songs: Mapping[str, Mapping[str, Piece]]) -> None:
    for song_id, stems in songs.items():
        bass = stems["bass"].midi_tracks[0].notes
        key = stems["bass"].key_at(0)
        assert key is not None
        assert int(bass.pitch[-1]) % 12 == key.tonic, song_id


def test_velocities_are_shaped(songs: Mapping[str, Mapping[str, Piece]]) -> None:
    deviations = [np.std(stem.midi_tracks[0].notes.velocity) for stems in songs.values() for stem in stems.values()]
    assert min(deviations) > 2


def test_concepts_and_titles_differ(demo: DemoCatalogReport) -> None:
    manifests = [load_yaml(path) for path in demo.root.glob("*/*.yml")]
    for field in ("title", "concept"):
        assert len({manifest[field] for manifest in manifests}) == len(manifests), field


def test_the_readme_names_every_irregular_song_and_its_files_are_irregular(demo: DemoCatalogReport) -> None:
    readme = (demo.root / "README.md").read_text(encoding="utf-8")
    assert {fault.kind for fault in load_irregularities()} == set(KINDS)
    for fault in demo.irregular:
        assert f"- {fault.song}: {fault.what}" in readme
    late = (demo.root / "01_02/01_02.lrc").read_text(encoding="utf-8")
    assert "[60:" in late
    assert "[00:" not in late
    assert load_yaml(demo.root / "01_05/01_05.yml")["key"] == "A# minor"
    section = load_yaml(demo.root / "02_03/02_03.yml")["structure"][1]
    assert section["end_time"] < section["start_time"]
    named = [track["midi_file"] for track in load_yaml(demo.root / "05_04/05_04.yml")["audio_tracks"]]
    assert not (demo.root / "05_04" / named[-1]).exists()


def test_the_demo_says_on_what_terms_it_may_be_used(demo: DemoCatalogReport) -> None:
    settings = read_settings(demo.root, None, None)
    assert (settings.terms.license, settings.terms.attribution) == ("CC0-1.0", "made by `whitelight demo`")
