"""Which recordings a song's rows must sound like, from the catalog alone.

Rules (docs/formats.md, Audio): the main mix is the sound of `full`; a stem's recording that of its rows; the stems of a
part, added up, that of its view; all stems, or those of the whole song, that of `full` without a main mix. A file that
several parts name is stored once, under the first: the main mix, then stems in the order of `PART_VIEWS`, then others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from whitelight.catalog.song import Song, Stem
from whitelight.dataset.verify.second_audio import Recording, UnheardError, added
from whitelight.dataset.verify.second_levels import measure_rms
from whitelight.dataset.views import PART_VIEWS
from whitelight.files import inside

FULL = "full"


@dataclass(slots=True)
class SongSound:
    """The recordings of a song.

    Attributes
    ----------
    file_of : part that holds a recording → its file, relative to the catalog; empty for one that is rendered.
    owners_of : part → parts that hold what it sounds like, added up.
    damaged : files that are decoded as far as they go.
    unheard : why none of it can be heard a second time.
    rate, is_mono : how the build cut them; Hz, None where every recording kept its own.
    """

    root: Path
    file_of: Mapping[str, str]
    owners_of: Mapping[str, tuple[str, ...]]
    damaged: frozenset[str] = frozenset()
    rate: int | None = None
    is_mono: bool = False
    unheard: str = ""
    _open: dict[str, Recording] = field(default_factory=dict)

    def recording(self, owner: str) -> Recording:
        """Open the recording of a part; its header is read once.

        Raises
        ------
        UnheardError : it cannot be read.
        """
        if self.unheard:
            raise UnheardError(self.unheard)
        if owner not in self._open:
            file = self.file_of[owner]
            self._open[owner] = Recording.open(inside(self.root, file), is_damaged=file in self.damaged)
        return self._open[owner]

    def forget(self, owner: str) -> None:
        """Let go of what was decoded of a recording."""
        if owner in self._open:
            self._open[owner].forget()

    def reaching(self, part: str, start_s: float) -> tuple[str, ...]:
        """Return the owners a part sounds like in a segment: those whose recording goes on after its start.

        Recordings of different rates, where each kept its own, and of channels that do not fit are not added: none then.
        """
        owners = self.owners_of.get(part, ())
        recordings = {owner: self.recording(owner) for owner in owners}
        rates = {self.rate or recording.sample_rate for recording in recordings.values()}
        widths = {1 if self.is_mono else recording.n_channels for recording in recordings.values()}
        if len(rates) > 1 or len(widths - {1}) > 1:
            return ()
        return tuple(owner for owner, recording in recordings.items() if self._reaches(recording, start_s))

    def _reaches(self, recording: Recording, start_s: float) -> bool:
        at = self.rate or recording.sample_rate
        return round(recording.n_samples * at / recording.sample_rate) > round(start_s * at)

    def rms_dbfs(self, part: str, start_s: float, end_s: float) -> float | None:
        """Return the RMS of what a part sounds like in a segment; None where it has no sound or no quick one."""
        recordings = [self.recording(owner) for owner in self.reaching(part, start_s)]
        if not recordings or not all(recording.is_exact for recording in recordings):
            return None
        parts = [r.samples(round(start_s * r.sample_rate), round(end_s * r.sample_rate)) for r in recordings]
        if self.is_mono:
            parts = [samples.mean(axis=1, keepdims=True) for samples in parts]
        return measure_rms(added(parts)) if len({r.sample_rate for r in recordings}) == 1 else None


def plan_sound(
    song: Song,
    root: Path,
    left_out: frozenset[str] = frozenset(),
    damaged: frozenset[str] = frozenset(),
    *,
    rate: int | None = None,
    is_mono: bool = False,
) -> SongSound:
    """Return what a song's rows sound like.

    Parameters
    ----------
    left_out : files that the build reports as unusable.
    damaged : files that it reports as flawed.
    """
    parts_of: dict[str, list[str]] = {}
    view_of: dict[str, str] = {}
    stem_owners: list[str] = []
    main = song.main_audio_file
    if main and main not in left_out and (root / main).is_file():
        parts_of[main] = [FULL]
    for stem in ranked_stems(song):
        if not stem.has_audio or not stem.audio_file or stem.audio_file in left_out:
            continue
        part = "stem-" + stem.stem_id.rpartition("/")[2]
        if stem.audio_file not in parts_of:
            stem_owners.append(part)
            view_of[part] = stem.view
        parts_of.setdefault(stem.audio_file, []).append(part)
    file_of = {parts[0]: file for file, parts in parts_of.items()}
    owners_of = {part: (parts[0],) for parts in parts_of.values() for part in parts}
    return SongSound(root, file_of, add_views(owners_of, stem_owners, view_of), damaged, rate, is_mono)


def ranked_stems(song: Song) -> list[Stem]:
    """Return the stems in the order in which they are stored: those of one view together."""
    return sorted(song.stems, key=lambda s: PART_VIEWS.index(s.view) if s.view in PART_VIEWS else len(PART_VIEWS))


def add_views(
    owners_of: Mapping[str, tuple[str, ...]], stem_owners: Sequence[str], view_of: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Add what the views are the sum of; `full` only where no recording is it."""
    every = dict(owners_of)
    for view in PART_VIEWS:
        every[view] = tuple(owner for owner in stem_owners if view_of[owner] == view)
    if FULL not in every:
        every[FULL] = tuple(o for o in stem_owners if view_of[o] == FULL) or tuple(stem_owners)
    return {part: owners for part, owners in every.items() if owners}
