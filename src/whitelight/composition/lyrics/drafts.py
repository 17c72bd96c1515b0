"""Drafts and what people made of them, kept as pairs: `lyrics/drafts.yml`, for training to come.

The text file of a candidate belongs to the human. What stands in it wins over the draft; the draft is kept beside it with
how both fit the melody they were written for. The file is only ever added to, and what a human adds to it stays.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

from whitelight.composition.context import SectionContext
from whitelight.composition.lyrics.fitting import Fit, fit_words
from whitelight.composition.lyrics.phrases import melody_notes
from whitelight.composition.review_writing import append_entries
from whitelight.files import load_yaml, read_text

DRAFTS_FILE = "drafts.yml"
HEADER = """\
# Words as they were proposed and as they were edited, with the melody they are sung on: written by whitelight, one entry
# for each edit, for a writer's habits to be learned from. Entries are added, never changed; remove what is nobody's business.
"""


def record_edit(
    folder: Path, candidate_id: str, *, draft: str, edited: str, context: SectionContext
) -> dict[str, Any] | None:
    """Pair a draft with what somebody made of it; return the entry, None when nothing was changed or it is known.

    Parameters
    ----------
    folder : of the stage, `lyrics/`. draft, edited : whole texts of a candidate.
    context : section with the melody in `heard`.

    Raises
    ------
    ReviewError : the file there cannot be read; it was left alone.
    """
    if tidy(draft) == tidy(edited):
        return None
    entry = edit_entry(candidate_id, draft=draft, edited=edited, context=context)
    return entry if append_entries(folder / DRAFTS_FILE, [entry], header=HEADER) else None


def edit_entry(candidate_id: str, *, draft: str, edited: str, context: SectionContext) -> dict[str, Any]:
    """One pair as it is written; its id names the edit, so the same edit is recorded once."""
    melody = context.notes_of("melody")
    before, after = (fit_words(text, melody, context) for text in (draft, edited))
    return {
        "id": f"{candidate_id}-e{sha256(tidy(edited).encode('utf-8', 'surrogatepass')).hexdigest()[:8]}",
        "candidate": candidate_id,
        "section": context.section.name,
        "role": context.section.role,
        "draft": tidy(draft),
        "edited": tidy(edited),
        "melody": {
            "meter": str(context.meter),
            "tempo_bpm": context.tempo_bpm,
            "ticks_per_beat": context.ticks_per_beat,
            "notes": [list(row[:3]) for row in melody_notes(melody)],
        },
        "fit": {"draft": _numbers(before), "edited": _numbers(after)},
    }


def read_edits(folder: Path) -> list[dict[str, Any]]:
    """All pairs of a folder, in the order they were made; none where nothing was edited."""
    path = folder / DRAFTS_FILE
    content = load_yaml(path) if path.exists() else None
    found = content.get("candidates") if isinstance(content, dict) else None
    return [entry for entry in found or [] if isinstance(entry, dict) and "edited" in entry]


def words_of(path: Path, draft: str) -> str:
    """Words that count: those of the text file where there is one with words, else the draft."""
    text = read_text(path) if path.is_file() else ""
    return text if tidy(text) else draft


def tidy(text: str) -> str:
    """A text without spaces at the ends of lines, and one empty line between stanzas."""
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept = [line for k, line in enumerate(lines) if line or (k and lines[k - 1])]
    return "\n".join(kept).strip("\n")


def _numbers(fit: Fit) -> dict[str, float | int]:
    numbers = {"syllables": fit.syllables, "stress": fit.stress, "rhymed": fit.rhymed}
    return {"lines": len(fit.lines), **{name: round(value, 3) for name, value in numbers.items()}}
