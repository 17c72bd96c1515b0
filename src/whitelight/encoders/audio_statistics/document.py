"""The reference of all statistics of sound, written from their table.

``python -m whitelight.encoders.audio_statistics.document docs/audio_statistics.md`` writes it; a test compares it.
"""

import math
import sys
from pathlib import Path

from whitelight.encoders.audio_statistics.encoder import FADED_DB, STATISTICS, WINDOW_S, AudioStatisticsEncoder
from whitelight.encoders.audio_statistics.window import FLOOR, HOP, N_FFT, SAMPLE_RATE, SOUNDING_DB
from whitelight.encoders.sound import MIN_DURATION_S, SILENCE_DBFS
from whitelight.files import write_atomic

INTRODUCTION = f"""# Statistics of sound

{len(STATISTICS)} values of a recording, computed by the encoder `{AudioStatisticsEncoder.name}` (version {AudioStatisticsEncoder.version}) from the sound alone, without a
download. This page is written from the table in the code: do not edit it, run
`python -m whitelight.encoders.audio_statistics.document docs/audio_statistics.md`.

- **Sound** is mixed to mono and resampled to {SAMPLE_RATE:,} Hz. Frames have {N_FFT} samples ({1000 * N_FFT / SAMPLE_RATE:.0f} ms), one every {HOP} ({1000 * HOP / SAMPLE_RATE:.0f} ms).
- **Level**: only the group *level* says how loud a recording is. For all others it is first scaled to an RMS of 1, so that
  turning it up or down changes nothing; their dB are against the mean of the recording, at least {10 * math.log10(FLOOR):.0f}.
- **Windows**: every value is the mean over equal windows of at most {WINDOW_S:.0f} s; windows more than {-FADED_DB:.0f} dB below the mean are left out.
- **Pauses**: frames more than {-SOUNDING_DB:.0f} dB below the mean say nothing about timbre.
- **Nothing to encode**: recordings under {1000 * MIN_DURATION_S:.0f} ms or with an RMS under {SILENCE_DBFS:.0f} dBFS have no vector (`has` is false).
"""


def describe_table() -> str:
    """Return the whole page as Markdown."""
    groups = dict.fromkeys(statistic.group for statistic in STATISTICS)
    return "\n".join([INTRODUCTION, *(_section(group) for group in groups)])


def _section(group: str) -> str:
    members = [statistic for statistic in STATISTICS if statistic.group == group]
    lines = [f"## {group} ({len(members)})", "", "| name | what it says | unit or range |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| `{s.name}` | {s.doc} | {s.unit} |" for s in members), ""])


if __name__ == "__main__":
    write_atomic(Path(sys.argv[1]), describe_table())
