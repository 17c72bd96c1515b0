"""Counting one finished song from its written files: `song.mid`, `song.yml`, `arrangement.yml`, `approved/*.mid`, `search.yml`.

Chords are those of the approved chord parts where the arrangement puts them (and the chord that rings at the end); notes
are those of `song.mid`. A clash is *prepared* when it is reached and left by step and short; see `composition.clashes`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

import mido
import numpy as np

from whitelight.composition.approved import approved_parts
from whitelight.composition.arrangement.arrangement_file import read_arrangement
from whitelight.composition.arrangement.ending import last_ring
from whitelight.composition.arrangement.model import Arrangement
from whitelight.composition.clashes import clash_frame, clashes_against, is_prepared, judge_line
from whitelight.composition.context import make_context
from whitelight.composition.meter_grid import MeterGrid, meter_grid
from whitelight.composition.song_bands import Fit, describe_song, fits, has_bands
from whitelight.composition.song_descriptors import SongReading, merged, read_song
from whitelight.composition.song_sheet import SongSheet, read_song_sheet
from whitelight.composition.sounding import SoundingChord
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml
from whitelight.music import MidiTrack, Notes, Piece, read_midi

STAGES = ("chords", "drums", "bass", "melody", "harmony", "lyrics")
ONE_VOICE = ("bass", "melody", "vocal", "counter-line", "violin", "viola", "cello")
SUPPORT = ("pad", "counter-line", "violin", "viola", "cello")
LOOP_BARS = 8

Loop = tuple[tuple[tuple[int, ...], ...], ...]  # bars of chord changes, as numbers that do not depend on the key
Term = dict[str, float | str]


@dataclass
class Counts:
    """What was counted; counts of several songs can be added.

    Strong melody notes are judged against the chords as they are called; `n_strong_sounding` are those a semitone from a
    note that another part really plays (unless both belong to the chord), prepared or not.
    """

    n_notes: int = 0
    n_outside_meant: int = 0
    n_outside: int = 0
    n_melody: int = 0
    n_strong: int = 0
    n_strong_tones: int = 0
    n_strong_clashes: int = 0
    n_strong_prepared: int = 0
    n_strong_sounding: int = 0
    n_against_bass: int = 0
    n_against_bass_prepared: int = 0
    n_support: int = 0
    n_support_against: int = 0
    n_phrases: int = 0
    n_phrase_tones: int = 0
    n_hanging: int = 0
    n_overlapping: int = 0
    n_parts: int = 0
    n_parts_varied: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass
class CountedSong:
    """A song and everything counted on it.

    Attributes
    ----------
    fits : beside each set, the better first; empty where no band applies. loops : its stretches of eight bars of chords.
    unvaried : stages and sections with fewer than two distinct variants. terms : stage, term and what `search.yml` says.
    """

    name: str
    meter: str
    key: str
    tempo_bpm: float
    counts: Counts
    descriptors: dict[str, float]
    fits: list[Fit]
    loops: set[Loop]
    unvaried: list[str]
    terms: list[tuple[str, str, Term]] = field(default_factory=list)


def count_song(folder: Path) -> CountedSong:
    """Count the song of a production folder.

    Raises
    ------
    WhitelightError, OSError : it is not finished, or a file cannot be read.
    """
    sheet, arrangement = read_song_sheet(folder), read_arrangement(folder)
    file = folder / "song.mid"
    if not file.exists():
        raise WhitelightError(f"{folder.name}: no song.mid; finish it with whitelight compose assemble")
    piece = read_midi(file)
    grid = meter_grid(sheet.meter, sheet.tempo_bpm)
    song = read_song(piece, song_chords(folder, sheet, arrangement, grid), key=sheet.key, grid=grid)
    counts = count_parts(piece, song) + count_melody(song, other_notes(piece))
    end_tick = arrangement.n_bars * grid.bar_pulses * song.pulse_ticks
    counts.n_hanging, counts.n_overlapping = count_endings(file, end_tick)
    varied, unvaried = count_variants(folder, sheet)
    counts.n_parts, counts.n_parts_varied = varied + len(unvaried), varied
    descriptors = describe_song(song)
    return CountedSong(
        name=folder.name,
        meter=str(sheet.meter),
        key=str(sheet.key),
        tempo_bpm=sheet.tempo_bpm,
        counts=counts,
        descriptors=descriptors,
        fits=fits(descriptors) if has_bands(sheet.key, sheet.meter) else [],
        loops=set(loops_of(song)),
        unvaried=unvaried,
        terms=list(terms_of(folder)),
    )


def song_chords(folder: Path, sheet: SongSheet, arrangement: Arrangement, grid: MeterGrid) -> tuple[SoundingChord, ...]:
    """Chords of the whole song, in pulses; blocks without chords are not covered."""
    found: list[SoundingChord] = []
    for start_bar, block in zip(arrangement.starts, arrangement.blocks, strict=True):
        use = next((use for use in block.uses if use.stage == "chords" and not use.mute), None)
        if use is None:
            continue
        section = sheet.section(block.section)
        heard = {"chords": read_midi(folder / "chords" / "approved" / f"{use.part}.mid")}
        context = make_context(section, key=sheet.key, meter=sheet.meter, tempo_bpm=sheet.tempo_bpm, heard=heard)
        for bar in range(block.n_bars):
            inside = (use.from_bar + bar) % section.n_bars * grid.bar_pulses
            found += _in_bar(context.chords, inside, (start_bar + bar) * grid.bar_pulses, grid.bar_pulses)
    chords = merged(found)
    return tuple(_with_ring(chords, sheet, arrangement, grid))


def _in_bar(chords: tuple[SoundingChord, ...], inside: int, at: int, length: int) -> Iterator[SoundingChord]:
    """What sounds in one bar of a part, put at a pulse of the song."""
    for chord in chords:
        start, end = max(chord.start, inside), min(chord.end, inside + length)
        if start < end:
            yield SoundingChord(start - inside + at, end - start, chord.root, chord.bass, chord.tones, chord.symbol)


def _with_ring(
    chords: list[SoundingChord], sheet: SongSheet, arrangement: Arrangement, grid: MeterGrid
) -> list[SoundingChord]:
    """Chords as they end: a song that does not close on its tonic rings on it in the last bar."""
    end = arrangement.n_bars * grid.bar_pulses
    if arrangement.ending != "ring" or not chords or chords[-1].end != end:
        return chords
    last = chords[-1]
    ring = last_ring(last, last.start, key=sheet.key, last_bar=(end - grid.bar_pulses, end), near_ticks=0)
    if ring.tones == last.tones:
        return chords
    cut = [chord for chord in chords if chord.start < ring.start_tick]
    if cut and cut[-1].end > ring.start_tick:
        cut[-1] = next(_in_bar((cut[-1],), cut[-1].start, cut[-1].start, ring.start_tick - cut[-1].start))
    rung = SoundingChord(ring.start_tick, end - ring.start_tick, ring.root, ring.root, ring.tones, "ring")
    return [*cut, rung]


def is_called(part: MidiTrack, names: tuple[str, ...]) -> bool:
    """Whether a track is one of these voices ("Cello (strings)" is a cello)."""
    return part.name.strip().casefold().startswith(names)


def count_parts(piece: Piece, song: SongReading) -> Counts:
    """Notes outside the key, meant and not, in every pitched part; support a semitone against the melody."""
    counts, frame = Counts(), clash_frame(song)
    for part in piece.tracks_with("exclude"):
        if not len(part.notes):
            continue
        line = judge_line(part.notes, frame)
        outside = ~frame.scale[part.notes.pitch % 12]
        meant = line.is_chromatic if is_called(part, ONE_VOICE) else outside & line.is_tone_in_the_end
        counts.n_notes += len(part.notes)
        counts.n_outside += int((outside & ~meant).sum())
        counts.n_outside_meant += int((outside & meant).sum())
        if is_called(part, SUPPORT):
            counts.n_support += len(part.notes)
            counts.n_support_against += int(clashes_against(part.notes, song.melody, frame).sum())
    return counts


def count_melody(song: SongReading, others: Notes) -> Counts:
    """The melody against chords, bass and all other parts; where no chords sound nothing is judged against them."""
    notes, frame = song.melody, clash_frame(song)
    if not len(notes):
        return Counts()
    line = judge_line(notes, frame)
    covered = song.chord_at(song.pulses_of(notes)) >= 0
    strong, last = line.is_strong & covered, line.is_last & covered
    against = clashes_against(notes, song.bass, frame)
    sounding = clashes_against(notes, others, frame)
    meant = against & is_prepared(notes, line.is_first, line.is_last, frame)
    return Counts(
        n_melody=len(notes),
        n_strong=int(strong.sum()),
        n_strong_tones=int((strong & line.is_tone).sum()),
        n_strong_clashes=int((strong & line.is_clash).sum()),
        n_strong_prepared=int((strong & line.is_prepared).sum()),
        n_strong_sounding=int((line.is_strong & sounding).sum()),
        n_against_bass=int(against.sum()),
        n_against_bass_prepared=int(meant.sum()),
        n_phrases=int(last.sum()),
        n_phrase_tones=int((last & line.is_tone_in_the_end).sum()),
    )


def other_notes(piece: Piece) -> Notes:
    """Everything pitched that sounds beside the melody and the voice that sings it."""
    parts = (part for part in piece.tracks_with("exclude") if not is_called(part, ("melody", "vocal")))
    return Notes.concatenate(part.notes for part in parts)


def count_endings(file: Path, end_tick: int) -> tuple[int, int]:
    """Notes never ended or ended after the song, and notes struck while they sound; read by a second MIDI reader."""
    hanging = overlapping = 0
    for track in mido.MidiFile(file).tracks:
        sounding: set[tuple[int, int]] = set()
        tick = 0
        for message in track:
            tick += message.time
            if message.type not in ("note_on", "note_off"):
                continue
            key = (message.channel, message.note)
            if message.type == "note_on" and message.velocity:
                overlapping += key in sounding
                sounding.add(key)
            else:
                sounding.discard(key)
                hanging += tick > end_tick
        hanging += len(sounding)
    return hanging, overlapping


def count_variants(folder: Path, sheet: SongSheet) -> tuple[int, list[str]]:
    """Stages and sections with two variants that are different music, and the others by name."""
    parts, varied, unvaried = approved_parts(folder, sheet.form.sections), 0, list[str]()
    for stage in STAGES:
        by_section: dict[str, set[bytes]] = {}
        for part in parts[stage]:
            by_section.setdefault(part.section, set()).add(_music(read_midi(part.file), stage))
        for section, different in by_section.items():
            if len(different) > 1:
                varied += 1
            else:
                unvaried.append(f"{stage} {section}")
    return varied, unvaried


def _music(piece: Piece, stage: str) -> bytes:
    """What two variants must differ in: pitches at their places to a sixteenth (for lyrics, the words)."""
    if stage == "lyrics":
        return " ".join(event.text for part in piece.midi_tracks for event in part.lyrics).encode()
    notes: Notes = piece.all_notes()
    places = np.rint(4 * notes.onset_tick / piece.ticks_per_beat).astype(np.int64)
    return np.unique(np.stack([places, notes.pitch.astype(np.int64)], axis=1), axis=0).tobytes()


def loops_of(song: SongReading) -> Iterator[Loop]:
    """Every stretch of eight bars that is all chords, in numbers that do not depend on key or meter."""
    bar_pulses = song.grid.bar_pulses
    bars: list[tuple[tuple[int, ...], ...]] = []
    for bar in range(song.n_bars):
        here = _in_bar(song.chords, bar * bar_pulses, 0, bar_pulses)
        bars.append(tuple(_change(chord, song, bar_pulses) for chord in here))
    for start in range(len(bars) - LOOP_BARS + 1):
        loop = tuple(bars[start : start + LOOP_BARS])
        if all(loop):
            yield loop


def _change(chord: SoundingChord, song: SongReading, bar_pulses: int) -> tuple[int, ...]:
    """Place in the bar (in 1/48), then tones above the tonic."""
    tones = sorted((tone - song.key.tonic) % 12 for tone in chord.tones)
    return (48 * chord.start // bar_pulses, *tones)


def terms_of(folder: Path) -> Iterator[tuple[str, str, Term]]:
    """What every search said about its theory terms: mean, spread, noise and status."""
    for stage in STAGES:
        file = folder / stage / "search.yml"
        runs = (load_yaml(file) or {}).get("runs", {}) if file.exists() else {}
        for run in runs.values():
            for part in run.values():
                for term, record in (part.get("weights") or {}).items():
                    if term != "chromatic":
                        yield stage, term, record
