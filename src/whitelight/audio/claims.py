"""Headers that lie about length, as far as the file's own bytes tell before anything is decoded."""

import struct
from dataclasses import dataclass

from whitelight.audio.media import Media

_STREAMED = (0, 0xFFFFFFFF)  # programs that write to a pipe cannot go back and fill in the length
_OGG_LAST_PAGE = 0x04
_OGG_TAIL_BYTES = 70_000  # a page has at most 65,307 bytes
_WAV_HEADER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Claim:
    """What a header says that a decoder does not tell.

    Parameters
    ----------
    n_samples : per channel, None where the header says nothing of its own.
    is_cut_off : the file ends before its last part.
    """

    n_samples: int | None = None
    is_cut_off: bool = False

    def problems(self, n_found: int) -> tuple[str, ...]:
        """Say what the header claims and the decoder does not find."""
        if self.n_samples is not None and self.n_samples > n_found:
            return (f"the header claims {self.n_samples:,} samples, the file holds {n_found:,}; used those",)
        return ("the file breaks off before its last page; used what it holds",) if self.is_cut_off else ()


def read_claim(media: Media) -> Claim:
    """Read what the file itself says of its length; to be called before a decoder reads from the same stream."""
    if media.format_name == "WAV" and media.head[:4] == b"RIFF":
        return Claim(_wav_samples(media))
    if media.format_name == "OGG":
        return Claim(is_cut_off=_is_ogg_cut_off(media))
    return Claim()


def _wav_samples(media: Media) -> int | None:
    """Samples the header of a WAV file claims, None when it was streamed or its parts are not where they should be."""
    media.stream.seek(0)
    data = media.stream.read(_WAV_HEADER_BYTES)
    place, block_align = 12, 0
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        if name == b"fmt " and place + 22 <= len(data):
            block_align = struct.unpack_from("<H", data, place + 20)[0]
        if name == b"data":
            return size // block_align if block_align and size not in _STREAMED else None
        place += 8 + size + size % 2
    return None


def _is_ogg_cut_off(media: Media) -> bool:
    data = media.tail(_OGG_TAIL_BYTES)
    page = data.rfind(b"OggS")
    return 0 <= page < len(data) - 5 and not data[page + 5] & _OGG_LAST_PAGE
