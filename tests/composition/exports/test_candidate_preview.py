"""A candidate is heard over what was approved before it, in its own section and variant."""

import shutil
from pathlib import Path

import pytest

from whitelight.audio import Renderer
from whitelight.composition.exports.candidate_preview import (
    NoSuchCandidateError,
    candidate_parts,
    write_candidate_preview,
)
from whitelight.composition.stages import UnknownStageError
from whitelight.music import read_midi


@pytest.fixture
def reviewed(production: Path) -> Path:
    """The folder with one bass candidate for the second variant of the verse."""
    stage = production / "bass"
    (stage / "candidates").mkdir()
    shutil.copy(stage / "approved" / "verse_b.mid", stage / "candidates" / "verse-g0-1.mid")
    entry = "id: verse-g0-1, section: verse, variant: b, file: candidates/verse-g0-1.mid"
    (stage / "review.yml").write_text(f"candidates:\n  - {{{entry}}}\n")
    return production


def test_it_is_heard_with_the_chords_and_drums_of_its_variant(reviewed: Path) -> None:
    parts = candidate_parts(reviewed, "bass", "verse-g0-1")
    assert list(parts) == ["bass", "chords", "drums"]
    chords = read_midi(reviewed / "chords" / "approved" / "verse_b.mid")
    assert parts["chords"].midi_tracks[0].notes == chords.midi_tracks[0].notes
    assert len({piece.end_tick for piece in parts.values()}) == 1


def test_alone_it_is_alone(reviewed: Path) -> None:
    assert list(candidate_parts(reviewed, "bass", "verse-g0-1", alone=True)) == ["bass"]


def test_it_is_written_beside_the_candidates(reviewed: Path) -> None:
    report = write_candidate_preview(reviewed, "bass", "verse-g0-1", Renderer(), alone=True)
    assert report.file == reviewed / "bass" / "previews" / "verse-g0-1.wav"
    assert report.file.stat().st_size > 100_000


def test_what_is_not_there_is_said(reviewed: Path) -> None:
    with pytest.raises(NoSuchCandidateError, match="no candidate 'verse-g9'"):
        candidate_parts(reviewed, "bass", "verse-g9")
    with pytest.raises(UnknownStageError, match="expected one of chords"):
        candidate_parts(reviewed, "organ", "verse-g0-1")
