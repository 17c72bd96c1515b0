"""The rows on the page: what differs, a player, the outline of the sound, the piano roll, the words."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from whitelight.dataset.dataset import Dataset
from whitelight.dataset.verify.drawings import bar_times, piano_roll, played_notes, waveform
from whitelight.dataset.verify.records import RowCheck
from whitelight.dataset.verify.report import VerifyReport
from whitelight.errors import WhitelightError
from whitelight.markup import Markup, el, ink_on
from whitelight.music import read_midi
from whitelight.ontology import Ontology

if TYPE_CHECKING:
    from whitelight.audio import Audio

N_SHOWN = 24  # rows; those that differ first
N_FAILED_SHOWN = 16
_MAX_NOTES = 4000  # in a picture; more are not told apart


@dataclass(slots=True)
class Budget:
    """Bytes that sound may still take on the page."""

    n_bytes: int

    def take(self, content: bytes) -> bool:
        """Use as much as `content` needs, in base64; False when there is no room."""
        needed = len(content) * 4 // 3
        if needed > self.n_bytes:
            return False
        self.n_bytes -= needed
        return True


def choose_shown(report: VerifyReport, row_ids: Sequence[str]) -> list[str]:
    """Return the rows to show: those that differ, then others evenly from what was compared or, without that, from all."""
    failed = [check.row_id for check in report.fidelity.rows if not check.passed]
    known = set(row_ids)
    failed += [f.row_id for f in report.failures if f.row_id in known and f.row_id not in failed]
    shown = list(dict.fromkeys(row_id for row_id in failed if row_id in known))[:N_FAILED_SHOWN]
    rest = [check.row_id for check in report.fidelity.rows if check.passed and check.row_id in known] or list(row_ids)
    rest = [row_id for row_id in rest if row_id not in shown]
    n = min(N_SHOWN - len(shown), len(rest))
    return shown + [rest[index * len(rest) // n] for index in range(n)]


def row_cards(dataset: Dataset, report: VerifyReport, row_ids: Sequence[str], budget: Budget) -> Iterable[Markup]:
    """Yield the card of each row, in the order given; media are read song by song."""
    checks = {check.row_id: check for check in report.fidelity.rows}
    problems = {row_id: [f.message for f in report.failures if f.row_id == row_id] for row_id in row_ids}
    cards: dict[str, Markup] = {}
    for song_id in dict.fromkeys(row_id.rsplit("/", 2)[0] for row_id in row_ids):
        wanted = [row_id for row_id in row_ids if row_id.rsplit("/", 2)[0] == song_id]
        rows = {row["row_id"]: row for row in dataset.song_rows(song_id).to_pylist() if row["row_id"] in wanted}
        midi = dataset.song_media(song_id)
        stored = dict(dataset.song_audio(song_id, {part for row in rows.values() for part in row["audio_rows"]}))
        for row_id in wanted:
            if row_id in rows:
                row = rows[row_id]
                flac = [stored[part] for part in row["audio_rows"] if part in stored]
                pictures = [_sound(row, flac, budget), _notes(row, midi.get(row_id))]
                cards[row_id] = _card(row, dataset.ontology, checks.get(row_id), problems[row_id], pictures)
    return [cards[row_id] for row_id in row_ids if row_id in cards]


def swatch(ontology: Ontology, class_name: str) -> Markup | None:
    """Return the lettered color chip of a class."""
    its = next((c for c in ontology.classes if c.name == class_name), None)
    if its is None:
        return None
    color = its.hex or "888888"
    css = f"background:#{color};color:{ink_on(color)}"
    return el("span", its.letter or its.name[:1], class_="swatch", style=css, title=its.name)


def anchor(row_id: str) -> str:
    """Return the id of a row's card."""
    return "row-" + row_id.replace("/", "-")


