"""Who plays: General MIDI programs and the pitches the instruments have."""

from dataclasses import dataclass

from whitelight.composition.harmony.genome import COUNTER_LINE, PAD, EnsembleGenome

PAD_PROGRAMS = (48, 49, 50, 51, 52, 88, 89, 90, 91, 92, 93, 94, 95)  # string ensembles, choir, synthesizer pads
PAD_RANGE = (45, 86)


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument.

    Attributes
    ----------
    name : as people say it. program : General MIDI. low, high : MIDI pitches it plays well.
    """

    name: str
    program: int
    low: int
    high: int


QUARTET_PARTS = (  # from the lowest, as voicings are written
    Instrument("Cello", 42, 36, 62),
    Instrument("Viola", 41, 48, 76),
    Instrument("Violin II", 40, 55, 83),
    Instrument("Violin I", 40, 55, 88),
)
LINE_INSTRUMENTS = {
    one.program: one
    for one in (
        Instrument("Violin", 40, 55, 86),
        Instrument("Viola", 41, 48, 77),
        Instrument("Cello", 42, 38, 70),
        Instrument("Trumpet", 56, 55, 79),
        Instrument("Horn", 60, 43, 72),
        Instrument("Oboe", 68, 59, 84),
        Instrument("Clarinet", 71, 50, 84),
        Instrument("Flute", 73, 60, 90),
    )
}


def playable(genome: EnsembleGenome) -> tuple[int, int]:
    """Lowest and highest pitch of a pad or counter-line."""
    if genome.family == COUNTER_LINE:
        instrument = LINE_INSTRUMENTS[genome.program]
        return instrument.low, instrument.high
    return PAD_RANGE if genome.family == PAD else (QUARTET_PARTS[0].low, QUARTET_PARTS[-1].high)
