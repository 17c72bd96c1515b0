"""Writing the demo catalog: plan, play and write every song of every album, then what is wrong on purpose.

Deterministic: one generator per song, seeded by the demo's seed and the song's place, so that a change to one album
leaves the others as they are. Recordings follow from the notes (`sound`).
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from whitelight.audio import Renderer
from whitelight.demo.grammar import PARTS, Album, Grammars, load_grammars
from whitelight.demo.irregular import Irregularity, load_irregularities, make_irregular
from whitelight.demo.manifest import SongFiles, song_files
from whitelight.demo.plan import SongPlan, plan_song
from whitelight.demo.play import play_song
from whitelight.demo.sound import SOUND, SOUND_FAULTS, RecordingPlan, record_song
from whitelight.demo.words import Words, load_words
from whitelight.files import write_atomic
from whitelight.music import Key, Meter
from whitelight.ontology import load_ontology
from whitelight.progress import Progress, silent
from whitelight.workers import in_processes

Card = TypeVar("Card")
INSTRUMENTAL = 4  # the song of each album that nobody sings
TERMS = "license: CC0-1.0\nattribution: made by `whitelight demo`\n"  # nobody wrote these songs


@dataclass(frozen=True, slots=True)
class DemoCatalogReport:
    """What was written where; `instrument` is what plays the recordings, "" without any."""

    root: Path
    n_songs: int
    n_stems: int
    n_lyric_songs: int
    irregular: tuple[Irregularity, ...]
    n_recordings: int = 0
    instrument: str = ""


@dataclass(frozen=True, slots=True)
class DemoSong:
    """A planned song, its album's words, and the generator that plays it."""

    song_id: str
    plan: SongPlan
    words: Words
    rng: np.random.Generator


@dataclass(frozen=True, slots=True)
class SongJob:
    """A song to be written: its folder, its files, and how it is recorded, None when it is not."""

    folder: Path
    files: SongFiles
    recording: RecordingPlan | None


@dataclass(frozen=True, slots=True)
class WrittenSong:
    """How much of a song was written."""

    n_stems: int
    n_recordings: int


def write_demo_catalog(
    out: Path,
    *,
    seed: int = 0,
    audio: bool = True,
    soundfont: Path | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> DemoCatalogReport:
    """Write the demo catalog into the folder `out`.

    Parameters
    ----------
    out : the catalog's root; files of the same names are replaced.
    seed : same seed, same bytes.
    audio : record every stem and a main mix (`sound`); about 270 MB.
    soundfont : what plays them; None is the built-in synthesizer, which is the same on every machine.
    jobs : processes that record.
    """
    grammars, faults = load_grammars(), load_irregularities()
    sound_faults = load_irregularities(SOUND_FAULTS) if audio else ()
    todo = []
    for song in demo_songs(grammars, seed=seed):
        piece = play_song(song.plan, song.rng)
        files = song_files(song.song_id, song.plan, piece, song.words, song.rng)
        for fault in faults:
            if fault.song == song.song_id:
                make_irregular(files, fault)
        own = tuple(fault for fault in sound_faults if fault.song == song.song_id)
        todo.append(SongJob(out / song.song_id, files, RecordingPlan(soundfont, own) if audio else None))
    n_stems = n_recordings = 0
    for n_done, written in enumerate(in_processes(_write_song, todo, jobs if audio else 1), start=1):
        n_stems += written.n_stems
        n_recordings += written.n_recordings
        progress(n_done, len(todo))
    instrument = Renderer(soundfont).instrument if audio else ""
    write_atomic(out / "catalog.yml", f"ontology: {grammars.ontology}\n{TERMS}")
    write_atomic(out / "README.md", _readme((*faults, *sound_faults), seed, instrument))
    n_lyric_songs = sum(bool(job.files.lrc) for job in todo)
    return DemoCatalogReport(out, len(todo), n_stems, n_lyric_songs, (*faults, *sound_faults), n_recordings, instrument)


def demo_songs(grammars: Grammars, *, seed: int) -> Iterator[DemoSong]:
    """Plan every song of every album."""
    ontology, words = load_ontology(grammars.ontology), load_words()
    spellings = {fault.song: fault.value for fault in load_irregularities() if fault.kind == "key_spelling"}
    for index, album in enumerate(grammars.albums):
        prefix, vocabulary = ontology.resolve_class(album.letter).prefix, words[album.letter]
        n_songs = len(vocabulary.songs)
        deal = np.random.default_rng([seed, index])
        meters = _dealt(album.meters, deal)
        harmonies = _dealt({harmony: harmony.songs for harmony in album.harmony}, deal)
        drumless = set(deal.permutation(n_songs)[: album.drumless].tolist())
        for place in range(n_songs):
            rng = np.random.default_rng([seed, index, place])
            song_id = f"{prefix}_{place + 1:02d}"
            plan = plan_song(
                _with_guest(album, grammars, rng),
                place + 1,
                harmonies[place],
                Meter.parse(meters[place]),
                rng,
                tonic=Key.parse(spellings[song_id]).spelling if song_id in spellings else None,
                has_drums=place not in drumless,
                has_lyrics=place + 1 != INSTRUMENTAL,
            )
            yield DemoSong(song_id, plan, vocabulary, rng)


def _dealt(counts: Mapping[Card, int], rng: np.random.Generator) -> list[Card]:
    """Return the keys of `counts`, each as often as its count, in random order."""
    deck = [card for card, count in counts.items() for _ in range(count)]
    return [deck[index] for index in rng.permutation(len(deck))]


def _with_guest(album: Album, grammars: Grammars, rng: np.random.Generator) -> Album:
    """Now and then let one part be played as another album plays it: real albums overlap."""
    others = [other for other in grammars.albums if other.letter != album.letter]
    part, lender = str(rng.choice(PARTS)), others[int(rng.integers(len(others)))]
    if rng.random() >= grammars.guests:
        return album
    borrowed: dict[str, Any] = {part: getattr(lender, part)}
    return replace(album, **borrowed)


def _write_song(job: SongJob) -> WrittenSong:
    """Record and write one song."""
    files = job.files
    if job.recording is not None:
        record_song(files, job.recording)
    for name, data in (files.midi | files.audio).items():
        write_atomic(job.folder / name, data)
    if files.lrc:
        write_atomic(job.folder / f"{files.song_id}.lrc", "\n".join(files.lrc) + "\n")
    manifest = dump_yaml(files.manifest)
    write_atomic(job.folder / f"{files.song_id}.yml", manifest)  # last: a manifest means the song is whole
    return WrittenSong(len(files.manifest["audio_tracks"]), len(files.audio))


def dump_yaml(value: Any) -> str:
    """Return `value` as YAML 1.2 in the order of its keys."""
    from ruamel.yaml import YAML  # noqa: PLC0415  loading it costs 60 ms that `--help` must not pay

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # typed as None, read as a truth value
    stream = io.StringIO()
    writer.dump(value, stream)
    return stream.getvalue()


def _readme(faults: tuple[Irregularity, ...], seed: int, instrument: str) -> str:
    lines = [
        "# A demo catalog",
        "",
        f"Made by `whitelight demo` (seed {seed}): eight small albums, each with a musical grammar and a vocabulary of its",
        "own. Nobody wrote these songs; take them as test signals with manners.",
        "",
        *([f"Recordings: {SOUND} They are played by the {instrument}.", ""] if instrument else []),
        "Wrong on purpose, for `whitelight catalog check` to find:",
        "",
        *(f"- {fault.song}: {fault.what}" for fault in faults),
    ]
    return "\n".join(lines) + "\n"
