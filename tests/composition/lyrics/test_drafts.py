import pytest

from whitelight.composition.lyrics import read_edits, record_edit, words_of
from whitelight.composition.lyrics.drafts import DRAFTS_FILE
from whitelight.composition.review import ReviewError

DRAFT = "The lamp is turning slow\nA stranger waits below\n"
EDITED = "The lamp is turning low\n\n“I’m here”: a stranger — waits, below\n"


def test_an_edit_is_kept_as_a_pair_with_its_melody(tmp_path, sung):
    context = sung()
    entry = record_edit(tmp_path, "verse-g0-12", draft=DRAFT, edited=EDITED, context=context)
    assert entry is not None
    (read,) = read_edits(tmp_path)
    assert read["draft"] == DRAFT.strip()
    assert read["edited"] == EDITED.strip()
    assert len(read["melody"]["notes"]) == len(context.notes_of("melody"))
    assert read["fit"]["draft"]["lines"] == 2
    assert (read["candidate"], read["role"]) == ("verse-g0-12", "verse")


def test_the_same_edit_is_recorded_once_and_a_humans_notes_stay(tmp_path, sung):
    context = sung()
    record_edit(tmp_path, "a", draft=DRAFT, edited=EDITED, context=context)
    path = tmp_path / DRAFTS_FILE
    path.write_text(path.read_text() + "  # I like this one\n")
    before = path.read_text()
    assert record_edit(tmp_path, "a", draft=DRAFT, edited=EDITED + "\n", context=context) is None
    assert path.read_text() == before
    record_edit(tmp_path, "a", draft=DRAFT, edited="Something else\n", context=context)
    assert "# I like this one" in path.read_text()
    assert [entry["edited"] for entry in read_edits(tmp_path)] == [EDITED.strip(), "Something else"]


def test_no_edit_is_no_pair(tmp_path, sung):
    assert record_edit(tmp_path, "a", draft=DRAFT, edited=DRAFT.replace("\n", "  \r\n"), context=sung()) is None
    assert not (tmp_path / DRAFTS_FILE).exists()
    assert read_edits(tmp_path) == []


def test_a_broken_file_is_left_alone(tmp_path, sung):
    path = tmp_path / DRAFTS_FILE
    path.write_text("candidates: [oops\n")
    with pytest.raises(ReviewError):
        record_edit(tmp_path, "a", draft=DRAFT, edited=EDITED, context=sung())
    assert path.read_text() == "candidates: [oops\n"


def test_the_edited_file_wins(tmp_path):
    path = tmp_path / "verse.txt"
    assert words_of(path, DRAFT) == DRAFT
    path.write_text(" \n")
    assert words_of(path, DRAFT) == DRAFT
    path.write_text(EDITED)
    assert words_of(path, DRAFT) == EDITED
