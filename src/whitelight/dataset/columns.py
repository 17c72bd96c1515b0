"""Every column of a dataset with its type and meaning: a table of facts, which `docs/formats.md` repeats and a test compares.

Texts are "" and lists empty where there is nothing; numbers and flags are null where they are not known or say nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from whitelight.dataset.rebracketing import MEASURES
from whitelight.dataset.views import VIEWS

STRING, FLOAT, BOOL, INT, LONG = pa.string(), pa.float64(), pa.bool_(), pa.int32(), pa.int64()
STRINGS = pa.list_(STRING)
TIMED_TEXTS = pa.list_(
    pa.struct(
        [
            pa.field("text", STRING, nullable=False),
            pa.field("start_s", FLOAT, nullable=False),
            pa.field("end_s", FLOAT),
            pa.field("source", STRING, nullable=False),
        ]
    )
)
EVIDENCE = pa.list_(
    pa.struct([pa.field(name, kind, nullable=False) for name, kind in (("type", STRING), ("start", INT), ("end", INT))])
)
CONTENT_TYPES = ("audio_midi", "audio_only", "midi_only", "empty")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type, whether a value may be missing, and what it means."""

    name: str
    type: pa.DataType
    doc: str
    is_nullable: bool = False


def _rebracketing(prefix: str, text: str) -> Iterator[Column]:
    yield Column(f"{prefix}_types", STRINGS, f"rebracketing types of `{text}`; several where they tie")
    yield Column(f"{prefix}_evidence", EVIDENCE, f"what speaks for a type: characters `start` to `end` of `{text}`")
    for name in MEASURES:
        words = name.replace("_", " ")
        yield Column(f"{prefix}_{name}", FLOAT, f"{words} of `{text}`, 0 to 1; null without a text", is_nullable=True)


