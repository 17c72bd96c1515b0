"""One song read again from its catalog: all that its rows are compared with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from whitelight.catalog.song import Song
from whitelight.dataset.manifest import AudioRecord, SongRecord
from whitelight.dataset.verify.rendered_sound import plan_rendered_sound
from whitelight.dataset.verify.second_audio import UnheardError
from whitelight.dataset.verify.second_reader import SecondReaderError
from whitelight.dataset.verify.song_sound import SongSound, plan_sound
from whitelight.dataset.verify.source_midi import SourceMidi, read_source_midi
from whitelight.dataset.verify.sung_text import Line, lines_of_file, sung_lines_of
from whitelight.errors import WhitelightError
from whitelight.files import inside, read_text
from whitelight.ontology import Ontology

END_TOLERANCE_S = 0.001
_LEFT_OUT = {"midi-damaged", "midi-unreadable", "midi-no-notes", "audio-damaged", "audio-unreadable"}
_FLAWED = {"audio-flawed"}


@dataclass(slots=True)
class SongSource:
    """A song, its MIDI by the second reader, its words, its recordings.

    Attributes
    ----------
    midi_reason : why the MIDI could not be read a second time; empty when it was, or when there is none.
    lines : sung lines of its LRC file; empty when the words are those of the MIDI.
    file_words : its LRC file without stamps, None without one.
    encodings : per file with time codes, how they are read.
    """

    song: Song
    ontology: Ontology
    record: SongRecord
    midi: SourceMidi | None
    midi_reason: str
    lines: list[Line]
    file_words: str | None
    sound: SongSound
    encodings: Mapping[str, str]


def read_song_source(
    song: Song,
    root: Path,
    ontology: Ontology,
    record: SongRecord,
    *,
    audio: AudioRecord,
    encodings: Mapping[str, str],
) -> SongSource:
    """Read a song again.

    Parameters
    ----------
    record : of the song in the dataset; files it reports as unusable are left alone.
    audio : how the build cut recordings.
    """
    left_out = frozenset(p.file for p in record.problems if p.code in _LEFT_OUT)
    flawed = frozenset(p.file for p in record.problems if p.code in _FLAWED)
    midi, reason = None, ""
    try:
        midi = read_source_midi(song, root, left_out)
    except (SecondReaderError, WhitelightError) as err:
        reason = str(err)
    words = None
    if song.lyrics_file and song.lyric_lines:
        words = lines_of_file(read_text(inside(root, song.lyrics_file)))
    sound = SongSound(root, {}, {})
    if audio.is_cut:
        sound = plan_sound(song, root, left_out, flawed, rate=audio.sample_rate, is_mono=audio.mono)
    if audio.is_cut and audio.instrument and not _has_recordings(song, root):
        sound = plan_rendered_sound(song, root, audio, record.duration_s)
    return SongSource(
        song=song,
        ontology=ontology,
        record=record,
        midi=midi,
        midi_reason=reason,
        lines=sung_lines_of(song, record.duration_s),
        file_words=words,
        sound=sound,
        encodings=encodings,
    )


def _has_recordings(song: Song, root: Path) -> bool:
    files = [song.main_audio_file, *(stem.audio_file for stem in song.stems if stem.has_audio)]
    return any(file and (root / file).is_file() for file in files)


def expected_end_s(source: SongSource) -> float | None:
    """Return where the song ends: as stated, but not after its last recording and its MIDI; None when unknown.

    Without a usable length it ends where the last of them does.
    """
    midi_s = source.midi.duration_us / 1e6 if source.midi else 0.0
    if source.midi_reason:
        return None
    stated = source.song.duration_s if source.song.duration_s > 0 else midi_s
    heard = 0.0
    for owner, file in source.sound.file_of.items():
        if not file:
            continue
        try:
            recording = source.sound.recording(owner)
        except (UnheardError, WhitelightError):
            return None
        heard = max(heard, recording.n_samples / recording.sample_rate)
    limit = max(heard, midi_s)
    return limit if heard > 0 and (stated <= 0 or stated > limit + END_TOLERANCE_S) else max(stated, 0.0)
