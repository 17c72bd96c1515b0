"""From ontologies, records of `evaluate` and pieces to what pages show."""

from collections.abc import Mapping
from typing import Any

from whitelight.music import Piece
from whitelight.ontology import Ontology
from whitelight.reporting.data import ClassRow, ClassStyle, Evaluation, NoteRow, Rate, ReliabilityBin, SystemRow


def class_styles(ontology: Ontology) -> tuple[ClassStyle, ...]:
    """Return the classes with what stands for them on the page; a class without a letter shows its first."""
    return tuple(ClassStyle(c.name, c.letter or c.name[:1], c.hex or "888888", c.album) for c in ontology.classes)


def evaluation_of(record: Mapping[str, Any]) -> Evaluation:
    """Return the figures of `evaluate` as the report shows them."""
    names, counts = _confusion(record.get("confusion") or {})
    per_class, areas = record.get("per_class") or {}, record.get("ranking_auc") or {}
    ours = SystemRow("whitelight", *_figures(record["class"]), is_ours=True)
    baselines = [
        SystemRow(name, *_figures(figures))
        for name, figures in (record.get("baselines") or {}).items()
        if figures.get("accuracy") is not None
    ]
    notes = [f"Held out: {record['held_out']}."] if record.get("held_out") else []
    free = record.get("velocity_free") or {}
    if free.get("accuracy") is not None:
        notes.append(f"Without looking at loudness, as candidates are judged while composing: {free['accuracy']:.2f}.")
    return Evaluation(
        n_items=int(record.get("n_units") or record["n_segments"]),
        n_songs=int(record["n_songs"]),
        unit=str(record.get("by") or "segment"),
        systems=(ours, *baselines),
        classes=tuple(ClassRow(name, _recall(per_class.get(name)), areas.get(name)) for name in names or per_class),
        labels=names,
        confusion=counts,
        reliability=tuple(
            ReliabilityBin(one["probability"], one["accuracy"], int(one["n"]))
            for one in record.get("reliability") or ()
        ),
        ece=record["class"].get("ece"),
        axes=_rates(record.get("axes")),
        views=_rates(record.get("views")),
        modalities=_rates(record.get("by_modality")),
        notes=tuple(notes),
    )


def _figures(figures: Mapping[str, Any]) -> tuple[Rate, float | None, float | None]:
    return _rate(figures), figures.get("macro_f1"), figures.get("ece")


def _rate(figures: Mapping[str, Any]) -> Rate:
    low, high = figures.get("accuracy_interval") or (None, None)
    return Rate(figures["accuracy"], low, high, figures.get("n"))


def _rates(record: Mapping[str, Any] | None) -> dict[str, Rate]:
    return {name: _rate(f) for name, f in (record or {}).items() if f.get("accuracy") is not None}


def _recall(figures: Mapping[str, Any] | None) -> Rate | None:
    return None if figures is None else Rate(figures["recall"], n=int(figures["n"]))


def _confusion(record: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Leave out classes that nothing belongs to and nothing was taken for."""
    names, counts = record.get("classes") or [], record.get("counts") or []
    used = [i for i in range(len(names)) if sum(counts[i]) or any(row[i] for row in counts)]
    return tuple(names[i] for i in used), tuple(tuple(int(counts[i][j]) for j in used) for i in used)


def note_rows(piece: Piece) -> tuple[NoteRow, ...]:
    """Return all notes of a piece in seconds, in order of time."""
    rows = []
    for midi_track in piece.midi_tracks:
        notes = midi_track.notes
        starts = piece.tempo_map.ticks_to_seconds(notes.onset_tick)
        ends = piece.tempo_map.ticks_to_seconds(notes.end_tick)
        rows += [
            NoteRow(float(start), float(end - start), int(pitch), int(velocity), midi_track.is_drum)
            for start, end, pitch, velocity in zip(starts, ends, notes.pitch, notes.velocity, strict=True)
        ]
    return tuple(sorted(rows))


def bar_lines(piece: Piece) -> tuple[float, ...]:
    """Return the times of the bar lines of a piece, each meter change starting a bar."""
    changes = [(change.tick, change.meter) for change in piece.meters] or [(0, piece.meter_at(0))]
    ticks: list[int] = []
    for index, (tick, meter) in enumerate(changes):
        end = changes[index + 1][0] if index + 1 < len(changes) else piece.end_tick
        ticks += range(tick, end, meter.bar_ticks(piece.ticks_per_beat))
    return tuple(piece.tempo_map.ticks_to_seconds(tick) for tick in ticks)
