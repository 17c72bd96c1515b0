"""`lyrics.lrc`: the words of the song, one line where one is sung, with the time its first syllable begins."""

from collections.abc import Iterator, Sequence

from whitelight.composition.arrangement.song import Song
from whitelight.composition.exports.lead_line import SungSyllable, sung_syllables

LINE_GAP_BEATS = 1.0  # a rest of a quarter note ends a line
_NEVER_FIRST = ("I", "I'", "I’")  # capitals that begin no line


def to_lrc(song: Song) -> str:
    """Return the words of a song as LRC; "" for a song without words."""
    lines = list(sung_lines(song))
    if not lines:
        return ""
    title = " ".join(song.sheet.title.replace("]", ")").split())
    minutes, seconds = divmod(round(song.piece.duration_s), 60)
    header = [f"[ti:{title}]", f"[length:{minutes:02d}:{seconds:02d}]", "[re:whitelight]"]
    to_seconds = song.piece.tempo_map.ticks_to_seconds
    return "\n".join([*header, *(f"{_stamp(to_seconds(tick))}{words}" for tick, words in lines)]) + "\n"


def sung_lines(song: Song) -> Iterator[tuple[int, str]]:
    """Every sung line: its first tick and its words."""
    line: list[SungSyllable] = []
    for sung in sung_syllables(song):
        if line and _begins_line(sung, line[-1], song.piece.ticks_per_beat):
            yield line[0].tick, _words(line)
            line = []
        line.append(sung)
    if line:
        yield line[0].tick, _words(line)


def _begins_line(sung: SungSyllable, before: SungSyllable, ticks_per_beat: int) -> bool:
    """Whether a syllable begins a line: another block, a rest before it, or a capital, which lines are written with."""
    begins_word = sung.syllable.syllabic in ("single", "begin")
    text = sung.syllable.text
    is_capital = text[:1].isupper() and text != "I" and not text.startswith(_NEVER_FIRST[1:])
    has_rest = sung.tick - before.end_tick >= LINE_GAP_BEATS * ticks_per_beat
    return sung.block != before.block or (begins_word and (has_rest or is_capital))


def _words(line: Sequence[SungSyllable]) -> str:
    text = ""
    for sung in line:
        text += sung.syllable.text + ("" if sung.syllable.syllabic in ("begin", "middle") else " ")
    return text.strip()


def _stamp(seconds: float) -> str:
    hundredths = round(seconds * 100)
    return f"[{hundredths // 6000:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}]"
