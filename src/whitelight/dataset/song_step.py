"""Building one song: read it, cut it, write its files. Every engine runs this step and nothing else.

A song depends on nothing but itself, so the result is the same in any process, in any order and after any
interruption.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from whitelight.catalog.song import Song
from whitelight.dataset.audio_cutting import SongSound
from whitelight.dataset.bars import bar_lines
from whitelight.dataset.lyrics import song_lyrics
from whitelight.dataset.manifest import ProblemRecord, SongRecord
from whitelight.dataset.media_file import MediaRecord, MediaRow, MediaWriter, StoredAudio
from whitelight.dataset.midi_slices import MidiSlice, midi_slices
from whitelight.dataset.recordings import Recording, Source, header_length_s, plan_sources, read_recording
from whitelight.dataset.rendering import plan_rendering, render_recording
from whitelight.dataset.row_columns import RowContext
from whitelight.dataset.rows import SongRows, song_rows
from whitelight.dataset.segments import Policy, covered_s, cut_song
from whitelight.dataset.shards import SEGMENTS, shard_name, write_segments
from whitelight.dataset.song_audio import SongAudio
from whitelight.dataset.song_cut import SongCut
from whitelight.dataset.source import SongMidi, read_song_midi, song_end_s

TOLERANCE_S = 0.001  # resampling changes a length by less than a sample


@dataclass(frozen=True, slots=True)
class SongJob:
    """All a worker process needs for one song.

    Attributes
    ----------
    build_key : of everything its rows depend on.
    """

    song: Song
    policy: Policy
    context: RowContext
    out: Path
    build_key: str


def build_song(job: SongJob) -> None:
    """Read, cut and write one song; its media first, then the segments, which say that it is built."""
    midi = read_song_midi(job.song, job.context.root)
    known = SongSound(problems=list(midi.problems))
    settings = job.context.audio
    sources = plan_sources(job.song, job.context.root, settings)
    audio = SongAudio(sources, partial(_read, job, known), known)
    audio.read_main()
    cut = _cut(job, midi, _end_s(job, midi, audio))
    if settings.render and settings.is_cut and not sources:
        audio = SongAudio(plan_rendering(cut), partial(render_recording, cut, settings, known.problems), known)
    slices = midi_slices(cut)
    rest = dict(slices)
    with MediaWriter(job.out, shard_name(job.song.song_id)) as writer:

        def store(pieces: Sequence[tuple[str, StoredAudio]]) -> None:
            writer.write([MediaRow(row_id, _content(rest.pop(row_id, None)), flac) for row_id, flac in pieces])

        audio.cut(cut, store)
        writer.write([MediaRow(row_id, found.content) for row_id, found in rest.items()])
        rows = song_rows(cut, slices, known.sounds, job.context)
        media = writer.finish()
    write_segments(job.out, rows, _record(job, cut, rows, media, known), job.context.ontology.axis_names)


def _read(job: SongJob, known: SongSound, source: Source) -> Recording | None:
    return read_recording(source, job.song.song_id, job.context.root, job.context.audio, known.problems)


def _content(found: MidiSlice | None) -> bytes | None:
    return found.content if found else None


def _end_s(job: SongJob, midi: SongMidi, audio: SongAudio) -> float:
    """Return where the song ends: as stated, but not after the last of its recordings and its MIDI."""
    stated = song_end_s(job.song, midi)
    heard = max(audio.main_s, header_length_s(audio.stems, job.context.root))
    if heard <= 0:
        return stated
    limit = max(heard, midi.piece.duration_s if midi.piece else 0.0)
    return limit if stated <= 0 or stated > limit + TOLERANCE_S else stated


def _cut(job: SongJob, midi: SongMidi, end_s: float) -> SongCut:
    bars = bar_lines(job.song, midi.piece, end_s) if end_s > 0 else None
    lyrics = song_lyrics(job.song, midi.piece, end_s)
    segments = cut_song(job.song, job.policy, end_s, bars, lyrics.lines)
    return SongCut(job.song, midi, lyrics, bars, segments, end_s)


def _record(job: SongJob, cut: SongCut, rows: SongRows, media: MediaRecord, known: SongSound) -> SongRecord:
    spans = sorted({(row["start_s"], row["end_s"]) for row in rows.segments})
    problems = [ProblemRecord(**{n: getattr(p, n) for n in ProblemRecord.model_fields}) for p in known.problems]
    return SongRecord(
        content_hash=job.song.content_hash,
        build_key=job.build_key,
        group_id=job.song.group_id,
        split=job.song.split,
        class_name=job.song.class_name,
        duration_s=round(max(cut.end_s, 0.0), 6),
        covered_s=covered_s(spans),
        n_segments=len({row["segment_id"] for row in rows.segments}),
        n_rows=len(rows.segments),
        shard=f"{SEGMENTS}/{shard_name(job.song.song_id)}",
        media=media.media,
        media_sha256=media.media_sha256,
        media_bytes=media.media_bytes,
        dropped=dict(sorted(Counter(reason for _, _, reason in rows.dropped).items())),
        problems=tuple(problems),
    )
