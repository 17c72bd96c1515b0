"""The reference of all descriptors, written from their table.

``python -m whitelight.encoders.descriptors.document docs/descriptors.md`` writes it; a test compares it.
"""

import sys
from pathlib import Path

from whitelight.encoders.descriptors.encoder import DESCRIPTORS, DescriptorEncoder
from whitelight.encoders.descriptors.table import Descriptor
from whitelight.encoders.windows import MAX_WINDOWS, WINDOW_S
from whitelight.files import write_atomic

INTRODUCTION = f"""# Descriptors

{len(DESCRIPTORS)} musical features, computed for a whole batch at once by `whitelight.encoders.DescriptorEncoder`
(version {DescriptorEncoder.version}). This page is written from the table in the code: do not edit it, run
`python -m whitelight.encoders.descriptors.document docs/descriptors.md`.

Every value but those of the group *form* is the mean over equal windows that have notes, from the first to the
last onset of the piece: windows of about {WINDOW_S:.0f} s, or {MAX_WINDOWS} longer ones of a piece of over {WINDOW_S * MAX_WINDOWS / 60:g} minutes. "Chord" means notes
struck together (within 35 ms); the top voice is the highest note of each chord unless a higher one sounds on, the lowest
voice likewise. Degrees count from the estimated tonic.

Flags: **v** uses velocity · **n** uses notation (written beat, bar, tempo) · **p** changes with transposition.
A piece without notes of the kind (pitched notes; for *drums* drum notes) has the neutral value.
"""


def describe_table() -> str:
    """Return the whole page as Markdown."""
    groups = dict.fromkeys(descriptor.group for descriptor in DESCRIPTORS)
    return "\n".join([INTRODUCTION, *(_section(group) for group in groups)])


def _section(group: str) -> str:
    members = [descriptor for descriptor in DESCRIPTORS if descriptor.group == group]
    lines = [f"## {group} ({len(members)})", "", "| name | what it says | unit or range | flags | neutral |"]
    return "\n".join([*lines, "|---|---|---|---|---|", *(_line(member) for member in members), ""])


def _line(d: Descriptor) -> str:
    flags = "".join(
        letter
        for letter, is_set in zip("vnp", (d.uses_velocity, d.uses_notation, not d.transposition_invariant), strict=True)
        if is_set
    )
    return f"| `{d.name}` | {d.doc.replace('|', '/')} | {d.unit} | {flags} | {d.neutral:g} |"


if __name__ == "__main__":
    write_atomic(Path(sys.argv[1]), describe_table())
