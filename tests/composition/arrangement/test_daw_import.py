"""Arrangements of a DAW: three real ones, and hand-made ones for every form, meter and mistake."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.composition.arrangement import DawExportError, read_daw_export
from whitelight.composition.arrangement.daw_import import ImportedArrangement
from whitelight.music import Meter

FOUR, SEVEN = Meter(4, 4), Meter.parse("7/8")


def read(tmp_path: Path, text: str, meter: Meter = FOUR, tempo_bpm: float = 120.0) -> ImportedArrangement:
    path = tmp_path / "export.txt"
    path.write_text(text)
    return read_daw_export(path, meter=meter, tempo_bpm=tempo_bpm)


@pytest.mark.parametrize(
    ("name", "meter", "tempo_bpm", "expected"),
    [
        ("green_smpte", "3/4", 60, ("end", 84, 100)),
        ("orange_bars", "7/8", 91, ("length", 83, 62)),
        ("yellow_bars", "4/4", 120, ("end", 140, 89)),
    ],
)
def test_the_real_ones_have_the_right_bars(
    shared_data: Path, name: str, meter: str, tempo_bpm: float, expected: tuple[str, int, int]
) -> None:
    path = shared_data / "arrangements" / f"{name}.txt"
    imported = read_daw_export(path, meter=Meter.parse(meter), tempo_bpm=tempo_bpm)
    assert (imported.export.last_field, imported.n_bars, len(imported.clips)) == expected
    assert imported.arrangement.n_bars == imported.n_bars
    assert imported.problems == ()


def test_orange_counts_its_last_column_as_bars(shared_data: Path) -> None:
    path = shared_data / "arrangements" / "orange_bars.txt"
    imported = read_daw_export(path, meter=SEVEN, tempo_bpm=91)
    assert [block.n_bars for block in imported.arrangement.blocks[:5]] == [5, 5, 5, 4, 4]
    third = imported.arrangement.blocks[2]
    assert {(use.stage, use.part) for use in third.uses} == {
        ("chords", "slow_learner"),
        ("drums", "slow_learner"),
        ("bass", "slow_learner_alternate"),
        ("melody", "slow_learner_alternate"),
    }


def test_green_has_two_songs_at_once(shared_data: Path) -> None:
    path = shared_data / "arrangements" / "green_smpte.txt"
    imported = read_daw_export(path, meter=Meter(3, 4), tempo_bpm=60)
    by_clip = {(c.clip.line, c.stage): (c.clip.start_bar, c.clip.n_bars) for c in imported.clips}
    assert by_clip[2, "drums"] == (0, 4)
    assert by_clip[13, "chords"] == (10, 1)
    fourth = imported.arrangement.blocks[3]
    assert ("melody", "honey", 2) in {(use.stage, use.part, use.from_bar) for use in fourth.uses}


def test_green_read_at_a_wrong_meter_says_so(shared_data: Path) -> None:
    path = shared_data / "arrangements" / "green_smpte.txt"
    imported = read_daw_export(path, meter=FOUR, tempo_bpm=60)
    assert "do not begin and end on bar lines of 4/4 at 60 bpm" in imported.problems[0]


def test_a_zero_makes_it_a_length(tmp_path: Path) -> None:
    imported = read(tmp_path, "1 1 1 1\tverse\t1\t4 0 0 0\n9 1 1 1\tverse\t1\t8 0 0 0\n")
    assert imported.export.last_field == "length"
    assert [(c.clip.start_bar, c.clip.n_bars) for c in imported.clips] == [(0, 4), (8, 8)]
    assert [(b.name, b.n_bars) for b in imported.arrangement.blocks] == [("verse 1", 4), ("silence", 4), ("verse 2", 8)]


def test_without_a_zero_the_seams_decide(tmp_path: Path) -> None:
    as_end = read(tmp_path, "1 1 1 1\ta\t1\t5 1 1 1\n5 1 1 1\tb\t1\t9 1 1 1\n")
    assert as_end.export.last_field == "end"
    assert as_end.n_bars == 8
    lines = ["1 1 1 1\ta\t1\t4 1 1 1", "5 2 2 2\tb\t1\t4 1 1 1", "9 3 3 3\tc\t1\t4 1 1 1"]
    as_length = read(tmp_path, "\n".join(lines))
    assert as_length.export.last_field == "length"
    assert as_length.clips[0].clip.end_bar == as_length.clips[1].clip.start_bar


def test_one_clip_alone_is_a_position_when_it_may_be_one(tmp_path: Path) -> None:
    assert read(tmp_path, "1 1 1 1, verse, 1, 9 1 1 1\n").n_bars == 8


def test_a_name_may_have_commas(tmp_path: Path) -> None:
    imported = read(tmp_path, "1 1 1 1, drums, loud, and long, 2, 9 1 1 1\n")
    assert (imported.export.clips[0].name, imported.export.clips[0].track) == ("drums, loud, and long", "2")


@pytest.mark.parametrize(
    ("meter", "position", "bars"),
    [
        ("7/8", "3 1 1 1", 2),
        ("7/8", "1 4 1 1", Fraction(3, 7)),
        ("7/8", "1 4 2 1", Fraction(7, 14)),
        ("6/8", "2 4 1 1", Fraction(3, 2)),
        ("4/4", "1 1 3 121", Fraction(5, 32)),
        ("5/4", "1 1 4 1", Fraction(3, 20)),
        ("11/16", "1 12 1 1", None),
    ],
)
def test_places_within_a_bar(tmp_path: Path, meter: str, position: str, bars: Fraction | None) -> None:
    text = f"{position}\tverse\t1\t1 0 0 0\n"
    if bars is None:
        with pytest.raises(DawExportError, match="beat 12 in 11/16; expected 1 to 11"):
            read(tmp_path, text, Meter.parse(meter))
        return
    assert read(tmp_path, text, Meter.parse(meter)).clips[0].clip.start_bar == bars


@settings(max_examples=30)
@given(
    lengths=st.lists(st.integers(1, 32), min_size=2, max_size=12),
    meter=st.sampled_from(["4/4", "7/8", "3/4", "5/8", "6/8"]),
    tempo_bpm=st.sampled_from([60.0, 91.0, 96.5, 131.7]),
)
def test_all_three_forms_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], meter: str, tempo_bpm: float
) -> None:
    folder, stated = tmp_path_factory.mktemp("forms"), Meter.parse(meter)
    bar_s = float(stated.beats_per_bar) * 60 / tempo_bpm
    texts = {"length": "", "end": "", "smpte": ""}
    bar = 0
    for n in lengths:
        texts["length"] += f" {bar + 1} 1 1 1 \tdrums_verse\t2\t{n} 0 0 0\n"
        texts["end"] += f"{bar + 1} 1 1 1 \tdrums_verse\t2\t{bar + n + 1} 1 1 1\n"
        texts["smpte"] += f"{smpte(bar * bar_s)}\tdrums_verse\t2\t{smpte((bar + n) * bar_s)}\n"
        bar += n
    for form, text in texts.items():
        imported = read(folder, text, stated, tempo_bpm)
        assert [clip.clip.n_bars for clip in imported.clips] == lengths, form
        assert imported.arrangement.n_bars == bar
        assert imported.export.last_field == ("length" if form == "length" else "end")
        assert not imported.problems


def smpte(seconds: float, frame_rate: int = 25) -> str:
    subframes = round((3600 + seconds) * frame_rate * 80)
    frames, subframes = divmod(subframes, 80)
    whole, frames = divmod(frames, frame_rate)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}:{frames:02d}.{subframes:02d}"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("1 1 1 1\tverse\t1\t4 0 0 0\n5 1 1 1\tverse\t1\n", 2, "line 2: 3 fields; expected start, clip, track"),
        ("1 1 1 1\tverse\t1\t4 0 0 0\nfive\tverse\t1\t4 0 0 0\n", 2, "'five' is no position; expected bar, beat"),
        ("1 1 1 1\tverse\t1\t4 0 0 0\n01:00:00:00\tverse\t1\t4 0 0 0\n", 2, "as in the first line"),
        ("01:00:00:00.00\tverse\t1\t01:00:99\n", 1, "expected SMPTE time"),
        ("1 5 1 1\tverse\t1\t4 0 0 0\n", 1, "beat 5 in 4/4; expected 1 to 4"),
        ("0 1 1 1\tverse\t1\t4 0 0 0\n", 1, "bar 0 in 4/4"),
        ("1 1 1 1\tverse\t1\t4 7 0 0\n", 1, "beat 7 in 4/4; expected 0 to 4"),
        ("1 1 1 1\tverse\t1\t0 0 0 0\n", 1, "'verse' has no length"),
        ("\n# nothing\n", 0, "no clips in it"),
        ("1 1 1 1\ta\t1\t1 0 0 0\n" * 5001, 0, "5,001 clips, expected at most 5,000"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(DawExportError, match=said) as caught:
        read(tmp_path, text)
    assert caught.value.line == line
