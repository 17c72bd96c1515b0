"""The MIDI of a song, read once: all stems on one time line, every MIDI track knowing its stem.

A song may have MIDI per stem, or one file for everything (`main`), which then has no stems and is viewed by voices.
Stems exported one by one can differ in resolution and even in tempo map; they are laid on the time line of the most
detailed of them, by seconds. Tracks of a drum stem are marked as drums: DAWs export them on any channel.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from whitelight.catalog.song import Song, Stem
from whitelight.errors import WhitelightError
from whitelight.files import inside, read_bytes, sha256_of
from whitelight.music import Controls, Key, Notes, Piece, TempoMap, TextEvent, read_midi
from whitelight.music.midi import MidiError

LATE_S = 1.0  # notes that start this long after the end of the song are worth a warning
TEMPO_RATIO = 1.01  # files of one song whose constant tempi differ more do not run together


@dataclass(frozen=True, slots=True)
class BuildProblem:
    """Something wrong with the media of a song; the rest of it is built all the same."""

    song_id: str
    file: str
    code: str
    message: str
    action: str


@dataclass(frozen=True, slots=True)
class SongMidi:
    """All MIDI of a song.

    Attributes
    ----------
    piece : every track of every file on one time line; None without MIDI.
    track_stem : per track, the position of its stem in the song's stems, -1 for the main file.
    file_sha256 : per MIDI file that was read, its hash.
    """

    piece: Piece | None
    track_stem: tuple[int, ...]
    file_sha256: dict[str, str]
    problems: tuple[BuildProblem, ...]

    @property
    def is_by_stems(self) -> bool:
        """Whether views come from stems; else from voices."""
        return any(stem >= 0 for stem in self.track_stem)


def read_song_midi(song: Song, root: Path) -> SongMidi:
    """Read every MIDI file of a song once; a damaged one is a problem and its stem has no MIDI."""
    problems: list[BuildProblem] = []
    hashes: dict[str, str] = {}
    sources = [(index, stem.midi_file) for index, stem in enumerate(song.stems) if stem.has_midi and stem.midi_file]
    read = [(index, piece) for index, file in sources if (piece := _read(song, root, file, hashes, problems))]
    if not read and song.main_midi_file and (root / song.main_midi_file).exists():
        piece = _read(song, root, song.main_midi_file, hashes, problems)
        read = [(-1, piece)] if piece else []
    if not read:
        return SongMidi(None, (), hashes, tuple(problems))
    pieces = [_named(piece, song.stems[index]) if index >= 0 else piece for index, piece in read]
    problems += _tempo_problems(song, pieces, [file_of(song, index) for index, _ in read])
    merged = merge_pieces(pieces)
    is_one_file = len(song.stems) == 1 and _is_whole_song(song.stems[0])
    owners = tuple(
        -1 if is_one_file else index for (index, _), piece in zip(read, pieces, strict=True) for _ in piece.midi_tracks
    )
    problems += _late_notes(song, merged)
    return SongMidi(merged, owners, hashes, tuple(problems))


def merge_pieces(pieces: Sequence[Piece]) -> Piece:
    """Lay pieces on one time line; tracks keep their order, piece after piece.

    The time line is that of the piece with most tempo changes, then the finest resolution, then the first. Notes of
    pieces with another one keep their seconds, to the nearest tick. Meters and keys are those of the first that has any.
    """
    lead = max(pieces, key=lambda p: (len(p.tempo_map.change_ticks), p.ticks_per_beat))
    placed = [piece if piece.tempo_map == lead.tempo_map else _on_time_line(piece, lead.tempo_map) for piece in pieces]
    ordered = sorted(placed, key=lambda piece: piece is not lead)
    markers = {(m.tick, m.text): m for piece in ordered for m in piece.markers}
    return replace(
        lead,
        meters=next((p.meters for p in ordered if p.meters), ()),
        keys=next((p.keys for p in ordered if p.keys), ()),
        markers=tuple(sorted(markers.values(), key=lambda m: m.tick)),
        midi_tracks=tuple(track for piece in placed for track in piece.midi_tracks),
        end_tick=max(piece.end_tick for piece in placed),
    )


def _on_time_line(piece: Piece, tempo_map: TempoMap) -> Piece:
    """Return the piece with every event at the same second of another tempo map."""
    own = piece.tempo_map

    def tick(old: int) -> int:
        return tempo_map.seconds_to_ticks(own.ticks_to_seconds(old))

    def texts(events: Sequence[TextEvent]) -> tuple[TextEvent, ...]:
        return tuple(TextEvent(tick(event.tick), event.text) for event in events)

    tracks = []
    for track in piece.midi_tracks:
        onset = tempo_map.seconds_to_ticks(own.ticks_to_seconds(track.notes.onset_tick))
        end = tempo_map.seconds_to_ticks(own.ticks_to_seconds(track.notes.end_tick))
        notes = Notes(onset, (end - onset).clip(min=1), track.notes.pitch, track.notes.velocity)
        moved = tempo_map.seconds_to_ticks(own.ticks_to_seconds(track.controls.tick))
        controls = Controls(moved, track.controls.number, track.controls.value)
        tracks.append(replace(track, notes=notes, lyrics=texts(track.lyrics), controls=controls))
    return Piece(
        ticks_per_beat=tempo_map.ticks_per_beat,
        tempo_map=tempo_map,
        meters=tuple({tick(c.tick): replace(c, tick=tick(c.tick)) for c in piece.meters}.values()),
        keys=tuple(replace(c, tick=tick(c.tick)) for c in piece.keys),
        markers=texts(piece.markers),
        midi_tracks=tuple(tracks),
        end_tick=tick(piece.end_tick),
    )


def song_end_s(song: Song, midi: SongMidi) -> float:
    """Return where a song ends: as the catalog decided, else the end of its MIDI."""
    return song.duration_s if song.duration_s > 0 else midi.piece.duration_s if midi.piece else 0.0


def file_of(song: Song, stem_index: int) -> str:
    """Return the MIDI file of a stem, or the main file for -1."""
    return (song.stems[stem_index].midi_file if stem_index >= 0 else song.main_midi_file) or ""


def key_text(song: Song, piece: Piece | None, tick: int) -> str:
    """Return the key as text: the manifest's, else the one the MIDI states at `tick`, else ""."""
    key: Key | None = song.musical_key or (piece.key_at(tick) if piece else None)
    return str(key) if key else ""


