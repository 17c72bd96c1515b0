"""Lyrics as the page edits them: every line on its phrase, every note with its syllable, and how they fit.

A candidate belongs to whoever judged it: words changed in the page become a new candidate beside it. What is approved is
the human's own text, so there the text itself is changed, and the words are sung anew (`lyrics.settling`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.composition.approved import approved_parts, context_of, part_for
from whitelight.composition.automatic_choice import read_choice
from whitelight.composition.context import SectionContext
from whitelight.composition.lyrics.alignment import broken_words
from whitelight.composition.lyrics.bank import sung_words
from whitelight.composition.lyrics.fitting import Fit, FittedLine, fit_words
from whitelight.composition.lyrics.phrases import Phrase, find_phrases
from whitelight.composition.lyrics.rendering import written_syllables
from whitelight.composition.lyrics.rhyming import line_end
from whitelight.composition.lyrics.sounds import rhymes
from whitelight.composition.lyrics.words import Kind
from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.promotion import approved_name
from whitelight.composition.review import ReviewEntry, read_review
from whitelight.composition.song_sheet import SongSheet, read_song_sheet
from whitelight.files import inside, read_text
from whitelight.music import read_midi
from whitelight.studio.errors import NotThereError

STAGE = "lyrics"
RHYME_REACH = 2  # lines; as `rhymed_share` counts them
STRESS = {Kind.STRONG: 1.0, Kind.CONTENT: 0.8, Kind.FUNCTION: 0.3, Kind.WEAK: 0.0}


@dataclass(frozen=True, slots=True)
class WordsPlace:
    """Where the words of a candidate stand.

    Attributes
    ----------
    entry : in the review. name : of the approved part, None for the candidate itself.
    text, midi : files; the text may be missing. context : section with the melody it is sung to in `heard`.
    """

    entry: ReviewEntry
    name: str | None
    text: Path
    midi: Path
    sheet: SongSheet
    context: SectionContext

    @property
    def content(self) -> str:
        """The text as it stands; empty without a file."""
        return read_text(self.text) if self.text.is_file() else ""


def find_words(folder: Path, candidate_id: str, *, approved: bool) -> WordsPlace:
    """Return where the words of a candidate stand, or of what was approved of it.

    Raises
    ------
    NotThereError : no such candidate, or it is not approved. ReviewError, SongSheetError : files cannot be read.
    """
    stage, sheet = folder / STAGE, read_song_sheet(folder)
    entries = {entry.candidate_id: entry for entry in read_review(stage / REVIEW_FILE).entries}
    entry = entries.get(candidate_id)
    if entry is None:
        raise NotThereError(f"no candidate '{candidate_id}' in {STAGE}/{REVIEW_FILE}")
    midi = inside(stage, entry.file, source=f"{STAGE}/{REVIEW_FILE}")
    name = _approved_as(stage, entries.values(), candidate_id)
    if approved and name is None:
        raise NotThereError(f"'{candidate_id}' stands in no file of {STAGE}/approved; approve and promote it first")
    label = entry.variant if not approved or name is None else _label_of(name, entry)
    melody = part_for(approved_parts(folder, sheet.form.sections), "melody", entry.section, label)
    heard = {"melody": read_midi(melody.file if melody is not None else midi)}
    context = context_of(sheet, sheet.section(entry.section), heard, label)
    if approved:
        midi = stage / "approved" / f"{name}.mid"
    return WordsPlace(entry, name, midi.with_suffix(".txt"), midi, sheet, context)


def _approved_as(stage: Path, entries: Any, candidate_id: str) -> str | None:
    """Name of the approved part a candidate became; what a human approved counts over the machine's choice."""
    chosen = dict(read_choice(stage)) | {approved_name(e): e.candidate_id for e in entries if e.status == "approved"}
    there = (name for name, one in chosen.items() if one == candidate_id)
    return next((name for name in there if (stage / "approved" / f"{name}.mid").is_file()), None)


def _label_of(name: str, entry: ReviewEntry) -> str:
    return name.rsplit("_", 1)[-1] if "_" in name else entry.variant


