"""Reading one song: its manifest, its lyrics, what its times mean, where its media lie, what its class is."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from whitelight.catalog.detect import decode
from whitelight.catalog.lrc import LyricSheet, parse_lrc, place_lines
from whitelight.catalog.manifest import ManifestRow, parse_key, parse_meter, read_manifest
from whitelight.catalog.media import audio_length_s, hash_files, longest_audio_s, midi_length_s, resolve_media
from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.sections import Lengths, arrange_sections, decide_duration
from whitelight.catalog.settings import Override, Settings
from whitelight.catalog.song import FileTimeCodes, LyricLine, Problem, Song, Stem
from whitelight.catalog.timing import StructureTimes, collect_codes, read_lyric_encoding, read_structure_times
from whitelight.catalog.words import stem_view
from whitelight.files import UnreadableFileError, read_text
from whitelight.ontology import Ontology, OntologyClass, UnknownClassError

LAST_LINE_S = 5.0  # a sung line lasts two to eight seconds
_AUTO = Override()
_SAFE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._\-]{0,119}")


def read_song(root: Path, path: Path, settings: Settings) -> tuple[Song, list[FileTimeCodes], list[Problem]]:
    """Read one song with everything its manifest names."""
    text = read_text(path)
    log = ProblemLog(path.relative_to(root).as_posix(), text)
    row = read_manifest(path, log, text)
    meter, key = parse_meter(row, log), parse_key(row, log)
    sheet, lyric_log = _read_lyrics(root, path, row, log)
    codes = collect_codes(row, sheet.stamps if sheet is not None else (), log)
    times = read_structure_times(row, codes, meter, settings.overrides.get(log.file, _AUTO), log)
    stems = _read_stems(root, path, row, log)
    main_audio = resolve_media(root, path.parent, row.main_audio_file, log, ("main_audio_file",))
    main_midi = resolve_media(root, path.parent, row.main_midi_file, log, ("main_midi_file",))
    audio_s, midi_s = _media_lengths(root, (main_audio, main_midi), stems, times, log)
    lyric_lines, lyric_codes = _read_lyric_times(times, sheet, settings, lyric_log)
    lengths = Lengths(times.running_time, audio_s, midi_s, _last_lyric(lyric_lines, times))
    duration_s = decide_duration(times.rows, lengths, log)
    beat_s = 60.0 / row.bpm if row.bpm else None
    sections = arrange_sections(times.rows, duration_s, beat_s, log)
    lyric_lines = _within(lyric_lines, duration_s, lyric_log)
    _report_missing(root, [main_audio, main_midi], stems, log)
    song_class = _find_class(row, path, settings.ontology, log)
    files = [path, *([root / lyric_log.file] if lyric_log is not None and sheet is not None else [])]
    named = [main_audio, main_midi, *(name for stem in stems for name in (stem.audio_file, stem.midi_file))]
    media = sorted({name for name in named if name and (root / name).is_file()})
    song_id = _song_id(row, path, log)
    song = Song(
        song_id=song_id,
        group_id=row.group_id or song_id,
        split=row.split,
        title=row.title or song_id,
        tempo_bpm=row.bpm,
        meter=meter,
        musical_key=key,
        class_name=song_class.name if song_class is not None else "",
        album=row.album or (song_class.album if song_class is not None else ""),
        sequence=row.album_sequence,
        duration_s=duration_s,
        sections=sections,
        lyric_lines=lyric_lines,
        stems=tuple(replace(stem, stem_id=f"{song_id}/{stem.stem_id}") for stem in stems),
        mood=tuple(filter(None, row.mood)),
        genres=tuple(filter(None, row.genres)),
        sounds_like=tuple(artist.name for artist in row.sounds_like if artist.name),
        concept=" ".join(row.concept.split()),
        main_audio_file=main_audio,
        main_midi_file=main_midi,
        folder=path.parent.relative_to(root).as_posix(),
        content_hash=hash_files([*files, *(root / name for name in media)]),
        manifest_file=log.file,
        release_date=row.release_date,
        lyrics_file=lyric_log.file if lyric_log is not None and sheet is not None else None,
        vocals=row.vocals,
    )
    files_codes = [codes for codes in (times.file, lyric_codes) if codes is not None]
    return song, files_codes, [*log.problems, *(lyric_log.problems if lyric_log is not None else [])]


def _media_lengths(
    root: Path, main: tuple[str | None, str | None], stems: Sequence[Stem], times: StructureTimes, log: ProblemLog
) -> tuple[float | None, float | None]:
    """Seconds of the main mix, and where the manifest states no times also of the MIDI, or of the longest stem."""
    main_audio, main_midi = main
    audio_s = audio_length_s(root / main_audio, log) if main_audio and (root / main_audio).is_file() else None
    if times.running_time is not None or times.rows:
        return audio_s, None
    named = [main_midi, *(stem.midi_file for stem in stems if stem.has_midi)]
    midi_s = midi_length_s(root / name for name in named if name and (root / name).is_file())
    if audio_s is None and midi_s is None:
        recorded = [stem.audio_file for stem in stems if stem.has_audio]
        audio_s = longest_audio_s(root / name for name in recorded if name)
    return audio_s, midi_s


def _read_lyrics(
    root: Path, path: Path, row: ManifestRow, log: ProblemLog
) -> tuple[LyricSheet | None, ProblemLog | None]:
    """Parse the LRC file the manifest names, or the one beside it."""
    named = row.lrc_file.strip() or f"{path.stem}.lrc"
    place = resolve_media(root, path.parent, named, log, ("lrc_file",))
    if place is None or not (root / place).is_file():
        if row.lrc_file.strip() and place is not None:
            log.add("lyrics-missing", f"'{named}' is not there", "went on without timed lyrics", at=("lrc_file",))
        return None, None
    try:
        text = read_text(root / place)
    except UnreadableFileError as err:
        lyric_log = ProblemLog(place)
        reason = str(err).replace(str(root / place), Path(place).name)
        lyric_log.add("lyrics-unreadable", reason, "went on without timed lyrics", line=err.line, severity="error")
        return None, lyric_log
    lyric_log = ProblemLog(place, text)
    sheet = parse_lrc(text, lyric_log)
    if not sheet.stamps:
        lyric_log.problems.clear()
        what = "no line has a time stamp" if text.strip() else "the file is empty"
        lyric_log.add(
            "lrc-without-stamps", f"{what}, expected lines such as [01:23.045]", "left it out", severity="error"
        )
        return None, lyric_log
    return sheet, lyric_log


def _read_lyric_times(
    times: StructureTimes, sheet: LyricSheet | None, settings: Settings, log: ProblemLog | None
) -> tuple[tuple[LyricLine, ...], FileTimeCodes | None]:
    if sheet is None or log is None:
        return (), None
    ends = [row.end.seconds for row in times.rows if row.end is not None]
    if times.running_time is not None:
        ends.append(times.running_time.seconds)
    override = settings.overrides.get(log.file, _AUTO)
    answer = read_lyric_encoding(sheet.stamps, times.detection, max(ends, default=None), override, log)
    if answer is None:
        return (), None
    detection, codes = answer
    lines, _ = place_lines(sheet, lambda stamp: decode(stamp, detection, codes.offset_s), log)
    return lines, codes


def _last_lyric(lines: tuple[LyricLine, ...], times: StructureTimes) -> float | None:
    """Where the lyrics end, when three lines or no running time at all speak for it; one late line is a slip."""
    starts = sorted(line.start_s for line in lines)
    if not starts or (times.running_time is not None and starts[max(len(starts) - 3, 0)] <= times.running_time.seconds):
        return None
    return starts[-1] + LAST_LINE_S


def _within(lines: tuple[LyricLine, ...], duration_s: float, log: ProblemLog | None) -> tuple[LyricLine, ...]:
    """Leave out lines that start after the song, and say so; end the others with it."""
    kept = []
    for line in lines:
        if line.start_s < duration_s or log is None:
            end_s = line.end_s if line.end_s is None else min(line.end_s, duration_s)
            kept.append(replace(line, end_s=end_s, words=tuple(w for w in line.words if w.start_s < duration_s)))
            continue
        found = f"line '{line.text[:40]}' starts at {line.raw}, after the end of the song ({duration_s:.3f} s)"
        log.add("lyric-past-end", found, "left it out", line=log.text_line(line.raw))
    return tuple(kept)


def _read_stems(root: Path, path: Path, row: ManifestRow, log: ProblemLog) -> list[Stem]:
    """Read the stems; their ids still lack the song's."""
    has_recordings = any(part.audio_file.strip() for part in row.audio_tracks)
    stems: list[Stem] = []
    shared: set[str] = set()
    for i, part in enumerate(row.audio_tracks):
        at = ("audio_tracks", i)
        audio = resolve_media(root, path.parent, part.audio_file, log, (*at, "audio_file"))
        midi = resolve_media(root, path.parent, part.midi_file, log, (*at, "midi_file"))
        group_midi = resolve_media(root, path.parent, part.midi_group_file, log, (*at, "midi_group_file"))
        if midi is None and group_midi is not None and group_midi not in shared:
            midi = group_midi
        shared |= {group_midi} if group_midi is not None else set()
        if has_recordings and not part.audio_file.strip():
            has = f"MIDI '{Path(midi).name}'" if midi else "no MIDI either"
            log.add(
                "stem-without-audio",
                f"stem {part.id or i + 1} '{part.description}' names no audio file, {has}",
                "kept it without audio",
                at=at,
                severity="info",
            )
        file_name = Path(part.audio_file or part.midi_file or part.midi_group_file).stem
        stems.append(
            Stem(
                stem_id=_stem_number(part.id or str(i + 1), {stem.stem_id for stem in stems}, at, log),
                description=part.description,
                view=stem_view(part.group, part.description, file_name.removeprefix(path.stem)),
                audio_file=audio,
                midi_file=midi,
                has_audio=audio is not None and (root / audio).is_file(),
                has_midi=midi is not None and (root / midi).is_file(),
                group=part.group,
                player=part.player,
            )
        )
    return stems


