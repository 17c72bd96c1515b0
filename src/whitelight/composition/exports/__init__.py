"""The song as other programs open it: lead sheet, DAW project, timed words, sound."""

from whitelight.composition.exports.candidate_preview import (
    NoSuchCandidateError,
    kept_candidates,
    write_candidate_preview,
)
from whitelight.composition.exports.dawproject import to_dawproject
from whitelight.composition.exports.export import KINDS, ExportReport, UnknownExportError, export_song
from whitelight.composition.exports.lrc import to_lrc
from whitelight.composition.exports.musicxml import to_musicxml
from whitelight.composition.exports.preview import PreviewReport, balanced, write_preview

__all__ = [
    "KINDS",
    "ExportReport",
    "NoSuchCandidateError",
    "PreviewReport",
    "UnknownExportError",
    "balanced",
    "export_song",
    "kept_candidates",
    "to_dawproject",
    "to_lrc",
    "to_musicxml",
    "write_candidate_preview",
    "write_preview",
]
