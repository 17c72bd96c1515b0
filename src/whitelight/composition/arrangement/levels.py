"""How loud each stage is beside the others, and where it sits between left and right.

The voices of a SoundFont and of the built-in synthesizer are brought to one level (`whitelight.audio`), so these are the
levels of a mix: the voice and the drums carry it, what accompanies lies below. Measured on six composed songs (integrated
loudness of a stage alone, below the whole, median, with a SoundFont): voice 5, melody where nobody sings 4, drums 5, bass 7,
chords 9, harmony 13 LU. `arrangement.yml` changes them.
"""

from dataclasses import dataclass

from whitelight.music import Controls, MidiTrack

VOLUME_CONTROL, PAN_CONTROL = 7, 10
_VOLUME_AT_0_DB, _PAN_CENTER = 100, 64


@dataclass(frozen=True, slots=True)
class Level:
    """Level of a stage: decibels beside the loudest, and pan −1 (left) to 1 (right)."""

    gain_db: float
    pan: float = 0.0


LEVELS = {
    "chords": Level(-8.0, -0.15),
    "drums": Level(-2.5),
    "bass": Level(-2.0),
    "melody": Level(-0.5, 0.08),
    "harmony": Level(-7.5, 0.25),
    "lyrics": Level(1.0),
}
DOUBLED_MELODY_DB = -8.0  # the instrument that plays what is sung
SPREAD = {"Violin I": -0.4, "Violin II": -0.15, "Viola": 0.15, "Cello": 0.35}  # a quartet as it sits


def volume_of(gain_db: float) -> int:
    """MIDI volume of a gain: by its square as General MIDI says, 100 in the middle."""
    return min(max(round(_VOLUME_AT_0_DB * 10 ** (gain_db / 40)), 0), 127)


def leveled(midi_track: MidiTrack, gain_db: float, pan: float) -> MidiTrack:
    """The track with volume and pan stated at its start; what it said of them itself is taken out."""
    controls = midi_track.controls
    kept = (controls.number != VOLUME_CONTROL) & (controls.number != PAN_CONTROL)
    rows = [(0, VOLUME_CONTROL, volume_of(gain_db)), (0, PAN_CONTROL, round(_PAN_CENTER + 63 * pan))]
    columns = (controls.tick[kept].tolist(), controls.number[kept].tolist(), controls.value[kept].tolist())
    rows += list(zip(*columns, strict=True))
    return MidiTrack(
        midi_track.name,
        midi_track.program,
        midi_track.is_drum,
        midi_track.notes,
        midi_track.lyrics,
        Controls.from_rows(rows),
    )
