"""A project for DAWs: DAWproject 1.0 (Bitwig's open exchange format), a zip of `project.xml` and `metadata.xml`.

Every track has its channel with volume and pan, every block it plays in is a clip named as its part ("bass_verse_a"), so
that an arrangement made in the DAW can be read back (`read_daw_export`). Times are quarter notes. The bytes follow from the
song alone: fixed dates, fixed ids. The format has no place for keys and lyrics.

Source: github.com/bitwig/dawproject, Project.xsd and MetaData.xsd.
"""

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from itertools import count
from xml.etree.ElementTree import Element, SubElement, indent, tostring
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from whitelight import __version__
from whitelight.composition.arrangement.levels import PAN_CONTROL, VOLUME_CONTROL, volume_of
from whitelight.composition.arrangement.song import PlacedBlock, Song
from whitelight.composition.exports.musicxml import printable
from whitelight.music import MidiTrack
from whitelight.music.midi_writing import assign_channels

PROJECT_XML, METADATA_XML = "project.xml", "metadata.xml"
FORMAT_VERSION = "1.0"
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say; a clock would change the bytes
_UNIX, _MODE = 3, 0o644 << 16
_LOUDEST = 2.0  # of a volume fader, linear


def to_dawproject(song: Song) -> bytes:
    """Return the song as a DAWproject file."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, root in ((METADATA_XML, _metadata(song)), (PROJECT_XML, _project(song))):
            indent(root)
            info = ZipInfo(name, _FIRST_DATE)
            info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, _UNIX, _MODE
            archive.writestr(info, tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")
    return stream.getvalue()


def _metadata(song: Song) -> Element:
    root = Element("MetaData")
    SubElement(root, "Title").text = printable(song.sheet.title)
    if song.sheet.concept:
        SubElement(root, "Comment").text = printable(song.sheet.concept)
    return root


def _project(song: Song) -> Element:
    ids = (f"id{number}" for number in count())
    root = Element("Project", version=FORMAT_VERSION)
    SubElement(root, "Application", name="whitelight", version=__version__)
    transport = SubElement(root, "Transport")
    tempo = f"{song.sheet.tempo_bpm:g}"
    SubElement(transport, "Tempo", id=next(ids), name="Tempo", max="666", min="20", unit="bpm", value=tempo)
    meter = song.sheet.meter
    SubElement(
        transport,
        "TimeSignature",
        id=next(ids),
        denominator=str(meter.denominator),
        numerator=str(meter.numerator),
    )
    structure = SubElement(root, "Structure")
    master = next(ids)
    track_ids = [_track(structure, midi_track, master, ids) for midi_track in song.piece.midi_tracks]
    _master(structure, master, ids)
    arrangement = SubElement(root, "Arrangement", id=next(ids))
    lanes = SubElement(arrangement, "Lanes", id=next(ids), timeUnit="beats")
    for place, track_id in enumerate(track_ids):
        lane = SubElement(lanes, "Lanes", id=next(ids), track=track_id)
        clips = SubElement(lane, "Clips", id=next(ids))
        for placed in song.blocks:
            _clip(clips, song, place, placed, ids)
    markers = SubElement(arrangement, "Markers", id=next(ids))
    for placed in song.blocks:
        SubElement(markers, "Marker", name=printable(placed.block.name), time=_beats(placed.start_tick, song))
    SubElement(root, "Scenes")
    return root


def _track(structure: Element, midi_track: MidiTrack, master: str, ids: Iterator[str]) -> str:
    track_id = next(ids)
    track = SubElement(
        structure, "Track", contentType="notes", id=track_id, loaded="true", name=printable(midi_track.name)
    )
    first = {
        int(number): int(value)
        for tick, number, value in zip(
            midi_track.controls.tick, midi_track.controls.number, midi_track.controls.value, strict=True
        )
        if tick == 0
    }
    volume = (first.get(VOLUME_CONTROL, volume_of(0.0)) / volume_of(0.0)) ** 2
    pan = min(max((first.get(PAN_CONTROL, 64) - 1) / 126, 0.0), 1.0)
    _channel(track, "regular", ids, volume=volume, pan=pan, destination=master)
    return track_id


def _master(structure: Element, master: str, ids: Iterator[str]) -> None:
    track = SubElement(structure, "Track", contentType="audio notes", id=next(ids), loaded="true", name="Master")
    _channel(track, "master", ids, own_id=master)


def _channel(
    track: Element,
    role: str,
    ids: Iterator[str],
    *,
    volume: float = 1.0,
    pan: float = 0.5,
    own_id: str = "",
    destination: str = "",
) -> None:
    attributes = {"audioChannels": "2", "id": own_id or next(ids), "role": role, "solo": "false"}
    if destination:
        attributes["destination"] = destination
    channel = SubElement(track, "Channel", attributes)
    SubElement(channel, "Mute", id=next(ids), name="Mute", value="false")
    SubElement(channel, "Pan", id=next(ids), name="Pan", max="1", min="0", unit="normalized", value=f"{pan:.6f}")
    SubElement(
        channel,
        "Volume",
        id=next(ids),
        name="Volume",
        max=f"{_LOUDEST:g}",
        min="0",
        unit="linear",
        value=f"{volume:.6f}",
    )


def _clip(clips: Element, song: Song, place: int, placed: PlacedBlock, ids: Iterator[str]) -> None:
    """What a track plays in a block, when it plays."""
    midi_track, stage = song.piece.midi_tracks[place], song.stages[place]
    inside = midi_track.notes.sounding(placed.start_tick, placed.end_tick)
    rows = [row for row in midi_track.notes.select(inside).to_rows() if placed.start_tick <= row[0] < placed.end_tick]
    if not rows:
        return
    parts = placed.block.parts(stage)
    channel = assign_channels(song.piece.midi_tracks)[place]
    clip = SubElement(
        clips,
        "Clip",
        name=" + ".join(f"{stage}_{part}" for part in parts) or placed.block.name,
        time=_beats(placed.start_tick, song),
        duration=_beats(placed.end_tick - placed.start_tick, song),
        playStart="0",
    )
    notes = SubElement(clip, "Notes", id=next(ids))
    for onset, duration, pitch, velocity in rows:
        SubElement(
            notes,
            "Note",
            time=_beats(onset - placed.start_tick, song),
            duration=_beats(duration, song),
            channel=str(channel),
            key=str(pitch),
            vel=f"{velocity / 127:.6f}",
            rel=f"{velocity / 127:.6f}",
        )


def _beats(ticks: int, song: Song) -> str:
    """Quarter notes as a decimal, precise to a thousandth of a tick."""
    return f"{float(Fraction(ticks, song.piece.ticks_per_beat)):.9f}".rstrip("0").rstrip(".")
