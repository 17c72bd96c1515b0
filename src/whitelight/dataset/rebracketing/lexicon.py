"""The word lists of this folder, checked and made ready for looking up.

A cue is written as words, each with what it may be inflected as: ``lose/v track``, ``alternate|parallel world/n``,
``neither * nor``. Here it becomes the sets of forms it matches, filed under every form it can begin with.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from whitelight.dataset.rebracketing.forms import adjective_forms, noun_forms, verb_forms
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml

INTENSITY, COVERAGE = "intensity", "coverage"
MEASURES = (
    INTENSITY,
    COVERAGE,
    "boundary_fluidity",
    "temporal_complexity",
    "ontological_uncertainty",
    "memory_discrepancy",
)
STRENGTHS = {"strong": 2.0, "usual": 1.0, "weak": 0.5}
NEGATED, AGAINST = "negated", "against"  # further lists a measure may have
_TYPE_KEYS = frozenset(["means", *STRENGTHS])
_MEASURE_KEYS = frozenset([*STRENGTHS, NEGATED, AGAINST, "ceiling", "reach", "question", "compound", "shift"])
TENSE_LISTS = frozenset(
    "be_now do_now then have ahead modals plural_subjects singular_subjects between not_past not_verbs".split()  # noqa: SIM905  a table reads best on one line
)

_ELEMENT = re.compile(r"(?:\*|(?:[a-z']+|<year>|<number>)(?:/[vna])?(?:\|[a-z']+(?:/[vna])?)*)")
_FOLDER = Path(__file__).parent
_Forms = frozenset[str]


class WordListError(WhitelightError):
    """A word list of the package does not have the form it must have."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue of one list.

    Attributes
    ----------
    owner : number of the list it belongs to: types first, then measures.
    weight : what a match counts; negative for what speaks against a measure.
    needs_negation : True: only behind a negation; False: only without one; None: negation does not matter.
    rest : forms of the words after the first one; None stands for any word.
    """

    owner: int
    weight: float
    needs_negation: bool | None
    rest: tuple[_Forms | None, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All word lists.

    Attributes
    ----------
    types : names, in the order that labels have.
    meanings : what each type is about.
    measures : names of the measures that have cues of their own, in the order of their owner numbers after the types.
    cues : first form → cues that can begin with it, the longest first.
    settings : numbers and words of ``measures.yml`` that are no cues, by measure.
    negators, boosters : forms.
    participles, pasts : forms of irregular verbs.
    tense : closed lists that finite verbs are told by, by name.
    """

    types: tuple[str, ...]
    meanings: tuple[str, ...]
    measures: tuple[str, ...]
    cues: Mapping[str, tuple[Cue, ...]]
    settings: Mapping[str, Mapping[str, float]]
    floor: int
    negation_reach: int
    negators: _Forms
    boosters: _Forms
    participles: _Forms
    pasts: _Forms
    tense: Mapping[str, _Forms]


@cache
def load_lexicon(folder: Path = _FOLDER) -> Lexicon:
    """Read and check ``types.yml``, ``measures.yml`` and ``verbs.yml``; once per process.

    Raises
    ------
    WordListError : a list lacks a key, has an unknown one, repeats a cue or has one that cannot be read.
    """
    verbs = _mapping(load_yaml(folder / "verbs.yml"), "verbs.yml", {"verbs", "be", "nouns", "tense"})
    tense = _mapping(verbs["tense"], "verbs.yml: tense", TENSE_LISTS)
    inflect = _Inflector.of(verbs)
    tables = dict(_mapping(load_yaml(folder / "types.yml"), "types.yml"))
    rules = dict(_mapping(load_yaml(folder / "measures.yml"), "measures.yml", {"floor", "negation", *MEASURES}))
    general = {key: rules.pop(key) for key in ("floor", "negation", INTENSITY)}
    negation = _mapping(general["negation"], "measures.yml: negation", {"reach", "words"})
    intensity = _mapping(general[INTENSITY], "measures.yml: intensity", {"ceiling", "boost", "boosters"})
    filed: dict[str, list[Cue]] = {}
    settings: dict[str, dict[str, float]] = {INTENSITY: _numbers(intensity)}
    for owner, (name, table) in enumerate((tables | rules).items()):
        where = f"{'types' if name in tables else 'measures'}.yml: {name}"
        _check_keys(table, "means" if name in tables else "reach" if name == COVERAGE else "ceiling", where)
        for text, weight, needs_negation in _cue_texts(_mapping(table, where), where):
            first, *rest = _read_elements(text, inflect, where)
            cue = Cue(owner, weight, needs_negation, tuple(rest))
            for form in sorted(first or ()):
                filed.setdefault(form, []).append(cue)
        settings[name] = _numbers(table)
    return Lexicon(
        tuple(tables),
        tuple(str(_mapping(t, f"types.yml: {n}", {"means"})["means"]) for n, t in tables.items()),
        tuple(rules),
        {form: tuple(sorted(cues, key=lambda cue: -len(cue.rest))) for form, cues in filed.items()},
        settings,
        int(general["floor"]),
        int(negation["reach"]),
        frozenset(_split(negation["words"])),
        frozenset(_split(intensity["boosters"])),
        inflect.participles,
        inflect.pasts,
        {name: frozenset(_split(tense[name])) for name in TENSE_LISTS},
    )


