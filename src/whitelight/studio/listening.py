"""Which file is heard when a candidate, an approved part or the song is asked for, and how long it lasts."""

from pathlib import Path

from whitelight.composition.approved import approved_parts
from whitelight.composition.arrangement import assemble_song
from whitelight.composition.arrangement.placing import recounted
from whitelight.composition.exports.export import PREVIEW
from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.files import inside
from whitelight.music import Piece, read_midi
from whitelight.studio.errors import NotThereError
from whitelight.studio.library import known_stage, print_of
from whitelight.studio.reading import read_stage_review
from whitelight.studio.rolls import section_frame
from whitelight.studio.sounds import Sounds, at_tempo

_NOT_HEARD = ("review.yml", "auto.yml", "search.yml", "candidates", "decisions.yml")


def candidate_wav(sounds: Sounds, folder: Path, stage: str, candidate_id: str, tempo_bpm: float | None) -> bytes:
    """A candidate alone as a loop.

    Raises
    ------
    NotThereError : no such stage or candidate, its file is missing, or there is no SoundFont.
    """
    where = folder / known_stage(stage)
    entries = read_stage_review(where).review.entries
    entry = next((entry for entry in entries if entry.candidate_id == candidate_id), None)
    if entry is None:
        raise NotThereError(f"no such candidate in {stage}/{REVIEW_FILE}; load the stage again")
    file = inside(where, entry.file, source=f"{stage}/{REVIEW_FILE}")
    return _loop(sounds, folder, stage, file, section=entry.section, tempo_bpm=tempo_bpm)


def approved_wav(sounds: Sounds, folder: Path, stage: str, name: str, tempo_bpm: float | None) -> bytes:
    """An approved part alone as a loop; raises like `candidate_wav`."""
    sheet = read_song_sheet(folder)
    parts = approved_parts(folder, sheet.form.sections)[known_stage(stage)]
    part = next((part for part in parts if part.file.stem == name), None)
    if part is None:
        raise NotThereError(f"nothing of that name is approved in {stage}; load the stage again")
    return _loop(sounds, folder, stage, part.file, section=part.section, tempo_bpm=tempo_bpm)


def song_wav(sounds: Sounds, folder: Path) -> Path | bytes:
    """The whole song: `preview.wav` while it is newer than what it was made of, else rendered now.

    Raises
    ------
    NoSoundFontError : it would have to be rendered, and there is no SoundFont. WhitelightError : see `assemble_song`.
    """
    seen = print_of(folder)
    made_of = {
        name: when for name, when in seen.items() if name.endswith((".yml", ".mid")) and not name.endswith(_NOT_HEARD)
    }
    preview = folder / PREVIEW
    parts = {name: when for name, when in made_of.items() if name != "song.mid"}
    if PREVIEW in seen and not preview.is_symlink() and all(when[0] <= seen[PREVIEW][0] for when in parts.values()):
        return preview
    return sounds.song((str(folder), repr(sorted(parts.items()))), lambda: assemble_song(folder).piece)


def _loop(sounds: Sounds, folder: Path, stage: str, file: Path, *, section: str, tempo_bpm: float | None) -> bytes:
    if not file.is_file():
        raise NotThereError(f"{stage}: {file.name} is missing; compose again with the same seed to bring it back")
    sheet = read_song_sheet(folder)
    tempo = sheet.tempo_bpm if tempo_bpm is None else tempo_bpm
    seen = file.stat()
    frame = section_frame(sheet, section)
    length = None if frame is None else (frame.ticks_per_beat, frame.end_tick)
    key = (str(file), seen.st_mtime_ns, seen.st_size, seen.st_ino, tempo, length)

    def piece() -> Piece:
        found = read_midi(file)
        ticks, end_tick = length or (found.ticks_per_beat, found.end_tick)
        return at_tempo(found if found.ticks_per_beat == ticks else recounted(found, ticks), tempo, end_tick)

    return sounds.loop(key, stage, piece)
