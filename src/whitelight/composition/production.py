"""The production folder: `song.yml`, `chords/candidates/*.mid`, `chords/review.yml`, and what the machine remembers.

Order of writing: song, candidates, genomes, search record, review last. Every write is atomic and every content follows
from seed and proposal alone, so a run that was killed is finished by running it again.
"""

import json
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Protocol

from whitelight import __version__
from whitelight.composition.review import ReviewError
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml, read_text, write_atomic
from whitelight.music import Key, Meter

SONG_FILE, REVIEW_FILE, SEARCH_FILE, GENOMES_FILE = "song.yml", "review.yml", "search.yml", "genomes.jsonl"
DEFAULT_TEMPO_BPM, DEFAULT_METER, DEFAULT_KEY = 100.0, Meter(4, 4), Key(0, "major")


class OtherSongError(WhitelightError):
    """The folder holds another song."""


class UnwritableFolderError(WhitelightError):
    """The production folder cannot be written."""

    @classmethod
    def of(cls, err: OSError, out: Path) -> "UnwritableFolderError":
        """The system's own reason, and what to do."""
        reason = f"{err.filename or out}: {err.strerror or err}"
        return cls(f"{reason}; make room or choose another folder, then run again")


class SongProposal(Protocol):
    """What the composer reads of a proposal (`whitelight.catalog.Proposal` keeps it)."""

    @property
    def title(self) -> str:
        """Name of the song."""

    @property
    def tempo_bpm(self) -> float | None:
        """Quarter notes per minute."""

    @property
    def meter(self) -> Meter | None:
        """Meter of the whole song."""

    @property
    def musical_key(self) -> Key | None:
        """Key of the whole song."""

    @property
    def class_name(self) -> str | None:
        """Class of the ontology it is meant for."""

    @property
    def iteration_id(self) -> str:
        """Stable id of the proposal, "" when it has none."""

    @property
    def problems(self) -> Sequence[Any]:
        """What was odd in the file."""


def slug(text: str) -> str:
    """File-safe form of a label: letters, digits, "-" and "_" of any script; "x" when nothing is left."""
    return re.sub(r"[^\w\-]+", "-", text.strip().casefold()).strip("-") or "x"


def update_song(out: Path, facts: Mapping[str, Any]) -> None:
    """Write `song.yml`; keys and comments a human added stay.

    Raises
    ------
    OtherSongError : the folder belongs to another song. ReviewError : the file there is no YAML.
    UnwritableFolderError : the folder cannot be written.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415  costs 60 ms that importing the room need not pay

    path = out / SONG_FILE
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 4096
    content: Any = {}
    if path.exists():
        plain = load_yaml(path)
        if not isinstance(plain, dict):
            raise ReviewError(f"{path.name}: expected keys and values; restore it or choose another folder")
        check_same_song(plain, facts, out)
        if all(plain.get(key) == value for key, value in facts.items()):
            return
        content = yaml.load(read_text(path))
    content.update(facts)
    stream = StringIO()
    yaml.dump(content, stream)
    try:
        write_atomic(path, stream.getvalue())
    except OSError as err:
        raise UnwritableFolderError.of(err, out) from err


def check_same_song(found: Mapping[str, Any], facts: Mapping[str, Any], out: Path) -> None:
    """Refuse to compose one song into the folder of another."""
    for name in ("iteration_id", "title"):
        if found.get(name) and facts.get(name):
            if found[name] != facts[name]:
                raise OtherSongError(
                    f"{out.name}/{SONG_FILE} is '{found.get('title')}' ({name} {found[name]}), not "
                    f"'{facts.get('title')}'; choose another folder"
                )
            return


def song_facts(proposal: SongProposal, *, seed: int, target: str | None, ontology: Any) -> dict[str, Any]:
    """Return the proposal as understood, and what it was composed with."""
    understood = understood_plainly(proposal)
    facts: dict[str, Any] = {
        "title": proposal.title,
        "iteration_id": proposal.iteration_id or None,
        "tempo_bpm": understood[0],
        "meter": str(understood[1]),
        "key": str(understood[2]),
        "class": proposal.class_name,
        "target": target,
    }
    for name in ("concept", "mood", "genres"):
        value = getattr(proposal, name, None)
        facts[name] = list(value) if isinstance(value, list | tuple) else value
    facts["seed"] = seed
    if ontology is not None:
        facts["ontology"] = {"name": ontology.name, "hash": ontology.hash}
    facts["tool_version"] = __version__
    facts["problems"] = [*(_plain_problem(problem) for problem in proposal.problems), *understood[3]]
    return facts


def understood_plainly(proposal: SongProposal) -> tuple[float, Meter, Key, list[str]]:
    """Tempo, meter and key with defaults for what the proposal leaves open, each said as a problem."""
    missing = []
    tempo_bpm, meter, key = proposal.tempo_bpm, proposal.meter, proposal.musical_key
    for name, value, default in (
        ("tempo", tempo_bpm, f"{DEFAULT_TEMPO_BPM:g} bpm"),
        ("meter", meter, DEFAULT_METER),
        ("key", key, DEFAULT_KEY),
    ):
        if value is None:
            missing.append(f"no {name} in the proposal; composed with {default}")
    return (
        DEFAULT_TEMPO_BPM if tempo_bpm is None else float(tempo_bpm),
        DEFAULT_METER if meter is None else meter,
        DEFAULT_KEY if key is None else key,
        missing,
    )


def _plain_problem(problem: Any) -> str:
    message, action = getattr(problem, "message", None), getattr(problem, "action", None)
    return str(problem) if message is None else f"{message}; {action}" if action else str(message)


def write_when_new(path: Path, data: bytes) -> bool:
    """Write a file unless it holds these bytes already; return whether it was written."""
    if path.exists() and path.read_bytes() == data:
        return False
    write_atomic(path, data)
    return True


def remember_genomes(path: Path, genomes: Mapping[str, Mapping[str, Any]]) -> None:
    """Add genomes by candidate id (one line of JSON each, with the runs of its idea); lines that are there stay."""
    lines = read_text(path).splitlines() if path.exists() else []
    known = {json.loads(line)["id"] for line in lines if line.strip()}
    new = [
        f'{{"id":{json.dumps(name)},"runs":{json.dumps(one["runs"])},"genome":{one["genome"]}}}'
        for name, one in genomes.items()
        if name not in known
    ]
    if new:
        write_atomic(path, "\n".join([*lines, *new]) + "\n")


def record_run(path: Path, run: str, record: Mapping[str, Any]) -> None:
    """Keep weights and spreads of a run in `search.yml`; a run of the same name is replaced, others stay."""
    content = load_yaml(path) if path.exists() else None
    runs = dict(content.get("runs") or {}) if isinstance(content, dict) else {}
    if runs.get(run) == record:
        return
    runs[run] = dict(record)
    lines = ["# Written by whitelight: what every part of the fitness was worth, per run and section.", "runs:"]
    for name, values in runs.items():
        lines.append(f"  {json.dumps(name)}:")
        for key, value in values.items():
            lines += _nested(key, value, 4)
    write_atomic(path, "\n".join(lines) + "\n")


def _nested(key: str, value: Any, indent: int) -> list[str]:
    """Block mappings for mappings of mappings, one-line JSON for the rest."""
    pad = " " * indent
    if isinstance(value, Mapping) and any(isinstance(inner, Mapping) for inner in value.values()):
        lines = [f"{pad}{json.dumps(key)}:"]
        for name, inner in value.items():
            lines += _nested(name, inner, indent + 2)
        return lines
    return [f"{pad}{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"]
