"""From approved to used: names of clips understood, what is used, what never, what was never approved."""

from pathlib import Path
from types import ModuleType

import pytest

from whitelight.composition.arrangement import DriftReport, approved_parts, drift, read_daw_export, write_song
from whitelight.composition.arrangement.daw_naming import name_clips
from whitelight.composition.arrangement.daw_reading import DawClip
from whitelight.music import Meter

APPROVED = {
    "chords": {"slow-learner": ("a",), "verse": ("a", "b")},
    "drums": {"slow-learner": ("a", "b"), "verse": ("a", "b", "c")},
    "bass": {"slow-learner": ("a", "b"), "verse": ("a",)},
    "melody": {"verse": ("a", "b")},
}


def named(*clips: tuple[str, str]) -> list[tuple[str, str, bool]]:
    found = name_clips([DawClip(n, name, track, 4 * n, 4) for n, (name, track) in enumerate(clips)], APPROVED)
    return [(clip.stage, clip.part, clip.is_approved) for clip in found]


@pytest.mark.parametrize(
    ("name", "track", "found"),
    [
        ("drum_slow_learner", "2", ("drums", "slow-learner_a", True)),
        ("Bass Slow Learner Alternate", "3", ("bass", "slow-learner_b", True)),
        ("slow_learner", "1", ("chords", "slow-learner_a", True)),
        ("verse_b", "Bass", ("bass", "verse_b", False)),
        ("verse_b", "Chords (piano)", ("chords", "verse_b", True)),
        ("vrese", "Melody", ("melody", "verse_a", True)),
        ("melody_intro", "4", ("melody", "intro", False)),
        ("verse_a_drums", "9", ("drums", "verse_a", True)),
    ],
)
def test_names_are_understood(name: str, track: str, found: tuple[str, str, bool]) -> None:
    assert named((name, track)) == [found]


def test_variants_stand_for_labels_in_order() -> None:
    parts = named(
        ("drums_verse", "2"), ("drums_verse_alt_3", "2"), ("drums_verse_alt", "2"), ("drums_verse_alt_9", "2")
    )
    assert parts == [
        ("drums", "verse_a", True),
        ("drums", "verse_c", True),
        ("drums", "verse_b", True),
        ("drums", "verse_alt_9", False),
    ]


def test_a_plain_name_is_what_its_track_is() -> None:
    assert named(("bass_verse", "5"), ("verse", "5"), ("bass_verse", "5"))[1] == ("bass", "verse_a", True)


@pytest.fixture
def report(production: Path) -> DriftReport:
    write_song(production)
    lines = [
        "1 1 1 1\tverse_a\tChords\t8 0 0 0",
        "1 1 1 1\tbass_verse_a\t3\t8 0 0 0",
        "9 1 1 1\tchorus_b\tChords\t8 0 0 0",
        "9 1 1 1\tdrums chorus b\t2\t6 0 0 0",
        "17 1 1 1\tverse_a\tChords\t8 0 0 0",
        "17 1 1 1\tharmony_choir\t7\t8 0 0 0",
    ]
    path = production / "daw.txt"
    path.write_text("\n".join(lines))
    approved = approved_parts(production)
    return drift(production, read_daw_export(path, meter=Meter(4, 4), tempo_bpm=96, approved=approved))


def test_drift_says_what_is_used_and_what_never(report: DriftReport) -> None:
    assert {(part.stage, part.part, part.n_clips, part.used_bars) for part in report.used} == {
        ("chords", "verse_a", 2, 16.0),
        ("bass", "verse_a", 1, 8.0),
        ("chords", "chorus_b", 1, 8.0),
        ("drums", "chorus_b", 1, 6.0),
    }
    never = {(part.stage, part.part) for part in report.never_used}
    assert len(never) == 6 * 5 - 4
    assert ("melody", "verse_a") in never
    assert [(part.stage, part.part) for part in report.never_approved] == [("harmony", "choir")]


def test_drift_says_what_changed(report: DriftReport) -> None:
    assert [(part.part, part.approved_bars, part.clip_bars) for part in report.other_lengths] == [
        ("chorus_b", 8, (6.0,))
    ]
    assert report.is_reordered
    assert report.used_sections == ("verse", "chorus", "verse")
    assert (report.planned_bars, report.used_bars) == (44, 24)
    said = "\n".join(report.lines())
    for words in (
        "4 of 30 approved parts are used, 26 never",
        "harmony choir: 1 clips, 8 bars",
        "8 bars approved, clips of 6",
    ):
        assert words in said
    assert report.to_dict()["other_lengths"] == ["drums/chorus_b"]


def test_drift_of_a_real_arrangement(shared_data: Path, small_song: ModuleType, tmp_path: Path) -> None:
    names = ("slow_learner", "mineral_museum", "franklinite")
    sections = [{"name": name, "role": "verse", "bars": 4, "energy": 0.5} for name in names]
    form = [{"name": name, "section": name, "variant": 0, "energy": 0.5, "bars": 4} for name in names]
    folder = small_song.make_small_song(
        tmp_path, meter="7/8", sections=sections, form=form, labels=dict.fromkeys(names, ("a", "b", "c"))
    )
    approved = approved_parts(folder)
    path = shared_data / "arrangements" / "orange_bars.txt"
    report = drift(folder, read_daw_export(path, meter=Meter.parse("7/8"), tempo_bpm=91, approved=approved))
    used = {(part.stage, part.part): part for part in report.used}
    assert used["chords", "mineral_museum_a"].n_clips == 6
    assert used["drums", "mineral_museum_b"].n_clips == 3  # "sparse"
    assert used["melody", "mineral_museum_b"].n_clips == 2  # "alternate"
    assert used["melody", "mineral_museum_c"].n_clips == 1  # "plain"
    assert used["bass", "slow_learner_b"].used_bars == 15
    assert report.never_approved == ()
    assert {(part.stage, part.part) for part in report.other_lengths} >= {("chords", "slow_learner_a")}
    assert ("chords", "mineral_museum_a") not in {(part.stage, part.part) for part in report.other_lengths}
    assert report.used_bars == 83
