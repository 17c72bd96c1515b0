"""Judgements as a taste learns from them: what `decisions.yml` of many songs says a human liked, and did not.

Only what a human said counts; what `--auto` chose is no judgement. The last word on a candidate stands. Where an
approved candidate was changed by hand, the music is what it was changed into.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.composition.decisions import DECISIONS_FILE, read_decisions
from whitelight.composition.evolution import LIKED_RATING
from whitelight.composition.production import SONG_FILE
from whitelight.composition.song_sheet import SongSheet, read_song_sheet
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml
from whitelight.music import MeterChange, MidiTrack, Notes, Piece, TempoMap
from whitelight.scoring.taste import Judgement

DISLIKED_RATING = 2  # of 5
DRUMS = "drums"
SLOWEST_BPM, FASTEST_BPM = 3.6, 6_000.0  # of a MIDI file
_NOTE = re.compile(r"(?:(?<=\s)|^)(\d+)\+(\d+):(\d+)/(\d+)(?=\s|;|$)")


class NoJudgementsError(WhitelightError):
    """Nothing to learn a taste from."""


@dataclass(frozen=True, slots=True)
class Judgements:
    """What was found.

    Attributes
    ----------
    judged : in the order of songs and records. n_records : records read, those without an opinion among them.
    ontologies : name → hash of the ontologies the songs were composed with. problems : songs that were left out.
    """

    judged: tuple[Judgement, ...]
    n_records: int
    ontologies: Mapping[str, str]
    problems: tuple[str, ...]


def read_judgements(folders: Iterable[Path]) -> Judgements:
    """Read the decisions of every production folder in or under some folders.

    Raises
    ------
    NoJudgementsError : no folder holds decisions.
    """
    places = sorted({path.parent.resolve() for folder in folders for path in _decisions_in(folder)})
    if not places:
        raise NoJudgementsError(
            f"no {DECISIONS_FILE} in these folders; approve, reject or rate candidates, then: whitelight compose promote"
        )
    judged: dict[tuple[str, str, str], Judgement] = {}
    n_records, ontologies, problems = 0, dict[str, str](), list[str]()
    for place in places:
        try:
            sheet, records = read_song_sheet(place), read_decisions(place)
        except WhitelightError as err:
            problems.append(f"{place.name}: left out: {err}")
            continue
        n_records += len(records)
        ontologies |= _ontology_of(place)
        for one in _judgements(sheet, records, place.name):
            judged[one.song, one.stage, one.candidate] = one
    return Judgements(tuple(judged.values()), n_records, ontologies, tuple(problems))


def _decisions_in(folder: Path) -> Iterator[Path]:
    own = folder / DECISIONS_FILE
    return iter([own]) if own.is_file() else (path for path in folder.rglob(DECISIONS_FILE) if path.is_file())


def _ontology_of(place: Path) -> dict[str, str]:
    said = (load_yaml(place / SONG_FILE) or {}).get("ontology")
    return {str(said["name"]): str(said["hash"])} if isinstance(said, dict) and {"name", "hash"} <= set(said) else {}


def _judgements(sheet: SongSheet, records: Iterable[Mapping[str, Any]], folder: str) -> Iterator[Judgement]:
    last = {(str(one.get("stage")), str(one["id"])): one for one in records if one.get("by") == "human"}
    for (stage, name), one in last.items():
        liked = opinion(one)
        edited = bool(one.get("edited_music")) and liked is True
        music = music_of(one, sheet, edited=edited)
        if liked is None or music is None:
            continue
        yield Judgement(
            song=sheet.iteration_id or sheet.title or folder,
            stage=stage,
            section=str(one.get("section") or ""),
            candidate=name,
            liked=liked,
            music=music,
            terms={} if edited else _terms(one),
            blind=one.get("blind") is True,
            edited=edited,
        )


def opinion(record: Mapping[str, Any]) -> bool | None:
    """Whether a record says that the candidate was liked: its status first, then its rating, then the wish."""
    status, rating, wish = record.get("status"), record.get("rating"), str(record.get("wish") or "")
    if status in {"approved", "rejected"}:
        return bool(status == "approved")
    if isinstance(rating, int | float) and not isinstance(rating, bool):
        if rating >= LIKED_RATING:
            return True
        if rating <= DISLIKED_RATING:
            return False
    return {"more": True, "less": False}.get(wish)


def music_of(record: Mapping[str, Any], sheet: SongSheet, *, edited: bool = False) -> Piece | None:
    """The notes of a record at its own clock and tempo, in the song's meter; None where none were recorded.

    Records of earlier versions state no tempo, and an edit no clock: then the song's tempo counts, and the candidate's
    clock.
    """
    prefix = "edited_" if edited else ""
    ticks = record.get(f"{prefix}ticks_per_beat") or record.get("ticks_per_beat")
    rows = [tuple(map(int, found)) for found in _NOTE.findall(str(record.get(f"{prefix}music") or ""))]
    if not rows or not isinstance(ticks, int):
        return None
    track = MidiTrack(is_drum=record.get("stage") == DRUMS, notes=Notes.from_rows(rows))
    tempo_map = TempoMap.constant(_tempo_bpm(record.get(f"{prefix}tempo_bpm")) or sheet.tempo_bpm, ticks)
    return Piece(ticks, tempo_map, meters=(MeterChange(0, sheet.meter),), midi_tracks=(track,))


def _tempo_bpm(stated: object) -> float | None:
    """A tempo that a MIDI file can state, in quarter notes per minute."""
    if not isinstance(stated, int | float) or isinstance(stated, bool):
        return None
    return float(stated) if SLOWEST_BPM <= stated <= FASTEST_BPM else None


def _terms(record: Mapping[str, Any]) -> dict[str, float]:
    measured = record.get("machine")
    terms = measured.get("terms") if isinstance(measured, dict) else None
    found = terms.items() if isinstance(terms, dict) else ()
    return {str(name): float(value) for name, value in found if isinstance(value, int | float)}
