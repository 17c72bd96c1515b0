"""Words on notes: the melody's own notes, a lyric event at the note each syllable begins on."""

from collections.abc import Sequence

import numpy as np

from whitelight.composition.context import SectionContext
from whitelight.composition.lyrics.bank import plain, sung_words
from whitelight.composition.lyrics.genome import SungLine
from whitelight.composition.lyrics.phrases import Phrase, melody_notes
from whitelight.composition.lyrics.words import Kind
from whitelight.music import MidiTrack, Notes, Piece, TextEvent

VOCAL = "Vocal"
PROGRAM = 53  # General MIDI "Voice Oohs"
ACCENT, SPREAD = 4, 3  # velocity: a strong syllable above a weak one, and the small differences of a voice


def written_syllables(words: Sequence[str]) -> list[str]:
    """Texts of the syllables of a line: stops with the word they stand by, "-" where a word goes on."""
    texts: list[str] = []
    for written, word in zip(words, sung_words(words), strict=True):
        start = written.casefold().find(plain(written))
        bare = plain(written)
        head, body, tail = written[:start], written[start : start + len(bare)], written[start + len(bare) :]
        place = 0
        for k, letters in enumerate(word.syllables):
            text = body[place : place + len(letters)] if k + 1 < len(word.syllables) else body[place:]
            place += len(letters)
            goes_on = k + 1 < len(word.syllables)
            texts.append((head if k == 0 else "") + text + (_hyphen(text) if goes_on else tail))
    if texts and texts[0]:
        texts[0] = texts[0][:1].upper() + texts[0][1:]
    return texts


def _hyphen(text: str) -> str:
    """A mark that the word goes on; a hyphen of the word itself is written double so that it is read back."""
    return "-" if not text.endswith("-") else "\u2010-"[1:]


def lyric_events(lines: Sequence[SungLine], phrases: Sequence[Phrase]) -> tuple[TextEvent, ...]:
    """One event for every sung syllable; syllables that share a note share its event."""
    events: dict[int, str] = {}
    for line, phrase in zip(lines, phrases, strict=True):
        for text, note in zip(written_syllables(line.words), line.notes, strict=True):
            tick = phrase.notes[note].onset
            before = events.get(tick)
            events[tick] = (
                text if before is None else before.removesuffix("-") + ("" if before.endswith("-") else " ") + text
            )
    return tuple(TextEvent(tick, text) for tick, text in sorted(events.items()))


def vocal_track(lines: Sequence[SungLine], phrases: Sequence[Phrase], melody: Notes, *, grain: int = 0) -> MidiTrack:
    """The voice: notes of the melody, strong syllables a little louder."""
    rows = melody_notes(melody)
    strong = {
        phrase.notes[note].onset
        for line, phrase in zip(lines, phrases, strict=True)
        for kind, note in zip(_kinds(line), line.notes, strict=True)
        if kind in (Kind.STRONG, Kind.CONTENT)
    }
    wobble = np.random.default_rng(grain).normal(0.0, SPREAD, len(rows)).round().astype(int).tolist()
    sung = [
        (onset, duration, pitch, min(max(velocity + (ACCENT if onset in strong else -ACCENT) // 2 + w, 20), 122))
        for (onset, duration, pitch, velocity), w in zip(rows, wobble, strict=True)
    ]
    return MidiTrack(VOCAL, program=PROGRAM, notes=Notes.from_rows(sung), lyrics=lyric_events(lines, phrases))


def _kinds(line: SungLine) -> list[Kind]:
    return [kind for word in sung_words(line.words) for kind in word.kinds]


def render(lines: Sequence[SungLine], phrases: Sequence[Phrase], context: SectionContext, *, grain: int = 0) -> Piece:
    """One stanza over its melody, from tick 0 to the end of the section."""
    return context.piece([vocal_track(lines, phrases, context.notes_of("melody"), grain=grain)])
