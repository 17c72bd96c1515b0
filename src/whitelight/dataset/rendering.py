"""Rendered recordings for songs that have MIDI and no recording, so that they can have paired audio."""

from dataclasses import replace
from functools import lru_cache
from hashlib import file_digest
from pathlib import Path

from whitelight.audio import Renderer, find_soundfont
from whitelight.dataset.recordings import Recording, Source
from whitelight.dataset.settings import DEFAULT_SAMPLE_RATE, AudioSettings
from whitelight.dataset.song_cut import FULL, SongCut, stem_part
from whitelight.dataset.sound import Provenance
from whitelight.dataset.source import BuildProblem, file_of
from whitelight.dataset.views import PART_VIEWS
from whitelight.errors import WhitelightError
from whitelight.files import sha256_of


def with_soundfont(settings: AudioSettings) -> AudioSettings:
    """Return settings that name the SoundFont which is found here, so that every process plays with the same.

    Raises
    ------
    AudioError : what was asked for is not there.
    """
    return replace(settings, soundfont=find_soundfont(settings.soundfont)) if settings.render else settings


def instrument_of(settings: AudioSettings) -> str:
    """Return what plays, by name and by hash, "" where nothing is to be rendered.

    Raises
    ------
    AudioError : the SoundFont is none.
    """
    return _instrument(settings.soundfont) if settings.render and settings.is_cut else ""


def plan_rendering(cut: SongCut) -> tuple[Source, ...]:
    """Return what to render of a song: each stem with MIDI, or the whole where it is one file."""
    if cut.midi.piece is None:
        return ()
    if not cut.midi.is_by_stems:
        return (Source((FULL,), "", "", -1),)
    stems = [(index, cut.song.stems[index]) for index in sorted(set(cut.midi.track_stem))]
    rank = {view: i for i, view in enumerate(PART_VIEWS)}
    stems.sort(key=lambda pair: (rank.get(pair[1].view, len(rank)), pair[0]))  # those of one view together
    return tuple(Source((stem_part(stem),), stem.view, "", index) for index, stem in stems)


def render_recording(
    cut: SongCut, settings: AudioSettings, problems: list[BuildProblem], source: Source
) -> Recording | None:
    """Play one part of a song, as long as the song."""
    piece = cut.midi.piece
    assert piece is not None
    chosen = [t for t, owner in zip(piece.midi_tracks, cut.midi.track_stem, strict=True) if owner == source.stem]
    sample_rate = settings.sample_rate or DEFAULT_SAMPLE_RATE
    file = file_of(cut.song, source.stem) or cut.song.manifest_file
    try:
        audio = _renderer(settings.soundfont).render(
            piece.with_midi_tracks(chosen), sample_rate, mono=settings.mono, n_samples=round(cut.end_s * sample_rate)
        )
    except WhitelightError as err:
        problems.append(BuildProblem(cut.song.song_id, file, "audio-unrendered", str(err), "built without its sound"))
        return None
    problems += [BuildProblem(cut.song.song_id, file, "audio-flawed", text, "used it so") for text in audio.problems]
    made_from = cut.midi.file_sha256.get(file) or sha256_of(h.encode() for h in cut.midi.file_sha256.values())
    digest = sha256_of([made_from.encode(), _instrument(settings.soundfont).encode()])
    return Recording(source, audio, Provenance("rendered", "", digest, is_lossless=False))


@lru_cache(maxsize=1)
def _renderer(soundfont: Path | None) -> Renderer:
    """Load a SoundFont once per process."""
    return Renderer(soundfont)


@lru_cache(maxsize=1)
def _instrument(soundfont: Path | None) -> str:
    name = _renderer(soundfont).instrument
    if soundfont is None:
        return name
    with soundfont.open("rb") as stream:
        return f"{name} {file_digest(stream, 'sha256').hexdigest()}"