def _stem_number(number: str, taken: set[str], at: tuple[str | int, ...], log: ProblemLog) -> str:
    wanted = f"{int(number):02d}" if number.isdecimal() else re.sub(r"[^A-Za-z0-9._\-]+", "-", number)
    if wanted not in taken:
        return wanted
    unique = next(f"{wanted}-{n}" for n in range(2, len(taken) + 3) if f"{wanted}-{n}" not in taken)
    log.add("stem-id-repeated", f"two stems have the id {number}", f"called the later one {unique}", at=(*at, "id"))
    return unique


def _song_id(row: ManifestRow, path: Path, log: ProblemLog) -> str:
    wanted = row.manifest_id.strip() or path.stem
    if row.manifest_id.strip() and path.stem not in (wanted, "song", "manifest"):
        found = f"manifest_id is '{wanted}', the file is {path.name}"
        log.add("manifest-id-differs", found, "used manifest_id", at=("manifest_id",), severity="info")
    if _SAFE_ID.fullmatch(wanted):
        return wanted
    safe = re.sub(r"[^A-Za-z0-9._\-]+", "_", wanted).strip(".-")[:120] or "song"
    log.add("song-id-unsafe", f"'{wanted}' cannot be a file name", f"called it '{safe}'", at=("manifest_id",))
    return safe