IDENTITY = (
    Column("row_id", STRING, "`<song_id>/<segment, 4 digits>/<view>` or `…/stem-<number>`; unique"),
    Column("segment_id", STRING, "`<song_id>/<segment, 4 digits>`; shared by the rows of one segment"),
    Column("song_id", STRING, "song, or clip, as in the catalog"),
    Column("group_id", STRING, "source song; splits never separate rows of one group"),
    Column("split", STRING, "split the catalog was imported with, else empty"),
    Column("kind", STRING, "`view` or `stem`"),
    Column("view", STRING, f"{', '.join(f'`{view}`' for view in VIEWS)}; of a stem its own, or `other`"),
    Column("view_source", STRING, "`stem` or `voices`: what the MIDI of the view was made from; empty without MIDI"),
    Column("stem_id", STRING, "stem of a `stem` row, else empty"),
    Column("stem_description", STRING, "as in the manifest, of a `stem` row"),
    Column("stem_group", STRING, "as in the manifest, of a `stem` row"),
    Column("player", STRING, "who plays the stem"),
    Column("class_name", STRING, "class of the ontology, empty when unknown"),
)
SONG = (
    Column("title", STRING, "of the song"),
    Column("album", STRING, "of the manifest, else of the class"),
    Column("sequence", INT, "place on the album", is_nullable=True),
    Column("release_date", STRING, "as written"),
    Column("vocals", BOOL, "as in the manifest", is_nullable=True),
    Column("concept", STRING, "the song's concept; constant within a song"),
    Column("mood", STRINGS, "as in the manifest"),
    Column("genres", STRINGS, "as in the manifest"),
    Column("sounds_like", STRINGS, "names of artists, as in the manifest"),
    Column("song_duration_s", FLOAT, "seconds; where the song ends"),
)
POSITION = (
    Column("role", STRING, "role of the section: intro, verse, chorus, …"),
    Column("section", STRING, "name of the section that covers most of the segment"),
    Column("section_description", STRING, "as in the manifest"),
    Column("policy", STRING, "rule that cut the segment, as `lines:line`, `lines:gap`, `sections:section:split`"),
    Column("start_s", FLOAT, "seconds from the start of the song"),
    Column("end_s", FLOAT, "seconds; above `start_s`, never past the end of the song"),
    Column("duration_s", FLOAT, "seconds, above 0"),
    Column("start_bar", FLOAT, "bars from the start of the song, 0.0 is the first bar line", is_nullable=True),
    Column("end_bar", FLOAT, "as `start_bar`", is_nullable=True),
    Column("start_beat", FLOAT, "quarter notes from the start of the song", is_nullable=True),
    Column("end_beat", FLOAT, "as `start_beat`", is_nullable=True),
    Column("start_smpte", STRING, "`HH:MM:SS:FF.SS` from the start of the song, `;` before dropped frames"),
    Column("end_smpte", STRING, "as `start_smpte`"),
    Column("smpte_fps", FLOAT, "frames per second of both: those of the song's time codes, else 25"),
    Column("tempo_bpm", FLOAT, "mean of the MIDI in the segment, else the manifest's; quarter notes", is_nullable=True),
    Column("meter", STRING, "`4/4`, of the MIDI at the start of the segment, else the manifest's"),
    Column("musical_key", STRING, "`F# minor`, of the manifest, else of the MIDI"),
)
LYRIC = (
    Column("has_lyric", BOOL, "`lyric_text` is not empty and belongs to this row"),
    Column("lyric_text", STRING, "lines sung in the segment, one per row of text"),
    Column("lyric_lines", TIMED_TEXTS, "those lines; seconds in the song; `source` is `lrc` or `midi`"),
    Column("lyric_words", TIMED_TEXTS, "words that begin in the segment, where their times are written down"),
    Column("lyric_syllables", TIMED_TEXTS, "syllables that begin in the segment, where their times are written down"),
)
AUDIO = (
    Column("content_type", STRING, "`audio_midi`, `audio_only`, `midi_only`, or `empty`: neither (text may be there)"),
    Column("has_audio", BOOL, "the row has sound: `audio_rows` names a row"),
    Column("audio_source", STRING, "`file`, or `rendered` from MIDI on request; empty without audio"),
    Column("audio_rows", STRINGS, "rows of the media file whose audio, added up, is the sound of this row"),
    Column("sample_rate", INT, "Hz, as stored", is_nullable=True),
    Column("n_channels", INT, "as stored", is_nullable=True),
    Column(
        "n_samples", LONG, "per channel; less than the segment lasts where a recording ends early", is_nullable=True
    ),
    Column("audio_bits", INT, "bits per sample, 16 or 24", is_nullable=True),
    Column("is_silent", BOOL, "RMS below −40 dBFS", is_nullable=True),
    Column("rms_dbfs", FLOAT, "of the row's sound, at least −150", is_nullable=True),
    Column("peak_dbfs", FLOAT, "largest sample, at least −150", is_nullable=True),
    Column(
        "loudness_lufs",
        FLOAT,
        "integrated, BS.1770-4; null also below 0.4 s and below −70 LUFS",
        is_nullable=True,
    ),
    Column(
        "audio_is_lossless",
        BOOL,
        "samples are those of the source, each of them; false when rendered",
        is_nullable=True,
    ),
    Column("audio_file", STRING, "relative to the catalog; empty when rendered or when several are added"),
    Column(
        "audio_sha256", STRING, "of the audio file, or of all files added; of the MIDI and the instrument when rendered"
    ),
)
MIDI = (
    Column("has_midi", BOOL, "the media file has MIDI for this row, with at least one note"),
    Column("n_notes", INT, "notes of the row's MIDI"),
    Column("midi_file", STRING, "relative to the catalog; empty when merged from several"),
    Column("source_sha256", STRING, "of the MIDI file, or of all files merged"),
)
PROVENANCE = (
    Column("manifest_file", STRING, "relative to the catalog"),
    Column("time_code_encoding", STRING, "how the time codes that cut the segment were read"),
    Column("tool_version", STRING, "whitelight that made the row"),
)
SEGMENT_COLUMNS = (
    *IDENTITY,
    *SONG,
    *POSITION,
    *LYRIC,
    *AUDIO,
    *MIDI,
    *_rebracketing("concept", "concept"),
    *_rebracketing("lyric", "lyric_text"),
    *PROVENANCE,
)
MEDIA_COLUMNS = (
    Column("row_id", STRING, "as in the segments"),
    Column("content_type", STRING, "what this file holds of the row: `audio_midi`, `audio_only`, `midi_only`"),
    Column(
        "midi",
        pa.binary(),
        "a whole MIDI file: tempo map, meter, key, names and held notes of the slice",
        is_nullable=True,
    ),
    Column("audio", pa.binary(), "a whole FLAC file", is_nullable=True),
    Column("sample_rate", INT, "Hz, of the FLAC file", is_nullable=True),
    Column("n_channels", INT, "of the FLAC file", is_nullable=True),
    Column("n_samples", LONG, "per channel, of the FLAC file", is_nullable=True),
)
DROPPED_COLUMNS = (
    Column("song_id", STRING, "song"),
    Column("segment_id", STRING, "segment, or empty for the whole song"),
    Column("part", STRING, "view or `stem-<number>` that makes no row"),
    Column("reason", STRING, "why"),
)
