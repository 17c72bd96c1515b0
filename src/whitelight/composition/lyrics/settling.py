"""Words that a person edited in `lyrics/approved/`: they win over the draft, are sung anew, and both are kept."""

from pathlib import Path

from whitelight.composition.approved import ApprovedPart, Parts, approved_parts, context_of, part_for
from whitelight.composition.automatic_choice import read_choice
from whitelight.composition.lyrics.drafts import record_edit, tidy
from whitelight.composition.lyrics.fitting import sing
from whitelight.composition.production import REVIEW_FILE, write_when_new
from whitelight.composition.promotion import approved_name
from whitelight.composition.review import read_review
from whitelight.composition.song_sheet import SongSheet
from whitelight.files import read_text
from whitelight.music import read_midi, write_midi

STAGE = "lyrics"


def settle_words(folder: Path, sheet: SongSheet) -> tuple[str, ...]:
    """Sing what was written in `lyrics/approved/*.txt` where it differs from the draft; return the parts that changed.

    Raises
    ------
    NoMelodyError, NoSuchStanzaError, ReviewError : words without a melody, or a review that cannot be read.
    """
    parts = approved_parts(folder, sheet.form.sections)
    drafts = _drafts(folder / STAGE)
    changed = []
    for part in parts[STAGE]:
        text, draft = part.file.with_suffix(".txt"), drafts.get(part.file.stem)
        if text.is_file() and draft is not None and tidy(read_text(text)) not in ("", tidy(read_text(draft))):
            _sing(folder, sheet, parts, part, draft)
            changed.append(part.file.stem)
    return tuple(changed)


def _drafts(stage: Path) -> dict[str, Path]:
    """Name of an approved part → text of the candidate it was; what the human approved counts over the machine's choice."""
    chosen = read_choice(stage)
    chosen |= {
        approved_name(e): e.candidate_id for e in read_review(stage / REVIEW_FILE).entries if e.status == "approved"
    }
    files = {name: stage / "candidates" / f"{candidate_id}.txt" for name, candidate_id in chosen.items()}
    return {name: file for name, file in files.items() if file.is_file()}


def _sing(folder: Path, sheet: SongSheet, parts: Parts, part: ApprovedPart, draft: Path) -> None:
    section = sheet.section(part.section)
    melody = part_for(parts, "melody", section.name, part.label)
    if melody is None:
        return
    context = context_of(sheet, section, {"melody": read_midi(melody.file)}, part.label)
    edited = read_text(part.file.with_suffix(".txt"))
    voice = sing(edited, context.notes_of("melody"), context)
    write_when_new(part.file, write_midi(context.piece([voice])))
    record_edit(folder / STAGE, draft.stem, draft=read_text(draft), edited=edited, context=context)
