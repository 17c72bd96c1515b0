"""Building one song: read it, cut it, write its files. Every engine runs this step and nothing else.

A song depends on nothing but itself, so the result is the same in any process, in any order and after any
interruption.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from whitelight.catalog.song import Song
from whitelight.dataset.bars import bar_lines
from whitelight.dataset.lyrics import song_lyrics
from whitelight.dataset.manifest import ProblemRecord, SongRecord
from whitelight.dataset.media_file import MediaRow, MediaWriter
from whitelight.dataset.midi_slices import midi_slices
from whitelight.dataset.row_columns import RowContext
from whitelight.dataset.rows import song_rows
from whitelight.dataset.segments import Policy, covered_s, cut_song
from whitelight.dataset.shards import SEGMENTS, shard_name, write_segments
from whitelight.dataset.song_cut import SongCut
from whitelight.dataset.source import SongMidi, read_song_midi, song_end_s


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
    cut = _cut(job, midi, song_end_s(job.song, midi))
    slices = midi_slices(cut)
    name = shard_name(job.song.song_id)
    with MediaWriter(job.out, name) as writer:
        writer.write([MediaRow(row_id, found.content) for row_id, found in slices.items()])
        rows = song_rows(cut, slices, {}, job.context)
        media = writer.finish()
    problems = tuple(ProblemRecord(**{n: getattr(p, n) for n in ProblemRecord.model_fields}) for p in midi.problems)
    record = SongRecord(
        content_hash=job.song.content_hash,
        build_key=job.build_key,
        group_id=job.song.group_id,
        split=job.song.split,
        class_name=job.song.class_name,
        duration_s=round(max(cut.end_s, 0.0), 6),
        covered_s=covered_s(sorted({(row["start_s"], row["end_s"]) for row in rows.segments})),
        n_segments=len({row["segment_id"] for row in rows.segments}),
        n_rows=len(rows.segments),
        shard=f"{SEGMENTS}/{name}",
        media=media.media,
        media_sha256=media.media_sha256,
        media_bytes=media.media_bytes,
        dropped=dict(sorted(Counter(reason for _, _, reason in rows.dropped).items())),
        problems=problems,
    )
    write_segments(job.out, rows, record, job.context.ontology.axis_names)


def _cut(job: SongJob, midi: SongMidi, end_s: float) -> SongCut:
    bars = bar_lines(job.song, midi.piece, end_s) if end_s > 0 else None
    lyrics = song_lyrics(job.song, midi.piece, end_s)
    segments = cut_song(job.song, job.policy, end_s, bars, lyrics.lines)
    return SongCut(job.song, midi, lyrics, bars, segments, end_s)
