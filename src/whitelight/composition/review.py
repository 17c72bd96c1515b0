"""Reading `review.yml`, the human's file: tolerant of case, spelling, order and whatever else is in it.

`review_writing` adds to it, `review_marks` writes marks a human makes elsewhere; nothing else changes an entry.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whitelight.composition.review_text import LIST_KEY, load_review
from whitelight.errors import WhitelightError
from whitelight.files import read_text

STATUSES = ("undecided", "approved", "rejected")
_SPELLINGS = {
    "": "undecided", "?": "undecided", "maybe": "undecided", "none": "undecided", "null": "undecided",
    "open": "undecided", "pending": "undecided", "todo": "undecided",
    "approve": "approved", "yes": "approved", "okay": "approved", "y": "approved", "ok": "approved", "keep": "approved", "true": "approved",
    "accept": "approved", "accepted": "approved",
    "reject": "rejected", "no": "rejected", "n": "rejected", "false": "rejected", "discard": "rejected",
    "disapproved": "rejected", "unapproved": "undecided", "not approved": "rejected",
}  # fmt: skip
WISHES = ("more", "less")


class ReviewError(WhitelightError):
    """A review file that cannot be read, or must not be acted on, as it stands."""


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """One entry as the human left it.

    Attributes
    ----------
    status : one of `STATUSES`, read tolerantly; `stated` is what the file says.
    label : free name, "" when none. position : place in the list, from 0.
    variant : label of the chords it was composed over, "" for chords. rating, notes : as they stand there.
    wish : "more" or "less" like this, "" when neither. blind : it was judged without seeing its scores.
    item : everything the file says of it; shared, never to be changed.
    """

    candidate_id: str
    section: str
    file: str
    status: str
    stated: str
    label: str
    position: int
    variant: str = ""
    rating: Any = None
    notes: str = ""
    wish: str = ""
    blind: bool = False
    item: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_marked(self) -> bool:
        """Whether the human has said anything about it."""
        said = self.status != "undecided" or self.label or self.notes or self.wish
        return bool(said or self.rating is not None)


@dataclass(frozen=True, slots=True)
class Review:
    """A review file that was read.

    Attributes
    ----------
    text : exactly what the file held, "" when there was none.
    problems : what was odd and how it was understood.
    """

    text: str
    entries: tuple[ReviewEntry, ...]
    problems: tuple[str, ...]

    @property
    def ids(self) -> frozenset[str]:
        """Ids that are listed."""
        return frozenset(entry.candidate_id for entry in self.entries)


def read_review(path: Path) -> Review:
    """Read a review file; a missing one is empty.

    Raises
    ------
    ReviewError : not YAML, or no list of candidates; the message carries the line. Nothing was changed.
    """
    if not path.exists():
        return Review("", (), ())
    text = read_text(path)
    return parse_review(text, path)


def parse_review(text: str, path: Path) -> Review:
    """Read the content of a review file; raises like `read_review`."""
    try:
        content = load_review(path, text)
    except WhitelightError as err:
        raise ReviewError(f"{err}; your marks were not touched, correct the line and run again") from err
    if content is None:
        return Review(text, (), ())
    found = content.get(LIST_KEY) if isinstance(content, dict) else None
    if found is None and isinstance(content, dict):
        found = []
    if not isinstance(found, list):
        raise ReviewError(f"{path.name}: expected '{LIST_KEY}:' with a list; your marks were not touched, restore it")
    entries, problems = read_entries(found, path.name)
    return Review(text, entries, problems)


def read_entries(items: Sequence[Any], name: str) -> tuple[tuple[ReviewEntry, ...], tuple[str, ...]]:
    """Understand the items of a list; the second value says what was odd. name : of the file, for messages.

    Of entries that repeat an id those count that are marked, and the first where none is.
    """
    entries, problems = list[ReviewEntry](), list[str]()
    for position, item in enumerate(items):
        if not isinstance(item, dict) or item.get("id") in (None, ""):
            problems.append(f"{name}: entry {position + 1} has no id and is left alone")
            continue
        status, odd = read_status(item.get("status"))
        if odd:
            problems.append(f"{name}: '{item['id']}' has status '{item.get('status')}', understood as {status}")
        entries.append(_entry(item, status, position))
    groups: dict[str, list[ReviewEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.candidate_id, []).append(entry)
    if len(groups) == len(entries):
        return tuple(entries), tuple(problems)
    counting: list[ReviewEntry] = []
    for one, group in groups.items():
        marked = [entry for entry in group if entry.is_marked]
        counting += marked or group[:1]
        if len(group) > 1:
            problems.append(
                f"{name}: '{one}' is there {len(group)} times; {'the marked' if marked else 'the first'} counts"
            )
    return tuple(sorted(counting, key=lambda entry: entry.position)), tuple(problems)


def _entry(item: Mapping[str, Any], status: str, position: int) -> ReviewEntry:
    wish = str(item.get("wish") or "").strip().casefold()
    return ReviewEntry(
        candidate_id=str(item["id"]),
        section=str(item.get("section") or ""),
        file=str(item.get("file") or f"candidates/{item['id']}.mid"),
        status=status,
        stated=str(item.get("status") or ""),
        label=str(item.get("label") if item.get("label") is not None else "").strip(),
        position=position,
        variant=str(item.get("variant") or ""),
        rating=item.get("rating"),
        notes=str(item.get("notes") or ""),
        wish=wish if wish in WISHES else "",
        blind=item.get("blind") is True,
        item=item,
    )


def read_status(stated: Any) -> tuple[str, bool]:
    """Understand a status however it is written; the second value says that it had to be guessed.

    A doubt is never an approval: "approved?" and words of negation are undecided.
    """
    word = re.sub(r"[\s_\-]+", " ", str(stated if stated is not None else "").casefold()).strip(" .!'\"")
    if word in STATUSES:
        return word, False
    for spelling in (word, word.replace(" ", "")):
        if spelling in _SPELLINGS:
            return _SPELLINGS[spelling], False
    close = difflib.get_close_matches(word, [*STATUSES, "approve", "reject"], n=1, cutoff=0.75)
    is_meant = close and close[0][0] == word[0] and "?" not in word and not word.startswith(("un", "dis", "not "))
    return (_SPELLINGS.get(close[0], close[0]) if is_meant else "undecided"), True
