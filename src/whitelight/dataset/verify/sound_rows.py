"""The sound a row must have, by its part, and whether it has it: which recordings, their samples, its levels."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import file_digest
from typing import Any

from whitelight.dataset.verify.audio_fidelity import SoundCheck, compare_sound
from whitelight.dataset.verify.second_audio import Samples, UnheardError, added, as_float, decode_stored
from whitelight.dataset.verify.second_levels import MeasuredLevels, level_differences, measure
from whitelight.dataset.verify.song_sound import SongSound
from whitelight.files import inside, sha256_of

Row = Mapping[str, Any]
NONSENSE = (ArithmeticError, LookupError, TypeError, ValueError)  # what computing with null or absurd values raises
_NO_SOUND = ("audio_rows", "audio_source", "audio_file", "audio_sha256")


class SoundRows:
    """Comparing the sound of a song's rows.

    Parameters
    ----------
    sound : the song's recordings, from the catalog.
    rows : all of the song.
    audio : row id → stored FLAC, of the rows to be compared and of what they add up.
    """

    def __init__(self, sound: SongSound, rows: Iterable[Row], audio: Mapping[str, bytes]) -> None:
        self._sound, self._audio = sound, audio
        self._rows = {row["row_id"]: row for row in rows}
        self._compared: dict[str, SoundCheck | UnheardError] = {}
        self._measured: dict[tuple[str, ...], tuple[MeasuredLevels, tuple[int, int]]] = {}
        self._hashes: dict[str, str] = {}
        self._compare_all()

    def _compare_all(self) -> None:
        """Compare what is stored, recording by recording, so that one decoded recording is in memory."""
        for owner in self._sound.file_of:
            for row_id in self._audio:
                if row_id.rpartition("/")[2] == owner and row_id in self._rows:
                    self._compared[row_id] = self._compare(self._rows[row_id], owner)
            self._sound.forget(owner)

    def _compare(self, row: Row, owner: str) -> SoundCheck | UnheardError:
        try:
            stored = decode_stored(self._audio[row["row_id"]])
            self._measured[row["row_id"],] = _measured(as_float(stored), row["sample_rate"])
            return compare_sound(row, stored, self._sound.recording(owner), is_mono=self._sound.is_mono)
        except UnheardError as err:
            return err
        except NONSENSE as err:
            return SoundCheck([f"its values make no sense: {err or type(err).__name__}"])

    def check(self, row: Row) -> SoundCheck | None:
        """Compare one row; None when it has no sound and should have none.

        Raises
        ------
        UnheardError : its recordings cannot be read a second time.
        """
        owners = self._sound.reaching(row["row_id"].rpartition("/")[2], row["start_s"])
        expected = tuple(f"{row['segment_id']}/{owner}" for owner in owners)
        found = SoundCheck()
        if tuple(row["audio_rows"]) != expected:
            told = f"it sounds like {_rows_told(row['audio_rows'])}, its recordings are {_rows_told(expected)}"
            found.failures.append(told)
        if not expected:
            stated = [name for name in _NO_SOUND if row[name]]
            found.failures += [f"{name} is stated for a row without sound" for name in stated]
            return found if found.failures else None
        found.failures += self._wrong_provenance(row, owners)
        for row_id in expected:
            self._take(row["row_id"], row_id, found)
        if all(row_id in self._audio for row_id in expected):
            levels, (n_samples, n_channels) = self._levels(expected, row["sample_rate"])
            found.failures += level_differences(row, levels)
            if (row["n_samples"], row["n_channels"]) != (n_samples, n_channels):
                stated_shape = f"{row['n_samples']} samples in {row['n_channels']} channels"
                found.failures.append(f"its row says {stated_shape}, it has {n_samples} in {n_channels}")
        return found

    def _take(self, row_id: str, part_id: str, found: SoundCheck) -> None:
        """Add what was found of a stored part to what is found of a row."""
        compared = self._compared.get(part_id)
        if compared is None:
            found.failures.append(f"the audio of {part_id} is not in the media file")
        elif isinstance(compared, UnheardError):
            raise compared
        else:
            where = "" if part_id == row_id else f"in {part_id.rpartition('/')[2]}: "
            found.failures += [where + text for text in compared.failures]
            found.measures |= compared.measures

    def _wrong_provenance(self, row: Row, owners: tuple[str, ...]) -> Iterator[str]:
        files = [self._sound.file_of[owner] for owner in owners]
        expected = {
            "audio_source": "file" if files[0] else "rendered",
            "audio_file": files[0] if len(files) == 1 else "",
            "audio_is_lossless": all(self._is_kept(owner, row["sample_rate"]) for owner in owners),
        }
        if files[0]:
            hashes = [self._hash(file) for file in files]
            expected["audio_sha256"] = hashes[0] if len(files) == 1 else sha256_of(its.encode() for its in hashes)
        for name, value in expected.items():
            if row[name] != value:
                yield f"{name} is {row[name]!r}, the source says {value!r}"

    def _is_kept(self, owner: str, rate: int) -> bool:
        """Whether every sample of a recording can be as it was: no lossy format, no other rate, no mix of channels."""
        recording = self._sound.recording(owner)
        is_mixed = self._sound.is_mono and recording.n_channels > 1
        return recording.is_lossless and recording.sample_rate == rate and not is_mixed

    def _hash(self, file: str) -> str:
        if file not in self._hashes:
            with inside(self._sound.root, file).open("rb") as stream:
                self._hashes[file] = file_digest(stream, "sha256").hexdigest()
        return self._hashes[file]

    def _levels(self, row_ids: tuple[str, ...], rate: int) -> tuple[MeasuredLevels, tuple[int, int]]:
        """Levels and shape of stored sounds added up."""
        if row_ids not in self._measured:
            samples = added([as_float(decode_stored(self._audio[row_id])) for row_id in row_ids])
            self._measured[row_ids] = _measured(samples, rate)
        return self._measured[row_ids]


def _measured(samples: Samples, rate: int) -> tuple[MeasuredLevels, tuple[int, int]]:
    return measure(samples, rate), (samples.shape[0], samples.shape[1])


def _rows_told(row_ids: Iterable[str]) -> str:
    return ", ".join(row_id.rpartition("/")[2] for row_id in row_ids) or "none"
