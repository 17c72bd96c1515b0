"""MIDI files as the page draws and plays them: notes, bar lines, chords by name, syllables, markers."""

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from whitelight.composition.approved import approved_parts, part_for
from whitelight.composition.context import SectionContext, fit_piece, make_context
from whitelight.composition.meter_grid import meter_grid
from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.song_sheet import SongSheet, SongSheetError, read_song_sheet
from whitelight.composition.sounding import read_harmony
from whitelight.composition.stages import STAGE_NAMES
from whitelight.errors import WhitelightError
from whitelight.files import inside
from whitelight.music import BarGrid, InvalidChordError, Key, MidiTrack, Piece, read_midi, read_symbol
from whitelight.studio.errors import public
from whitelight.studio.library import known_stage
from whitelight.studio.reading import read_stage_review

_KEPT_ROLLS = 1024  # 10 to 40 kB each


def candidate_rolls(folder: Path, stage: str, ids: Sequence[str]) -> dict[str, Any]:
    """Rolls of candidates by id, as `Rolls` of `web/src/types.ts`; one that cannot be read is a problem of its own.

    Raises
    ------
    NotThereError : no such stage. ReviewError : its review cannot be read.
    """
    where = folder / known_stage(stage)
    entries = {entry.candidate_id: entry for entry in read_stage_review(where).review.entries}
    sheet = read_song_sheet(folder)
    rolls: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for one in dict.fromkeys(ids):
        if one not in entries:
            problems[one] = f"no candidate '{one}' in {stage}/{REVIEW_FILE}"
            continue
        file, frame = entries[one].file, section_frame(sheet, entries[one].section)
        try:
            rolls[one] = file_roll(inside(where, file, source=f"{stage}/{REVIEW_FILE}"), stage, frame)
        except (WhitelightError, OSError, ValueError) as err:
            reason = err.strerror if isinstance(err, OSError) and err.strerror else str(err)
            problems[one] = public(f"{file}: {reason}", folder)
    return {"rolls": rolls, "problems": problems}


def section_context(folder: Path, section: str, variant: str) -> dict[str, Any]:
    """Approved parts of one section, as `Context` of `web/src/types.ts`: at its ticks per beat and exactly its length.

    Raises
    ------
    SongSheetError : no such section, or the sheet cannot be read.
    """
    sheet = read_song_sheet(folder)
    plan = sheet.section(section)
    parts = approved_parts(folder, sheet.form.sections)
    frame = make_context(plan, key=sheet.key, meter=sheet.meter, tempo_bpm=sheet.tempo_bpm, label=variant)
    found = []
    for stage in STAGE_NAMES:
        part = part_for(parts, stage, plan.name, variant)
        if part is not None:
            piece = fit_piece(read_midi(part.file), frame)
            found.append({"stage": stage, "name": part.file.stem, "roll": roll_of(piece, stage)})
    return {"parts": found}


def section_frame(sheet: SongSheet, section: str) -> SectionContext | None:
    """Ticks and length of a section; None when the song does not have it any more."""
    try:
        plan = sheet.section(section)
    except SongSheetError:
        return None
    return make_context(plan, key=sheet.key, meter=sheet.meter, tempo_bpm=sheet.tempo_bpm)


def file_roll(path: Path, stage: str, frame: SectionContext | None) -> dict[str, Any]:
    """The roll of a file, laid into its section when it is counted in other ticks; kept until the file changes."""
    seen = path.stat()
    piece, roll = _kept(os.fspath(path), (seen.st_mtime_ns, seen.st_size, seen.st_ino), stage)
    if frame is None or (piece.ticks_per_beat, piece.end_tick) == (frame.ticks_per_beat, frame.end_tick):
        return roll
    return roll_of(fit_piece(piece, frame), stage)


@lru_cache(maxsize=_KEPT_ROLLS)
def _kept(path: str, _seen: tuple[int, int, int], stage: str) -> tuple[Piece, dict[str, Any]]:
    piece = read_midi(Path(path))
    return piece, roll_of(piece, stage)


def roll_of(piece: Piece, stage: str = "") -> dict[str, Any]:
    """A piece as `Roll` of `web/src/types.ts`; chords are named from the notes where the stage is chords."""
    chords = _chord_markers(piece) or (_heard_chords(piece) if stage == "chords" else [])
    return {
        "ticks_per_beat": piece.ticks_per_beat,
        "end_tick": piece.end_tick,
        "tempos": tempos_of(piece),
        "meter": str(piece.meter_at(0)),
        "bar_ticks": BarGrid.of(piece).starts(piece.end_tick).tolist(),
        "tracks": [_track(midi_track) for midi_track in piece.midi_tracks],
        "syllables": [[e.tick, e.text] for midi_track in piece.midi_tracks for e in midi_track.lyrics],
        "chords": chords,
        "markers": [[marker.tick, marker.text] for marker in piece.markers if _chord(marker.text) is None],
    }


def tempos_of(piece: Piece) -> list[list[float]]:
    """Tick and quarter notes per minute of every change of tempo."""
    tempo_map = piece.tempo_map
    changes = zip(tempo_map.change_ticks, tempo_map.us_per_beat, strict=True)
    return [[tick, round(60_000_000 / us, 4)] for tick, us in changes]


def _track(midi_track: MidiTrack) -> dict[str, Any]:
    return {
        "name": midi_track.name,
        "program": midi_track.program,
        "is_drum": midi_track.is_drum,
        "notes": [list(row) for row in midi_track.notes.to_rows()],
    }


def _chord_markers(piece: Piece) -> list[list[Any]]:
    """Chords that markers name; of two at one place the later, since a section may be called "A"."""
    named = [(marker.tick, name) for marker in piece.markers if (name := _chord(marker.text)) is not None]
    return [[tick, name] for tick, name in sorted(dict(named).items())] if len(named) > 1 else []


def _heard_chords(piece: Piece) -> list[list[Any]]:
    """Chords named from what sounds; none where the bar is no whole number of ticks."""
    meter = piece.meter_at(0)
    grid = meter_grid(meter, max(piece.tempo_map.tempo_bpm_at(0), 1.0))
    bar = meter.beats_per_bar * piece.ticks_per_beat
    pulse = bar / grid.bar_pulses
    if pulse.denominator != 1 or pulse < 1:
        return []
    n_pulses = -(-piece.end_tick // pulse.numerator)
    key = piece.key_at(0) or Key(0, "major")
    return [[one.start * pulse.numerator, one.symbol] for one in read_harmony(piece, grid, key, n_pulses=n_pulses)]


@lru_cache(maxsize=2048)
def _chord(text: str) -> str | None:
    try:
        chord = read_symbol(text)
    except InvalidChordError:
        return None
    return None if chord.is_none else chord.symbol()