def _is_whole_song(stem: Stem) -> bool:
    return stem.view not in ("chords", "bass", "drums", "melody")


def _read(song: Song, root: Path, file: str, hashes: dict[str, str], problems: list[BuildProblem]) -> Piece | None:
    try:
        content = read_bytes(inside(root, file))
        piece = read_midi(content)
    except WhitelightError as err:
        code = "midi-damaged" if isinstance(err, MidiError) else "midi-unreadable"
        text = str(err).replace("MIDI data: ", "").replace(f"{root / file}: ", "")
        problems.append(BuildProblem(song.song_id, file, code, text, "built without it"))
        return None
    hashes[file] = sha256_of([content])
    if not piece.n_notes:
        problems.append(BuildProblem(song.song_id, file, "midi-no-notes", "no notes in it", "built without it"))
        return None
    return piece


def _named(piece: Piece, stem: Stem) -> Piece:
    """Name the tracks after their stem where the file does not, and mark those of a drum stem as drums."""
    return piece.with_midi_tracks(
        replace(t, name=t.name or stem.description, is_drum=t.is_drum or stem.view == "drums")
        for t in piece.midi_tracks
    )


def _tempo_problems(song: Song, pieces: Sequence[Piece], files: Sequence[str]) -> list[BuildProblem]:
    constant = [(p.tempo_map.tempo_bpm_at(0), f) for p, f in zip(pieces, files, strict=True) if _is_constant(p)]
    stated = song.tempo_bpm or (constant[0][0] if constant else 0.0)
    problems = []
    for tempo, file in constant:
        if stated > 0 and max(tempo, stated) / min(tempo, stated) > TEMPO_RATIO:
            message = f"{tempo:g} bpm, expected the song's {stated:g} bpm; was it exported without its tempo?"
            problems.append(BuildProblem(song.song_id, file, "midi-tempo-differs", message, "kept at its own tempo"))
    return problems


def _is_constant(piece: Piece) -> bool:
    return len(piece.tempo_map.change_ticks) == 1


def _late_notes(song: Song, piece: Piece) -> list[BuildProblem]:
    last = max((int(t.notes.onset_tick[-1]) for t in piece.midi_tracks if len(t.notes)), default=0)
    last_s = piece.tempo_map.ticks_to_seconds(last)
    if song.duration_s <= 0 or last_s <= song.duration_s + LATE_S:
        return []
    message = f"notes start up to {last_s:.1f} s, the song ends at {song.duration_s:.1f} s"
    return [BuildProblem(song.song_id, song.manifest_file, "midi-after-end", message, "what lies beyond is left out")]
