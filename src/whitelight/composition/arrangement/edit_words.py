"""A change of an arrangement in words, for whoever may undo it: "move chorus 2 before verse 2"."""

from collections import Counter
from collections.abc import Iterator

from whitelight.composition.arrangement.edit_values import ArrangementEdit, BlockEdit, heard_part
from whitelight.composition.arrangement.model import ArrangedBlock, Arrangement, StageMix


def edit_words(before: Arrangement, edit: ArrangementEdit) -> str:
    """Say what a change does, the first of several and how many more there are; empty when it does nothing."""
    said = [*_order_words(before, edit), *_block_words(before, edit), *_mix_words(before, edit)]
    if edit.ending != before.ending:
        said.append("let the last chord ring" if edit.ending == "ring" else f"ending: {edit.ending}")
    if len(said) > 1:
        return f"{said[0]}, and {len(said) - 1} more change{'s' if len(said) > 2 else ''}"
    return "".join(said)


def _order_words(before: Arrangement, edit: ArrangementEdit) -> Iterator[str]:
    """What was added, removed, repeated or moved."""
    uses = Counter(block.place for block in edit.blocks)
    names = [block.name for block in before.blocks]
    yield from (f"add {block.name}" for block in edit.blocks if block.place is None)
    yield from (f"repeat {name}" for place, name in enumerate(names) if uses[place] > 1)
    yield from (f"remove {name}" for place, name in enumerate(names) if not uses[place])
    order = list(dict.fromkeys(block.place for block in edit.blocks if block.place is not None))
    moved = _moved(order)
    if moved is not None:
        after = order[order.index(moved) + 1 :]
        where = f"before {names[after[0]]}" if after else "to the end"
        yield f"move {names[moved]} {where}"
    elif order != sorted(order):
        yield "reorder the blocks"


def _moved(order: list[int]) -> int | None:
    """The one block whose move explains the order, None when there is none; of two neighbors, the one that came forward."""
    if order == sorted(order):
        return None
    explains = [place for place in order if _is_rising([other for other in order if other != place])]
    return max(explains, default=None)


def _is_rising(order: list[int]) -> bool:
    return order == sorted(order)


def _block_words(before: Arrangement, edit: ArrangementEdit) -> Iterator[str]:
    for block in edit.blocks:
        if block.place is not None:
            yield from _changes_of(before.blocks[block.place], block)


def _changes_of(old: ArrangedBlock, new: BlockEdit) -> Iterator[str]:
    if new.name != old.name:
        yield f"rename {old.name} to {new.name}"
    if new.section != old.section:
        yield f"{new.name}: from {old.section} to {new.section}"
    if new.n_bars != old.n_bars:
        yield f"{new.name}: {new.n_bars} bars"
    if new.energy != old.energy:
        yield f"{new.name}: energy {new.energy:g}"
    for stage, part in new.parts.items():
        if part != heard_part(old, stage):
            yield f"{new.name}: {stage} {'silent' if part is None else f'plays {part}'}"


def _mix_words(before: Arrangement, edit: ArrangementEdit) -> Iterator[str]:
    for stage, mix in edit.mix.items():
        known = before.mix.get(stage, StageMix())
        if mix.mute != known.mute:
            yield f"{'mute' if mix.mute else 'unmute'} {stage}"
        if mix.gain_db != known.gain_db:
            yield f"{stage} at {mix.gain_db:+g} dB"
