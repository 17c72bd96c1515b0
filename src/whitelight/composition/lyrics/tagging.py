"""What a word does in its line: a part of speech for every word, by a shipped lexicon, endings and neighbors.

The tags are those a line can be rebuilt by (`NOUN` and `NOUNS`, five forms of the verb, function words by what they
govern). The likeliest sequence is found with a table of which tags follow one another (Viterbi); a word nobody knows
takes the tag its neighbors want.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from whitelight.files import load_yaml

LEXICON = Path(__file__).with_name("lexicon.yml")
OPEN = ("NOUN", "NOUNS", "VERB", "VERBS", "VERBD", "PART_ED", "ING", "ADJ", "ADV", "NAME")
_AFTER = {  # tag → tags that like to follow, in order of liking
    "^": "SUBJ DET POSS NOUN NOUNS VERB PREP ADV SUB WH INTJ ADJ NAME BE MODAL CONJ ING NUM NOT VERBD OBJ",
    "DET": "NOUN ADJ NOUNS NUM PART_ED ING NAME ADV",
    "POSS": "NOUN NOUNS ADJ NUM ING PART_ED NAME",
    "SUBJ": "VERB VERBD BE MODAL HAVE VERBS ADV NOT ING PART_ED DET ADJ PREP",
    "OBJ": "PREP PART ADV VERB CONJ SUB TO ADJ BE MODAL HAVE WH DET $ ING VERBD POSS",
    "BE": "ADJ DET ING PART_ED NOT PREP ADV POSS NOUN SUBJ NOUNS OBJ TO NUM $",
    "HAVE": "PART_ED VERBD DET NOT TO SUBJ ADV BE POSS NOUNS OBJ NUM",
    "MODAL": "VERB NOT SUBJ BE HAVE ADV $",
    "NOT": "VERB ING PART_ED DET ADJ PREP TO ADV SUBJ VERBD $",
    "TO": "VERB BE HAVE DET POSS OBJ ADV NAME NOUN",
    "PREP": "DET POSS NOUN NOUNS OBJ NAME ADJ ING NUM WH SUBJ ADV",
    "PART": "PREP DET POSS CONJ $ ADV TO SUB OBJ NOUN",
    "CONJ": "SUBJ DET POSS NOUN VERB ADJ NOUNS PREP VERBD ADV SUB WH BE MODAL NAME ING INTJ OBJ",
    "SUB": "SUBJ DET POSS NOUN NOUNS NAME ADJ BE VERBS VERB VERBD MODAL ADV",
    "WH": "SUBJ BE MODAL VERBS VERBD DET HAVE VERB TO POSS",
    "INTJ": "SUBJ DET INTJ POSS VERB NAME NOUN ADV CONJ $ OBJ",
    "NUM": "NOUNS NOUN ADJ PREP $ CONJ ADV",
    "ADV": "SUBJ VERB VERBD ADJ PREP DET $ CONJ ADV BE ING PART_ED SUB POSS TO VERBS MODAL NOT WH",
    "NOUN": "PREP VERBS BE VERBD CONJ $ MODAL NOUN ADV SUB SUBJ HAVE TO DET ING PART_ED ADJ NOUNS WH OBJ PART",
    "NOUNS": "PREP VERB BE VERBD CONJ $ MODAL ADV SUB SUBJ HAVE TO DET ING PART_ED WH ADJ OBJ PART",
    "VERB": "DET POSS OBJ PREP PART NOUN NOUNS ADV $ TO ADJ SUB CONJ WH NOT SUBJ ING NAME",
    "VERBS": "DET POSS OBJ PREP PART ADJ ADV $ TO NOUN NOUNS SUB CONJ WH ING NOT SUBJ",
    "VERBD": "DET POSS OBJ PREP PART ADV $ TO NOUN NOUNS ADJ SUB CONJ WH ING SUBJ NAME",
    "PART_ED": "PREP PART $ ADV DET OBJ POSS NOUN NOUNS TO CONJ SUB ADJ",
    "ING": "DET POSS PREP OBJ PART $ NOUN NOUNS ADV TO ADJ SUB CONJ WH NAME",
    "ADJ": "NOUN NOUNS PREP $ CONJ ADJ TO SUB ADV DET ING SUBJ",
    "NAME": "NAME VERBS BE VERBD PREP $ CONJ NOUN MODAL HAVE",
}
_ENDINGS = (
    (r"ing$", {"ING": 0.0, "NOUN": -2.5}), (r"ly$", {"ADV": 0.0, "ADJ": -2.0}),
    (r"ed$", {"VERBD": 0.0, "PART_ED": -0.3, "ADJ": -2.0}),
    (r"(tion|sion|ness|ment|ity|ship|ance|ence|ism|hood|dom|age|ure)$", {"NOUN": 0.0}),
    (r"(tions|sions|ments|ities|ances|ences|ers|ors)$", {"NOUNS": 0.0}),
    (r"(ful|less|ous|ive|able|ible|ish|ical|ern|est|ic)$", {"ADJ": 0.0, "NOUN": -1.8}),
    (r"'s$", {"POSS": 0.0}), (r"[^su]s$", {"NOUNS": 0.0, "VERBS": -0.7}),
    (r"", {"NOUN": 0.0, "ADJ": -1.3, "VERB": -1.1, "NAME": -3.0}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words somebody listed.

    Attributes
    ----------
    tags : word → tag → how unlikely (≤ 0). groups : noun → field of meaning. frames : base verb → what it can govern.
    forms : verb form → base; verbs : base → (third person, past, participle, -ing). mass : nouns without a plural.
    strong_last, strong_second : words whose last or second syllable is strong. about : words of talk about music. lines : to begin with.
    """

    tags: Mapping[str, Mapping[str, float]]
    groups: Mapping[str, str]
    frames: Mapping[str, frozenset[str]]
    forms: Mapping[str, str]
    verbs: Mapping[str, tuple[str, str, str, str]]
    mass: frozenset[str]
    strong_last: frozenset[str]
    strong_second: frozenset[str]
    about: frozenset[str]
    lines: tuple[str, ...]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Read the shipped lexicon."""
    data = load_yaml(LEXICON)
    tags: dict[str, dict[str, float]] = {}
    closed: set[str] = set()
    for tag, text in data["closed"].items():
        for word in text.split():
            tags.setdefault(word, {})[tag] = 0.0
            closed.add(word)
    groups: dict[str, str] = {}

    def add(word: str, tag: str, worth: float) -> None:
        known = tags.setdefault(word, {})
        known[tag] = max(known.get(tag, -9.0), worth - (2.5 if word in closed else 0.0))

    for group, text in data["nouns"].items():
        for noun in dict.fromkeys(text.split()):
            plural = data["irregular_plurals"].get(noun) or plural_of(noun)
            groups.setdefault(noun, group)
            groups.setdefault(plural, group)
            add(noun, "NOUN", 0.0)
            add(plural, "NOUNS", 0.0)
    frames, forms, verbs = _verbs(data, add)
    for word in data["adjectives"].split():
        add(word, "ADJ", 0.0)
    mass, strong_last, strong_second, about = (
        frozenset(data[key].split()) for key in ("mass", "strong_last", "strong_second", "about")
    )
    lines = tuple(str(line) for line in data["lines"])
    return Lexicon(tags, groups, frames, forms, verbs, mass, strong_last, strong_second, about, lines)


def _verbs(data: Mapping[str, Any], add: Any) -> tuple[Any, Any, Any]:
    frames: dict[str, set[str]] = {}
    for frame, text in data["verbs"].items():
        for verb in text.split():
            frames.setdefault(verb, set()).add(frame)
    for verb in data["irregular_verbs"]:
        frames.setdefault(verb, set())
    forms: dict[str, str] = {}
    verbs: dict[str, tuple[str, str, str, str]] = {}
    for verb in frames:
        irregular = str(data["irregular_verbs"].get(verb, "")).split()
        past, participle = irregular or (past_of(verb), past_of(verb))
        verbs[verb] = (third_person(verb), past, participle, ing_of(verb))
        for form, tag, worth in zip(
            (verb, *verbs[verb]), ("VERB", "VERBS", "VERBD", "PART_ED", "ING"), (-0.2, 0.0, 0.0, -0.2, 0.0), strict=True
        ):
            add(form, tag, worth)
            forms.setdefault(form, verb)
    return {verb: frozenset(f) for verb, f in frames.items()}, forms, verbs


def plural_of(noun: str) -> str:
    """Plural by rule."""
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    return noun[:-1] + "ies" if re.search(r"[^aeiou]y$", noun) else noun + "s"


def third_person(verb: str) -> str:
    """Form behind *she*."""
    return verb + "es" if verb.endswith("o") else plural_of(verb)


def past_of(verb: str) -> str:
    """Regular past."""
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if re.search(r"[^aeiou]y$", verb) else _doubled(verb) + "ed"


def ing_of(verb: str) -> str:
    """Present participle."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    return verb[:-1] + "ing" if re.search(r"[^eoy]e$", verb) else _doubled(verb) + "ing"


