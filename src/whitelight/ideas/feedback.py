"""What many proposals have in common, as constraints for the next: keys, tempi, phrases and words worn by use.

Nothing is concluded from fewer than `MIN_PROPOSALS`; a habit needs a share and a count. The numbers it all rests on
are kept beside the constraints.
"""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from math import ceil
from typing import Any

from whitelight.ideas.constraints import Constraints, Rule
from whitelight.ideas.corpus import Corpus, Idea
from whitelight.ideas.spread import Entropy, entropy, merged, tally, tempo_spread
from whitelight.ideas.words import counted, phrases_of, title_words
from whitelight.music import Key

MIN_PROPOSALS = 8  # below it every share is an accident: 2 of 7 is 29 %
MIN_COUNT = 3
KEY_SHARE, TEMPO_SHARE, METER_SHARE, WORD_SHARE = 0.2, 0.3, 0.6, 0.15
MAX_PHRASES, MAX_WORDS, MAX_KEYS, MAX_RANGES = 40, 20, 6, 3
SONG_TEMPI = (60.0, 180.0)  # where gaps are looked for: most songs lie there
MIN_GAP_BPM = 10.0


def make_constraints(corpus: Corpus) -> Constraints:
    """Turn proposals into constraints; the same proposals in any order of folders that reads alike give the same."""
    ideas = corpus.ideas
    notes = [f"{corpus.n_repeated} repeated proposals counted once"] if corpus.n_repeated else []
    notes += [f"{name}: not readable, not counted" for name in sorted(corpus.unreadable)]
    numbers = measure(ideas)
    if len(ideas) < MIN_PROPOSALS:
        notes.insert(
            0, f"{len(ideas)} proposals are too few to speak of habits; nothing is constrained below {MIN_PROPOSALS}"
        )
        return Constraints(n_proposals=len(ideas), notes=tuple(notes), numbers=numbers)
    avoid_keys = _often([merged(idea.key) for idea in ideas if idea.key is not None], KEY_SHARE)
    meters = _often([idea.meter for idea in ideas if idea.meter is not None], METER_SHARE)
    tempi = [idea.tempo_bpm for idea in ideas if idea.tempo_bpm is not None]
    return Constraints(
        n_proposals=len(ideas),
        avoid_keys=avoid_keys,
        prefer_keys=_new_keys(ideas) if avoid_keys else (),
        avoid_tempi=(avoid_tempi := _crowded(tempi)),
        prefer_tempi=_gaps(tempi) if avoid_tempi else (),
        avoid_meters=meters,
        avoid_phrases=_phrases(ideas),
        avoid_title_words=_words(ideas),
        notes=tuple(notes),
        numbers=numbers,
    )


def measure(ideas: Sequence[Idea]) -> dict[str, Any]:
    """The numbers behind the constraints, as plain data."""
    keys = [merged(idea.key) for idea in ideas if idea.key is not None]
    scales = max(len({key.scale_name for key in keys} | {"major", "minor"}), 2)
    spread = tempo_spread([idea.tempo_bpm for idea in ideas if idea.tempo_bpm is not None])
    return {
        "keys": {
            "entropy": _plain(entropy(keys, 12 * scales)),
            "tonic_entropy": _plain(entropy([key.tonic for key in keys], 12)),
            "scale_entropy": _plain(entropy([key.scale_name for key in keys], scales)),
            "counts": {str(key): n for key, n in tally(keys)},
        },
        "tempo_bpm": None
        if spread is None
        else {
            "n": spread.n,
            "low": spread.low,
            "quartiles": list(spread.quartiles),
            "high": spread.high,
            "densest_window": list(spread.densest[:2]),
            "densest_share": round(spread.densest[2] / spread.n, 3),
        },
        "meters": dict(tally([str(idea.meter) for idea in ideas if idea.meter is not None])),
        "classes": dict(tally([idea.class_name for idea in ideas if idea.class_name is not None])),
    }


