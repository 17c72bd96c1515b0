"""The lead sheet, read back by a reader of its own: bars add up, notes, words and chords are those of the song.

The structure was also checked against the MusicXML 4.0 schema of the W3C while it was written; `ORDER` below is the part
of that schema which is used.
"""

import itertools
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

import pytest

from whitelight.composition.arrangement import assemble_song
from whitelight.composition.arrangement.song import Song
from whitelight.composition.exports.lead_line import lead_line
from whitelight.composition.exports.musicxml import to_musicxml
from whitelight.composition.exports.note_values import VALUES, written
from whitelight.music import Meter

SONGS = (
    ("A minor", "4/4"),
    ("D dorian", "7/8"),
    ("G# major", "5/6"),
    ("Bb mixolydian", "6/8"),
    ("F# harmonic minor", "2+2+3/8"),
    ("C locrian", "11/8"),
    ("E phrygian", "18/32"),
    ("Gb lydian", "3/2"),
)
ORDER = {
    "score-partwise": ["work", "identification", "part-list", "part"],
    "attributes": ["divisions", "key", "time", "clef"],
    "key": ["fifths", "mode"],
    "time": ["beats", "beat-type"],
    "direction": ["direction-type", "sound"],
    "harmony": ["root", "kind", "bass", "degree", "offset"],
    "note": ["rest", "pitch", "duration", "tie", "voice", "type", "dot", "notations", "lyric"],
    "pitch": ["step", "alter", "octave"],
    "lyric": ["syllabic", "text"],
}
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
MODES = {"major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "ionian", "locrian"}
TYPES = {name: length for length, name in VALUES.items()}


@dataclass
class ReadSheet:
    """A lead sheet as a reader sees it: times in whole notes."""

    bars: list[Fraction] = field(default_factory=list)
    notes: list[tuple[Fraction, Fraction, int]] = field(default_factory=list)
    words: list[tuple[Fraction, str, str]] = field(default_factory=list)
    chords: list[tuple[Fraction, int, str]] = field(default_factory=list)
    rehearsals: list[tuple[int, str]] = field(default_factory=list)
    open_tie: bool = False


def text(element: Element, path: str) -> str:
    found = element.findtext(path)
    assert found is not None, path
    return found


def named(element: Element, what: str) -> int:
    return (STEPS[text(element, f"{what}-step")] + int(element.findtext(f"{what}-alter") or 0)) % 12


def read_sheet(data: bytes) -> ReadSheet:
    root = ET.fromstring(data)
    sheet, place = ReadSheet(), Fraction(0)
    divisions = int(text(root, "part/measure/attributes/divisions"))
    for number, measure in enumerate(root.findall("part/measure")):
        assert measure.get("number") == str(number + 1)
        start = place
        for element in measure:
            if element.tag == "note":
                length = Fraction(int(text(element, "duration")), 4 * divisions)
                take_note(sheet, element, place, length)
                place += length
            elif element.tag == "harmony":
                offset = Fraction(int(element.findtext("offset") or 0), 4 * divisions)
                root_element = element.find("root")
                assert root_element is not None
                sheet.chords.append((place + offset, named(root_element, "root"), text(element, "kind")))
            elif element.tag == "direction" and element.find("direction-type/rehearsal") is not None:
                sheet.rehearsals.append((number, text(element, "direction-type/rehearsal")))
        sheet.bars.append(place - start)
    return sheet


def take_note(sheet: ReadSheet, element: Element, place: Fraction, length: Fraction) -> None:
    kind = element.findtext("type")
    if kind is not None:
        assert length == TYPES[kind] * (Fraction(3, 2) if element.find("dot") is not None else 1)
    ties = {tie.get("type") for tie in element.findall("tie")}
    assert ties == {tie.get("type") for tie in element.findall("notations/tied")}
    assert ("stop" in ties) == sheet.open_tie
    sheet.open_tie = "start" in ties
    if element.find("rest") is not None:
        assert not ties
        return
    octave, alter = int(text(element, "pitch/octave")), int(element.findtext("pitch/alter") or 0)
    pitch = 12 * (octave + 1) + STEPS[text(element, "pitch/step")] + alter
    if "stop" in ties:
        onset, before, tied = sheet.notes.pop()
        assert (onset + before, tied) == (place, pitch)
        sheet.notes.append((onset, before + length, pitch))
    else:
        sheet.notes.append((place, length, pitch))
    lyric = element.find("lyric")
    if lyric is not None:
        sheet.words.append((place, text(lyric, "syllabic"), text(lyric, "text")))


def assert_ordered(element: Element) -> None:
    order = ORDER.get(element.tag)
    if order is not None:
        places = [order.index(child.tag) for child in element]
        assert places == sorted(places), element.tag
    for child in element:
        assert_ordered(child)


@pytest.fixture(scope="module", params=SONGS, ids=" ".join)
def song(request: pytest.FixtureRequest, small_song: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Song:
    key, meter = request.param
    folder = tmp_path_factory.mktemp("song")
    return assemble_song(small_song.make_small_song(folder, key=f'"{key}"', meter=meter))


def test_every_bar_adds_up_and_elements_stand_in_their_order(song: Song) -> None:
    data = to_musicxml(song)
    sheet = read_sheet(data)
    meter = song.sheet.meter
    assert sheet.bars == [Fraction(meter.numerator, meter.denominator)] * song.arrangement.n_bars
    assert not sheet.open_tie
    root = ET.fromstring(data)
    assert root.get("version") == "4.0"
    assert_ordered(root)
    assert text(root, "part/measure/attributes/key/mode") in MODES
    assert -7 <= int(text(root, "part/measure/attributes/key/fifths")) <= 7
    assert b"time-modification" not in data


def test_notes_and_words_are_those_of_the_song(song: Song) -> None:
    sheet = read_sheet(to_musicxml(song))
    whole = 4 * song.piece.ticks_per_beat
    vocal = song.tracks_of("lyrics")[0]
    pulse = Fraction(song.pulse_ticks, whole)
    played = [(Fraction(row[0], whole), row[2]) for row in vocal.notes.to_rows()]
    assert [pitch for _, _, pitch in sheet.notes] == [pitch for _, pitch in played]
    assert all(abs(note[0] - onset) <= pulse / 2 for note, (onset, _) in zip(sheet.notes, played, strict=True))
    assert len(sheet.words) == len(vocal.lyrics)
    sung = "".join(word + ("" if kind in ("begin", "middle") else " ") for _, kind, word in sheet.words)
    assert sung.startswith("kitchen light")
    assert {place for place, _, _ in sheet.words} <= {onset for onset, _, _ in sheet.notes}


def test_chords_and_rehearsal_marks_stand_where_they_sound(song: Song) -> None:
    sheet = read_sheet(to_musicxml(song))
    whole = 4 * song.piece.ticks_per_beat
    assert [(place, root) for place, root, _ in sheet.chords] == [
        (Fraction(chord.start_tick, whole), chord.chord.root) for chord in song.chords
    ]
    assert sheet.rehearsals == [(placed.start_bar, placed.block.name) for placed in song.blocks]


def test_words_of_a_word_hang_together(production: Path) -> None:
    words = read_sheet(to_musicxml(assemble_song(production))).words
    assert [(kind, word) for _, kind, word in words[:6]] == [
        ("begin", "kit"), ("end", "chen"), ("single", "light"), ("begin", "un"), ("middle", "der"), ("end", "stood"),
    ]  # fmt: skip


def test_without_words_the_lead_is_shown_and_without_both_the_chords(small_song: ModuleType, tmp_path: Path) -> None:
    lead = assemble_song(small_song.make_small_song(tmp_path / "lead", stages=("chords", "melody")))
    assert len(read_sheet(to_musicxml(lead)).notes) == len(lead.tracks_of("melody")[0].notes)
    bare = assemble_song(small_song.make_small_song(tmp_path / "bare", stages=("chords",)))
    sheet = read_sheet(to_musicxml(bare))
    assert (sheet.notes, len(sheet.bars)) == ([], bare.arrangement.n_bars)
    assert sheet.chords


def test_a_title_that_is_no_xml_is_written(small_song: ModuleType, tmp_path: Path) -> None:
    folder = small_song.make_small_song(tmp_path, title='"<Rust> & \\x07 “Signal”"')
    root = ET.fromstring(to_musicxml(assemble_song(folder)))
    assert text(root, "work/work-title") == "<Rust> &  “Signal”"


def test_the_line_is_one_voice(song: Song) -> None:
    line = lead_line(song)
    assert all(first.end <= second.start for first, second in itertools.pairwise(line))
    assert all(note.end > note.start for note in line)


@pytest.mark.parametrize("meter", ["4/4", "3/4", "7/8", "6/8", "11/8", "3/2", "5/16"])
def test_values_fill_every_place_of_a_bar(meter: str) -> None:
    from whitelight.composition.meter_grid import meter_grid

    stated = Meter.parse(meter)
    grid = meter_grid(stated, 100)
    pulse = Fraction(1, stated.denominator * grid.unit_pulses)
    for start in range(grid.bar_pulses):
        for length in range(1, grid.bar_pulses - start + 1):
            values = written(start, length, pulse=pulse, groups=grid.groups)
            assert sum(value.n_pulses for value in values) == length
            for value in values:
                assert value.n_pulses * pulse == TYPES[value.name] * (Fraction(3, 2) if value.is_dotted else 1)


def test_same_song_same_bytes(production: Path) -> None:
    assert to_musicxml(assemble_song(production)) == to_musicxml(assemble_song(production))
