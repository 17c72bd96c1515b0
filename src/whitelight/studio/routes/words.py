"""Lyrics: shown on their melody, measured while they are typed, saved."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StrictStr
from starlette.responses import JSONResponse

from whitelight.composition.lyrics.fitting import MAX_TEXT_LETTERS
from whitelight.studio.routes.marks import ClientName
from whitelight.studio.state import StudioDep
from whitelight.studio.words import find_words, words_document
from whitelight.studio.words_saving import save_words

router = APIRouter(prefix="/api/songs/{song}/words/{candidate}")
SongId = Annotated[str, Path(max_length=120)]
CandidateId = Annotated[str, Path(max_length=200)]
Approved = Annotated[int, Query(ge=0, le=1)]
Text = Annotated[StrictStr, Field(max_length=MAX_TEXT_LETTERS)]


class FitRequest(BaseModel):
    """Words as they are being typed."""

    model_config = ConfigDict(extra="forbid")
    text: Text


class SaveRequest(BaseModel):
    """Words to be kept; `before` is what the page showed."""

    model_config = ConfigDict(extra="forbid")
    client: ClientName
    text: Text
    before: Text


@router.get("")
def words(song: SongId, candidate: CandidateId, studio: StudioDep, approved: Approved = 0) -> JSONResponse:
    """The words of a candidate, or of what was approved of it, as `Words`."""
    place = find_words(studio.library.find(song), candidate, approved=bool(approved))
    return JSONResponse(words_document(place))


@router.post("/fit")
def fit(
    song: SongId, candidate: CandidateId, asked: FitRequest, studio: StudioDep, approved: Approved = 0
) -> JSONResponse:
    """How other words would sit on the same melody, as `Words`; nothing is written."""
    place = find_words(studio.library.find(song), candidate, approved=bool(approved))
    return JSONResponse(words_document(place, asked.text))


@router.put("")
def save(
    song: SongId, candidate: CandidateId, asked: SaveRequest, studio: StudioDep, approved: Approved = 0
) -> JSONResponse:
    """Keep the words: as a new candidate, or as the text that is approved; answers `Words` as they stand then."""
    folder = studio.library.find(song)
    saved = save_words(
        folder, candidate, asked.text, asked.before, studio.journal, client=asked.client, approved=bool(approved)
    )
    return JSONResponse(saved | {"history": studio.journal.history(folder, asked.client)})
