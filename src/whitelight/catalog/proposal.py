"""Song proposals: what a song should become, read from YAML as tools and people really write it.

A proposal names a title, a tempo, a meter, a key, a class and a concept. Real files vary in every one of these: `tempo`
is a meter, a mapping or words; `rainbow_color` a letter, a name or a mapping with modes inside; one file holds one
proposal or all iterations of a thread; application tags are ignored. Where a file's modes disagree with the ontology
the ontology wins and the proposal says so. Other files of a thread are named for what they are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.catalog.manifest import plain_text, text_list
from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.proposal_class import resolve_proposal_class
from whitelight.catalog.song import Problem
from whitelight.errors import WhitelightError
from whitelight.files import UnreadableFileError, load_yaml, read_text
from whitelight.music.key import InvalidKeyError, Key
from whitelight.music.meter import Meter, MeterError
from whitelight.ontology import Ontology, load_ontology

DEFAULT_TEMPO_BPM = 120.0  # what MIDI means without a tempo
DEFAULT_METER = Meter(4, 4)  # what MIDI means without a time signature
_MUSIC_FIELDS = ("bpm", "tempo", "key", "rainbow_color")
_LIST_FIELDS = ("iterations", "proposals", "song_proposals")
_OTHER_KINDS = {  # what a mapping with these fields is
    "a song manifest of a catalog": {"manifest_id"},
    "a song manifest without an id": {"audio_tracks"},
    "a transcript of a recording": {"transcript"},
    "a review of candidates": {"candidates"},
    "an ontology": {"axes", "classes"},
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_METER = re.compile(r"\d+(?:\s*\+\s*\d+)*\s*/\s*\d+")
_KEY = re.compile(
    r"\b[A-G]\s*(?:#|♯|b|♭|sharp|flat)?\s*[- ]?(?:major|minor|maj|min|dorian|phrygian|lydian|mixolydian|locrian|aeolian|ionian)\b",
    re.IGNORECASE,
)


class NotAProposalError(WhitelightError):
    """A file is YAML but no song proposal; the message says what it seems to be."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A song to be composed.

    Attributes
    ----------
    tempo_bpm, meter : `DEFAULT_TEMPO_BPM` and `DEFAULT_METER` when the file does not say, which is reported.
    musical_key : None when the file does not say.
    class_name : class of the ontology, None when the file names none that exists.
    problems : what was wrong or unclear, and what was done.
    """

    title: str
    tempo_bpm: float
    meter: Meter
    musical_key: Key | None
    class_name: str | None
    concept: str
    mood: tuple[str, ...]
    genres: tuple[str, ...]
    iteration_id: str
    problems: tuple[Problem, ...]
    file: str = ""


@dataclass(frozen=True, slots=True)
class ProposalsReport:
    """What the YAML files of a folder are.

    Attributes
    ----------
    proposals : in order of their files, and within a file of its iterations.
    others : file → what it seems to be.
    unreadable : file → why.
    """

    proposals: tuple[Proposal, ...]
    others: Mapping[str, str]
    unreadable: Mapping[str, str]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Problems of all proposals."""
        return tuple(problem for proposal in self.proposals for problem in proposal.problems)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return {
            "proposals": [
                {
                    "file": p.file,
                    "iteration_id": p.iteration_id,
                    "title": p.title,
                    "class": p.class_name,
                    "tempo_bpm": p.tempo_bpm,
                    "meter": str(p.meter),
                    "key": str(p.musical_key) if p.musical_key is not None else None,
                    "problems": [
                        {"line": q.line, "code": q.code, "message": q.message, "action": q.action} for q in p.problems
                    ],
                }
                for p in self.proposals
            ],
            "others": dict(self.others),
            "unreadable": dict(self.unreadable),
        }


def read_proposal(path: Path, ontology: Ontology | None = None) -> Proposal:
    """Read one proposal; of a file with all iterations of a thread, the last.

    Parameters
    ----------
    ontology : of the classes; the default ontology when None.

    Raises
    ------
    UnreadableFileError : not YAML.
    NotAProposalError : something else; the message says what.
    """
    return read_iterations(path, ontology)[-1]


def read_iterations(path: Path, ontology: Ontology | None = None) -> tuple[Proposal, ...]:
    """Read every proposal a file holds, in its order; raises like `read_proposal`."""
    path = Path(path)
    text = read_text(path)
    value = load_yaml(path, text, ignore_tags=True)
    known = ontology if ontology is not None else load_ontology("rainbow")
    found = list(_candidates(value))
    if not found:
        raise NotAProposalError(
            f"{path.name}: {describe(value)}, not a song proposal; expected title, bpm, key, rainbow_color"
        )
    return tuple(proposal_from(data, at, path, text, known) for at, data in found)


