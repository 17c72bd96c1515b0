"""All stretches that may stand in a bar of the song, cut out of their sources and re-keyed once.

A note belongs to the bar it was meant for: one that comes a little before the bar line, as hands do, opens the next
bar. Notes held over an edge are cut there and know it, so that they can be tied again where the next bar goes on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from whitelight.composition.meter_grid import meter_grid, ticks_per_beat
from whitelight.composition.white.cells import Slot, cells, offset, recipes, stretches, why_not
from whitelight.composition.white.genome import Cut
from whitelight.composition.white.harmony_marks import chord_marks
from whitelight.composition.white.rekeying import rekey_table
from whitelight.composition.white.sources import NoFittingSourcesError, SourcePart
from whitelight.music import Key, Meter, read_symbol

EARLY = 0.4  # pulses before an edge that count as on it; players' deviations stay below 0.3 (see `timing`)
MAX_RECIPES = 6  # ways of joining a bar that are kept; 13/8 has dozens, and each costs time to measure
_GRID_TEMPO_BPM = 120.0  # a grid's pulses do not depend on it


@dataclass(frozen=True, slots=True)
class CutNote:
    """A note of a stretch, in ticks of the song from the start of the stretch.

    Attributes
    ----------
    part : name of its MIDI track. is_tied_in, is_tied_out : was cut off at the stretch's beginning, end.
    """

    part: str
    onset: int
    duration: int
    pitch: int
    velocity: int
    is_tied_in: bool
    is_tied_out: bool


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """A stretch, ready to be laid.

    Attributes
    ----------
    source : where it is from. start, end : quarter notes from the beginning of the source.
    n_ticks : length in the song. notes : by onset. marks : (tick, chord symbol), for chords.
    roots : pitch classes of its chords, for chords.
    opening, closing : pitches at its beginning and end, low to high.
    """

    cut: Cut
    source: SourcePart
    start: Fraction
    end: Fraction
    n_ticks: int
    notes: tuple[CutNote, ...]
    marks: tuple[tuple[int, str], ...]
    roots: tuple[int, ...]
    opening: tuple[int, ...]
    closing: tuple[int, ...]

    def follows(self, before: "Material | None") -> bool:
        """Whether it goes on where another ends in the same source."""
        return before is not None and before.source is self.source and before.end == self.start


@dataclass(frozen=True, slots=True)
class Recipe:
    """A way to fill a bar: per slot its first tick in the bar and the stretches that fit."""

    starts: tuple[int, ...]
    options: tuple[tuple[Material, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Everything that may be cut from.

    Attributes
    ----------
    parts : track name → (program, whether drums). refused : (file, reason) of what does not fit.
    songs : titles that can be used.
    """

    recipes: tuple[Recipe, ...]
    materials: Mapping[Cut, Material]
    parts: Mapping[str, tuple[int, bool]]
    refused: tuple[tuple[str, str], ...]
    songs: tuple[str, ...]


@lru_cache(maxsize=12)
def build_library(sources: tuple[SourcePart, ...], stage: str, key: Key, meter: Meter) -> Library:
    """Cut up the parts of a stage for a song's key and meter.

    Raises
    ------
    NoFittingSourcesError : nothing fits; the message says why, part by part.
    """
    parts = [source for source in sources if source.stage == stage]
    found, materials = list[Recipe](), dict[Cut, Material]()
    reached: set[str] = set()
    reachable = {part.song for part in parts if _can_fit(part, meter)} or {""}
    n_joined = 1
    for recipe in recipes(meter):
        if len(recipe) > n_joined and (len(reached) >= 2 or reached >= reachable):
            break  # bars joined of more stretches are for want of others
        n_joined = len(recipe)
        filled = tuple(_options(parts, key, meter, slot, materials) for slot in recipe)
        if all(filled):
            starts = tuple(_ticks(offset(meter, slot.first), meter) for slot in recipe)
            found.append(Recipe(starts, filled))
            reached |= {material.source.song for options in filled for material in options}
    found = sorted(found, key=_richness, reverse=True)[:MAX_RECIPES]  # stable: of equal ones the first
    used = {material.source for recipe in found for options in recipe.options for material in options}
    refused = tuple((part.file, _reason(part, meter)) for part in parts if part not in used)
    if not found:
        why = "; ".join(f"{file}: {reason}" for file, reason in refused[:4]) or "no song has any approved"
        raise NoFittingSourcesError(
            f"nothing to cut {stage} in {meter} from ({why}); approve parts of other songs first"
        )
    tracks = {_name(stage, t.name): (t.program, t.is_drum) for part in reversed(parts) for t in part.piece.midi_tracks}
    return Library(tuple(found), materials, tracks, refused, tuple(sorted({part.song for part in used})))


def _richness(recipe: Recipe) -> tuple[int, int]:
    """How many songs a recipe draws on, and how many stretches its scarcest slot has."""
    songs = {material.source.song for options in recipe.options for material in options}
    return len(songs), min(map(len, recipe.options))


