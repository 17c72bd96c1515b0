from whitelight.composition.melody import STAGE, learn_melody
from whitelight.composition.melody.learning import MIN_NOTES, top_line
from whitelight.composition.melody.tables import in_style, shipped_tables
from whitelight.music import MidiTrack, Notes, Piece, TempoMap

Q = 480


def scale_piece(low: int, *, step: int = 1, per_quarter: int = 1, n: int = 80) -> Piece:
    degrees = [0, 2, 4, 5, 7, 9, 11, 12]
    size = Q // per_quarter
    rows = [(i * size, size - 20, low + degrees[(i * step) % 8], 80) for i in range(n)]
    return Piece(Q, TempoMap.constant(120, Q), midi_tracks=(MidiTrack("Melody", notes=Notes.from_rows(rows)),))


def test_a_style_is_statistics() -> None:
    style = learn_melody([scale_piece(60), scale_piece(60)])
    assert style is not None
    assert (style.low, style.high) == (60.0, 72.0)
    assert style.steps > 0.8 > style.leaps
    assert style.off_beat == 0.0
    assert 1.9 < style.notes_per_s < 2.3
    assert style.n_notes == 160
    busy = learn_melody([scale_piece(60, per_quarter=2)])
    assert busy is not None
    assert busy.off_beat == 0.5


def test_too_little_teaches_nothing() -> None:
    assert learn_melody([]) is None
    assert learn_melody([scale_piece(60, n=MIN_NOTES - 1)]) is None


def test_of_a_chord_the_top_is_the_melody() -> None:
    notes = Notes.from_rows([(0, 10, 60, 80), (0, 10, 67, 80), (20, 10, 62, 80)])
    assert top_line(notes).pitch.tolist() == [67, 62]


def test_a_style_moves_register_and_steps(section_for) -> None:
    low, high = learn_melody([scale_piece(48)]), learn_melody([scale_piece(72, step=3)])
    assert low is not None
    assert high is not None
    crafts = [STAGE.craft(section_for("C major"), style) for style in (low, None, high)]
    assert crafts[0].setting.center < crafts[1].setting.center < crafts[2].setting.center
    stepping, leaping = in_style(shipped_tables(), low), in_style(shipped_tables(), high)
    assert stepping.moves[1] > shipped_tables().moves[1] > leaping.moves[1]
