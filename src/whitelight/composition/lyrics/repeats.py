"""How the words of a section come back: a chorus says the same again, a verse goes on, a bridge says something else."""

from enum import StrEnum

from whitelight.composition.randomness import Rng


class RepeatKind(StrEnum):
    """What happens to the words when the section is sung again.

    SAME : all words return. NEW : new words over the same melody. REFRAIN : new words, but the last line returns.
    CONTRAST : words the other sections do not have.
    """

    SAME = "same"
    NEW = "new"
    REFRAIN = "refrain"
    CONTRAST = "contrast"


ROLE_KINDS = {
    "chorus": RepeatKind.SAME,
    "pre-chorus": RepeatKind.SAME,
    "intro": RepeatKind.SAME,
    "outro": RepeatKind.SAME,
    "bridge": RepeatKind.CONTRAST,
    "breakdown": RepeatKind.CONTRAST,
    "interlude": RepeatKind.CONTRAST,
    "solo": RepeatKind.CONTRAST,
}
REFRAIN_SHARE = 0.3  # of verses
N_STANZAS = {RepeatKind.SAME: 1, RepeatKind.NEW: 2, RepeatKind.REFRAIN: 2, RepeatKind.CONTRAST: 1}


def draw_kind(role: str, rng: Rng) -> RepeatKind:
    """What a role usually does; a verse, or a role nobody knows, goes on, sometimes to one line that stays."""
    known = ROLE_KINDS.get(role)
    if known is not None:
        return known
    return RepeatKind.REFRAIN if rng.random() < REFRAIN_SHARE else RepeatKind.NEW
