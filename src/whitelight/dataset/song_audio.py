"""All sound of one song: its recordings one after the other, each decoded once, cut, stored and forgotten.

In memory are one recording and the sums that are not complete yet, at most two: stems of one view come together.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from whitelight.dataset.audio_cutting import SongSound, SoundSum, cut_recording, sums_of
from whitelight.dataset.media_file import StoredAudio
from whitelight.dataset.recordings import Recording, Source
from whitelight.dataset.song_cut import SongCut

Read: TypeAlias = Callable[[Source], Recording | None]
Store: TypeAlias = Callable[[Sequence[tuple[str, StoredAudio]]], None]


class SongAudio:
    """The recordings of a song on their way into its media file.

    Parameters
    ----------
    sources : the main mix first, where there is one.
    read : reads one of them; None when it cannot be used.
    known : takes what is found.
    """

    def __init__(self, sources: Sequence[Source], read: Read, known: SongSound) -> None:
        self._sources = tuple(sources)
        self._read = read
        self._known = known
        self._main: Recording | None = None
        self.main_s = 0.0

    def read_main(self) -> None:
        """Read the main mix, whose length decides where the song ends; without a usable one stems stand for it."""
        if self._sources and self._sources[0].stem < 0:
            self._main = self._read(self._sources[0])
            if self._main is None:
                self._sources = self._sources[1:]
            else:
                self.main_s = self._main.audio.duration_s

    @property
    def stems(self) -> tuple[Source, ...]:
        """Recordings that are not the main mix."""
        return tuple(source for source in self._sources if source.stem >= 0)

    def cut(self, cut: SongCut, store: Store) -> None:
        """Cut every recording and give `store` its pieces at once, so that no other is in memory."""
        wanted = sums_of(self._sources)
        sums = {view: SoundSum(view, cut.end_s) for view, owners in wanted.items() if len(owners) > 1}
        for source in self._sources if cut.segments else ():
            self._cut_one(cut, source, [sums[view] for view in sums if source.owner in wanted[view]], store)
            for view in [view for view in sums if wanted[view][-1] == source.owner]:
                sums.pop(view).finish(cut, self._known)
        sounds = self._known.sounds
        for view in (view for view, owners in wanted.items() if len(owners) == 1):
            for segment in cut.segments:
                row_id = cut.row_id(segment, wanted[view][0])
                if row_id in sounds:
                    sounds[cut.row_id(segment, view)] = sounds[row_id]

    def _cut_one(self, cut: SongCut, source: Source, sums: Sequence[SoundSum], store: Store) -> None:
        main, self._main = self._main, None  # the main mix comes first
        recording = main or self._read(source)
        if recording is None:
            return
        store(list(cut_recording(cut, recording, self._known)))
        for total in sums:
            total.add(recording)
