"""The whole song as it would be assembled now, as the page draws and plays it. Nothing is written."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from whitelight.composition.arrangement import Song, StageMix, assemble_song
from whitelight.studio.library import print_of, version_of
from whitelight.studio.rolls import roll_of

_KEPT_SONGS = 8  # a song of six minutes and eight tracks is 5 MB of plain data


def song_roll(folder: Path) -> Mapping[str, Any]:
    """The song as `SongRoll` of `web/src/types.ts`; kept until one of its files changes.

    Raises
    ------
    ArrangementError : nothing is approved, or the arrangement cannot be played. SongSheetError : no `song.yml`.
    """
    return _kept(folder, version_of(print_of(folder)))


@lru_cache(maxsize=_KEPT_SONGS)
def _kept(folder: Path, _version: str) -> Mapping[str, Any]:
    return plain_song(assemble_song(folder))


def plain_song(song: Song) -> dict[str, Any]:
    """A song that was put together, as plain data; tracks that share a name are numbered.

    The gain of a track is what the arrangement adds to the level that its stage has by itself.
    """
    roll = roll_of(song.piece)
    names = _unlike([midi_track.name for midi_track in song.piece.midi_tracks])
    for plain, name, stage in zip(roll["tracks"], names, song.stages, strict=True):
        plain["name"], plain["gain_db"] = name, song.arrangement.mix.get(stage, StageMix()).gain_db
    roll["chords"] = [[chord.start_tick, chord.chord.symbol] for chord in song.chords]
    roll["markers"] = [[placed.start_tick, placed.block.name] for placed in song.blocks]
    return {
        "roll": roll,
        "blocks": [
            {
                "name": placed.block.name,
                "section": placed.block.section,
                "start_tick": placed.start_tick,
                "end_tick": placed.end_tick,
                "energy": placed.block.energy,
            }
            for placed in song.blocks
        ],
        "stages": dict(zip(names, song.stages, strict=True)),
    }


def _unlike(names: list[str]) -> list[str]:
    """The names, with a number behind one that was there before."""
    made: list[str] = []
    for name in names:
        candidate, number = name, 2
        while candidate in made:
            candidate, number = f"{name} {number}", number + 1
        made.append(candidate)
    return made
