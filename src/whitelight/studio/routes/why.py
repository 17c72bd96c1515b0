"""Why a candidate scores what it scores."""

from typing import Any

from fastapi import APIRouter

from whitelight.studio.state import StudioDep
from whitelight.studio.why import catalog_of, why

router = APIRouter(prefix="/api")


@router.get("/songs/{song}/stages/{stage}/why/{candidate}")
def explain_candidate(studio: StudioDep, song: str, stage: str, candidate: str) -> dict[str, Any]:
    """Contributions per expert and descriptor, beside the catalog's own distribution."""
    folder = studio.library.place(song).folder
    scorer, model = studio.scorer, studio.settings.model
    distributions = None if model is None else catalog_of(model, studio.dataset)
    return why(folder, stage, candidate, scorer=scorer, distributions=distributions)
