"""What the bass stage learns from played parts."""

from pathlib import Path

import numpy as np
import pytest

from whitelight.catalog import read_catalog
from whitelight.composition.bass import STAGE, bass_style_of_classes, learn_bass
from whitelight.dataset import build_dataset
from whitelight.music import Meter, MeterChange, MidiTrack, Notes, Piece, TempoMap, read_midi, write_midi


def bass_part(figure, n_bars=8, meter="4/4", program=33):
    """Bars of (pulse, pitch), notes of an eighth."""
    size = Meter.parse(meter).bar_ticks(480)
    rows = [(bar * size + pulse * 120, 200, pitch, 80) for bar in range(n_bars) for pulse, pitch in figure]
    track = MidiTrack("bass", program=program, notes=Notes.from_rows(rows))
    changes = (MeterChange(0, Meter.parse(meter)),)
    return Piece(480, TempoMap.constant(120), changes, midi_tracks=(track,), end_tick=n_bars * size)


FIGURES = {
    "octave": [(0, 40), (2, 52), (4, 40), (6, 52), (8, 40), (10, 52), (12, 40), (14, 52)],
    "pedal": [(p, 43) for p in range(0, 16, 2)],
    "roots": [(0, 43), (8, 43)],
    "sustained": [(0, 43)],
    "walking": [(0, 40), (4, 42), (8, 43), (12, 42)],
    "root-fifth": [(0, 43), (8, 50)],
}


@pytest.mark.parametrize("style", sorted(FIGURES))
def test_a_figure_has_its_style(style):
    (habit,) = learn_bass([bass_part(FIGURES[style])]).habits
    assert habit.style == style
    assert habit.notes_per_s == pytest.approx(len(FIGURES[style]) / 2)


def test_pace_register_and_onsets_are_learned(context_for):
    style = learn_bass([bass_part([(0, 50), (3, 50), (6, 57), (11, 50)], program=38)])
    (habit,) = style.habits
    assert (habit.program, habit.meter, habit.center, habit.onsets[3]) == (38, "4/4", 50, 1.0)
    craft, rng = STAGE.craft(context_for(drums=False), style), np.random.default_rng(0)
    own = [g for g in (craft.compose(rng) for _ in range(40)) if g.program == 38 and g.style == habit.style]
    assert len(own) > 20
    starts = [note.start % 16 for genome in own for note in genome.notes]
    assert np.mean([start in (0, 3, 6, 11, 8) for start in starts]) > 0.75
    for meter in ("7/8", "18/32"):  # and it can be played in any other
        other = STAGE.craft(context_for(meter), style)
        other.play(other.compose(np.random.default_rng(0)))


def test_nothing_to_hear():
    assert learn_bass([]) is None
    assert learn_bass([bass_part([(0, 40)], n_bars=3)]) is None


def write_song(root: Path, song_id: str, letter: str, part: Piece) -> None:
    folder = root / song_id
    folder.mkdir(parents=True)
    (folder / "bass.mid").write_bytes(write_midi(part))
    (folder / f"{song_id}.yml").write_text(
        f"manifest_id: '{song_id}'\nbpm: 120\ntempo: 4/4\nkey: C major\nrainbow_color: {letter}\ntitle: T\n"
        "TRT: '[00:48.000]'\nstructure: []\n"
        "audio_tracks: [{id: 1, description: bass, midi_file: bass.mid}]\n"
    )


def test_a_class_is_heard_in_a_dataset(tmp_path):
    write_song(tmp_path / "songs", "02_01", "R", bass_part(FIGURES["octave"], 24))
    write_song(tmp_path / "songs", "05_01", "G", bass_part(FIGURES["sustained"], 24))
    build_dataset(read_catalog(tmp_path / "songs"), tmp_path / "dataset", policy="whole")
    red, green = (bass_style_of_classes(tmp_path / "dataset", [name]) for name in ("Red", "Green"))
    assert {habit.style for habit in red.habits} == {"octave"}
    assert {habit.style for habit in green.habits} == {"sustained"}
    assert len(bass_style_of_classes(tmp_path / "dataset", []).habits) == len(red.habits) + len(green.habits)


def test_a_written_line_is_heard_again(context_for):
    craft = STAGE.craft(context_for(drums=False), None)
    genome = craft.compose(np.random.default_rng(1))
    (habit,) = learn_bass([read_midi(craft.play(genome).midi)]).habits
    assert habit.center == np.median([note.pitch for note in genome.notes])
    assert habit.program == genome.program


def test_terms_follow_the_part_that_is_followed(context_for):
    """A catalog's low, quick bass is not told to be a pop bass."""
    style = learn_bass([bass_part([(p, 31) for p in range(0, 16, 2)])])
    craft, rng = STAGE.craft(context_for(energy=0.2, drums=False), style), np.random.default_rng(0)
    genomes = [craft.compose(rng) for _ in range(20)]
    own = [craft.play(g).terms for g in genomes if g.habit == 0]
    assert np.mean([terms["density"] for terms in own]) > 0.7
    assert np.mean([terms["register"] for terms in own]) > 0.6