def _options(
    parts: Sequence[SourcePart], key: Key, meter: Meter, slot: Slot, known: dict[Cut, Material]
) -> tuple[Material, ...]:
    """Every stretch that fills a slot and has a note in it."""
    found = []
    for part in parts:
        table = rekey_table(part.key, key)
        for stretch in stretches(part.meter, meter, slot):
            for bar in range(n_bars(part)):
                cut = Cut(part.file, bar, stretch.first, stretch.n)
                if cut not in known:
                    known[cut] = _material(part, cut, table, key, meter)
                if known[cut].notes:
                    found.append(known[cut])
    return tuple(found)


def n_bars(part: SourcePart) -> int:
    """Whole bars of a part; a last one that a few ticks are missing from counts."""
    return int(Fraction(part.piece.end_tick, part.piece.ticks_per_beat) / part.meter.beats_per_bar + Fraction(1, 8))


def _reason(part: SourcePart, meter: Meter) -> str:
    if not _can_fit(part, meter):
        return why_not(part.meter, meter)
    whole = any(stretches(part.meter, meter, slot) for slot in next(recipes(meter)))
    return "no notes in its bars" if whole else f"bars of {part.meter} fit in parts only, and whole bars are there"


def _can_fit(part: SourcePart, meter: Meter) -> bool:
    return any(stretches(part.meter, meter, slot) for recipe in recipes(meter) for slot in recipe)


def _ticks(quarters: Fraction, meter: Meter) -> int:
    return round(quarters * resolution(meter))


@lru_cache(maxsize=64)
def resolution(meter: Meter) -> int:
    """Ticks of a quarter note in a song of a meter, as in its contexts."""
    return ticks_per_beat(meter, meter_grid(meter, _GRID_TEMPO_BPM))


@lru_cache(maxsize=64)
def _pulse_ticks(meter: Meter) -> int:
    return meter.bar_ticks(resolution(meter)) // meter_grid(meter, _GRID_TEMPO_BPM).bar_pulses


def _name(stage: str, name: str) -> str:
    """Parts of one line are one track whatever they are called; the voices of a harmony stay apart."""
    return name if stage == "harmony" else stage.capitalize()


def _material(part: SourcePart, cut: Cut, table: Sequence[int], key: Key, meter: Meter) -> Material:
    """Cut a stretch out and re-key it."""
    start = cut.bar * part.meter.beats_per_bar + offset(part.meter, cut.first)
    length = sum(cells(part.meter)[cut.first : cut.first + cut.n], Fraction(0))
    scale = resolution(meter) / part.piece.ticks_per_beat
    begin, n_ticks = float(start * resolution(meter)), _ticks(length, meter)
    early = EARLY * _pulse_ticks(meter)
    notes: list[CutNote] = []
    for midi_track in part.piece.midi_tracks:
        name = _name(part.stage, midi_track.name)
        rows = midi_track.notes.sounding(max(int((begin - early) / scale) - 1, 0), int((begin + n_ticks) / scale) + 1)
        for onset, duration, pitch, velocity in midi_track.notes.select(rows).to_rows():
            first, last = round(onset * scale - begin), round((onset + duration) * scale - begin)
            if first >= n_ticks - early or last <= early:
                continue  # of a neighbor; what only just hangs over is not worth a stroke
            is_in, is_out = first < -early, last > n_ticks
            first, last = max(first, 0), min(last, n_ticks)
            sounding = pitch if midi_track.is_drum else table[pitch]
            notes.append(CutNote(name, first, max(last - first, 1), sounding, velocity, is_in, is_out))
    notes.sort(key=lambda note: (note.onset, note.pitch, note.part))
    marks = (
        chord_marks(part, start, length, table=table, key=key, resolution=resolution(meter))
        if part.stage == "chords"
        else ()
    )
    roots = tuple(read_symbol(symbol).root for _, symbol in marks)
    opening, closing = _edges(notes, n_ticks, is_line=part.stage in ("bass", "melody"), early=early)
    return Material(cut, part, start, start + length, n_ticks, tuple(notes), marks, roots, opening, closing)


def _edges(
    notes: Sequence[CutNote], n_ticks: int, *, is_line: bool, early: float
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Pitches at both ends: of a line the first and last note, else all of the first and last quarter of the stretch.

    Arpeggios sound their chord one note after the other, so the first onset alone would not tell it.
    """
    if not notes:
        return (), ()
    first, last = notes[0].onset + early, notes[-1].onset - early
    if not is_line:
        first, last = max(first, n_ticks / 4), min(last, n_ticks * 3 / 4)
    opening = {note.pitch for note in notes if note.onset <= first}
    closing = {
        note.pitch for note in notes if note.onset >= last or (not is_line and note.onset + note.duration > last)
    }
    return tuple(sorted(opening)), tuple(sorted(closing))