def _find_class(row: ManifestRow, path: Path, ontology: Ontology, log: ProblemLog) -> OntologyClass | None:
    if not row.rainbow_color.strip():
        log.add("class-missing", "no rainbow_color", "the song has no class and cannot be learned from", at=("title",))
        return None
    try:
        found = ontology.resolve_class(row.rainbow_color)
    except UnknownClassError as err:
        log.add("class-unknown", str(err), "the song has no class and cannot be learned from", at=("rainbow_color",))
        return None
    prefix = re.match(r"(\d\d)_\d\d$", path.stem)
    if prefix and found.prefix and prefix[1] != found.prefix:
        text = f"rainbow_color '{row.rainbow_color}' is {found.name}, whose songs begin with {found.prefix}_"
        log.add("class-differs-from-id", text, "used rainbow_color", at=("rainbow_color",))
    return found


def _report_missing(root: Path, main: list[str | None], stems: list[Stem], log: ProblemLog) -> None:
    """Say once per song how much of its media is not there: normal where only texts are shared."""
    named = {name for name in main if name} | {n for stem in stems for n in (stem.audio_file, stem.midi_file) if n}
    missing = sorted(name for name in named if not (root / name).is_file())
    if missing:
        text = f"{len(missing)} of {len(named)} media files are not there ({Path(missing[0]).name}, …)"
        log.add("media-missing", text, "went on without them", severity="info")
