import pytest

from whitelight.composition import ReviewError, compose_chords, promote
from whitelight.files import load_yaml


@pytest.fixture
def song(tmp_path, proposal, scorer):
    compose_chords(proposal, scorer=scorer, out=tmp_path, n_candidates=4, n_generations=0)
    return tmp_path


def mark(song, changes: dict[int, dict[str, str]]) -> list[dict]:
    """Edit as text: the n-th entry's fields."""
    path = song / "chords" / "review.yml"
    parts = path.read_text().split("  - id: ")
    for place, fields in changes.items():
        for field, value in fields.items():
            lines = parts[place + 1].split("\n")
            at = next(i for i, line in enumerate(lines) if line.strip().startswith(f"{field}:"))
            lines[at] = f"    {field}: {value}"
            parts[place + 1] = "\n".join(lines)
    path.write_text("  - id: ".join(parts))
    return load_yaml(path)["candidates"]


def test_approved_candidates_are_copied_under_their_label(song):
    listed = mark(song, {0: {"status": "Approved", "label": "First Light!"}, 4: {"status": "APPROVED"}})
    report = promote(song)
    names = ["verse_first-light.mid", f"chorus_{listed[4]['id']}.mid"]
    assert [path.name for path in report] == names
    assert [path.relative_to(song).as_posix() for path in report] == [f"chords/approved/{name}" for name in names]
    for path, entry in zip(report, (listed[0], listed[4]), strict=True):
        assert path.read_bytes() == (song / "chords" / entry["file"]).read_bytes()
    assert report.written == report.approved


def test_promoting_twice_writes_nothing(song):
    mark(song, {1: {"status": "approved", "label": "a"}})
    promote(song)
    before = (song / "chords" / "approved" / "verse_a.mid").stat().st_mtime_ns
    again = promote(song / "chords")
    assert again.written == ()
    assert len(again) == 1
    assert (song / "chords" / "approved" / "verse_a.mid").stat().st_mtime_ns == before


def test_two_of_one_label_are_refused_before_anything_is_written(song):
    listed = mark(
        song,
        {
            0: {"status": "approved", "label": "A"},
            1: {"status": "approved", "label": "b"},
            2: {"status": "approved", "label": "a "},
        },
    )
    with pytest.raises(ReviewError, match=f"{listed[0]['id']}.*{listed[2]['id']}.*another label"):
        promote(song)
    assert not (song / "chords" / "approved").exists()


def test_one_label_in_two_sections_is_fine(song):
    mark(song, {0: {"status": "approved", "label": "A"}, 4: {"status": "approved", "label": "A"}})
    assert len(promote(song)) == 2


def test_what_is_no_longer_approved_stays_and_is_said(song):
    mark(song, {0: {"status": "approved", "label": "a"}})
    promote(song)
    mark(song, {0: {"status": "rejected"}})
    report = promote(song)
    assert len(report) == 0
    assert [path.name for path in report.stale] == ["verse_a.mid"]
    assert (song / "chords" / "approved" / "verse_a.mid").exists()
    assert any("no longer approved" in line for line in report.lines())


def test_a_label_that_moves_to_another_candidate_is_followed(song):
    mark(song, {0: {"status": "approved", "label": "a"}})
    promote(song)
    listed = mark(song, {0: {"status": "undecided"}, 1: {"status": "approved", "label": "a"}})
    report = promote(song)
    assert len(report.written) == 1
    assert (song / "chords" / "approved" / "verse_a.mid").read_bytes() == (
        song / "chords" / listed[1]["file"]
    ).read_bytes()


def test_a_file_edited_in_the_daw_is_never_overwritten(song):
    mark(song, {0: {"status": "approved", "label": "a"}})
    (path,) = promote(song)
    path.write_bytes(b"MThd my own version")
    report = promote(song)
    assert [edited.name for edited in report.edited] == ["verse_a.mid"]
    assert path.read_bytes() == b"MThd my own version"


def test_refusals(song, tmp_path_factory):
    with pytest.raises(ReviewError, match="compose chords first"):
        promote(tmp_path_factory.mktemp("empty"))
    listed = mark(song, {0: {"status": "approved"}})
    (song / "chords" / listed[0]["file"]).unlink()
    with pytest.raises(ReviewError, match="is missing"):
        promote(song)
    mark(song, {0: {"file": "../../etc/passwd"}})
    with pytest.raises(
        ReviewError, match=r"^review\.yml: .*'\.\./\.\./etc/passwd' points outside .*relative to review\.yml$"
    ):
        promote(song)
    assert not (song / "chords" / "approved").exists()
