"""The labels of a row against the catalog read again: class, axis modes, stem, and what the rows of a segment share."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from whitelight.catalog.song import Section, Song, Stem
from whitelight.dataset.verify.exact_time import COMMON_TIME, bar_lines, value_at
from whitelight.dataset.verify.source_midi import SourceMidi
from whitelight.dataset.verify.sung_text import microseconds
from whitelight.ontology import Ontology

Row = Mapping[str, Any]
_OF_THE_SONG = (
    "song_id",
    "group_id",
    "split",
    "class_name",
    "title",
    "album",
    "sequence",
    "release_date",
    "vocals",
    "concept",
    "manifest_file",
)
OF_THE_SEGMENT = (
    "segment_id",
    "role",
    "section",
    "section_description",
    "policy",
    "start_s",
    "end_s",
    "start_bar",
    "end_bar",
    "start_beat",
    "end_beat",
    "start_smpte",
    "end_smpte",
    "smpte_fps",
    "tempo_bpm",
    "meter",
    "musical_key",
    "time_code_encoding",
)
_LISTS = ("mood", "genres", "sounds_like")
_SUBFRAMES = 80  # per frame
_SMPTE = re.compile(r"(\d\d):(\d\d):(\d\d)([:;])(\d\d)\.(\d\d)")
_DIGITS_BEATS, _DIGITS_BARS, _DIGITS_TEMPO = 1e-5, 1e-3, 1e-5  # stored to six, four and six digits


def label_differences(row: Row, song: Song, ontology: Ontology) -> Iterator[str]:
    """Say which labels of a row are not those of the catalog: of its song, its class and its stem."""
    for name in _OF_THE_SONG:
        yield from _unequal(name, row[name], getattr(song, name))
    for name in _LISTS:
        yield from _unequal(name, list(row[name]), list(getattr(song, name)))
    yield from _wrong_modes(row, ontology)
    yield from _wrong_stem(row, song)


def position_differences(row: Row, song: Song, midi: SourceMidi | None, encodings: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with what the rows of a segment share: section, key, tempo, meter, beats, bars, time code.

    Parameters
    ----------
    row : of which only `OF_THE_SEGMENT` is looked at.
    encodings : per file with time codes, how they are read.
    """
    yield from _wrong_section(row, song.sections)
    yield from _wrong_music(row, song, midi)
    yield from _wrong_position(row, song, midi)
    file = song.lyrics_file if row["policy"].startswith("lines:line") else song.manifest_file
    yield from _unequal("time_code_encoding", row["time_code_encoding"], encodings.get(file or "", ""))


def _unequal(name: str, found: object, expected: object) -> Iterator[str]:
    if found != expected:
        yield f"{name} is {_short(found)}, the source says {_short(expected)}"


def _wrong_modes(row: Row, ontology: Ontology) -> Iterator[str]:
    """Compare with the class as the ontology's own list has it."""
    its = next((c for c in ontology.classes if c.name == row["class_name"]), None)
    for axis in ontology.axis_names:
        expected = list(its.modes.get(axis, ())) if its is not None else []
        yield from _unequal(f"axis_{axis}", list(row[f"axis_{axis}"]), expected)


def _wrong_stem(row: Row, song: Song) -> Iterator[str]:
    if row["kind"] == "stem":
        stem = stem_of_row(row, song)
        if stem is None:
            yield f"stem '{row['stem_id']}' is not in the catalog"
            return
        expected = (stem.description, stem.group, stem.player, stem.view)
        found = tuple(row[name] for name in ("stem_description", "stem_group", "player", "view"))
        yield from _unequal("its stem", found, expected)
        part = "stem-" + stem.stem_id.rpartition("/")[2]
    else:
        yield from _unequal("stem_id", row["stem_id"], "")
        part = row["view"]
    yield from _unequal("row_id", row["row_id"], f"{row['segment_id']}/{part}")


def stem_of_row(row: Row, song: Song) -> Stem | None:
    """Return the stem of a `stem` row; None when the catalog has none of its id."""
    return next((stem for stem in song.stems if stem.stem_id == row["stem_id"]), None)


def _wrong_section(row: Row, sections: Sequence[Section]) -> Iterator[str]:
    """The section that shares most time with the segment; any of those that share the same to the microsecond."""
    start, end = microseconds(row["start_s"]), microseconds(row["end_s"])
    shared = [min(microseconds(s.end_s), end) - max(microseconds(s.start_s), start) for s in sections]
    most = max(shared, default=0)
    best = [s for s, its in zip(sections, shared, strict=True) if its > 0 and its >= most - 2]
    possible = {(s.name, s.role, s.description) for s in best} or {("", "", "")}
    found = (row["section"], row["role"], row["section_description"])
    if found not in possible:
        yield from _unequal("section", found, min(possible))


