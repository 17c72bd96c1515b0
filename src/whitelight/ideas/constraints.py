"""Constraints for the next song: what to avoid because it was said and played too often, and what would be new.

The file is for people too: entries may be bare ("- F# minor"), reasons and counts may be missing, lists may be added
or removed. What it cannot mean is refused by name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whitelight.errors import WhitelightError
from whitelight.files import load_yaml
from whitelight.ideas.spread import merged
from whitelight.ideas.words import contains, sentences
from whitelight.music import InvalidKeyError, Key, Meter, MeterError

CONSTRAINTS_FILE = "constraints.yml"
_LISTS = {
    "avoid_keys": "key",
    "prefer_keys": "key",
    "avoid_tempi": "range",
    "prefer_tempi": "range",
    "avoid_meters": "meter",
    "avoid_phrases": "phrase",
    "avoid_title_words": "word",
}
_OTHERS = ("constraints", "proposals", "threads", "notes", "numbers")


class ConstraintsError(WhitelightError):
    """A file of constraints that cannot be understood."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to avoid or prefer.

    Attributes
    ----------
    value : a `Key`, a `Meter`, a (low, high) range in beats per minute with `high` excluded, or a text.
    count : proposals it rests on, 0 when nobody counted.
    """

    value: Any
    reason: str = ""
    count: int = 0

    @property
    def text(self) -> str:
        """The value as people write it."""
        return f"{self.value[0]:g}–{self.value[1]:g}" if isinstance(self.value, tuple) else str(self.value)


@dataclass(frozen=True, slots=True)
class Breach:
    """A constraint that a song does not keep: which field, what was found, why it matters, what would fit."""

    field: str
    found: str
    reason: str
    fits: str

    def __str__(self) -> str:
        return f"{self.field} {self.found}: {self.reason}; {self.fits}"


@dataclass(frozen=True, slots=True)
class Constraints:
    """What the next song should avoid and may prefer; `n_proposals` it rests on, `notes` for people."""

    n_proposals: int = 0
    avoid_keys: tuple[Rule, ...] = ()
    prefer_keys: tuple[Rule, ...] = ()
    avoid_tempi: tuple[Rule, ...] = ()
    prefer_tempi: tuple[Rule, ...] = ()
    avoid_meters: tuple[Rule, ...] = ()
    avoid_phrases: tuple[Rule, ...] = ()
    avoid_title_words: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def check(
        self,
        *,
        title: str | None = None,
        key: Key | str | None = None,
        tempo_bpm: float | None = None,
        meter: Meter | str | None = None,
        concept: str | None = None,
    ) -> tuple[Breach, ...]:
        """Return every constraint that a song would not keep; what is None is not looked at.

        Raises
        ------
        InvalidKeyError, MeterError : a text that is no key or meter.
        """
        return (
            *self._check_key(key),
            *self._check_tempo(tempo_bpm),
            *self._check_meter(meter),
            *self._check_words("title", title, self.avoid_title_words, "choose other words"),
            *self._check_words("concept", concept, self.avoid_phrases, "say it in other words"),
        )

    def _check_key(self, key: Key | str | None) -> Iterator[Breach]:
        if key is None:
            return
        wanted = merged(Key.parse(key) if isinstance(key, str) else key)
        for rule in self.avoid_keys:
            if merged(rule.value) == wanted:
                fits = ", ".join(preferred.text for preferred in self.prefer_keys)
                yield Breach("key", str(wanted), _why(rule), f"{fits} would be new" if fits else "any other key fits")

    def _check_tempo(self, tempo_bpm: float | None) -> Iterator[Breach]:
        for rule in self.avoid_tempi:
            low, high = rule.value
            if tempo_bpm is not None and low <= tempo_bpm < high:
                fits = " or ".join(preferred.text for preferred in self.prefer_tempi)
                fits = f"{fits} bpm would be new" if fits else f"below {low:g} or from {high:g} bpm on fits"
                yield Breach("tempo_bpm", f"{tempo_bpm:g}", _why(rule), fits)

    def _check_meter(self, meter: Meter | str | None) -> Iterator[Breach]:
        if meter is None:
            return
        wanted = Meter.parse(meter) if isinstance(meter, str) else meter
        for rule in self.avoid_meters:
            if (rule.value.numerator, rule.value.denominator) == (wanted.numerator, wanted.denominator):
                yield Breach("meter", str(wanted), _why(rule), "any other meter fits")

    def _check_words(self, where: str, text: str | None, rules: tuple[Rule, ...], fits: str) -> Iterator[Breach]:
        said = sentences(text or "")
        for rule in rules:
            wanted = [word for words in sentences(rule.value) for word in words]
            if wanted and contains(said, wanted):
                yield Breach(where, f"'{rule.value}'", _why(rule), fits)


def _why(rule: Rule) -> str:
    return rule.reason or "to be avoided"


def read_constraints(path: Path) -> Constraints:
    """Read a file of constraints, written by `whitelight ideas feedback` or by hand.

    Raises
    ------
    UnreadableFileError : missing or no YAML. ConstraintsError : an entry that means nothing, or an unknown list.
    """
    path = Path(path)
    value = load_yaml(path)
    if not isinstance(value, dict):
        raise ConstraintsError(
            f"{path.name}: expected lists such as avoid_keys; write some with whitelight ideas feedback"
        )
    unknown = [str(name) for name in value if name not in _LISTS and name not in _OTHERS]
    if unknown:
        raise ConstraintsError(f"{path.name}: '{unknown[0]}' is no constraint; there is {', '.join(_LISTS)}")
    rules = {name: tuple(_rules(path, name, value.get(name))) for name in _LISTS}
    n_proposals, numbers, notes = value.get("proposals"), value.get("numbers"), value.get("notes")
    return Constraints(
        n_proposals=n_proposals if type(n_proposals) is int else 0,
        **rules,
        notes=tuple(map(str, notes)) if isinstance(notes, list) else (),
        numbers=numbers if isinstance(numbers, dict) else {},
    )


def _rules(path: Path, name: str, items: Any) -> Iterator[Rule]:
    if items is None:
        return
    if not isinstance(items, list):
        raise ConstraintsError(f"{path.name}: {name} is {items!r:.60}, expected a list")
    for item in items:
        data = item if isinstance(item, dict) else {_LISTS[name]: item}
        count = data.get("count")
        yield Rule(_value(path, name, data), str(data.get("reason") or "").strip(), count if type(count) is int else 0)


def _value(path: Path, name: str, data: Mapping[str, Any]) -> Any:
    """Read the value of one entry; ranges are {low, high}, [low, high] or "67-77"."""
    kind = _LISTS[name]
    found = data.get(kind)
    try:
        if kind == "range":
            return _range(data)
        if isinstance(found, str) and found.strip():
            return Key.parse(found) if kind == "key" else Meter.parse(found) if kind == "meter" else found.strip()
    except (InvalidKeyError, MeterError, TypeError, ValueError) as err:
        raise ConstraintsError(f"{path.name}: {name}: {err}") from err
    raise ConstraintsError(f"{path.name}: {name} has {dict(data)!r:.80}, expected a {kind}")


def _range(data: Mapping[str, Any]) -> tuple[float, float]:
    found = data.get("range")
    if isinstance(found, str):
        found = found.replace("–", "-").removesuffix("bpm").split("-")
    pair = (data.get("low"), data.get("high")) if found is None else tuple(found)
    if len(pair) != 2 or any(isinstance(end, bool) or not isinstance(end, int | float | str) for end in pair):
        raise ValueError(f"{dict(data)!r:.80}, expected low and high in beats per minute")
    low, high = float(pair[0]), float(pair[1])
    if not 0 <= low < high <= 10_000:
        raise ValueError(f"range {low:g} to {high:g}, expected low below high in beats per minute")
    return low, high
