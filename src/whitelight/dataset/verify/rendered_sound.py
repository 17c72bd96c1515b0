"""The recordings of a song that was rendered from its MIDI: played again with the same instrument.

There is no second player: this shows that every row holds what its own part sounds like at its own time, not how it
ought to sound. That the MIDI is right is shown by the second reader.
"""

from functools import cache
from pathlib import Path

from whitelight.audio import AudioError, Renderer, find_soundfont
from whitelight.catalog.song import Song
from whitelight.dataset.manifest import AudioRecord
from whitelight.dataset.rendering import instrument_of
from whitelight.dataset.settings import DEFAULT_SAMPLE_RATE, AudioSettings
from whitelight.dataset.source import read_song_midi
from whitelight.dataset.verify.second_audio import Recording, Samples
from whitelight.dataset.verify.song_sound import FULL, SongSound, add_views, ranked_stems


def plan_rendered_sound(song: Song, root: Path, audio: AudioRecord, end_s: float) -> SongSound:
    """Return what a song without recordings sounds like.

    Parameters
    ----------
    audio : how the build rendered; without the same instrument nothing can be compared.
    end_s : where the song ends.
    """
    rate = audio.sample_rate or DEFAULT_SAMPLE_RATE
    midi = read_song_midi(song, root)
    if midi.piece is None or end_s <= 0:
        return SongSound(root, {}, {})
    owners = {FULL: -1}
    stem_owners: list[str] = []
    if midi.is_by_stems:
        ranked = [(stem, song.stems.index(stem)) for stem in ranked_stems(song)]
        owners = {"stem-" + s.stem_id.rpartition("/")[2]: i for s, i in ranked if i in midi.track_stem}
        stem_owners = list(owners)
    view_of = {owner: song.stems[owners[owner]].view for owner in stem_owners}
    owners_of = add_views({owner: (owner,) for owner in owners}, stem_owners, view_of)
    renderer, reason = _renderer(audio.instrument)
    n_samples, piece, tracks = round(end_s * rate), midi.piece, midi.track_stem

    def player(stem: int) -> Recording:
        chosen = [track for track, owner in zip(piece.midi_tracks, tracks, strict=True) if owner == stem]

        def play() -> Samples:
            assert renderer is not None
            part = piece.with_midi_tracks(chosen)
            return renderer.render(part, rate, mono=audio.mono, n_samples=n_samples).samples

        return Recording(root, rate, 1 if audio.mono else 2, n_samples, is_lossless=False, is_exact=False, play=play)

    played = {owner: player(stem) for owner, stem in owners.items()}
    return SongSound(root, dict.fromkeys(owners, ""), owners_of, rate=rate, unheard=reason, _open=played)


@cache
def _renderer(instrument: str) -> tuple[Renderer | None, str]:
    """Return what plays as the build played, or why it cannot be had; a SoundFont is loaded once per process."""
    for is_built_in in (False, True):
        try:
            soundfont = None if is_built_in else find_soundfont()
            if instrument_of(AudioSettings(render=True, soundfont=soundfont)) == instrument:
                return Renderer(soundfont), ""
        except AudioError:
            continue
    name = " ".join(word for word in instrument.split() if len(word) < 64)
    return None, f"it was played by {name}, which is not here"
