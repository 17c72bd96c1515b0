"""The arrangement of a song, changed block by block, and the whole song as it sounds now."""

from pathlib import Path as Folder
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from whitelight.composition.arrangement import StageMix
from whitelight.composition.arrangement.arrangement_editing import MAX_BLOCKS
from whitelight.composition.arrangement.arrangement_file import MAX_BLOCK_BARS, MAX_GAIN_DB
from whitelight.composition.arrangement.edit_values import ArrangementEdit, BlockEdit
from whitelight.composition.stages import STAGE_NAMES
from whitelight.studio.arranging import arrangement_document, current_text, save_arrangement
from whitelight.studio.routes.marks import ClientName
from whitelight.studio.song_roll import song_roll
from whitelight.studio.state import Studio, StudioDep

router = APIRouter(prefix="/api/songs/{song}")
SongId = Annotated[str, Path(max_length=120)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
StageKey = Annotated[str, Field(pattern=f"^({'|'.join(STAGE_NAMES)})$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class BlockRequest(_Strict):
    """`ArrangedBlock` of `web/src/types.ts`; `extra` is the server's to say and is not read."""

    name: Name
    section: Name
    bars: Annotated[int, Field(ge=1, le=MAX_BLOCK_BARS)]
    energy: Annotated[float, Field(ge=0, le=1)]
    parts: Annotated[dict[StageKey, Name | None], Field(max_length=len(STAGE_NAMES))]
    extra: bool = False
    origin: Annotated[int, Field(ge=0, lt=MAX_BLOCKS)] | None = None

    def edit(self) -> BlockEdit:
        """The block as composition calls it; a name is one line."""
        name = " ".join(self.name.split()) or self.section
        return BlockEdit(self.origin, name, self.section, self.bars, round(self.energy, 3), self.parts)


class MixRequest(_Strict):
    """Level of one stage."""

    gain_db: Annotated[float, Field(ge=-MAX_GAIN_DB, le=MAX_GAIN_DB)] = 0.0
    mute: bool = False


class ArrangementRequest(_Strict):
    """What PUT is told: the whole arrangement as it is to be, and the version it was made from."""

    client: ClientName
    version: Annotated[str, Field(max_length=80)]
    blocks: Annotated[list[BlockRequest], Field(min_length=1, max_length=MAX_BLOCKS)]
    mix: Annotated[dict[StageKey, MixRequest], Field(max_length=len(STAGE_NAMES))]
    ending: Annotated[str, Field(max_length=20)]

    def edit(self) -> ArrangementEdit:
        """The change as composition calls it."""
        mix = {stage: StageMix(given.gain_db, given.mute) for stage, given in self.mix.items()}
        return ArrangementEdit(tuple(block.edit() for block in self.blocks), mix, self.ending)


@router.get("/arrangement")
def arrangement(song: SongId, studio: StudioDep, client: Annotated[str, Query(max_length=64)] = "") -> JSONResponse:
    """What is arranged, or what would be, as `ArrangementDocument`."""
    return JSONResponse(_document(studio, studio.library.find(song), client))


@router.put("/arrangement")
def arrange(song: SongId, asked: ArrangementRequest, studio: StudioDep) -> JSONResponse:
    """Write a change, if the file is the one the page saw."""
    folder = studio.library.find(song)
    save_arrangement(folder, studio.journal, asked.version, asked.edit(), client=asked.client)
    studio.decisions.record_soon(folder)
    return JSONResponse(_document(studio, folder, asked.client))


@router.get("/song")
def whole_song(song: SongId, studio: StudioDep) -> JSONResponse:
    """The song as it would be assembled now, as `SongRoll`."""
    return JSONResponse(song_roll(studio.library.find(song)))


def _document(studio: Studio, folder: Folder, client: str) -> dict[str, Any]:
    return arrangement_document(folder, current_text(folder), studio.journal.history(folder, client))