def _doubled(verb: str) -> str:
    return verb + verb[-1] if re.fullmatch(r"[^aeiou]*[aeiou][bdgmnprt]|begin|forget", verb) else verb


_LIKING = {tag: {after: -0.35 * k for k, after in enumerate(text.split())} for tag, text in _AFTER.items()}
_STRANGE = -7.5


@lru_cache(maxsize=1 << 14)
def possible_tags(word: str) -> Mapping[str, float]:
    """Tags of a lower-case word with how unlikely each is."""
    known = lexicon().tags.get(word)
    if known:
        return known
    if word.endswith("in'"):
        return {"ING": 0.0}
    return next(tags for pattern, tags in _ENDINGS if re.search(pattern, word))


def tag_line(words: Sequence[str]) -> tuple[str, ...]:
    """Return the likeliest tags of a line; names are words written large inside it."""
    best: dict[str, tuple[float, tuple[str, ...]]] = {"^": (0.0, ())}
    for k, word in enumerate(words):
        plain = word.casefold()
        options = dict(possible_tags(plain))
        if k and word[:1].isupper() and plain not in lexicon().tags and not plain.startswith("i'"):
            options = {"NAME": 0.0}
        step: dict[str, tuple[float, tuple[str, ...]]] = {}
        for tag, worth in options.items():
            score, path = max(
                ((s + _LIKING.get(before, {}).get(tag, _STRANGE), p) for before, (s, p) in best.items()),
                key=lambda pair: pair[0],
            )
            step[tag] = (score + worth, (*path, tag))
        best = step
    ended = [(score + _LIKING.get(tag, {}).get("$", -1.5), path) for tag, (score, path) in best.items()]
    return _nouns_in_disguise(words, max(ended, key=lambda pair: pair[0])[1]) if words else ()


def _nouns_in_disguise(words: Sequence[str], tags: tuple[str, ...]) -> tuple[str, ...]:
    """*The light* is a thing, *the light rain* is not: an adjective with nothing to describe is the noun it can be."""
    return tuple(
        "NOUN"
        if tag == "ADJ"
        and k
        and tags[k - 1] in ("DET", "POSS")
        and (k + 1 == len(tags) or tags[k + 1] not in ("NOUN", "NOUNS", "ADJ", "NUM", "CONJ", "NAME"))
        and "NOUN" in possible_tags(words[k].casefold())
        else tag
        for k, tag in enumerate(tags)
    )
