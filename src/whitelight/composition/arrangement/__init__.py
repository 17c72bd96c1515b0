"""From approved parts to a song: plan, the human's `arrangement.yml`, one piece; and back from a DAW's own arrangement."""

from whitelight.composition.arrangement.arrangement_file import ARRANGEMENT_FILE, read_arrangement
from whitelight.composition.arrangement.arrangement_writing import write_arrangement
from whitelight.composition.arrangement.assembly import assemble, assemble_song
from whitelight.composition.arrangement.daw_import import ImportedArrangement, read_daw_export
from whitelight.composition.arrangement.daw_reading import DawExportError
from whitelight.composition.arrangement.drift import DriftReport, drift
from whitelight.composition.arrangement.model import ArrangedBlock, Arrangement, ArrangementError, PartUse, StageMix
from whitelight.composition.arrangement.parts import approved_parts
from whitelight.composition.arrangement.planning import plan_arrangement
from whitelight.composition.arrangement.song import Song
from whitelight.composition.arrangement.song_writing import AssemblyReport, write_song

__all__ = [
    "ARRANGEMENT_FILE",
    "ArrangedBlock",
    "Arrangement",
    "ArrangementError",
    "AssemblyReport",
    "DawExportError",
    "DriftReport",
    "ImportedArrangement",
    "PartUse",
    "Song",
    "StageMix",
    "approved_parts",
    "assemble",
    "assemble_song",
    "drift",
    "plan_arrangement",
    "read_arrangement",
    "read_daw_export",
    "write_arrangement",
    "write_song",
]
