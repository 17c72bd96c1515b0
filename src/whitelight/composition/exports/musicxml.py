"""The lead sheet: MusicXML 4.0 (score-partwise) with the melody, its words, chord symbols and rehearsal marks.

Source: W3C MusicXML 4.0. Durations count divisions of a quarter, so that every bar adds up exactly; note values are
those of `note_values`, so there are no tuplets. Bytes follow from the song alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from whitelight import __version__
from whitelight.composition.arrangement.song import Song
from whitelight.composition.exports.lead_line import LeadNote, lead_line
from whitelight.composition.exports.note_values import NoteValue, written
from whitelight.music import Chord, InvalidChordError, Key, read_symbol

DOCTYPE = (
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">'
)
KINDS = {
    "maj": "major", "min": "minor", "dim": "diminished", "aug": "augmented", "maj7": "major-seventh",
    "min7": "minor-seventh", "7": "dominant", "dim7": "diminished-seventh", "hdim7": "half-diminished",
    "minmaj7": "major-minor", "maj6": "major-sixth", "min6": "minor-sixth", "9": "dominant-ninth",
    "maj9": "major-ninth", "min9": "minor-ninth", "11": "dominant-11th", "maj11": "major-11th", "min11": "minor-11th",
    "13": "dominant-13th", "maj13": "major-13th", "min13": "minor-13th", "sus2": "suspended-second",
    "sus4": "suspended-fourth", "5": "power",
}  # fmt: skip
MODES = {"harmonic minor": "minor", "melodic minor": "minor"}  # what MusicXML has no word for
MOST_FIFTHS = 7
BASS_CLEF_BELOW = 55  # median pitch; G3
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A note or a rest within one bar, in pulses from its bar line."""

    start: int
    n_pulses: int
    note: LeadNote | None = None
    is_tied_from: bool = False
    is_tied_to: bool = False


def to_musicxml(song: Song) -> bytes:
    """Return the lead sheet of a song."""
    key = _written_key(song.sheet.key)
    line = lead_line(song)
    root = Element("score-partwise", version="4.0")
    SubElement(SubElement(root, "work"), "work-title").text = printable(song.sheet.title)
    encoding = SubElement(SubElement(root, "identification"), "encoding")
    SubElement(encoding, "software").text = f"whitelight {__version__}"
    score_part = SubElement(SubElement(root, "part-list"), "score-part", id="P1")
    SubElement(score_part, "part-name").text = "Voice" if song.tracks_of("lyrics") else "Melody"
    part = SubElement(root, "part", id="P1")
    bars = _bars(line, song)
    for number, stretches in enumerate(bars):
        measure = SubElement(part, "measure", number=str(number + 1))
        if number == 0:
            _attributes(measure, song, key, line)
            _tempo(measure, song)
        for placed in song.blocks:
            if placed.start_bar == number:
                _rehearsal(measure, placed.block.name)
        _fill(measure, number, stretches, song, key)
    _end_line(part[-1])
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{DOCTYPE}\n{tostring(root, encoding="unicode")}\n'.encode()


def printable(text: str) -> str:
    """Text without what XML has no place for."""
    return _UNPRINTABLE.sub("", text)


def _written_key(key: Key) -> Key:
    """The key as it can be written: G# major, with eight sharps, is A flat major."""
    return key if abs(key.signature_fifths) <= MOST_FIFTHS else Key(key.tonic, key.scale_name)


def _pulse(song: Song) -> Fraction:
    """Length of a pulse in whole notes."""
    return Fraction(1, song.sheet.meter.denominator * song.grid.unit_pulses)


def _bars(line: Sequence[LeadNote], song: Song) -> list[list[_Stretch]]:
    """Notes and rests of each bar, cut at the bar lines."""
    length = song.grid.bar_pulses
    n_bars = song.arrangement.n_bars
    bars: list[list[_Stretch]] = [[] for _ in range(n_bars)]
    place = 0
    for note in (*line, None):
        start = n_bars * length if note is None else note.start
        for bar, begin, end in _cut(place, start, length):
            bars[bar].append(_Stretch(begin, end - begin))
        if note is None:
            break
        for bar, begin, end in _cut(note.start, note.end, length):
            at = bar * length
            bars[bar].append(_Stretch(begin, end - begin, note, at + begin > note.start, at + end < note.end))
        place = note.end
    return bars


