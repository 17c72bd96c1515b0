"""Which view a stem belongs to and which role a section has, by the words of `words.yml`."""

import re
from functools import cache
from pathlib import Path

from whitelight.files import load_yaml

OTHER = "other"
_Rules = tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]


def stem_view(group: str, description: str, file_name: str) -> str:
    """Return the view of a stem: drums, bass, melody, chords, full or other."""
    for text in (group, description, file_name):
        for view, wanted, unwanted in _rules("views"):
            plain = f"{text.lower().replace('_', ' ')} "
            if wanted.search(unwanted.sub(" ", plain) if unwanted else plain):
                return view
    return OTHER


def section_role(name: str) -> str:
    """Return the role of a section by the first telling word of its name, other when there is none."""
    plain = f"{name.lower().replace('_', ' ')} "
    found = [
        (match.start(), -len(match[0]), role) for role, wanted, _ in _rules("roles") if (match := wanted.search(plain))
    ]
    return min(found)[2] if found else OTHER


@cache
def _rules(table: str) -> _Rules:
    data = load_yaml(Path(__file__).with_name("words.yml"))
    refused = data.get(f"not_{table}", {})
    return tuple(
        (name, _pattern(words), _pattern(refused[name]) if name in refused else None)
        for name, words in data[table].items()
    )


def _pattern(words: list[str]) -> re.Pattern[str]:
    """Match any of the words from a word's beginning; a trailing space stands for the end of the word."""
    parts = (re.escape(word.strip()) + (r"\b" if word.endswith(" ") else "") for word in words)
    return re.compile(rf"\b(?:{'|'.join(parts)})")
