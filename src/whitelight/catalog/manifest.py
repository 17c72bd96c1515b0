"""The rim: what a manifest file may say, one field at a time.

A field that cannot be used is reported and left out; it never takes the rest of the song with it. Unknown fields are
worth a note, not an error: other tools keep theirs in the same file.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from whitelight.catalog.problems import ProblemLog
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml, read_text
from whitelight.music.key import InvalidKeyError, Key
from whitelight.music.meter import Meter, MeterError


class ManifestError(WhitelightError):
    """A file cannot be used as a song manifest."""


def plain_text(value: Any) -> Any:
    """Accept what YAML makes of unquoted text (numbers, dates, flags, a one-item list) as the text it was."""
    if value is None:
        return ""
    if isinstance(value, list) and len(value) == 1:  # TRT: [03:20.243], without quotes
        value = value[0]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, int | float) else value


def text_list(value: Any) -> Any:
    """Accept one text, a list of texts or nothing."""
    if value is None:
        return []
    return [plain_text(item) for item in value] if isinstance(value, list) else [plain_text(value)]


def _named(value: Any) -> Any:
    return value if isinstance(value, dict) else {"name": value}


def _or_empty(value: Any) -> Any:
    return {} if value is None else value


def _or_none_of_them(value: Any) -> Any:
    return [] if value is None else value


def _first_of_one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


Text = Annotated[str, BeforeValidator(plain_text)]
Texts = Annotated[list[str], BeforeValidator(text_list)]
Code = Annotated[str | float | None, BeforeValidator(_first_of_one)]


RowType = TypeVar("RowType")
Rows = Annotated[list[Annotated[RowType, BeforeValidator(_or_empty)]], BeforeValidator(_or_none_of_them)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="allow")


class SectionRow(_Row):
    """One entry of ``structure``."""

    section_name: Text = ""
    start_time: Code = None
    end_time: Code = None
    description: Text = ""


class StemRow(_Row):
    """One entry of ``audio_tracks``."""

    id: Text = ""
    description: Text = ""
    audio_file: Text = ""
    midi_file: Text = ""
    group: Text = ""
    midi_group_file: Text = ""
    player: Text = ""


class NamedRow(_Row):
    """One entry of ``sounds_like``."""

    name: Text = ""
    discogs_id: Any = None


class ManifestRow(_Row):
    """A whole manifest; `tempo` is the METER, as the files have it."""

    manifest_id: Text = ""
    bpm: Annotated[float | None, Field(gt=0, le=1000)] = None
    tempo: Any = Field(None, validation_alias=AliasChoices("tempo", "meter", "time_signature"))
    key: Text = ""
    rainbow_color: Text = Field("", validation_alias=AliasChoices("rainbow_color", "class"))
    title: Text = ""
    release_date: Text = ""
    album_sequence: int | None = None
    main_audio_file: Text = ""
    main_midi_file: Text = ""
    TRT: Code = None
    vocals: bool | None = None
    lyrics: bool | None = None
    lrc_file: Text = ""
    structure: Rows[SectionRow] = []
    mood: Texts = []
    genres: Texts = []
    sounds_like: Annotated[list[Annotated[NamedRow, BeforeValidator(_named)]], BeforeValidator(_or_none_of_them)] = []
    concept: Text = ""
    audio_tracks: Rows[StemRow] = []
    album: Text = ""
    group_id: Text = ""  # ours: the source song of a clip
    split: Text = ""  # ours: a split given with the data
    time_code: Text = ""  # ours: the encoding, when the writer knows it


def read_manifest(path: Path, log: ProblemLog, text: str | None = None) -> ManifestRow:
    """Read one manifest; fields that cannot be used go to `log`.

    Raises
    ------
    UnreadableFileError, ManifestError : nothing of the file can be used.
    """
    value = load_yaml(path, read_text(path) if text is None else text)
    if not isinstance(value, dict):
        found = "an empty file" if value is None else f"a {type(value).__name__}"
        raise ManifestError(f"{path.name}: found {found}, expected a song manifest with fields such as title and bpm")
    data = {str(key): item for key, item in value.items()}
    if not ({"title", "manifest_id", "audio_tracks", "structure", "bpm"} & set(data)):
        raise ManifestError(
            f"{path.name}: found {', '.join(list(data)[:4])}, expected a song manifest with title and bpm"
        )
    row = _validate_leniently(data, log)
    for name in row.model_extra or {}:
        log.add("field-unknown", f"unknown field '{name}'", "left it alone", at=(name,), severity="info")
    return row


def parse_key(row: ManifestRow, log: ProblemLog) -> Key | None:
    """Key of the song, None when there is none or it cannot be read."""
    if not row.key.strip():
        return None
    try:
        return Key.parse(row.key)
    except InvalidKeyError as err:
        log.add("key-unreadable", str(err), "went on without a key", at=("key",))
        return None


def parse_meter(row: ManifestRow, log: ProblemLog) -> Meter | None:
    """Meter of the song, None when there is none or it cannot be read."""
    if row.tempo is None or row.tempo == "":
        return None
    try:
        meter = Meter.from_value(row.tempo)
    except MeterError as err:
        log.add("meter-unreadable", str(err), "went on without a meter", at=("tempo",))
        return None
    if meter.denominator > 16 or not meter.is_midi:
        log.add(
            "meter-unusual",
            f"meter {meter}: legal and rare, a bar is {float(meter.beats_per_bar):g} quarter notes",
            "kept it exactly; beats are checked on the grid that bars and quarters share",
            at=("tempo",),
            severity="info",
        )
    return meter


def _validate_leniently(data: dict[str, Any], log: ProblemLog) -> ManifestRow:
    """Check the fields; drop and report each that is wrong, innermost first, until the rest stands."""
    for _ in range(200):
        try:
            return ManifestRow.model_validate(data)
        except ValidationError as err:
            for problem in err.errors(include_url=False):
                place = tuple(step for step in problem["loc"] if isinstance(step, int | str))
                _drop(data, place)
                where = ".".join(str(step) for step in place)
                log.add(
                    "field-wrong", f"{where}: found {problem['input']!r:.80}, {problem['msg']}", "left it out", at=place
                )
    raise ManifestError(f"{log.file}: more than 200 wrong fields; is this a song manifest?")


def _drop(data: Any, place: tuple[int | str, ...]) -> None:
    """Set the innermost value that exists along `place` to None, which every field accepts."""
    holder, last = data, place[0]
    for step in place[1:]:
        inner = holder[last]
        if not _has(inner, step):
            break
        holder, last = inner, step
    holder[last] = None


def _has(holder: Any, step: int | str) -> bool:
    if isinstance(holder, dict):
        return step in holder
    return isinstance(holder, list) and isinstance(step, int) and step < len(holder)
