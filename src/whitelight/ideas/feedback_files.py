"""`constraints.yml` for `compose new`, `prompt.md` for whoever writes the next proposal, person or language model."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.errors import WhitelightError
from whitelight.files import read_text, write_atomic
from whitelight.ideas.constraints import CONSTRAINTS_FILE, Constraints, Rule
from whitelight.ideas.yaml_text import to_yaml

PROMPT_FILE = "prompt.md"
_HEADER = """\
Written by whitelight ideas feedback; use it with: whitelight compose new --constraints constraints.yml
Change what you like; entries may be bare ("- F# minor"). A file that was changed is not written over.
digest: """
_LISTS = {
    "avoid_keys": "key", "prefer_keys": "key", "avoid_tempi": "", "prefer_tempi": "", "avoid_meters": "meter",
    "avoid_phrases": "phrase", "avoid_title_words": "word",
}  # fmt: skip


class EditedConstraintsError(WhitelightError):
    """A file that would be written over was changed by hand."""


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """What was found and where it stands; `written` names the files that are new or changed."""

    constraints: Constraints
    written: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**plain_constraints(self.constraints), "written": list(self.written)}

    def lines(self) -> Iterator[str]:
        """Yield what people read."""
        numbers = self.constraints.numbers
        yield f"{self.constraints.n_proposals} proposals"
        keys = numbers["keys"]["entropy"]
        if keys is not None:
            yield (
                f"keys: {keys['bits']:.2f} bits of {keys['most_bits']:.2f} (tonics "
                f"{numbers['keys']['tonic_entropy']['bits']:.2f}, scales {numbers['keys']['scale_entropy']['bits']:.2f})"
            )
        tempo = numbers["tempo_bpm"]
        if tempo is not None:
            low, high = tempo["densest_window"]
            yield (
                f"bpm: {tempo['low']:g} to {tempo['high']:g}, quartiles {' '.join(f'{q:g}' for q in tempo['quartiles'])}, "
                f"{100 * tempo['densest_share']:.0f} % from {low:g} to {high:g}"
            )
        for name in ("avoid_keys", "avoid_tempi", "avoid_meters", "avoid_title_words", "avoid_phrases"):
            rules: tuple[Rule, ...] = getattr(self.constraints, name)
            if rules:
                yield f"{name.replace('_', ' ')}: {'; '.join(f'{rule.text} ({rule.count})' for rule in rules[:8])}"
        yield from self.constraints.notes


def plain_constraints(constraints: Constraints) -> dict[str, Any]:
    """Constraints as the file holds them."""
    value: dict[str, Any] = {"constraints": 1, "proposals": constraints.n_proposals, "notes": list(constraints.notes)}
    for name, kind in _LISTS.items():
        value[name] = [_plain(rule, kind) for rule in getattr(constraints, name)]
    return {**value, "numbers": dict(constraints.numbers)}


def _plain(rule: Rule, kind: str) -> dict[str, Any]:
    named = {kind: rule.text} if kind else {"low": rule.value[0], "high": rule.value[1]}
    return {**named, "count": rule.count, "reason": rule.reason}


def write_feedback(constraints: Constraints, out: Path, *, force: bool = False) -> FeedbackReport:
    """Write `constraints.yml` and `prompt.md` into a folder.

    Raises
    ------
    EditedConstraintsError : one of them was changed by hand, or is another's, and `force` is not set; nothing written.
    """
    body = to_yaml(plain_constraints(constraints))
    texts = {CONSTRAINTS_FILE: _signed(body, "# "), PROMPT_FILE: _signed(prompt_text(constraints), "<!-- ", " -->")}
    if not force:
        for name in texts:
            _refuse_edited(out / name)
    written = [name for name, text in texts.items() if not _holds(out / name, text)]
    for name in written:
        write_atomic(out / name, texts[name])
    return FeedbackReport(constraints, tuple(written))


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _signed(body: str, before: str, after: str = "") -> str:
    """Put a comment above a text that tells whether the text was changed since."""
    lines = f"{_HEADER}{_digest(body)}".splitlines() if not after else [f"whitelight digest: {_digest(body)}"]
    return "".join(f"{before}{line}{after}\n" for line in lines) + body


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def _refuse_edited(path: Path) -> None:
    if not path.exists():
        return
    head, mark, rest = read_text(path).partition("digest: ")
    signed, _, body = rest.partition("\n")
    n_lines = head.count("\n")
    if not mark or n_lines > 2 or not signed.startswith(_digest(body)):
        raise EditedConstraintsError(
            f"{path.name} was changed by hand; give another folder with --out, or --force to write over it"
        )


def prompt_text(constraints: Constraints) -> str:
    """Text that asks for a proposal unlike those before."""
    return "\n".join(_prompt(constraints)) + "\n"


def _prompt(constraints: Constraints) -> Iterator[str]:
    yield "# The next song proposal"
    yield ""
    yield f"Write a proposal that does not repeat the {constraints.n_proposals} before it."
    if constraints.n_proposals and not any(getattr(constraints, name) for name in _LISTS):
        yield "They are too few, or too different, to name a habit: nothing is ruled out."
    yield from _paragraph("Do not use these keys", constraints.avoid_keys)
    yield from _paragraph("Keys nobody has used yet, for example", constraints.prefer_keys)
    yield from _paragraph("Avoid these tempi (bpm)", constraints.avoid_tempi)
    yield from _paragraph("Tempi nobody has used yet (bpm)", constraints.prefer_tempi)
    yield from _paragraph("Choose another meter than", constraints.avoid_meters)
    yield from _paragraph("Do not use these words in the title", constraints.avoid_title_words)
    yield from _paragraph(
        "Do not use these phrases in the concept, nor the thought behind them", constraints.avoid_phrases
    )


def _paragraph(heading: str, rules: Sequence[Rule]) -> Iterator[str]:
    if rules:
        yield ""
        yield f"{heading}:"
        yield from (f"- {rule.text}: {rule.reason}" if rule.reason else f"- {rule.text}" for rule in rules)
