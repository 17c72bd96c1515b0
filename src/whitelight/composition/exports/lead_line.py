"""The line a lead sheet shows: what is sung, or the lead where nobody sings, laid onto the grid with its syllables.

Played notes lie a little beside the grid; on paper every note begins and ends on a pulse, and one voice sings one note.
Positions are pulses from the start of the song.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from whitelight.composition.arrangement.song import PlacedBlock, Song
from whitelight.music import TextEvent

MELISMA = ("", "_", "-")  # a syllable that goes on


@dataclass(frozen=True, slots=True)
class Syllable:
    """A sung syllable; `syllabic` is "single", "begin", "middle" or "end", as in MusicXML."""

    text: str
    syllabic: str


@dataclass(frozen=True, slots=True)
class LeadNote:
    """A note on paper: [start, end) in pulses."""

    start: int
    end: int
    pitch: int
    syllable: Syllable | None = None


@dataclass(frozen=True, slots=True)
class SungSyllable:
    """A syllable and the note it is sung to, in ticks."""

    tick: int
    end_tick: int
    syllable: Syllable
    block: int


def lead_line(song: Song) -> tuple[LeadNote, ...]:
    """Return the line of the whole song, one note at a time."""
    syllables = {sung.tick: sung.syllable for sung in sung_syllables(song)}
    pulse = song.pulse_ticks
    notes: list[LeadNote] = []
    for onset, end, pitch in _top_line(song):
        start = round(onset / pulse)
        note = LeadNote(start, max(round(end / pulse), start + 1), pitch, syllables.get(onset))
        if notes and note.start <= notes[-1].start:
            note = _moved_on(note, notes[-1].start + 1)
            if note.start * pulse >= end + pulse:  # two notes within a pulse: the first keeps the place, and the words
                notes[-1] = replace(notes[-1], syllable=_together(notes[-1].syllable, note.syllable))
                continue
        if notes and notes[-1].end > note.start:
            notes[-1] = replace(notes[-1], end=note.start)
        notes.append(note)
    last = song.piece.end_tick // pulse
    return tuple(replace(note, end=min(note.end, last)) for note in notes if note.start < last)


def _moved_on(note: LeadNote, start: int) -> LeadNote:
    return replace(note, start=start, end=max(note.end, start + 1))


def _together(first: Syllable | None, second: Syllable | None) -> Syllable | None:
    if first is None or second is None:
        return first or second
    begins, ends = first.syllabic in ("single", "begin"), second.syllabic in ("single", "end")
    return Syllable(
        f"{first.text}{second.text}",
        {(True, True): "single", (True, False): "begin", (False, True): "end"}.get((begins, ends), "middle"),
    )


def _top_line(song: Song) -> Iterator[tuple[int, int, int]]:
    """Onset, end and pitch in ticks: the voice in blocks with words, else the melody; of a chord the highest."""
    for placed in song.blocks:
        rows = _rows(song, "lyrics", placed) or _rows(song, "melody", placed)
        highest: dict[int, tuple[int, int, int]] = {}
        for row in rows:
            if row[0] not in highest or row[2] > highest[row[0]][2]:
                highest[row[0]] = row
        yield from (highest[onset] for onset in sorted(highest))


def _rows(song: Song, stage: str, placed: PlacedBlock) -> list[tuple[int, int, int]]:
    return [
        (onset, onset + duration, pitch)
        for midi_track in song.tracks_of(stage)
        for onset, duration, pitch, _ in midi_track.notes.to_rows()
        if placed.start_tick <= onset < placed.end_tick
    ]


def sung_syllables(song: Song) -> tuple[SungSyllable, ...]:
    """Every syllable of the song with its note; words that a seam cuts off end there."""
    events = sorted(
        (event for midi_track in song.tracks_of("lyrics") for event in midi_track.lyrics), key=lambda event: event.tick
    )
    events = [event for event in events if event.text.strip() not in MELISMA]
    ends = {
        onset: onset + duration
        for midi_track in song.tracks_of("lyrics")
        for onset, duration, _, _ in midi_track.notes.to_rows()
    }
    starts = [placed.start_tick for placed in song.blocks]
    blocks = [sum(start <= event.tick for start in starts) - 1 for event in events]
    return tuple(
        SungSyllable(event.tick, ends.get(event.tick, event.tick + song.pulse_ticks), syllable, block)
        for event, syllable, block in zip(events, _syllables(events, blocks), blocks, strict=True)
    )


def _syllables(events: Sequence[TextEvent], blocks: Sequence[int]) -> Iterator[Syllable]:
    goes_on = False
    for index, event in enumerate(events):
        text = event.text.strip()
        is_last = index + 1 == len(events) or blocks[index + 1] != blocks[index]
        continues = text.endswith("-") and not is_last
        syllabic = {(False, False): "single", (False, True): "begin", (True, True): "middle", (True, False): "end"}
        yield Syllable(text.removesuffix("-"), syllabic[goes_on, continues])
        goes_on = continues