def _card(
    row: Mapping[str, Any],
    ontology: Ontology,
    check: RowCheck | None,
    problems: Sequence[str],
    pictures: Iterable[Markup | None],
) -> Markup:
    head = [swatch(ontology, row["class_name"]), row["row_id"], _verdict(check, problems)]
    facts = [row["title"], row["section"], row["stem_description"], f"{row['start_s']:.2f}–{row['end_s']:.2f} s"]
    facts += [
        row["meter"],
        row["musical_key"],
        f"{row['tempo_bpm']:g} bpm" if row["tempo_bpm"] else "",
        row["content_type"],
    ]
    words = el("blockquote", row["lyric_text"]) if row["lyric_text"] else None
    concept = el("blockquote", row["concept"], class_="concept") if row["view"] == "full" and row["concept"] else None
    return el(
        "article",
        el("h3", *head),
        el("p", " · ".join(filter(None, facts)), class_="facts"),
        el("ul", *(el("li", text) for text in problems), class_="differences") if problems else None,
        *pictures,
        words,
        concept,
        el("p", figures, class_="figures") if (figures := _figures(row, check)) else None,
        id=anchor(row["row_id"]),
        class_="failed" if problems else None,
        data_duration=row["duration_s"],
    )


def _verdict(check: RowCheck | None, problems: Sequence[str]) -> Markup:
    if problems:
        return el("span", f"{len(problems)} problems" if len(problems) > 1 else "1 problem", class_="tag bad")
    if check is None:
        return el("span", "not compared", class_="tag")
    return el("span", f"as the source: {', '.join(check.checked)}", class_="tag good")


def _sound(row: Mapping[str, Any], flac: Sequence[bytes], budget: Budget) -> Markup | None:
    """Return outline and player of what a row sounds like; of a sum its parts added."""
    if not flac:
        return None
    from whitelight.audio import AudioError, decode_flac, encode_flac, mix  # noqa: PLC0415  rows with sound need it

    try:
        audio: Audio = decode_flac(flac[0]) if len(flac) == 1 else mix([decode_flac(part) for part in flac])
        content = flac[0] if len(flac) == 1 else encode_flac(audio.samples, audio.sample_rate, bits=row["audio_bits"])
    except (AudioError, WhitelightError) as err:
        return el("p", f"Its sound cannot be decoded: {err}", class_="hint")
    picture = waveform(audio.samples, row["duration_s"])
    if not budget.take(content):
        return el(
            "div", el("span"), picture, class_="picture", title="left without a player: the page would be too large"
        )
    source = "data:audio/flac;base64," + base64.b64encode(content).decode()
    player = el("audio", src=source, preload="none")
    return el("div", _button(), el("div", player, picture), class_="picture")


def _notes(row: Mapping[str, Any], content: bytes | None) -> Markup | None:
    if content is None:
        return None
    try:
        piece = read_midi(content)
    except WhitelightError as err:
        return el("p", f"Its MIDI cannot be read: {err}", class_="hint")
    notes = played_notes(piece)[:_MAX_NOTES]
    rows = [[round(n.start_s, 3), round(n.duration_s, 3), n.pitch, n.velocity, int(n.is_drum)] for n in notes]
    picture = piano_roll(notes, bar_times(piece), row["duration_s"])
    return el("div", _button(), picture, class_="picture", data_notes=json.dumps(rows, separators=(",", ":")))


def _button() -> Markup:
    return el("button", "▶", type="button", aria_label="Play")


def _figures(row: Mapping[str, Any], check: RowCheck | None) -> str:
    told = [f"{row['n_notes']} notes"] if row["has_midi"] else []
    if row["has_audio"]:
        told.append(f"{row['sample_rate']:,} Hz, {row['n_channels']} × {row['n_samples']:,} samples")
        levels = (("RMS", "rms_dbfs", "dBFS"), ("peak", "peak_dbfs", "dBFS"), ("loudness", "loudness_lufs", "LUFS"))
        told += [f"{name} {row[column]:.1f} {unit}" for name, column, unit in levels if row[column] is not None]
        told += ["silent"] if row["is_silent"] else []
    units = {"lag_ms": "lag {:.2g} ms", "level_db": "level {:+.2f} dB", "correlation": "correlation {:.4f}"}
    measures = check.measures if check else {}
    told += [text.format(measures[name]) for name, text in units.items() if name in measures]
    return " · ".join(told)
