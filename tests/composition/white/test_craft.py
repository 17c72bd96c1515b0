"""Cut-ups: every note can be found in its source, rules hold through every change, what does not fit is said."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.composition.judging import Judge
from whitelight.composition.scorer import DeafScorer
from whitelight.composition.search import Search, run_generation
from whitelight.composition.white import (
    CUT_STAGES,
    BarOrigin,
    CutUpCraft,
    CutUpGenome,
    NoFittingSourcesError,
    SourcePart,
    cut_up,
    genome_from_dict,
    genome_of,
    is_cut_up,
    rekey_pitch,
)
from whitelight.composition.white.cells import cells
from whitelight.composition.white.drawing import is_repeat
from whitelight.files import load_yaml
from whitelight.music import SCALES, Key, Meter, Notes, read_midi

Row = tuple[int, int, int, int]
SONGS = (("First", "C major", "4/4"), ("Second", "F# minor", "4/4"), ("Third", "Bb lydian", "7/8"),
         ("Fourth", "E phrygian", "6/8"), ("Fifth", "G harmonic minor", "3/4"))  # fmt: skip
TARGETS = ("4/4", "3/4", "7/8", "6/8", "5/4", "5/8", "11/8", "12/8", "2/2")


@pytest.fixture(scope="module")
def sources(make_source: Callable[..., SourcePart]) -> tuple[SourcePart, ...]:
    return tuple(
        make_source(song, key=key, meter=meter, stage=stage, section=section, seed=place)
        for stage in CUT_STAGES
        for place, section in enumerate(("verse_a", "chorus_b"))
        for song, key, meter in SONGS
    )


def recut(
    origins: Sequence[BarOrigin], sources: Sequence[SourcePart], key: Key, meter: Meter, resolution: int
) -> set[Row]:
    """Cut the music again from nothing but sources and provenance; for notes that lie on the grid."""
    rows: set[Row] = set()
    within = dict.fromkeys(range(1, 100), Fraction(0))
    for origin in origins:
        (source,) = [one for one in sources if one.file == origin.file]
        groups = cells(source.meter)
        skipped = sum(groups[: origin.first_group - 1], Fraction(0))
        length = sum(groups[origin.first_group - 1 :][: origin.n_groups], Fraction(0))
        start = (origin.source_bar - 1) * source.meter.beats_per_bar + skipped
        place = (origin.bar - 1) * meter.beats_per_bar + within[origin.bar]
        within[origin.bar] += length
        (midi_track,) = source.piece.midi_tracks
        for onset, duration, pitch, velocity in midi_track.notes.to_rows():
            beat = Fraction(onset, source.piece.ticks_per_beat)
            if start <= beat < start + length:
                moved = pitch if origin.mapping == "" else rekey_pitch(pitch, source.key, key)
                lasts = Fraction(duration, source.piece.ticks_per_beat)
                rows.add((round((place + beat - start) * resolution), round(lasts * resolution), moved, velocity))
    return rows


@settings(max_examples=40)
@given(
    meter=st.sampled_from(TARGETS),
    key=st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES))),
    stage=st.sampled_from(CUT_STAGES),
    n_bars=st.sampled_from((4, 8)),
    seed=st.integers(0, 99),
)
def test_provenance_gives_exactly_the_music(
    *,
    meter: str,
    key: Key,
    stage: str,
    n_bars: int,
    seed: int,
    sources: tuple[SourcePart, ...],
    context_for: Callable[..., Any],
) -> None:
    context = context_for(str(key), meter, n_bars)
    craft = CutUpCraft(context, sources, stage)
    rng = np.random.default_rng(seed)
    genome = craft.mutate(craft.compose(rng), rng)
    piece, origins = craft.piece(genome), craft.origins(genome)
    found = {row for midi_track in piece.midi_tracks for row in midi_track.notes.to_rows()}
    assert found == recut(origins, sources, context.key, context.meter, context.ticks_per_beat)
    assert piece.end_tick == context.end_tick
    assert [origin.bar for origin in origins] == sorted(origin.bar for origin in origins)
    assert {origin.bar for origin in origins} == set(range(1, n_bars + 1))
    assert craft.play(genome_of(origins)).midi == craft.play(genome).midi


@settings(max_examples=40)
@given(
    meter=st.sampled_from(TARGETS),
    stage=st.sampled_from(CUT_STAGES),
    n_bars=st.sampled_from((4, 8)),
    seed=st.integers(0, 999),
)
def test_rules_hold_through_every_change(
    *, meter: str, stage: str, n_bars: int, seed: int, sources: tuple[SourcePart, ...], context_for: Callable[..., Any]
) -> None:
    craft = CutUpCraft(context_for("D dorian", meter, n_bars), sources, stage)
    rng = np.random.default_rng(seed)
    first, second = craft.compose(rng), craft.compose(rng)
    for genome in (first, second, craft.mutate(first, rng), craft.cross(first, second, rng)):
        assert len(genome.plan) == n_bars
        assert sorted(set(genome.plan)) == list(range(len(genome.units)))
        assert not any(is_repeat(genome, place) for place in range(1, n_bars))
        assert len({cut.file.split("/")[0] for unit in genome.units for cut in unit}) >= 2
        assert genome_from_dict(load_yaml_text(genome)) == genome
        played = craft.play(genome)
        assert all(value is None or 0.0 <= value <= 1.0 for value in played.terms.values())
        assert set(played.measures) == set(craft.ranges)


def load_yaml_text(genome: CutUpGenome) -> dict[str, Any]:
    value: dict[str, Any] = load_yaml(Path("genome.json"), genome.to_json())
    assert is_cut_up(value)
    return value


def test_a_section_recalls_and_the_same_seed_gives_the_same(
    sources: tuple[SourcePart, ...], context_for: Callable[..., Any]
) -> None:
    context = context_for("D dorian", "4/4")
    cuts = [cut_up(sources, context, np.random.default_rng(7), stage="chords") for _ in range(2)]
    assert cuts[0].genome == cuts[1].genome
    assert cuts[0].piece.midi_tracks == cuts[1].piece.midi_tracks
    assert len(cuts[0].genome.units) < 8
    assert any(origin.is_recalled for origin in cuts[0].origins)


def test_one_bar_alone_is_recalled_throughout(
    make_source: Callable[..., SourcePart], context_for: Callable[..., Any]
) -> None:
    craft = CutUpCraft(context_for(n_bars=4), [make_source(n_bars=1)], "melody")
    rng = np.random.default_rng(0)
    genome = craft.compose(rng)
    assert genome.plan == (0, 0, 0, 0)
    assert craft.mutate(genome, rng).plan == (0, 0, 0, 0)
    assert craft.play(genome).terms["sources"] is None


def test_drums_are_untouched_and_pitched_parts_lie_in_the_key(
    sources: tuple[SourcePart, ...], context_for: Callable[..., Any]
) -> None:
    context = context_for("Eb mixolydian", "4/4")
    drums = cut_up(sources, context, np.random.default_rng(0), stage="drums")
    assert {int(pitch) for pitch in drums.piece.all_notes().pitch} <= {36, 38, 42}
    assert all(midi_track.is_drum for midi_track in drums.piece.midi_tracks)
    assert {origin.mapping for origin in drums.origins} == {""}
    melody = cut_up(sources, context, np.random.default_rng(0), stage="melody")
    assert {int(pitch) % 12 for pitch in melody.piece.all_notes().pitch} <= set(context.key.scale_pitch_classes)
    assert [midi_track.name for midi_track in melody.piece.midi_tracks] == ["Melody"]


def test_chords_are_named_anew_and_heard_as_named(
    make_source: Callable[..., SourcePart], context_for: Callable[..., Any]
) -> None:
    rows = [(bar * 1920, 1920, pitch, 70) for bar in range(4) for pitch in ((60, 64, 67), (65, 69, 72))[bar % 2]]
    source = make_source(stage="chords", n_bars=4, rows=rows)  # C F C F in C major
    context = context_for("D dorian", "4/4", 4)
    cut = cut_up([source], context, np.random.default_rng(0), stage="chords")
    assert {marker.text for marker in cut.piece.markers[1:]} <= {"Dm", "G"}
    heard = context_for("D dorian", "4/4", 4, heard={"chords": cut.piece}).chords
    assert {chord.symbol for chord in heard} <= {"Dm", "G"}


def test_notes_over_a_seam_end_there_unless_the_source_goes_on(
    make_source: Callable[..., SourcePart], context_for: Callable[..., Any]
) -> None:
    rows = [(0, 1920, 60, 80), (1440, 960, 64, 81), (3840, 1920, 67, 82)]  # the second is held over a bar line
    source = make_source(n_bars=3, rows=rows)
    craft = CutUpCraft(context_for("C major", "4/4", 4), [source], "melody")
    bar = {cut.bar: (cut,) for cut in craft.library.materials}
    tied = craft.piece(CutUpGenome((bar[0], bar[1], bar[2]), (0, 1, 2, 2))).all_notes().to_rows()
    assert (1440, 960, 64, 81) in tied
    cut = craft.piece(CutUpGenome((bar[0], bar[2], bar[1]), (0, 1, 2, 0))).all_notes()
    assert (1440, 480, 64, 81) in cut.to_rows()
    assert (3840, 480, 64, 81) in cut.to_rows()  # tied in from a bar that is not there: struck anew
    assert cut.last_tick <= 4 * 1920


def test_a_note_that_comes_early_opens_the_next_bar(
    make_source: Callable[..., SourcePart], context_for: Callable[..., Any]
) -> None:
    rows = [(0, 1900, 60, 80), (1900, 1000, 64, 81), (3840, 1930, 65, 82)]  # 20 ticks before the bar, 10 after
    craft = CutUpCraft(context_for("C major", "4/4", 4), [make_source(n_bars=3, rows=rows)], "melody")
    bar = {cut.bar: (cut,) for cut in craft.library.materials}
    found = craft.piece(CutUpGenome((bar[1], bar[0]), (0, 1, 0, 1))).all_notes()
    assert found.to_rows()[:2] == [(0, 980, 64, 81), (1920, 1900, 60, 80)]


@pytest.mark.parametrize("ticks_per_beat", [96, 220, 960])
def test_a_source_of_another_resolution(
    ticks_per_beat: int, make_source: Callable[..., SourcePart], context_for: Callable[..., Any]
) -> None:
    craft = CutUpCraft(context_for("C major", "4/4", 4), [make_source(ticks_per_beat=ticks_per_beat)], "melody")
    onsets = craft.piece(craft.compose(np.random.default_rng(0))).all_notes().onset_tick
    assert set(np.diff(onsets).tolist()) == {craft.context.ticks_per_beat}


def test_what_does_not_fit_is_refused_with_a_reason(
    make_source: Callable[..., SourcePart], context_for: Callable[..., Any]
) -> None:
    odd, plain = make_source("Odd", meter="9/16"), make_source("Plain", stage="melody")
    other, waltz = make_source("Other", key="A minor"), make_source("Waltz", meter="3/4")
    silent = make_source("Silent", rows=[(0, 1, 60, 60)], n_bars=0)
    cut = cut_up([odd, plain, other, waltz, silent], context_for(), np.random.default_rng(0), stage="melody")
    assert dict(cut.refused) == {
        odd.file: "a bar of 9/16 (3+3+3) has neither the length nor groups of 4/4 (1+1+1+1)",
        waltz.file: "bars of 3/4 fit in parts only, and whole bars are there",
        silent.file: "no notes in its bars",
    }
    with pytest.raises(NoFittingSourcesError, match=r"nothing to cut melody in 4/4 from.*neither the length"):
        CutUpCraft(context_for(), [odd], "melody")
    with pytest.raises(NoFittingSourcesError, match="no song has any approved"):
        CutUpCraft(context_for(), [plain], "bass")
    with pytest.raises(NoFittingSourcesError, match="'lyrics' cannot be cut up"):
        CutUpCraft(context_for(), [plain], "lyrics")


def test_what_is_played_is_read_back(
    sources: tuple[SourcePart, ...], context_for: Callable[..., Any], sounded: Callable[[bytes], Any]
) -> None:
    chords = cut_up(sources, context_for("A minor", "7/8"), np.random.default_rng(1), stage="chords")
    context = context_for("A minor", "7/8", heard={"chords": chords.piece})
    craft = CutUpCraft(context, sources, "bass")
    genome = craft.compose(np.random.default_rng(1))
    played = craft.play(genome)
    heard = sounded(played.midi)
    assert heard.hanging == 0
    assert heard.meter == (7, 8)
    assert heard.end_tick == context.end_tick
    assert read_midi(played.midi).all_notes() == craft.piece(genome).all_notes()
    assert played.terms["chord_agreement"] is not None
    facts = craft.facts(genome)
    assert len(facts["cut_from"]) == len(craft.origins(genome))
    assert isinstance(craft.piece(genome).all_notes(), Notes)
    assert craft.again(genome) == genome
    assert (craft.view, CutUpCraft(context, sources, "harmony").view) == ("bass", "full")


def test_a_search_finds_better_ones_than_it_began_with(
    sources: tuple[SourcePart, ...], context_for: Callable[..., Any]
) -> None:
    craft = CutUpCraft(context_for("A minor", "4/4"), sources, "chords")
    search = Search[CutUpGenome](craft, np.random.default_rng(0))
    judge = Judge(DeafScorer(), None)
    generations = [run_generation(search, judge, 30) for _ in range(4)]
    best = [max(one.fitness for one in generation) for generation in generations]
    assert max(best[1:]) > best[0] + 0.2  # in standard deviations of the first generation
    assert search.weights is not None
    assert {name for name, weight in search.weights.theory.items() if weight.weight} >= {"seams", "sources", "recall"}
