"""A candidate as sound, over what was approved before it: how it will be heard in the song."""

from dataclasses import replace
from pathlib import Path

from whitelight.audio import Renderer
from whitelight.composition.approved import approved_parts, part_for
from whitelight.composition.arrangement.placing import recounted
from whitelight.composition.exports.preview import PreviewReport, balanced, write_preview
from whitelight.composition.production import REVIEW_FILE
from whitelight.composition.review import ReviewEntry, read_review
from whitelight.composition.review_text import LIST_KEY
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.composition.stages import STAGE_NAMES, find_stage
from whitelight.errors import WhitelightError
from whitelight.files import inside, load_yaml
from whitelight.music import Piece, read_midi

PREVIEWS_FOLDER = "previews"


class NoSuchCandidateError(WhitelightError):
    """A candidate that is not in the review of its stage."""


def write_candidate_preview(
    folder: Path, stage: str, candidate_id: str, renderer: Renderer, *, alone: bool = False
) -> PreviewReport:
    """Write `<stage>/previews/<id>.wav`.

    Parameters
    ----------
    candidate_id : as `review.yml` calls it. renderer : one for many candidates, since it keeps its notes.
    alone : without what was approved before it.

    Raises
    ------
    UnknownStageError, NoSuchCandidateError, SongSheetError, MidiError, AudioError : what was asked for cannot be played.
    """
    parts = candidate_parts(folder, stage, candidate_id, alone=alone)
    return write_preview(balanced(parts), folder / stage / PREVIEWS_FOLDER / f"{candidate_id}.wav", renderer)


def kept_candidates(folder: Path, stage: str) -> tuple[str, ...]:
    """Ids of the candidates of a stage that were put first, in the order of the review."""
    content = load_yaml(folder / find_stage(stage).name / REVIEW_FILE)
    listed = [item for item in content.get(LIST_KEY) or [] if isinstance(item, dict) and item.get("id")]
    return tuple(str(item["id"]) for item in listed if (item.get("machine") or {}).get("kept"))


def candidate_parts(folder: Path, stage: str, candidate_id: str, *, alone: bool = False) -> dict[str, Piece]:
    """The candidate and the approved parts of the stages before it in its section and variant, by stage.

    All have the ticks, tempo, meter and length of the candidate.
    """
    review = folder / find_stage(stage).name / REVIEW_FILE
    entry = next((entry for entry in read_review(review).entries if entry.candidate_id == candidate_id), None)
    if entry is None:
        raise NoSuchCandidateError(f"{stage}/{REVIEW_FILE}: no candidate '{candidate_id}'; see the ids listed there")
    candidate = read_midi(inside(folder / stage, entry.file, source=f"{stage}/{REVIEW_FILE}"))
    before = {} if alone else _before(folder, stage, entry, candidate)
    return {stage: candidate, **before}


def _before(folder: Path, stage: str, entry: ReviewEntry, candidate: Piece) -> dict[str, Piece]:
    approved = approved_parts(folder, read_song_sheet(folder).form.sections)
    earlier = STAGE_NAMES[: STAGE_NAMES.index(stage)]
    files = {name: part_for(approved, name, entry.section, entry.variant) for name in earlier}
    pieces = {
        name: recounted(read_midi(part.file), candidate.ticks_per_beat)
        for name, part in files.items()
        if part is not None
    }
    return {name: replace(candidate, midi_tracks=piece.midi_tracks) for name, piece in pieces.items()}
