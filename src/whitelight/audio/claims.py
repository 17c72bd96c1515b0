"""Headers that lie about length, as far as the file's own bytes tell.

All but `goes_on` is called before a decoder reads from the same stream: they share its position.
"""

import io
import struct
from dataclasses import dataclass, replace

from whitelight.audio.media import Media

_STREAMED = (0, 0xFFFFFFFF)  # programs that write to a pipe cannot go back and fill in the length
_OGG_LAST_PAGE = 0x04
_OGG_TAIL_BYTES = 70_000  # a page has at most 65,307 bytes
_WAV_HEADER_BYTES = 1 << 20
_ID3_HEADER_BYTES = 10
_XING_SEARCH_BYTES = 2048  # the tag lies in the first frame, which has at most 1,441 bytes
_XING_HAS_FRAMES, _XING_HAS_BYTES = 1, 2
_BEHIND_BYTES = 1 << 20  # pictures and tags may follow the sound


@dataclass(frozen=True, slots=True)
class Claims:
    """What a header says that a decoder does not tell.

    Parameters
    ----------
    n_samples : per channel, None where the header says nothing of its own.
    problems : what is wrong by the bytes alone.
    """

    n_samples: int | None = None
    problems: tuple[str, ...] = ()

    def compared(self, n_found: int) -> tuple[str, ...]:
        """Return all problems, one of them when the decoder finds fewer samples than the header claims."""
        if self.n_samples is None or self.n_samples <= n_found:
            return self.problems
        lie = f"the header claims {self.n_samples:,} samples, the file holds {n_found:,}; used those"
        return (*self.problems, lie)


def read_claims(media: Media) -> tuple[Media, Claims]:
    """Read what the file itself says of its length; the recording comes back with a lie put right in memory.

    The MP3 decoder would complain about it on stderr, whoever listens there.
    """
    if media.format_name == "WAV" and media.head[:4] == b"RIFF":
        return media, Claims(_wav_samples(media))
    if media.format_name == "OGG" and _is_ogg_cut_off(media):
        return media, Claims(problems=("breaks off before its last page; used what it holds",))
    if media.format_name in ("MP3", ""):
        return _with_true_xing(media)
    return media, Claims()


def goes_on(media: Media) -> tuple[str, ...]:
    """Say so when a FLAC file has much left after the samples its header claims have been decoded."""
    n_left = media.n_bytes - media.stream.tell()
    if media.format_name != "FLAC" or n_left <= _BEHIND_BYTES:
        return ()
    return (f"goes on for {n_left:,} bytes after the samples its header claims; used those",)


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
            is_plain = block_align and size not in _STREAMED and place + 8 + size > media.n_bytes
            return size // block_align if is_plain else None
        place += 8 + size + size % 2
    return None


def _is_ogg_cut_off(media: Media) -> bool:
    data = media.tail(_OGG_TAIL_BYTES)
    page = data.rfind(b"OggS")
    return 0 <= page < len(data) - 5 and not data[page + 5] & _OGG_LAST_PAGE


def _with_true_xing(media: Media) -> tuple[Media, Claims]:
    """Compare the bytes an MP3 file claims in its Xing tag with those it has."""
    start = 0
    if media.head[:3] == b"ID3":
        size = media.head[6:_ID3_HEADER_BYTES]
        start = _ID3_HEADER_BYTES + sum(
            (byte & 0x7F) << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=True)
        )
    media.stream.seek(start)
    data = media.stream.read(_XING_SEARCH_BYTES)
    tag = max(data.find(b"Xing"), data.find(b"Info"))
    if tag < 0 or len(data) < tag + 16:
        return media, Claims()
    flags = struct.unpack_from(">I", data, tag + 4)[0]
    place = tag + (12 if flags & _XING_HAS_FRAMES else 8)
    n_claimed = struct.unpack_from(">I", data, place)[0]
    n_found = media.n_bytes - start
    if not flags & _XING_HAS_BYTES or abs(n_claimed - n_found) <= n_claimed // 100:
        return media, Claims()
    media.stream.seek(0)
    content = bytearray(media.stream.read())
    struct.pack_into(">I", content, start + place, n_found)
    lie = f"the header claims {n_claimed:,} bytes, the file holds {n_found:,}; used those"
    return replace(media, stream=io.BytesIO(bytes(content))), Claims(problems=(lie,))
