"""Words that go on: where a part with several stanzas returns, its next one is sung over the same melody."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from whitelight.composition.approved import ApprovedPart, approved_parts, context_of, part_for
from whitelight.composition.arrangement.model import Arrangement
from whitelight.composition.arrangement.parts import part_path
from whitelight.composition.arrangement.placing import LoadedPart, loaded
from whitelight.composition.lyrics.fitting import read_stanzas, sing
from whitelight.composition.lyrics.phrases import find_phrases
from whitelight.composition.song_sheet import SongSheet
from whitelight.files import read_text
from whitelight.music import Piece, read_midi

LYRICS = "lyrics"
Returns = Mapping[tuple[int, str], LoadedPart]  # first bar of the block, name of the part → what is sung there


def returning_words(
    folder: Path, sheet: SongSheet, arrangement: Arrangement, *, ticks_per_beat: int, bar_ticks: int
) -> Returns:
    """What is sung where a lyric part is heard for the second, third, ... time and its text has more than one stanza.

    After the last stanza the first comes again. A text somebody took away, or one without a melody, returns as it was.
    """
    approved = approved_parts(folder, sheet.form.sections)
    files = {part.file.stem: part for part in approved[LYRICS]}
    sung: dict[tuple[int, str], LoadedPart] = {}
    for start_bar, name, number in _returns(arrangement):
        part = files.get(name)
        melody = part and part_for(approved, "melody", part.section, part.label)
        if part is None or melody is None:
            continue
        voice = _stanza(folder, sheet, part, melody.file, number)
        if voice is not None:
            n_bars = sheet.section(part.section).n_bars
            sung[start_bar, name] = loaded(
                voice, ticks_per_beat=ticks_per_beat, bar_ticks=bar_ticks, section_bars=n_bars
            )
    return sung


def _returns(arrangement: Arrangement) -> Iterator[tuple[int, str, int]]:
    """First bar, part and number (from 1) of every return of a lyric part."""
    heard: Counter[str] = Counter()
    for start_bar, block in zip(arrangement.starts, arrangement.blocks, strict=True):
        for name in block.parts(LYRICS):
            if heard[name]:
                yield start_bar, name, heard[name]
            heard[name] += 1


def _stanza(folder: Path, sheet: SongSheet, part: ApprovedPart, melody: Path, number: int) -> Piece | None:
    """One stanza of a part's text over its melody; None where the part is to return as it is."""
    text = part_path(folder, LYRICS, part.file.stem).with_suffix(".txt")
    words = read_text(text) if text.is_file() else ""
    n_stanzas = len(read_stanzas(words))
    if n_stanzas < 2 or number % n_stanzas == 0:
        return None
    context = context_of(sheet, sheet.section(part.section), {"melody": read_midi(melody)}, part.label)
    notes = context.notes_of("melody")
    if not find_phrases(notes, context):
        return None
    first = read_midi(part.file).midi_tracks[0]  # the voice keeps its name, instrument and place
    voice = sing(words, notes, context, stanza=number % n_stanzas)
    return context.piece([replace(voice, name=first.name, program=first.program)])
