"""How words sit on a melody: a note for each syllable, strong syllables on beats, long and high notes.

Where nobody wrote which syllable is sung on which note, syllables and notes are dealt to one another evenly and in order;
with as many of the one as of the other that is one to one.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whitelight.encoders.prosody import scan_lines
from whitelight.music import Notes

SETTING = (
    "notes per syllable",
    "strong syllables on beats",
    "strong syllables on longer notes",
    "strong syllables on higher notes",
    "lines that end on a long note",
)
ON_BEAT = 0.1  # of a beat; singers and swing come that early or late


def measure_setting(text: str, melody: Notes, ticks_per_beat: int, language: str = "en_US") -> dict[str, float] | None:
    """Return the measures of `SETTING`; None where there are no words or no notes.

    Parameters
    ----------
    melody : of one voice; of notes struck together the highest is sung.

    Returns
    -------
    "notes per syllable" : natural logarithm, 0 for one to one.
    "… on beats" : share on a beat of the strong syllables minus that of the weak, [-1, 1].
    "… on longer notes" : mean of the logarithm of the length, strong minus weak. "… on higher notes" : semitones, so too.
    "lines that end on a long note" : share of the lines whose last note is longer than the median note.
    """
    lines = [[strong for word in line for strong in word.stresses] for line in scan_lines(text, language)]
    strong = np.array([stress for line in lines for stress in line], np.bool_)
    if not len(strong) or not len(melody):
        return None
    onset_tick, duration_ticks, pitch = _top_voice(melody)
    sung = np.arange(len(strong)) * len(onset_tick) // len(strong)  # the note each syllable begins on
    phase = onset_tick[sung] % ticks_per_beat / ticks_per_beat
    length = np.log(duration_ticks)
    last = np.cumsum([len(line) for line in lines]) - 1
    values = (
        np.log(len(onset_tick) / len(strong)),
        _contrast(np.minimum(phase, 1.0 - phase) <= ON_BEAT, strong),
        _contrast(length[sung], strong),
        _contrast(pitch[sung], strong),
        float((length[sung[last]] > np.median(length)).mean()),
    )
    return dict(zip(SETTING, map(float, values), strict=True))


def _top_voice(melody: Notes) -> Sequence[NDArray[np.int64]]:
    """Onset, duration and pitch of the highest note of every onset, in order."""
    order = np.lexsort((-melody.pitch.astype(np.int64), melody.onset_tick))
    first = order[np.unique(melody.onset_tick[order], return_index=True)[1]]
    return [np.asarray(c[first], np.int64) for c in (melody.onset_tick, melody.duration_ticks, melody.pitch)]


def _contrast(values: NDArray[np.generic], strong: NDArray[np.bool_]) -> float:
    """Mean over strong syllables minus mean over weak ones; 0 where there is only one kind."""
    if strong.all() or not strong.any():
        return 0.0
    numbers = values.astype(np.float64)
    return float(numbers[strong].mean() - numbers[~strong].mean())
