"""What other songs are made of, so that a new one keeps away from it: runs of steps of approved candidates.

A run is four steps of an *idea* (see `craft`), kept as a short hash beside the genome. Sharing a few runs is what songs
do (87 % of POP909 songs have a 4-bar unit that another has); sharing all of them is the same loop. The penalty is soft.
"""

import json
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from whitelight.composition.production import GENOMES_FILE, SONG_FILE
from whitelight.files import load_yaml, read_text

RUN_STEPS = 4
PENALTY = 3.0  # fitness (standard deviations of a first generation) lost by music made of another song's runs only
WORTH_SAYING = 0.25


@dataclass(frozen=True, slots=True)
class Material:
    """Runs of one approved part of another song."""

    song: str
    part: str
    runs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kinship:
    """How much of a candidate another song has: share of its runs, 0 to 1, and whose they are."""

    share: float
    song: str
    part: str

    @property
    def penalty(self) -> float:
        """Fitness it costs."""
        return PENALTY * self.share**2


def runs_of(idea: Sequence[Hashable]) -> tuple[str, ...]:
    """Hash every run of an idea; one that is shorter is a run by itself."""
    steps = [repr(step) for step in idea]
    n_runs = max(len(steps) - RUN_STEPS + 1, 1)
    return tuple(sha256("|".join(steps[i : i + RUN_STEPS]).encode()).hexdigest()[:10] for i in range(n_runs))


def closest(idea: Sequence[Hashable], others: Iterable[Material]) -> Kinship | None:
    """The part of another song that shares most with an idea; None when nothing is shared."""
    runs, best = set(runs_of(idea)), None
    for other in others:
        share = len(runs & other.runs) / len(runs)
        if share > (best.share if best else 0.0):
            best = Kinship(share, other.song, other.part)
    return best


def read_material(folders: Iterable[Path], stage: str) -> tuple[Material, ...]:
    """Runs of what stands in `approved/` of a stage in other production folders; folders without it add nothing."""
    found: list[Material] = []
    for folder in folders:
        genomes, approved = folder / stage / GENOMES_FILE, folder / stage / "approved"
        if not (genomes.exists() and approved.is_dir() and (folder / SONG_FILE).exists()):
            continue
        title = str(load_yaml(folder / SONG_FILE).get("title") or folder.name)
        used = {sha256(file.read_bytes()).hexdigest()[:8]: file.stem for file in sorted(approved.glob("*.mid"))}
        for line in read_text(genomes).splitlines():
            one = json.loads(line)
            part = used.get(str(one["id"]).rsplit("-", 1)[-1])
            if part is not None and one.get("runs"):
                found.append(Material(title, part, frozenset(one["runs"])))
    return tuple(found)