def words_document(place: WordsPlace, text: str | None = None) -> dict[str, Any]:
    """Words on their melody, as `Words` of `web/src/types.ts`.

    Parameters
    ----------
    text : measured instead of what stands in the file.
    """
    text = place.content if text is None else text
    melody = place.context.notes_of("melody")
    phrases, fit = find_phrases(melody, place.context), fit_words(text, melody, place.context)
    lines = _lines(fit, phrases)
    terms = {"syllables": fit.syllables, "stress": fit.stress, "rhymed": fit.rhymed}
    return {
        "id": place.entry.candidate_id,
        "name": place.name,
        "text": text,
        "lines": lines,
        "n_notes": sum(line["n_notes"] for line in lines),
        "n_syllables": sum(line["n_syllables"] for line in lines),
        "fit": round((fit.syllables + fit.stress) / 2, 4) if fit.lines else 0.0,
        "terms": {name: round(value, 4) for name, value in terms.items()},
        "problems": _problems(fit, phrases),
    }


def _lines(fit: Fit, phrases: Sequence[Phrase]) -> list[dict[str, Any]]:
    """One line per phrase of every stanza, those without words too: their notes are free."""
    made: list[dict[str, Any]] = []
    for number in range(max(fit.n_stanzas, 1)):
        lines = [line for line in fit.lines if line.stanza == number]
        letters = _rhyme_letters(lines)
        made += [_line(line, phrases, letter) for line, letter in zip(lines, letters, strict=True)]
        made += [_free(phrase) for phrase in phrases[len(lines) :]]
    return made


def _line(line: FittedLine, phrases: Sequence[Phrase], rhyme: str) -> dict[str, Any]:
    facts = {"text": line.text, "n_notes": line.n_notes, "n_syllables": line.n_syllables, "rhyme": rhyme}
    return facts | {"syllables": _slots(line, phrases[line.phrase]) if line.phrase >= 0 else []}


def _free(phrase: Phrase) -> dict[str, Any]:
    slots = [_slot(note, [], 0.0, fits=False) for note in phrase.notes]
    return {"text": "", "n_notes": len(phrase), "n_syllables": 0, "rhyme": "", "syllables": slots}


def _slots(line: FittedLine, phrase: Phrase) -> list[dict[str, Any]]:
    """One slot per note, with the syllables that begin on it."""
    words = sung_words(line.sung.words)
    wrong = set(broken_words(words, phrase))
    sung = [(kind, k in wrong) for k, word in enumerate(words) for kind in word.kinds]
    texts = written_syllables(line.sung.words)
    on_note: dict[int, list[tuple[str, Kind, bool]]] = {}
    for text, (kind, is_wrong), place in zip(texts, sung, line.sung.notes, strict=True):
        on_note.setdefault(place, []).append((text, kind, is_wrong))
    slots = []
    for k, note in enumerate(phrase.notes):
        here = on_note.get(k, [])
        stress = max((STRESS[kind] for _, kind, _ in here), default=0.0)
        fits = len(here) == 1 and not any(is_wrong for *_, is_wrong in here)
        slots.append(_slot(note, [text for text, *_ in here], stress, fits=fits))
    return slots


def _slot(note: Any, texts: Sequence[str], stress: float, *, fits: bool) -> dict[str, Any]:
    text = "".join(part if part.endswith("-") else f"{part} " for part in texts).strip()
    place = {"tick": note.onset, "duration": note.duration, "pitch": note.pitch}
    return place | {"text": text, "stress": stress, "fits": fits}


def _rhyme_letters(lines: Sequence[FittedLine]) -> list[str]:
    """Lines of a stanza that rhyme share a letter; "" rhymes with nothing."""
    ends = [line_end(line.sung) for line in lines]
    group: list[int | None] = [None] * len(lines)
    for k, (word, rime) in enumerate(ends):
        for j in range(k - 1, max(k - RHYME_REACH, 0) - 1, -1):
            if rime and word != ends[j][0] and rhymes(rime, ends[j][1]):
                group[j] = j if group[j] is None else group[j]
                group[k] = group[j]
                break
    order = {one: chr(ord("a") + n % 26) for n, one in enumerate(dict.fromkeys(g for g in group if g is not None))}
    return ["" if one is None else order[one] for one in group]


def _problems(fit: Fit, phrases: Sequence[Phrase]) -> list[str]:
    if not phrases:
        return ["there is no melody with notes to sing; approve a melody first"]
    advice = [f"line {k + 1}: {line.advice}" for k, line in enumerate(fit.lines) if line.advice]
    missing: Mapping[int, int] = {s: sum(line.stanza == s for line in fit.lines) for s in range(max(fit.n_stanzas, 1))}
    return advice + [
        f"stanza {s + 1}: the melody has room for {len(phrases) - n} more line{'s' * (len(phrases) - n > 1)}"
        for s, n in missing.items()
        if n < len(phrases)
    ]
