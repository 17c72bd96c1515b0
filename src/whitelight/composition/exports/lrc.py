"""`lyrics.lrc`: the words of the song, one line where one is sung (`lyrics.to_lrc` stamps and writes them)."""

from collections.abc import Iterator, Sequence

from whitelight.composition.arrangement.song import Song
from whitelight.composition.exports.lead_line import SungSyllable, sung_syllables
from whitelight.composition.lyrics.lrc import to_lrc as piece_to_lrc

LINE_GAP_BEATS = 1.0  # a rest of a quarter note ends a line
BREATH_BEATS = 0.25  # "I" has its capital anywhere, and begins a line only behind a breath
_CALLS_ITSELF = ("I'", "I’")


def to_lrc(song: Song) -> str:
    """Return the words of a song as LRC; "" for a song without words."""
    return piece_to_lrc(song.piece, list(sung_lines(song)), title=song.sheet.title)


def sung_lines(song: Song) -> Iterator[str]:
    """Every sung line."""
    line: list[SungSyllable] = []
    for sung in sung_syllables(song):
        if line and _begins_line(sung, line[-1], song.piece.ticks_per_beat):
            yield _words(line)
            line = []
        line.append(sung)
    if line:
        yield _words(line)


def _begins_line(sung: SungSyllable, before: SungSyllable, ticks_per_beat: int) -> bool:
    """Whether a syllable begins a line: another block, a rest before it, or a capital, which lines are written with."""
    begins_word = sung.syllable.syllabic in ("single", "begin")
    text = sung.syllable.text
    is_i = text.split()[:1] == ["I"] or text.startswith(_CALLS_ITSELF)
    rest_beats = (sung.tick - before.end_tick) / ticks_per_beat
    is_capital = text[:1].isupper() and (not is_i or rest_beats >= BREATH_BEATS)
    has_rest = rest_beats >= LINE_GAP_BEATS
    return sung.block != before.block or (begins_word and (has_rest or is_capital))


def _words(line: Sequence[SungSyllable]) -> str:
    text = ""
    for sung in line:
        text += sung.syllable.text + ("" if sung.syllable.syllabic in ("begin", "middle") else " ")
    return text.strip()
