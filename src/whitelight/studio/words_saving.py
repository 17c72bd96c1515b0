"""Lyrics written back: a candidate's as a new candidate by hand, approved ones as the text that is sung."""

import difflib
from hashlib import sha256
from pathlib import Path
from typing import Any

from whitelight.composition.lyrics.drafts import DRAFTS_FILE, tidy
from whitelight.composition.lyrics.fitting import read_stanzas, sing
from whitelight.composition.lyrics.settling import settle_words
from whitelight.composition.production import REVIEW_FILE, slug
from whitelight.composition.review_writing import append_entries
from whitelight.composition.stage_writing import HEADER, one_line
from whitelight.composition.stages import find_stage
from whitelight.files import write_atomic
from whitelight.music import write_midi
from whitelight.studio.errors import StudioError
from whitelight.studio.journal import Journal, Operation, RefusedError, read_or_none
from whitelight.studio.words import STAGE, WordsPlace, find_words, words_document


class NoWordsError(StudioError):
    """A text without a word that could be sung."""


def save_words(
    folder: Path, candidate_id: str, text: str, before: str, journal: Journal, *, client: str, approved: bool
) -> dict[str, Any]:
    """Write a text where it belongs, if what the page saw is still there; return the words as they stand then.

    Raises
    ------
    RefusedError : the text on disk is not `before`; nothing was written. NoWordsError : nothing to sing.
    NotThereError, NoMelodyError, ReviewError : see `find_words` and `sing`.
    """
    with journal.lock(folder):
        place = find_words(folder, candidate_id, approved=approved)
        _refuse_changed(place, before)
        if not read_stanzas(text):
            raise NoWordsError("there is no word to sing in this text; write one, or leave the words as they were")
        names = _touched(place, text, approved=approved)
        was = {name: read_or_none(folder / name) for name in names}
        saved = _save_approved(folder, place, text) if approved else _save_candidate(folder, place, text)
        files = {name: (data, now) for name, data in was.items() if (now := read_or_none(folder / name)) != data}
        journal.record(
            folder, client, Operation(f"new words for {place.name if approved else candidate_id}", files=files)
        )
        return words_document(find_words(folder, saved, approved=approved))


def _refuse_changed(place: WordsPlace, before: str) -> None:
    there = place.content
    if tidy(before) != tidy(there):
        sides = before.splitlines(), there.splitlines()
        raise RefusedError(
            f"{place.text.name} is not as the page showed it; nothing was written, look at it and save again",
            difference="\n".join(difflib.unified_diff(*sides, "as the page showed it", "as it is", lineterm="")),
        )


def new_id(place: WordsPlace, text: str) -> str:
    """Name of a candidate by hand: its section, its variant, and its words."""
    part = "-".join(filter(None, (slug(place.entry.section), slug(place.entry.variant) if place.entry.variant else "")))
    return f"{part}-by-hand-{sha256(tidy(text).encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _touched(place: WordsPlace, text: str, *, approved: bool) -> list[str]:
    """Files that saving may change, below the song's folder."""
    if approved:
        return [f"{STAGE}/approved/{place.name}.txt", f"{STAGE}/approved/{place.name}.mid", f"{STAGE}/{DRAFTS_FILE}"]
    made = f"{STAGE}/candidates/{new_id(place, text)}"
    return [f"{made}.txt", f"{made}.mid", f"{STAGE}/{REVIEW_FILE}"]


def _save_candidate(folder: Path, place: WordsPlace, text: str) -> str:
    """Sing the text and list it as a candidate by hand; return its id. The same words are not listed twice."""
    voice = sing(text, place.context.notes_of("melody"), place.context)
    name, stage = new_id(place, text), folder / STAGE
    if (stage / "candidates" / f"{name}.mid").is_file():
        return name
    write_atomic(stage / "candidates" / f"{name}.mid", write_midi(place.context.piece([voice])))
    write_atomic(stage / "candidates" / f"{name}.txt", f"{tidy(text)}\n".encode())
    words = words_document(place, text)
    entry = {
        "id": name,
        "section": place.entry.section,
        **({"variant": place.entry.variant} if place.entry.variant else {}),
        "file": f"candidates/{name}.mid",
        "status": "undecided",
        "label": None,
        "rating": None,
        "notes": None,
        "machine": {
            "adopted": True,
            "words": read_stanzas(text)[0],
            "stanzas": len(read_stanzas(text)),
            "syllable_fit": round(words["terms"]["syllables"], 3),
            "parents": [place.entry.candidate_id],
        },
    }
    header = HEADER.format(stage=find_stage(STAGE).title, title=one_line(place.sheet.title))
    append_entries(stage / REVIEW_FILE, [entry], header=header)
    return name


def _save_approved(folder: Path, place: WordsPlace, text: str) -> str:
    """Write the text and sing it anew; words that are the draft's again are sung as the draft was."""
    candidate = folder / STAGE / place.entry.file
    sing(text, place.context.notes_of("melody"), place.context)  # refuses before anything is written
    write_atomic(place.text, f"{tidy(text)}\n".encode())
    draft = read_or_none(candidate.with_suffix(".txt"))
    if draft is not None and tidy(draft.decode("utf-8", "replace")) == tidy(text):
        write_atomic(place.midi, candidate.read_bytes())
    else:
        settle_words(folder, place.sheet)
    return place.entry.candidate_id
