"""Putting a song together: every part in its bars, one track per voice, the last chord held.

A track is a voice of a stage ("Cello") in one family of instruments; parts that another family plays get a track of their
own, so that what was approved for a guitar is not played by a piano. Nothing sounds over the seam of two blocks.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from whitelight.composition.arrangement.arrangement_file import ARRANGEMENT_FILE, read_arrangement
from whitelight.composition.arrangement.ending import Ring, last_ring, rung_out
from whitelight.composition.arrangement.levels import DOUBLED_MELODY_DB, LEVELS, SPREAD, Level, leveled
from whitelight.composition.arrangement.model import STAGES, Arrangement, ArrangementError, PartUse, StageMix
from whitelight.composition.arrangement.parts import approved_parts, part_path
from whitelight.composition.arrangement.placing import LoadedPart, joined, load_part, play_block, scaled, untangled
from whitelight.composition.arrangement.planning import plan_arrangement
from whitelight.composition.arrangement.song import PlacedBlock, Song, SongChord
from whitelight.composition.arrangement.stanzas import LYRICS, returning_words
from whitelight.composition.meter_grid import MeterGrid, meter_grid, ticks_per_beat
from whitelight.composition.song_sheet import SongSheet, read_song_sheet
from whitelight.composition.sounding import read_harmony
from whitelight.music import KeyChange, MeterChange, MidiTrack, Piece, TempoMap, TextEvent

VELOCITY_PER_ENERGY = 12.0  # steps of velocity; real arcs move by −4 to +2 (COMPOSING §7)
FAMILIES = (
    "piano",
    "chromatic percussion",
    "organ",
    "guitar",
    "bass",
    "strings",
    "ensemble",
    "brass",
    "reed",
    "pipe",
    "synth lead",
    "synth pad",
    "synth effects",
    "ethnic",
    "percussive",
    "sound effects",
)  # fmt: skip  of General MIDI, eight programs each


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What one track of a part plays in one block."""

    stage: str
    start_tick: int
    length: int
    midi_track: MidiTrack


@dataclass(frozen=True, slots=True)
class _Clock:
    """The time of the song."""

    grid: MeterGrid
    ticks_per_beat: int
    bar_ticks: int


def assemble(folder: Path) -> Piece:
    """Return the song of a production folder as one piece (see `assemble_song`)."""
    return assemble_song(folder).piece


def assemble_song(folder: Path) -> Song:
    """Put the song together as `arrangement.yml` says, or as it would be planned when there is none.

    Raises
    ------
    ArrangementError : nothing approved, or a part that is missing. SongSheetError : no `song.yml`.
    """
    sheet = read_song_sheet(folder)
    if (folder / ARRANGEMENT_FILE).exists():
        arrangement = read_arrangement(folder)
    else:
        arrangement = plan_arrangement(sheet, approved_parts(folder))
    return put_together(sheet, arrangement, folder)


def put_together(sheet: SongSheet, arrangement: Arrangement, folder: Path) -> Song:
    """Place the approved parts of a folder as an arrangement says."""
    clock = _clock(sheet)
    blocks = _placed_blocks(arrangement, clock)
    parts = _loaded(sheet, arrangement, folder, clock)
    words = returning_words(folder, sheet, arrangement, ticks_per_beat=clock.ticks_per_beat, bar_ticks=clock.bar_ticks)
    stretches: list[_Stretch] = []
    chords: list[SongChord] = []
    for placed in blocks:
        here = parts | {(LYRICS, part): sung for (start, part), sung in words.items() if start == placed.start_bar}
        played = _play(placed, sheet, arrangement, here, clock)
        stretches += [stretch for _, stretch in played]
        chords += _chords(placed, [piece for piece, stretch in played if stretch.stage == "chords"], sheet, clock)
    tracks = _tracks(stretches)
    if not any(len(midi_track.notes) for _, midi_track in tracks):
        raise ArrangementError(f"{ARRANGEMENT_FILE}: nothing sounds; give a block parts, or unmute a stage")
    ring = _ring(arrangement, chords, sheet, clock)
    if ring is not None:
        tracks = [(stage, _rung(stage, part, ring)) for stage, part in tracks]
    tracks = [(stage, _mixed(stage, part, arrangement, tracks)) for stage, part in tracks]
    piece = _piece(sheet, blocks, [midi_track for _, midi_track in tracks], clock)
    return Song(
        sheet, arrangement, piece, tuple(stage for stage, _ in tracks), tuple(blocks), tuple(chords), clock.grid
    )


def _clock(sheet: SongSheet) -> _Clock:
    grid = meter_grid(sheet.meter, sheet.tempo_bpm)
    resolution = ticks_per_beat(sheet.meter, grid)
    return _Clock(grid, resolution, sheet.meter.bar_ticks(resolution))


def _placed_blocks(arrangement: Arrangement, clock: _Clock) -> list[PlacedBlock]:
    return [
        PlacedBlock(block, start * clock.bar_ticks, (start + block.n_bars) * clock.bar_ticks, start)
        for start, block in zip(arrangement.starts, arrangement.blocks, strict=True)
    ]


def _loaded(
    sheet: SongSheet, arrangement: Arrangement, folder: Path, clock: _Clock
) -> dict[tuple[str, str], LoadedPart]:
    """Every part that is heard, read once."""
    section_of = {
        (stage, f"{section}_{label}"): section
        for stage, by_section in approved_parts(folder).items()
        for section, labels in by_section.items()
        for label in labels
    }
    parts: dict[tuple[str, str], LoadedPart] = {}
    for block in arrangement.blocks:
        for use in block.uses:
            key = (use.stage, use.part)
            if key not in parts and _is_heard(use, arrangement.mix):
                section = section_of.get(key, block.section)
                parts[key] = load_part(
                    part_path(folder, use.stage, use.part),
                    ticks_per_beat=clock.ticks_per_beat,
                    bar_ticks=clock.bar_ticks,
                    section_bars=sheet.section(section).n_bars,
                )
    return parts