def _wrong_music(row: Row, song: Song, midi: SourceMidi | None) -> Iterator[str]:
    """Key, tempo and meter: those of the manifest, and of the MIDI where that knows more."""
    key, meter, tempo_bpm = str(song.musical_key or ""), str(song.meter or ""), song.tempo_bpm
    if midi is not None:
        start, end = (midi.clock.nearest(microseconds(row[name]))[0] for name in ("start_s", "end_s"))
        key = key or key_words(value_at(midi.keys, start, ""))
        tempo_bpm = midi.clock.mean_tempo_bpm(start, end)
        if midi.meters or not meter:
            meter = "{}/{}".format(*value_at(midi.meters, start, COMMON_TIME))
    yield from _unequal("musical_key", row["musical_key"], key)
    yield from _unequal("meter", row["meter"], meter)
    yield from _not_near("tempo_bpm", row["tempo_bpm"], tempo_bpm, _DIGITS_TEMPO)


def key_words(name: str) -> str:
    """Return a key of mido ("F#m") in our words ("F# minor"); a key that is in words already stays."""
    if not name or " " in name:
        return name
    return f"{name.removesuffix('m')} minor" if name.endswith("m") else f"{name} major"


def _wrong_position(row: Row, song: Song, midi: SourceMidi | None) -> Iterator[str]:
    for edge in ("start", "end"):
        us = microseconds(row[f"{edge}_s"])
        beats: float | None = None
        if midi is not None:
            beats = float(midi.clock.beats_at(us))
        elif song.tempo_bpm:
            beats = us * song.tempo_bpm / 60_000_000
        yield from _not_near(f"{edge}_beat", row[f"{edge}_beat"], beats, _DIGITS_BEATS)
        if row[f"{edge}_bar"] is not None:
            yield from _not_near(f"{edge}_bar", row[f"{edge}_bar"], _bars_at(us, song, midi), _DIGITS_BARS)
        seconds = smpte_seconds(row[f"{edge}_smpte"], row["smpte_fps"])
        if seconds is None or abs(seconds - us / 1e6) > 0.51 / (_SUBFRAMES * row["smpte_fps"]):
            yield f"{edge}_smpte is {row[f'{edge}_smpte']}, the segment's {edge} {us / 1e6:g} s"


def _bars_at(us: int, song: Song, midi: SourceMidi | None) -> float | None:
    """Bars that have passed at a moment, by bar lines counted one by one."""
    if midi is None:
        if not song.tempo_bpm:
            return None
        length = float(song.meter.beats_per_bar) if song.meter else 4.0
        return us * song.tempo_bpm / 60_000_000 / length
    tpb = midi.clock.ticks_per_beat
    tick = midi.clock.nearest(us)[0]
    far = Fraction(4 * tpb * max((Fraction(*meter) for _, meter in midi.meters), default=Fraction(1)))
    lines = list(bar_lines(midi.meters, tpb, tick + int(2 * far) + 2))
    index = bisect_right(lines, tick) - 1
    since, until = (midi.clock.time_of(line) for line in (lines[index], lines[index + 1]))
    return index + float(Fraction(us * tpb - since, until - since))


def smpte_seconds(text: str, fps: float) -> float | None:
    """Return the time of ``HH:MM:SS:FF.SS``; None when it is none. Rates below a whole number run slower by 1.001."""
    match = _SMPTE.fullmatch(text)
    if match is None or fps <= 0:
        return None
    hours, minutes, seconds, frame, subframe = (int(match[i]) for i in (1, 2, 3, 5, 6))
    per_second = -int(-fps // 1)
    minutes += 60 * hours
    frames = (60 * minutes + seconds) * per_second + frame - (2 * (minutes - minutes // 10) if match[4] == ";" else 0)
    stretch = 1.001 if per_second != fps else 1.0
    return (frames + subframe / _SUBFRAMES) * stretch / per_second


def _not_near(name: str, found: float | None, expected: float | None, tolerance: float) -> Iterator[str]:
    if (found is None) != (expected is None):
        yield f"{name} is {found}, the source says {expected}"
    elif found is not None and expected is not None and abs(found - expected) > tolerance:
        yield f"{name} is {found:g}, the source says {expected:g}"


def _short(value: object) -> str:
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