def read_proposals(folder: Path, ontology: Ontology | None = None) -> ProposalsReport:
    """Read every YAML file below a folder and say what each is.

    Raises
    ------
    UnreadableFileError : the folder is not there.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UnreadableFileError(f"{folder}: no such folder; give the folder of a thread's proposals")
    known = ontology if ontology is not None else load_ontology("rainbow")
    proposals: list[Proposal] = []
    others: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".yml", ".yaml") and p.is_file()):
        name = path.relative_to(folder).as_posix()
        try:
            proposals += read_iterations(path, known)
        except NotAProposalError as err:
            others[name] = str(err).removeprefix(f"{path.name}: ").partition(", not a song proposal")[0]
        except UnreadableFileError as err:
            unreadable[name] = str(err)
    return ProposalsReport(tuple(proposals), others, unreadable)


def describe(value: Any) -> str:
    """Say what a YAML value seems to be when it is no proposal."""
    if not isinstance(value, dict):
        return {type(None): "an empty file", list: "a list"}.get(type(value), "a single value")
    kind = value.get("chain_artifact_type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if isinstance(kind, str):
        words = re.sub(r"^[A-Z]*ChainArtifact", "", kind)
        return f"an artifact of type '{re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', words).replace('_', ' ').lower()}'"
    for what, fields in _OTHER_KINDS.items():
        if fields <= set(value):
            return what
    return f"a mapping of {', '.join(str(key) for key in list(value)[:4]) or 'nothing'}"


def _candidates(value: Any) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Yield every mapping that is a proposal, with its place in the file."""
    if isinstance(value, dict) and _is_proposal(value):
        yield (), {str(key): item for key, item in value.items()}
        return
    listed: list[tuple[tuple[str | int, ...], Any]] = [((), value)] if isinstance(value, list) else []
    if isinstance(value, dict):
        listed = [((name,), value.get(name)) for name in _LIST_FIELDS]
    for at, items in listed:
        for i, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict) and _is_proposal(item):
                yield (*at, i), {str(key): field for key, field in item.items()}


def _is_proposal(value: Mapping[Any, Any]) -> bool:
    if "audio_tracks" in value or "manifest_id" in value or "chain_artifact_type" in value:
        return False
    has_music = sum(name in value for name in _MUSIC_FIELDS) >= 2
    return has_music and any(name in value for name in ("title", "concept", "iteration_id"))


def proposal_from(
    data: dict[str, Any], at: tuple[str | int, ...], path: Path, text: str, ontology: Ontology
) -> Proposal:
    """Understand the fields of one proposal; `at` says where in `text` they stand, `path` names the file in problems."""
    log = ProblemLog(path.name, text)
    iteration_id = _text(data, "iteration_id") or _text(data, "thread_id")
    if not _text(data, "iteration_id"):
        iteration_id = iteration_id or path.stem
        log.add(
            "iteration-id-missing", "no iteration_id", f"called it '{iteration_id}'", at=(*at, "title"), severity="info"
        )
    title = _text(data, "title")
    if not title:
        title = iteration_id.replace("_", " ").strip()
        log.add("title-missing", "no title", f"called it '{title}'", at=(*at, "title"))
    return Proposal(
        title=title,
        tempo_bpm=_tempo(data, at, log),
        meter=_meter(data, at, log),
        musical_key=_key(data, at, log),
        class_name=resolve_proposal_class(data, at, ontology, log),
        concept=_text(data, "concept"),
        mood=_texts(data, "mood"),
        genres=_texts(data, "genres"),
        iteration_id=iteration_id,
        problems=tuple(log.problems),
        file=path.name,
    )


def _tempo(data: Mapping[str, Any], at: tuple[str | int, ...], log: ProblemLog) -> float:
    for name in ("bpm", "tempo_bpm", "tempo"):
        value = data.get(name)
        if isinstance(value, str) and not _METER.search(value) and (numbers := _NUMBER.findall(value)):
            value = sum(map(float, numbers[:2])) / len(numbers[:2])  # "108 BPM", "100-110"
        if isinstance(value, int | float) and not isinstance(value, bool) and 10 <= value <= 1000:
            return float(value)
        if value is not None and name != "tempo":
            found = f"bpm {value!r:.40}, expected a number of beats per minute from 10 to 1000"
            log.add("tempo-unreadable", found, "looked elsewhere", at=(*at, name))
    log.add("tempo-missing", "no bpm", f"used {DEFAULT_TEMPO_BPM:g} beats per minute", at=(*at, "bpm"))
    return DEFAULT_TEMPO_BPM


def _meter(data: Mapping[str, Any], at: tuple[str | int, ...], log: ProblemLog) -> Meter:
    for name in ("tempo", "meter", "time_signature"):
        value = data.get(name)
        if value in (None, "") or (isinstance(value, int | float) and name == "tempo"):
            continue
        if isinstance(value, str) and (match := _METER.search(value)):
            value = match[0]
        try:
            return Meter.from_value(value)
        except MeterError:
            found = f"{name} {value!r:.60}, expected a meter such as 7/8"
            log.add("meter-unreadable", found, f"used {DEFAULT_METER}", at=(*at, name))
            return DEFAULT_METER
    log.add("meter-missing", "no meter (field tempo)", f"used {DEFAULT_METER}", at=(*at, "tempo"))
    return DEFAULT_METER


def _key(data: Mapping[str, Any], at: tuple[str | int, ...], log: ProblemLog) -> Key | None:
    text = _text(data, "key")
    if not text:
        log.add("key-missing", "no key", "left it open", at=(*at, "key"))
        return None
    for attempt in (text, *(match[0] for match in _KEY.finditer(text)), re.split(r"[/,;(]| to | then ", text)[0]):
        try:
            key = Key.parse(attempt)
        except InvalidKeyError:
            continue
        if attempt != text:
            log.add("key-unclear", f"key '{text}', expected one key", f"used {key}", at=(*at, "key"))
        return key
    log.add(
        "key-unreadable",
        f"key '{text}', expected a tonic and a scale such as F# minor",
        "left it open",
        at=(*at, "key"),
    )
    return None


def _text(data: Mapping[str, Any], name: str) -> str:
    value = plain_text(data.get(name))
    return " ".join(value.split()) if isinstance(value, str) else ""


def _texts(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(" ".join(text.split()) for text in text_list(data.get(name)) if isinstance(text, str) and text.strip())
