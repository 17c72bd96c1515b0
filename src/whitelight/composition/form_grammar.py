"""Forms drawn from a grammar of roles: which section follows which, counted in the catalog's own songs.

A chain of roles is drawn until one is a song: it has a verse, something returns, it is neither short nor endless. What
carries new material (verse, chorus, pre-chorus, bridge, …) becomes a section; an intro, an interlude or an outro borrows
from one, as songs do. The arc is gentle (POP909: piano density ×0.72 to ×1.16 over a song) and a returning section
stands a little higher than before.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from whitelight.composition.form import ROLE_ENERGY, Block, SectionPlan, SongForm
from whitelight.composition.randomness import Rng, draw
from whitelight.music import Meter

EDGE = ""  # before the first role and after the last one
DEFAULT_SONGS = (  # the commonest forms of popular song, as pseudo-counts beside the catalog's own
    "intro verse chorus verse chorus bridge chorus outro",
    "intro verse chorus verse chorus bridge chorus chorus outro",
    "intro verse verse chorus verse chorus chorus outro",
    "verse chorus verse chorus bridge chorus outro",
    "intro verse pre-chorus chorus verse pre-chorus chorus bridge chorus outro",
    "intro verse chorus interlude verse chorus bridge chorus outro",
)
BORROWS = {  # role → whose music it plays, and who plays it
    "intro": ("verse", ("chords", "drums", "harmony")),
    "outro": ("chorus", ("chords", "drums", "bass", "harmony")),
    "interlude": ("verse", ("chords", "drums", "bass", "harmony")),
    "solo": ("chorus", ("chords", "drums", "bass", "harmony")),
    "breakdown": ("chorus", ("chords", "harmony")),
}
COMPOSED = ("verse", "pre-chorus", "chorus", "bridge")
SHORT_ROLES = ("intro", "outro", "pre-chorus", "breakdown")  # 4 bars
N_BLOCKS = (6, 11)
DURATION_S = (75.0, 300.0)
SLOW_BAR_S, QUICK_BAR_S = 4.0, 1.5  # longer bars come in units of 4, shorter ones twice in a row
RISE = 0.07  # energy a section gains each time it returns
_TRIES = 400


@dataclass(frozen=True, slots=True)
class FormGrammar:
    """How often a role follows another; `EDGE` stands for the start and the end."""

    following: Mapping[str, Mapping[str, float]]
    n_songs: int


def learn_form(songs: Iterable[Sequence[str]]) -> FormGrammar:
    """Count the roles of songs, in order; roles that are not known are passed over, and the default forms stand beside.

    Parameters
    ----------
    songs : roles of each song's sections, as `catalog` reads them from section names.
    """
    counts: dict[str, Counter[str]] = {}
    heard = [[role for role in song if role in ROLE_ENERGY] for song in songs]
    heard = [song for song in heard if song]
    for song in (*heard, *(words.split() for words in DEFAULT_SONGS)):
        for before, after in pairwise((EDGE, *song, EDGE)):
            counts.setdefault(before, Counter())[after] += 1
    following = {role: dict(sorted(after.items())) for role, after in sorted(counts.items())}
    return FormGrammar(following, len(heard))


def draw_form(grammar: FormGrammar, rng: Rng, *, meter: Meter, tempo_bpm: float) -> SongForm:
    """Draw a form that makes a song at this meter and tempo; the first default form when none does."""
    bar_s = float(meter.beats_per_bar) * 60.0 / tempo_bpm
    for _ in range(_TRIES):
        roles = _draw_roles(grammar, rng)
        if roles is not None and DURATION_S[0] <= _n_bars(roles, bar_s) * bar_s <= DURATION_S[1]:
            return _lay_out(roles, bar_s, rng)
    return _lay_out(DEFAULT_SONGS[0].split(), bar_s, rng)


def _draw_roles(grammar: FormGrammar, rng: Rng) -> list[str] | None:
    roles, at = list[str](), EDGE
    while len(roles) <= N_BLOCKS[1]:
        after = grammar.following[at]
        at = list(after)[draw(list(after.values()), rng)]
        if at == EDGE:
            break
        roles.append(at)
    counted = Counter(roles)
    composed = [role for role in counted if role in COMPOSED]
    is_song = (
        N_BLOCKS[0] <= len(roles) <= N_BLOCKS[1]
        and "verse" in composed
        and len(composed) >= 2
        and max(counted[role] for role in composed) >= 2
        and "intro" not in roles[1:]
        and "outro" not in roles[:-1]
        and not any(a == b == c for a, b, c in zip(roles, roles[1:], roles[2:], strict=False))
        and not any(a == b and a in BORROWS for a, b in pairwise(roles))
    )
    return roles if is_song else None


def _unit(role: str, bar_s: float) -> tuple[int, int]:
    """Bars of a section and how often it sounds in a row."""
    if bar_s > SLOW_BAR_S or role in SHORT_ROLES:
        return 4, 1
    return 8, 2 if bar_s < QUICK_BAR_S and role in COMPOSED else 1


def _n_bars(roles: Sequence[str], bar_s: float) -> int:
    return sum(bars * times for bars, times in (_unit(role, bar_s) for role in roles))


def _lay_out(roles: Sequence[str], bar_s: float, rng: Rng) -> SongForm:
    """Name the blocks, draw the arc, say what is composed."""
    composed = [role for role in dict.fromkeys(roles) if role in COMPOSED]
    base = {role: float(np.clip(ROLE_ENERGY[role] + rng.normal(0, 0.05), 0.1, 0.9)) for role in sorted(set(roles))}
    blocks, seen = list[Block](), Counter[str]()
    for role in roles:
        lender, stages = BORROWS.get(role, (role, None))
        source = lender if lender in composed else composed[0]
        bars, times = _unit(role, bar_s)
        seen[role] += 1
        name = f"{role} {seen[role]}" if roles.count(role) > 1 else role
        energy = round(min(base[role] + RISE * (seen[role] - 1), 1.0), 2)
        for half in range(times):
            blocks.append(Block(name, source, _variant(role, seen[role] - 1, half), energy, bars, stages))
    sections = tuple(
        SectionPlan(role, role, _unit(role, bar_s)[0], round(base[role], 2), _lift(role, roles, base))
        for role in composed
    )
    return SongForm(sections, tuple(blocks))


def _variant(role: str, n_before: int, half: int) -> int:
    """A chorus returns as it was, the third time otherwise; verses change in turn; a doubled section goes on."""
    if role in BORROWS:
        return 0
    changed = n_before % 3 == 2 if role == "chorus" else n_before % 2 == 1
    return (int(changed) + half) % 2


def _lift(role: str, roles: Sequence[str], base: Mapping[str, float]) -> float:
    """Mean step of energy from this role to what follows it; nothing follows the last one."""
    steps = [base[after] - base[before] for before, after in pairwise(roles) if before == role]
    return round(float(np.clip(np.mean(steps), -1, 1)), 2) if steps else 0.0
