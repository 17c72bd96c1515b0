"""What a clip of a DAW is: "drum_slow_learner" is the drums of "slow learner", "bass_verse_alt_3" another bass of the verse.

Names are read by words. A word for a stage may stand anywhere in the name; without one the name of the track counts, then
what else lies on the track, and a plain name is a chord loop. What is left is compared with the approved parts.
"""

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from whitelight.composition.arrangement.daw_reading import DawClip
from whitelight.composition.arrangement.model import STAGES
from whitelight.composition.arrangement.parts import Approved

STAGE_WORDS = {
    "chord": "chords", "chords": "chords", "keys": "chords", "piano": "chords",
    "drum": "drums", "drums": "drums", "kit": "drums", "beat": "drums", "percussion": "drums", "perc": "drums",
    "bass": "bass", "bassline": "bass",
    "melody": "melody", "mel": "melody", "lead": "melody", "tune": "melody",
    "harmony": "harmony", "pad": "harmony", "pads": "harmony", "strings": "harmony", "quartet": "harmony",
    "counter": "harmony", "violin": "harmony", "viola": "harmony", "cello": "harmony",
    "lyrics": "lyrics", "vocal": "lyrics", "vocals": "lyrics", "vox": "lyrics", "voice": "lyrics",
}  # fmt: skip
PLAIN_STAGE = STAGES[0]
_VARIANT = re.compile(r"(alt|alternate|alternative|var|variation|take|version|v|sparse|plain|busy|full|copy)?\d*")
_CLOSE = 0.8  # of a name's letters; "chors" is the chorus


@dataclass(frozen=True, slots=True)
class NamedClip:
    """A clip and what it is.

    Attributes
    ----------
    part : name of the approved part, or, when none fits, the name of the clip without its word for the stage.
    section : slug of the section, as far as the name says. is_approved : whether an approved part fits.
    """

    clip: DawClip
    stage: str
    part: str
    section: str
    is_approved: bool


def name_clips(clips: Sequence[DawClip], approved: Approved) -> tuple[NamedClip, ...]:
    """Say of every clip which stage and part it is."""
    stages = _stages(clips)
    words = [_without_stage(clip.name) for clip in clips]
    sections = sorted({section for by_section in approved.values() for section in by_section})
    split = [_split(name, sections) for name in words]
    variants: dict[tuple[str, str], list[str]] = {}
    for stage, (section, variant) in zip(stages, split, strict=True):
        known = variants.setdefault((stage, section), [])
        if variant and variant not in known:
            known.append(variant)
    named = []
    for clip, stage, name, (section, variant) in zip(clips, stages, words, split, strict=True):
        labels = approved.get(stage, {}).get(section, ())
        label = _label(variant, labels, sorted(variants[stage, section], key=_natural))
        plain = "_".join(name)
        part = plain if label is None else f"{section}_{label}"
        named.append(NamedClip(clip, stage, part, section, label is not None))
    return tuple(named)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", text.casefold()) if word]


def _stated_stage(text: str) -> str | None:
    return next((STAGE_WORDS[word] for word in _words(text) if word in STAGE_WORDS), None)


def _stages(clips: Sequence[DawClip]) -> list[str]:
    """Stage of each clip: by its name, its track's name, its neighbors on the track, else chords."""
    on_track: dict[str, Counter[str]] = {}
    stated = [_stated_stage(clip.name) for clip in clips]
    for clip, stage in zip(clips, stated, strict=True):
        on_track.setdefault(clip.track, Counter())[stage or ""] += 1
    found = []
    for clip, stage in zip(clips, stated, strict=True):
        neighbor, count = on_track[clip.track].most_common(1)[0]
        usual = neighbor if count > sum(on_track[clip.track].values()) / 2 else ""
        found.append(stage or _stated_stage(clip.track) or usual or PLAIN_STAGE)
    return found


def _without_stage(name: str) -> list[str]:
    words = _words(name)
    rest = [word for word in words if word not in STAGE_WORDS]
    return rest or words


def _split(words: Sequence[str], sections: Sequence[str]) -> tuple[str, str]:
    """Section and variant: the section the name begins with, else all words before those that only say "another"."""
    for n_words in range(len(words), 0, -1):
        start = "_".join(words[:n_words])
        known = next((section for section in sections if "_".join(_words(section)) == start), None)
        if known is not None:
            return known, "_".join(words[n_words:])
    n_words = next((n for n, word in enumerate(words) if n and _VARIANT.fullmatch(word)), len(words))
    start = "_".join(words[:n_words])
    close = difflib.get_close_matches(start, sections, n=1, cutoff=_CLOSE)
    return (close[0] if close else start), "_".join(words[n_words:])


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(digits or 0), letters) for letters, digits in re.findall(r"([^\d]*)(\d*)", text) if letters or digits]


def _label(variant: str, labels: Sequence[str], others: Sequence[str]) -> str | None:
    """Label that a variant of a name stands for: itself, the first without one, else by the order of the variants."""
    if not labels:
        return None
    exact = next((label for label in labels if "_".join(_words(label)) == variant), None)
    if exact is not None:
        return exact
    if not variant:
        return labels[0]
    taken = {label for label in labels if "_".join(_words(label)) in others}
    free = [label for label in labels[1:] if label not in taken]
    guessed = [other for other in others if other not in {"_".join(_words(label)) for label in labels}]
    place = guessed.index(variant)
    return free[place] if place < len(free) else None