def _cut(start: int, end: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Bar, start and end within it, of what lies between two places."""
    while start < end:
        bar = start // length
        until = min(end, (bar + 1) * length)
        yield bar, start - bar * length, until - bar * length
        start = until


def _attributes(measure: Element, song: Song, key: Key, line: Sequence[LeadNote]) -> None:
    attributes = SubElement(measure, "attributes")
    SubElement(attributes, "divisions").text = str((Fraction(1, 4) / _pulse(song)).numerator)
    written_key = SubElement(attributes, "key")
    SubElement(written_key, "fifths").text = str(key.signature_fifths)
    SubElement(written_key, "mode").text = MODES.get(key.scale_name, key.scale_name)
    time = SubElement(attributes, "time")
    grouping = song.sheet.meter.stated_grouping
    SubElement(time, "beats").text = "+".join(map(str, grouping)) or str(song.sheet.meter.numerator)
    SubElement(time, "beat-type").text = str(song.sheet.meter.denominator)
    pitches = sorted(note.pitch for note in line)
    is_low = bool(pitches) and pitches[len(pitches) // 2] < BASS_CLEF_BELOW
    clef = SubElement(attributes, "clef")
    SubElement(clef, "sign").text = "F" if is_low else "G"
    SubElement(clef, "line").text = "4" if is_low else "2"


def _tempo(measure: Element, song: Song) -> None:
    direction = SubElement(measure, "direction", placement="above")
    metronome = SubElement(SubElement(direction, "direction-type"), "metronome")
    SubElement(metronome, "beat-unit").text = "quarter"
    SubElement(metronome, "per-minute").text = f"{song.sheet.tempo_bpm:g}"
    SubElement(direction, "sound", tempo=f"{song.sheet.tempo_bpm:g}")


def _rehearsal(measure: Element, name: str) -> None:
    direction = SubElement(measure, "direction", placement="above")
    SubElement(SubElement(direction, "direction-type"), "rehearsal").text = printable(name)


def _fill(measure: Element, number: int, stretches: Sequence[_Stretch], song: Song, key: Key) -> None:
    """Notes, rests and chord symbols of a bar in the order of time."""
    scale = (Fraction(1, 4) / _pulse(song)).denominator  # divisions of a pulse
    begin = number * song.bar_ticks
    chords = [
        (round((chord.start_tick - begin) / song.pulse_ticks), chord.chord.symbol)
        for chord in song.chords
        if begin <= chord.start_tick < begin + song.bar_ticks
    ]
    place = 0
    for stretch in stretches:
        is_whole_bar = stretch.note is None and stretch.n_pulses == song.grid.bar_pulses
        values = written(stretch.start, stretch.n_pulses, pulse=_pulse(song), groups=song.grid.groups)
        values = (NoteValue(stretch.n_pulses),) if is_whole_bar else values
        for index, value in enumerate(values):
            for at, symbol in chords:
                if place <= at < place + value.n_pulses:
                    _harmony(measure, symbol, (at - place) * scale, key)
            tied = (stretch.is_tied_from or index > 0, stretch.is_tied_to or index + 1 < len(values))
            _note(SubElement(measure, "note"), stretch.note, value, scale=scale, tied=tied, key=key)
            place += value.n_pulses


def _note(
    element: Element, note: LeadNote | None, value: NoteValue, *, scale: int, tied: tuple[bool, bool], key: Key
) -> None:
    if note is None:
        SubElement(element, "rest", {} if value.name else {"measure": "yes"})
    else:
        _pitch(element, note.pitch, key)
    SubElement(element, "duration").text = str(value.n_pulses * scale)
    ties = [] if note is None else [kind for kind, holds in zip(("stop", "start"), tied, strict=True) if holds]
    for kind in ties:
        SubElement(element, "tie", type=kind)
    SubElement(element, "voice").text = "1"
    if value.name:
        SubElement(element, "type").text = value.name
    if value.is_dotted:
        SubElement(element, "dot")
    if ties:
        notations = SubElement(element, "notations")
        for kind in ties:
            SubElement(notations, "tied", type=kind)
    if note is not None and note.syllable is not None and not tied[0]:
        lyric = SubElement(element, "lyric", number="1")
        SubElement(lyric, "syllabic").text = note.syllable.syllabic
        SubElement(lyric, "text").text = printable(note.syllable.text)


def _pitch(element: Element, pitch: int, key: Key) -> None:
    name = key.spell(pitch % 12)
    alter = _alter(name)
    written_pitch = SubElement(element, "pitch")
    SubElement(written_pitch, "step").text = name[0]
    if alter:
        SubElement(written_pitch, "alter").text = str(alter)
    SubElement(written_pitch, "octave").text = str((pitch - alter) // 12 - 1)


def _alter(name: str) -> int:
    return name.count("#") - name[1:].count("b")


def _harmony(measure: Element, symbol: str, offset: int, key: Key) -> None:
    """A chord symbol; one that is no chord is left out."""
    try:
        chord = read_symbol(symbol)
    except InvalidChordError:
        return
    if chord.is_none:
        return
    harmony = SubElement(measure, "harmony")
    _named(harmony, "root", chord.spelling if abs(_alter(chord.spelling)) < 2 else key.spell(chord.root))
    SubElement(harmony, "kind").text = KINDS.get(chord.quality, "other")
    if chord.bass_pitch_class != chord.root:
        _named(harmony, "bass", symbol.rsplit("/", 1)[1] if "/" in symbol else key.spell(chord.bass_pitch_class))
    _degrees(harmony, chord)
    if offset:
        SubElement(harmony, "offset").text = str(offset)


def _named(harmony: Element, what: str, name: str) -> None:
    element = SubElement(harmony, what)
    SubElement(element, f"{what}-step").text = name[0]
    if alter := _alter(name):
        SubElement(element, f"{what}-alter").text = str(alter)


def _degrees(harmony: Element, chord: Chord) -> None:
    for degrees, kind in ((chord.added, "add"), (chord.omitted, "subtract")):
        for degree in degrees:
            element = SubElement(harmony, "degree")
            SubElement(element, "degree-value").text = degree.lstrip("#b")
            SubElement(element, "degree-alter").text = str(degree.count("#") - degree.count("b"))
            SubElement(element, "degree-type").text = kind


def _end_line(measure: Element) -> None:
    barline = SubElement(measure, "barline", location="right")
    SubElement(barline, "bar-style").text = "light-heavy"
