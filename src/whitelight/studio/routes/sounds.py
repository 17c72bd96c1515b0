"""Rendered sound: candidates and approved parts alone, as loops, and the whole song."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import FileResponse, Response

from whitelight.studio.listening import approved_wav, candidate_wav, song_wav
from whitelight.studio.sounds import MAX_TEMPO_BPM, MIN_TEMPO_BPM
from whitelight.studio.state import StudioDep

router = APIRouter(prefix="/api/songs/{song}/audio")
SongId = Annotated[str, Path(max_length=120)]
StageName = Annotated[str, Path(max_length=20)]
Name = Annotated[str, Path(max_length=200)]
Tempo = Annotated[float | None, Query(ge=MIN_TEMPO_BPM, le=MAX_TEMPO_BPM, allow_inf_nan=False)]
_WAV = "audio/wav"


@router.get("/song.wav")
def song(song: SongId, studio: StudioDep) -> Response:
    """The song as it would be assembled now."""
    found = song_wav(studio.sounds, studio.library.find(song))
    return Response(found, media_type=_WAV) if isinstance(found, bytes) else FileResponse(found, media_type=_WAV)


@router.get("/approved/{stage}/{name}.wav")
def approved(song: SongId, stage: StageName, name: Name, studio: StudioDep, tempo_bpm: Tempo = None) -> Response:
    """An approved part alone."""
    folder = studio.library.find(song)
    return Response(approved_wav(studio.sounds, folder, stage, name, tempo_bpm), media_type=_WAV)


@router.get("/{stage}/{candidate}.wav")
def candidate(song: SongId, stage: StageName, candidate: Name, studio: StudioDep, tempo_bpm: Tempo = None) -> Response:
    """A candidate alone."""
    folder = studio.library.find(song)
    return Response(candidate_wav(studio.sounds, folder, stage, candidate, tempo_bpm), media_type=_WAV)
