"""A production folder with approved parts of every stage, made by rule in any key and meter."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from whitelight.composition.context import SectionContext, make_context
from whitelight.composition.form import SectionPlan
from whitelight.composition.song_sheet import read_song_sheet
from whitelight.music import MidiTrack, Notes, TextEvent, diatonic_chord, write_midi

SECTIONS = (
    {"name": "verse", "role": "verse", "bars": 8, "energy": 0.4},
    {"name": "chorus", "role": "chorus", "bars": 8, "energy": 0.7},
    {"name": "bridge", "role": "bridge", "bars": 4, "energy": 0.5},
)
FORM = (
    {"name": "intro", "section": "verse", "variant": 0, "energy": 0.3, "bars": 4, "stages": ["chords"]},
    {"name": "verse 1", "section": "verse", "variant": 0, "energy": 0.4, "bars": 8},
    {"name": "chorus 1", "section": "chorus", "variant": 0, "energy": 0.65, "bars": 8},
    {"name": "verse 2", "section": "verse", "variant": 1, "energy": 0.45, "bars": 8},
    {"name": "bridge", "section": "bridge", "variant": 0, "energy": 0.5, "bars": 4},
    {"name": "chorus 2", "section": "chorus", "variant": 1, "energy": 0.8, "bars": 8},
    {"name": "outro", "section": "chorus", "variant": 0, "energy": 0.35, "bars": 4},
)
STAGES = ("chords", "drums", "bass", "melody", "harmony", "lyrics")
LABELS = {"verse": ("a", "b"), "chorus": ("a", "b"), "bridge": ("a",)}
DEGREES = {"a": (1, 6, 4, 5, 1, 6, 5, 1), "b": (6, 4, 1, 5, 6, 4, 5, 1)}
WORDS = ("kit-", "chen", "light", "un-", "der-", "stood", "oh", "yes")


def make_small_song(
    folder: Path,
    *,
    key: str = "A minor",
    meter: str = "4/4",
    tempo_bpm: float = 96,
    title: str = "Kitchen Light",
    sections: Sequence[Mapping[str, object]] = SECTIONS,
    form: Sequence[Mapping[str, object]] = FORM,
    labels: Mapping[str, Sequence[str]] = LABELS,
    stages: Sequence[str] = STAGES,
) -> Path:
    """Write `song.yml` and every approved part; return the folder."""
    lines = [f"title: {title}", f"key: {key}", f"meter: {meter}", f"tempo_bpm: {tempo_bpm}", "sections:"]
    lines += [f"  - {_flow(section)}" for section in sections]
    lines += ["form:", *(f"  - {_flow(block)}" for block in form)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "song.yml").write_text("\n".join(lines) + "\n")
    sheet = read_song_sheet(folder)
    for section in sheet.form.sections:
        context = make_context(section, key=sheet.key, meter=sheet.meter, tempo_bpm=sheet.tempo_bpm)
        for label in labels[section.name]:
            for stage in stages:
                data = write_midi(context.piece(*_part(stage, label, context)))
                approved = folder / stage / "approved"
                approved.mkdir(parents=True, exist_ok=True)
                (approved / f"{section.name}_{label}.mid").write_bytes(data)
    return folder


def _flow(values: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{name}: {_value(value)}" for name, value in values.items()) + "}"


def _value(value: object) -> str:
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, list) else str(value)


def _part(stage: str, label: str, context: SectionContext) -> tuple[list[MidiTrack], list[TextEvent]]:
    makers = {"chords": _chords, "drums": _drums, "bass": _bass, "melody": _melody, "harmony": _quartet}
    if stage == "lyrics":
        (melody,), _ = _melody(label, context)
        events = tuple(
            TextEvent(tick, WORDS[place % len(WORDS)]) for place, tick in enumerate(melody.notes.onset_tick.tolist())
        )
        return [MidiTrack("Vocal", 53, notes=melody.notes, lyrics=events)], []
    return makers[stage](label, context)


def _degrees(label: str, section: SectionPlan) -> tuple[int, ...]:
    return DEGREES.get(label, DEGREES["a"])[-section.n_bars :]


def _chords(label: str, context: SectionContext) -> tuple[list[MidiTrack], list[TextEvent]]:
    bar = context.grid.bar_pulses * context.pulse_ticks
    rows, markers = [], []
    for place, degree in enumerate(_degrees(label, context.section)):
        chord = diatonic_chord(context.key, degree)
        markers.append(TextEvent(place * bar, chord.symbol()))
        rows += [(place * bar, bar, 48 + tone, 70) for tone in chord.pitch_classes]
    program = 0 if label == "a" else 24
    return [MidiTrack("Chords", program, notes=Notes.from_rows(rows))], markers


def _drums(label: str, context: SectionContext) -> tuple[list[MidiTrack], list[TextEvent]]:
    grid, tick = context.grid, context.pulse_ticks
    rows = []
    for bar in range(0, context.n_pulses, grid.bar_pulses):
        for place, group in enumerate(grid.groups):
            rows.append(((bar + group) * tick, tick, 38 if place % 2 else 36, 100))
        rows += [((bar + unit) * tick, tick, 42, 60) for unit in range(0, grid.bar_pulses, grid.unit_pulses)]
    return [MidiTrack("Drums", is_drum=True, notes=Notes.from_rows(rows))], []


def _bass(label: str, context: SectionContext) -> tuple[list[MidiTrack], list[TextEvent]]:
    grid, tick = context.grid, context.pulse_ticks
    rows = []
    for place, degree in enumerate(_degrees(label, context.section)):
        root = 36 + diatonic_chord(context.key, degree).root
        rows += [((place * grid.bar_pulses + group) * tick, tick, root, 80) for group in grid.groups]
    return [MidiTrack("Bass", 33, notes=Notes.from_rows(rows))], []


def _melody(label: str, context: SectionContext) -> tuple[list[MidiTrack], list[TextEvent]]:
    """A note on every unit of the first half of a bar, a longer one over the bar line, then a rest."""
    grid, tick, shift = context.grid, context.pulse_ticks, 0 if label == "a" else 2
    scale = context.key.scale_pitch_classes
    rows, place = [], 0
    for bar in range(0, context.n_pulses, 2 * grid.bar_pulses):
        starts = list(range(bar, bar + grid.bar_pulses, grid.unit_pulses))
        for start in starts:
            rows.append((start * tick + (3 if start else 0), tick, 60 + scale[(place + shift) % 7], 84))
            place += 1
        held = starts[-1] * tick
        rows[-1] = (held, (grid.unit_pulses + grid.unit_pulses // 2 + 1) * tick, 60 + scale[0], 84)
    return [MidiTrack("Melody", 73, notes=Notes.from_rows(rows))], []


def _quartet(label: str, context: SectionContext) -> tuple[list[MidiTrack], list[TextEvent]]:
    bar = context.grid.bar_pulses * context.pulse_ticks
    voices = {"Violin I": (40, 72), "Violin II": (40, 64), "Viola": (41, 57), "Cello": (42, 48)}
    tracks = []
    for index, (name, (program, low)) in enumerate(voices.items()):
        rows = [
            (place * bar, bar, low + diatonic_chord(context.key, degree).pitch_classes[index % 3], 60)
            for place, degree in enumerate(_degrees(label, context.section))
        ]
        tracks.append(MidiTrack(name, program, notes=Notes.from_rows(rows)))
    return tracks, []