def _is_heard(use: PartUse, mix: Mapping[str, StageMix]) -> bool:
    return not use.mute and not mix.get(use.stage, StageMix()).mute


def _play(
    placed: PlacedBlock,
    sheet: SongSheet,
    arrangement: Arrangement,
    parts: Mapping[tuple[str, str], LoadedPart],
    clock: _Clock,
) -> list[tuple[Piece, _Stretch]]:
    """Every track of every part of a block, beside the piece it comes from."""
    block = placed.block
    more = VELOCITY_PER_ENERGY * (block.energy - sheet.section(block.section).energy)
    played = []
    for use in block.uses:
        if not _is_heard(use, arrangement.mix):
            continue
        part = parts[use.stage, use.part]
        piece = play_block(part, from_bar=use.from_bar, n_bars=block.n_bars, bar_ticks=clock.bar_ticks)
        for midi_track in piece.midi_tracks:
            notes = scaled(midi_track.notes, gain_db=use.gain_db, more=more)
            stretch = _Stretch(
                use.stage, placed.start_tick, placed.end_tick - placed.start_tick, midi_track.with_notes(notes)
            )
            played.append((piece, stretch))
    return played


def _chords(placed: PlacedBlock, pieces: Sequence[Piece], sheet: SongSheet, clock: _Clock) -> list[SongChord]:
    """Chords that sound in a block, where it has a chord part."""
    if not pieces:
        return []
    piece = replace(pieces[0], meters=(MeterChange(0, sheet.meter),))
    pulse_ticks = clock.bar_ticks // clock.grid.bar_pulses
    n_pulses = placed.block.n_bars * clock.grid.bar_pulses
    return [
        SongChord(placed.start_tick + chord.start * pulse_ticks, placed.start_tick + chord.end * pulse_ticks, chord)
        for chord in read_harmony(piece, clock.grid, sheet.key, n_pulses=n_pulses)
    ]


def _tracks(stretches: Sequence[_Stretch]) -> list[tuple[str, MidiTrack]]:
    """One track per stage, voice and family of instruments, in the order of the stages."""
    groups: dict[tuple[int, str, int], list[_Stretch]] = {}
    for stretch in stretches:
        voice = stretch.midi_track.name.strip() or stretch.stage.capitalize()
        family = -1 if stretch.midi_track.is_drum else stretch.midi_track.program // 8
        groups.setdefault((STAGES.index(stretch.stage), voice, family), []).append(stretch)
    families = Counter((stage, voice) for stage, voice, _ in groups)
    tracks = []
    for (stage, voice, family), played in sorted(groups.items(), key=lambda item: item[0][0]):
        is_alone = families[stage, voice] == 1 or family < 0
        name = voice if is_alone else f"{voice} ({FAMILIES[family]})"
        tracks.append((STAGES[stage], _track(name, played)))
    return tracks


def _track(name: str, played: Sequence[_Stretch]) -> MidiTrack:
    """All stretches of one track; the program that plays longest plays all of it."""
    programs: Counter[int] = Counter()
    for stretch in played:
        programs[stretch.midi_track.program] += stretch.length
    original = replace(played[0].midi_track, name=name, program=programs.most_common(1)[0][0])
    whole = joined([(stretch.start_tick, stretch.midi_track, stretch.length) for stretch in played], original)
    return whole.with_notes(untangled(whole.notes))


def _ring(arrangement: Arrangement, chords: Sequence[SongChord], sheet: SongSheet, clock: _Clock) -> Ring | None:
    """The last chord as it rings, None when the arrangement wants none or no chords sound at the end."""
    end = arrangement.n_bars * clock.bar_ticks
    if arrangement.ending == "none" or not chords or chords[-1].end_tick != end:
        return None
    last = chords[-1]
    return last_ring(
        last.chord,
        last.start_tick,
        key=sheet.key,
        last_bar=(end - clock.bar_ticks, end),
        near_ticks=clock.bar_ticks // clock.grid.bar_pulses // 2,
    )


def _rung(stage: str, midi_track: MidiTrack, ring: Ring) -> MidiTrack:
    part = rung_out(stage, midi_track, ring)
    return part.with_notes(untangled(part.notes))


def _mixed(
    stage: str, midi_track: MidiTrack, arrangement: Arrangement, tracks: Sequence[tuple[str, MidiTrack]]
) -> MidiTrack:
    """The track at its level in the song; an instrument steps back while a voice sings its line."""
    level = LEVELS.get(stage, Level(0.0))
    is_doubled = stage == "melody" and any(other == "lyrics" for other, _ in tracks)
    gain_db = (DOUBLED_MELODY_DB if is_doubled else level.gain_db) + arrangement.mix.get(stage, StageMix()).gain_db
    return leveled(midi_track, gain_db, SPREAD.get(midi_track.name, level.pan))


def _piece(sheet: SongSheet, blocks: Sequence[PlacedBlock], midi_tracks: Sequence[MidiTrack], clock: _Clock) -> Piece:
    return Piece(
        ticks_per_beat=clock.ticks_per_beat,
        tempo_map=TempoMap.constant(sheet.tempo_bpm, clock.ticks_per_beat),
        meters=(MeterChange(0, sheet.meter),),
        keys=(KeyChange(0, sheet.key),),
        markers=tuple(TextEvent(placed.start_tick, placed.block.name) for placed in blocks),
        midi_tracks=tuple(midi_tracks),
        end_tick=blocks[-1].end_tick,
    )
