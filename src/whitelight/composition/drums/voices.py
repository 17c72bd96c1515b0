"""Drum voices: General MIDI notes by name, the lanes of a pattern, and which limb plays what."""

from collections.abc import Sequence

LANES = ("kick", "snare", "ghost", "time", "open", "foot", "color")
HAND_LANES = ("snare", "open", "time", "color", "ghost")  # what two hands give up last comes first
NOTES = {  # General MIDI level 1 percussion
    "kick": 36,
    "stick": 37,
    "snare": 38,
    "clap": 39,
    "tom_low": 43,
    "hat": 42,
    "foot": 44,
    "tom_mid": 45,
    "open": 46,
    "tom_high": 48,
    "crash": 49,
    "ride": 51,
    "bell": 53,
    "tambourine": 54,
    "cowbell": 56,
    "bongo_high": 60,
    "conga_mute": 62,
    "conga_open": 63,
    "conga_low": 64,
    "cabasa": 69,
    "shaker": 70,
    "claves": 75,
    "woodblock": 76,
    "triangle": 81,
}
TOMS = ("tom_high", "tom_mid", "tom_low")
CYMBALS = ("hat", "open", "ride", "bell", "crash")
SWISHED = ("shaker", "cabasa", "tambourine")  # time keepers without metal on a stand
GHOST_VELOCITY = 50  # softer strokes on the snare are ghosts
_HEARD_AS = {
    "kick": (35, 36),
    "snare": (37, 38, 39, 40),
    "time": (42, 22, 51, 59, 53, 54, 69, 70, 82),
    "open": (46, 26),
    "foot": (44,),
}
SNARE_NOTES = _HEARD_AS["snare"]
LANE_OF_NOTE = {note: lane for lane, notes in _HEARD_AS.items() for note in notes}
CRASH_NOTES = (49, 52, 55, 57)
TOM_NOTES = (41, 43, 45, 47, 48, 50)
NAME_OF_NOTE = {note: name for name, note in NOTES.items()} | {
    35: "kick", 40: "snare", 22: "hat", 26: "open", 59: "ride", 57: "crash", 52: "crash", 55: "crash", 50: "tom_high",
    47: "tom_mid", 41: "tom_low", 58: "tom_low", 61: "bongo_high", 82: "shaker",
}  # fmt: skip


def lane_of(note: int, velocity: int) -> str:
    """Lane in which a note is heard: "crash" and "tom" have none of their own in a pattern, other things are color."""
    if note in CRASH_NOTES:
        return "crash"
    if note in TOM_NOTES:
        return "tom"
    lane = LANE_OF_NOTE.get(note, "color")
    return "ghost" if lane == "snare" and velocity < GHOST_VELOCITY else lane


def spaced(pulses: Sequence[int], least: int, keep: Sequence[int] = ()) -> tuple[int, ...]:
    """Leave out what comes sooner than `least` pulses after the one before; those in `keep` drive others out."""
    chosen: list[int] = []
    for pulse in sorted(pulses):
        if chosen and pulse - chosen[-1] < least:
            if pulse in keep and chosen[-1] not in keep:
                chosen[-1] = pulse
            continue
        chosen.append(pulse)
    return tuple(chosen)