@dataclass(frozen=True, slots=True)
class _Inflector:
    be: _Forms
    verbs: Mapping[str, tuple[str, ...]]
    nouns: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> "_Inflector":
        verbs = {base: tuple(rest) for base, *rest in map(str.split, _split(table["verbs"]))}
        nouns = {base: tuple(rest) for base, *rest in map(str.split, _split(table["nouns"]))}
        return cls(frozenset(_split(table["be"])), verbs, nouns)

    @property
    def participles(self) -> _Forms:
        return frozenset(forms[-1] for forms in self.verbs.values()) | {"been"}

    @property
    def pasts(self) -> _Forms:
        return frozenset(forms[0] for base, forms in self.verbs.items() if forms[0] != base) | {"was", "were"}

    def forms(self, word: str) -> _Forms:
        """Return the forms of ``word/v``, ``word/n``, ``word/a`` or of a plain word."""
        base, _, kind = word.partition("/")
        if base == "be" and kind == "v":
            return self.be
        if kind == "v":
            return verb_forms(base, self.verbs)
        if kind == "n":
            return noun_forms(base, self.nouns)
        return adjective_forms(base) if kind == "a" else frozenset({base})


def _cue_texts(table: Mapping[str, Any], where: str) -> list[tuple[str, float, bool | None]]:
    """Return the cues of a type or measure with their weights, refusing one that stands there twice."""
    minds_negation = NEGATED in table
    found = [
        (text, weight, False if minds_negation else None)
        for group, weight in STRENGTHS.items()
        for text in _split(table.get(group, ""))
    ]
    found += [(text, 1.0, True) for text in _split(table.get(NEGATED, ""))]
    found += [(text, -1.0, False) for text in _split(table.get(AGAINST, ""))]
    seen = sorted((text, bool(needs)) for text, _, needs in found)
    for one, other in pairwise(seen):
        if one == other:
            raise WordListError(f"{where}: '{one[0]}' stands there twice; leave one of them")
    return found


def _read_elements(text: str, inflect: _Inflector, where: str) -> list[_Forms | None]:
    """Return the forms of each word of a cue, None for any word."""
    elements: list[_Forms | None] = []
    for element in text.split():
        if not _ELEMENT.fullmatch(element):
            raise WordListError(f"{where}: '{text}' cannot be read; write cues like 'lose/v track', between commas")
        parts = [inflect.forms(word) for word in element.split("|")]
        elements.append(None if element == "*" else frozenset().union(*parts))
    if elements[0] is None or elements[-1] is None:
        raise WordListError(f"{where}: '{text}' begins or ends with any word; name a word there")
    return elements


def _split(text: Any) -> list[str]:
    return [" ".join(cue.split()) for cue in str(text).split(",") if cue.strip()]


def _check_keys(table: Any, needed: str, where: str) -> None:
    known = _TYPE_KEYS if needed == "means" else _MEASURE_KEYS
    if unknown := sorted(_mapping(table, where, {needed}).keys() - known):
        raise WordListError(f"{where}: '{unknown[0]}' is not known; expected {', '.join(sorted(known))}")
    if not all(value > 0 for value in _numbers(table).values()):
        raise WordListError(f"{where}: a number is not above 0; give a positive one")


def _numbers(table: Mapping[str, Any]) -> dict[str, float]:
    return {key: float(value) for key, value in table.items() if isinstance(value, int | float)}


def _mapping(value: Any, where: str, needed: AbstractSet[str] = frozenset()) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not needed <= value.keys():
        raise WordListError(
            f"{where}: expected the keys {', '.join(sorted(needed)) or 'of a table'}; add what is missing"
        )
    return value
