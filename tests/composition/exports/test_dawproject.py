"""The DAW project: a zip that any reader opens, XML in the order of its schema, notes and names those of the song."""

from fractions import Fraction
from io import BytesIO
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element
from zipfile import ZipFile

import pytest

from whitelight.composition.arrangement import assemble_song, read_daw_export
from whitelight.composition.arrangement.song import Song
from whitelight.composition.exports.dawproject import to_dawproject
from whitelight.music import Meter

ORDER = {
    "Project": ["Application", "Transport", "Structure", "Arrangement", "Scenes"],
    "Transport": ["Tempo", "TimeSignature"],
    "Track": ["Channel", "Track"],
    "Channel": ["Devices", "Mute", "Pan", "Sends", "Volume"],
    "Arrangement": ["Lanes", "Markers", "TempoAutomation", "TimeSignatureAutomation"],
}
REQUIRED = {
    "Project": {"version"},
    "Application": {"name", "version"},
    "Tempo": {"unit", "value"},
    "TimeSignature": {"numerator", "denominator"},
    "Clip": {"time", "duration"},
    "Note": {"time", "duration", "channel", "key"},
    "Marker": {"time", "name"},
    "Volume": {"unit", "value"},
    "Pan": {"unit", "value"},
}


def opened(song: Song) -> tuple[Element, Element]:
    with ZipFile(BytesIO(to_dawproject(song))) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["metadata.xml", "project.xml"]
        return ET.fromstring(archive.read("project.xml")), ET.fromstring(archive.read("metadata.xml"))


def assert_structured(root: Element) -> None:
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        assert REQUIRED.get(element.tag, set()) <= set(element.keys()), element.tag
        for reference in ("track", "destination"):
            assert element.get(reference) is None or element.get(reference) in ids
        if element.tag in ORDER:
            places = [ORDER[element.tag].index(child.tag) for child in element]
            assert places == sorted(places), element.tag


@pytest.fixture
def song(production: Path) -> Song:
    return assemble_song(production)


def test_the_project_is_structured_as_its_schema_says(song: Song) -> None:
    project, metadata = opened(song)
    assert_structured(project)
    assert metadata.tag == "MetaData"
    assert metadata.findtext("Title") == "Kitchen Light"


def test_tempo_meter_tracks_and_markers(song: Song) -> None:
    project, _ = opened(song)
    tempo, signature = project.find("Transport/Tempo"), project.find("Transport/TimeSignature")
    assert tempo is not None
    assert signature is not None
    assert float(tempo.get("value", "")) == 96
    assert (signature.get("numerator"), signature.get("denominator")) == ("4", "4")
    names = [track.get("name") for track in project.findall("Structure/Track")]
    assert names == [*(midi_track.name for midi_track in song.piece.midi_tracks), "Master"]
    markers = project.findall("Arrangement/Markers/Marker")
    assert [(float(m.get("time", "")), m.get("name")) for m in markers] == [
        (4.0 * placed.start_bar, placed.block.name) for placed in song.blocks
    ]


def test_every_note_is_there(song: Song) -> None:
    project, _ = opened(song)
    lanes = project.findall("Arrangement/Lanes/Lanes")
    for lane, midi_track in zip(lanes, song.piece.midi_tracks, strict=True):
        found = []
        for clip in lane.findall("Clips/Clip"):
            start, length = Fraction(clip.get("time", "")), Fraction(clip.get("duration", ""))
            for note in clip.findall("Notes/Note"):
                onset, duration = Fraction(note.get("time", "")), Fraction(note.get("duration", ""))
                assert onset >= 0
                assert onset + duration <= length + Fraction(1, 10**6)
                ticks = [
                    round((start + onset) * song.piece.ticks_per_beat),
                    round(duration * song.piece.ticks_per_beat),
                ]
                velocity = round(float(note.get("vel", "")) * 127)
                found.append((*ticks, int(note.get("key", "")), velocity))
                assert (note.get("channel") == "9") == midi_track.is_drum
        assert sorted(found) == sorted(midi_track.notes.to_rows())


def test_clips_are_named_so_that_they_are_known_again(song: Song, tmp_path: Path) -> None:
    from whitelight.composition.arrangement.parts import approved_parts

    project, _ = opened(song)
    lines = []
    for number, lane in enumerate(project.findall("Arrangement/Lanes/Lanes")):
        for clip in lane.findall("Clips/Clip"):
            bar, n_bars = float(clip.get("time", "")) / 4, float(clip.get("duration", "")) / 4
            lines.append(f"{bar + 1:.0f} 1 1 1\t{clip.get('name')}\t{number}\t{n_bars:.0f} 0 0 0")
    (tmp_path / "back.txt").write_text("\n".join(lines))
    approved = approved_parts(tmp_path / "song")
    back = read_daw_export(tmp_path / "back.txt", meter=Meter(4, 4), tempo_bpm=96, approved=approved)
    for block, planned in zip(back.arrangement.blocks, song.arrangement.blocks, strict=True):
        assert {(use.stage, use.part) for use in block.uses} == {(use.stage, use.part) for use in planned.uses}
        assert block.n_bars == planned.n_bars


@pytest.mark.parametrize("meter", ["7/8", "5/6", "18/32"])
def test_odd_meters(small_song: ModuleType, tmp_path: Path, meter: str) -> None:
    song = assemble_song(small_song.make_small_song(tmp_path, meter=meter))
    project, _ = opened(song)
    assert_structured(project)
    bar = song.sheet.meter.beats_per_bar
    clip = project.find("Arrangement/Lanes/Lanes/Clips/Clip")
    assert clip is not None
    assert Fraction(clip.get("duration", "")) == pytest.approx(float(4 * bar), abs=1e-6)


def test_same_song_same_bytes(song: Song, production: Path) -> None:
    assert to_dawproject(song) == to_dawproject(assemble_song(production))
