"""Pitches of a bass line: what sounds below where the chord changes, chord tones on strong beats, steps that lead on.

`settle` keeps every promise, whatever was drawn: at a change the real bass of the chord (also under slash chords), on
strong beats a tone of the chord, elsewhere foreign tones only as steps into the next note, chromatic ones only off the
beat and only as a half step into the next chord.
"""

from collections.abc import Sequence

from whitelight.composition.bass.genome import BassNote
from whitelight.composition.bass.setting import Setting
from whitelight.composition.sounding import SoundingChord

LOWEST, HIGHEST = 28, 62  # E1, the lowest string, to D4
USUAL = (38, 57)  # D2 to A3: 5 to 95 % of bass notes (POP909)
REACH = (6, 9)  # semitones below and above the center that are usual, too: a catalog may play lower or higher
OUTSIDE_COST = 3.0  # semitones of distance that a pitch outside the usual range weighs as, per semitone
LEAP_COST = 0.35
ROOT, TONE, STEP, CHROMATIC, PEDAL = "root", "tone", "step", "chromatic", "pedal"


def nearest(pitch_class: int, center: float, before: int | None = None) -> int:
    """Pitch of a class near a center, and not too far from the note before."""
    low, high = min(USUAL[0], center - REACH[0]), max(USUAL[1], center + REACH[1])
    best, least = LOWEST, 1e9
    for pitch in range(LOWEST + (pitch_class - LOWEST) % 12, HIGHEST + 1, 12):
        outside = max(low - pitch, pitch - high, 0)
        cost = abs(pitch - center) + OUTSIDE_COST * outside
        if before is not None:
            cost += LEAP_COST * max(abs(pitch - before) - 7, 0)
        if cost < least - 1e-9:
            best, least = pitch, cost
    return best


def fifth_of(chord: SoundingChord) -> int:
    """The tone that alternates with the bass: its fifth when the chord has one, else the root or another tone."""
    others = [tone for tone in chord.tones if tone != chord.bass]
    for wanted in ((chord.bass + 7) % 12, chord.root, (chord.root + 7) % 12):
        if wanted in others:
            return wanted
    return others[-1] if others else chord.bass


def scale_step(setting: Setting, target: int, direction: int, chord: SoundingChord) -> int | None:
    """The scale's neighbor of a pitch on one side, unless it grates with a chord that leaves the scale."""
    altered = {tone for tone in chord.tones if tone not in setting.scale}
    for distance in (1, 2):
        pitch = target + direction * distance
        if pitch % 12 in setting.scale and LOWEST <= pitch <= HIGHEST:
            grates = any((pitch - tone) % 12 in (1, 11) for tone in altered)
            return None if grates else pitch
    return None


def closest_tone(chord: SoundingChord, pitch: int, avoid: int | None = None) -> int:
    """The tone of a chord nearest to a pitch, another one than `avoid` when there is one; of two the lower."""
    tones = {*chord.tones, chord.bass}
    near = [p for p in range(pitch - 6, pitch + 7) if p % 12 in tones and LOWEST <= p <= HIGHEST]
    return min(near, key=lambda p: (p == avoid, abs(p - pitch), p))


def settle(notes: Sequence[BassNote], setting: Setting, *, center: int, style: str) -> tuple[BassNote, ...]:
    """Return the line with every promise kept: one voice, its own chord at every change, no sour strong beat."""
    line = _one_voice(_with_changes(notes, setting, center), setting)
    settled: list[BassNote] = []
    for place in range(len(line) - 1, -1, -1):
        note, following = line[place], settled[-1] if settled else None
        pitch, role = _settled(note, following, setting, style)
        settled.append(BassNote(note.start, note.duration, pitch, role))
    return tuple(settled[::-1])


def _settled(note: BassNote, following: BassNote | None, setting: Setting, style: str) -> tuple[int, str]:
    """Pitch and role that a note may have, given the one after it."""
    chord, pitch = setting.chord(note.start), min(max(note.pitch, LOWEST), HIGHEST)
    if note.start == chord.start:
        is_held = style == PEDAL and note.role == PEDAL and pitch % 12 in chord.tones and pitch % 12 != chord.bass
        return (pitch, PEDAL) if is_held else (_snapped(chord.bass, pitch), ROOT)
    role = _foreign_role(note, pitch, following, setting)
    if pitch % 12 not in {*chord.tones, chord.bass} and role is None:
        pitch = closest_tone(chord, pitch, following.pitch if following is not None else None)
    if pitch % 12 == chord.bass:
        return pitch, ROOT
    return pitch, TONE if pitch % 12 in chord.tones else role or STEP


def _foreign_role(note: BassNote, pitch: int, following: BassNote | None, setting: Setting) -> str | None:
    """What a tone outside the chord may be here: a step on, a half step into the next chord, or nothing."""
    if following is None or setting.is_strong(note.start):
        return None
    distance = abs(following.pitch - pitch)
    if pitch % 12 in setting.scale and distance in (1, 2):
        return STEP
    enters = following.start == setting.chord(note.start).end
    return CHROMATIC if enters and distance == 1 and setting.weight(note.start) <= 1 else None


def _snapped(pitch_class: int, pitch: int) -> int:
    """The pitch of a class nearest to another."""
    shift = (pitch_class - pitch + 6) % 12 - 6
    moved = pitch + shift
    return moved + 12 if moved < LOWEST else moved - 12 if moved > HIGHEST else moved


def _with_changes(notes: Sequence[BassNote], setting: Setting, center: int) -> list[BassNote]:
    """Add a note where a chord begins and none was drawn; notes just before it give way."""
    starts = {note.start for note in notes}
    added = [
        BassNote(chord.start, chord.duration, nearest(chord.bass, center), ROOT)
        for chord in setting.chords
        if chord.start not in starts
    ]
    return [*notes, *added]


def _one_voice(notes: Sequence[BassNote], setting: Setting) -> list[BassNote]:
    """Sort, keep a distance between onsets (changes go first), end every note at the next one at the latest."""
    changes = {chord.start for chord in setting.chords}
    line: list[BassNote] = []
    for note in sorted(notes, key=lambda n: n.start):
        if not 0 <= note.start < setting.context.n_pulses or (line and note.start == line[-1].start):
            continue
        if line and note.start - line[-1].start < setting.least:
            if note.start not in changes:
                continue
            if line[-1].start not in changes:
                line.pop()
        line.append(note)
    ends = [*(note.start for note in line[1:]), setting.context.n_pulses]
    return [
        BassNote(note.start, max(min(note.duration, end - note.start), 1), note.pitch, note.role)
        for note, end in zip(line, ends, strict=True)
    ]