def _plain(found: Entropy | None) -> dict[str, Any] | None:
    return None if found is None else asdict(found)


def _often(kinds: Sequence[Any], share: float) -> tuple[Rule, ...]:
    """Rules for kinds that reach a share and `MIN_COUNT`, most frequent first."""
    n = len(kinds)
    if n < MIN_PROPOSALS:
        return ()
    return tuple(Rule(kind, _share(count, n), count) for kind, count in tally(kinds) if count >= _at_least(n, share))


def _at_least(n: int, share: float) -> int:
    return max(MIN_COUNT, ceil(round(share * n, 6)))


def _share(count: int, n: int) -> str:
    return f"{count} of {n} proposals ({100 * count / n:.0f} %)"


def _new_keys(ideas: Sequence[Idea]) -> tuple[Rule, ...]:
    """Major and minor keys nobody used: the rarer scale first, then tonics far on the circle of fifths from the used."""
    used = [merged(idea.key) for idea in ideas if idea.key is not None]
    scales = {name: sum(key.scale_name == name for key in used) for name in ("major", "minor")}
    tonics = {key.tonic for key in used}
    free = [Key(tonic, scale) for scale in scales for tonic in range(12) if Key(tonic, scale) not in used]

    def worth(key: Key) -> tuple[int, int, int, int]:
        steps = [(key.tonic - tonic) * 7 % 12 for tonic in tonics]
        apart = min(min(step, 12 - step) for step in steps)
        return (key.tonic in tonics, -apart, scales[key.scale_name], key.tonic)

    return tuple(Rule(key, f"in none of {len(used)} proposals", 0) for key in sorted(free, key=worth)[:MAX_KEYS])


def _crowded(tempi: Sequence[float]) -> tuple[Rule, ...]:
    """Windows of tempi that hold too many, the fullest first; windows do not overlap."""
    left, rules = list(tempi), list[Rule]()
    while left and len(tempi) >= MIN_PROPOSALS and len(rules) < MAX_RANGES:
        spread = tempo_spread(left)
        assert spread is not None
        low, high, count = spread.densest
        if count < _at_least(len(tempi), TEMPO_SHARE):
            break
        rules.append(Rule((low, high), _share(count, len(tempi)), count))
        left = [tempo for tempo in left if not low <= tempo < high]
    return tuple(rules)


def _gaps(tempi: Sequence[float]) -> tuple[Rule, ...]:
    """The widest stretches of usual song tempi that nobody used."""
    low, high = SONG_TEMPI
    ends = sorted({low, high, *(tempo for tempo in tempi if low < tempo < high)})
    gaps = sorted(pairwise(ends), key=lambda gap: (gap[0] - gap[1], gap))
    rules = []
    for start, stop in gaps[:MAX_RANGES]:
        first, last = start + 1.0 if start in tempi else start, stop
        if last - first >= MIN_GAP_BPM:
            rules.append(Rule((first, last), f"in none of {len(tempi)} proposals", 0))
    return tuple(rules)


def _phrases(ideas: Sequence[Idea]) -> tuple[Rule, ...]:
    concepts = [idea.concept for idea in ideas if idea.concept]
    if len(concepts) < MIN_PROPOSALS:
        return ()
    found = counted(map(phrases_of, concepts), _at_least(len(concepts), WORD_SHARE))
    rules = [Rule(" ".join(phrase), _share(n, len(concepts)), n) for phrase, n in found.items()]
    return tuple(rules[:MAX_PHRASES])


def _words(ideas: Sequence[Idea]) -> tuple[Rule, ...]:
    words = [word for idea in ideas for word in sorted(title_words(idea.title))]
    often = [(word, n) for word, n in tally(words) if n >= _at_least(len(ideas), WORD_SHARE)]
    return tuple(Rule(word, _share(n, len(ideas)), n) for word, n in often[:MAX_WORDS])
