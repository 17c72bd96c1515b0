"""The times of one song: its structure and its lyrics each read in their own encoding, offsets found and undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor

from whitelight.catalog.detect import (
    DOUBTFUL,
    Detection,
    base_prior,
    decode,
    decode_as_exception,
    detect_encoding,
    related_prior,
)
from whitelight.catalog.manifest import ManifestRow
from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.sections import Row
from whitelight.catalog.settings import Override
from whitelight.catalog.song import FileTimeCodes
from whitelight.catalog.timecode import Stamp, TimeCode, TimeCodeError, encoding_named, parse_stamp
from whitelight.catalog.words import section_role
from whitelight.music.meter import Meter

HOUR_S = 3600.0  # sessions often start at one hour, and exported times keep it
_TEMPO_DIFFERS_BPM = 0.02
_OFFSET_SLACK_S = 5.0


@dataclass(frozen=True, slots=True)
class SongCodes:
    """The stamps of one song before they are read; a row's stamp is None when missing or unreadable."""

    starts: tuple[Stamp | None, ...]
    ends: tuple[Stamp | None, ...]
    running_time: Stamp | None
    lyrics: tuple[Stamp, ...] = ()

    @property
    def structure(self) -> tuple[Stamp, ...]:
        """All stamps of the manifest, a repeated text once."""
        found = (stamp for stamp in (*self.starts, *self.ends, self.running_time) if stamp is not None)
        return tuple({stamp.raw: stamp for stamp in found}.values())


@dataclass(frozen=True, slots=True)
class StructureTimes:
    """A manifest's decoded times; `detection` is None when it has none."""

    rows: tuple[Row, ...]
    running_time: TimeCode | None
    detection: Detection | None
    file: FileTimeCodes | None


def collect_codes(row: ManifestRow, lyric_stamps: Sequence[Stamp], log: ProblemLog) -> SongCodes:
    """Parse every time of a manifest; texts that are no time are reported."""

    def parse(value: str | float | None, at: tuple[str | int, ...]) -> Stamp | None:
        stamp = parse_stamp(value)
        if stamp is not None and stamp.is_absurd:
            code = "running-time-wrong" if at == ("TRT",) else "time-code-unreadable"
            log.add(code, f"found '{value}', expected less than 24 hours", "went on without it", at=at)
            return None
        if stamp is None and value not in (None, ""):
            log.add("time-code-unreadable", f"found '{value}', expected [MM:SS.ddd]", "went on without it", at=at)
        return stamp

    starts = tuple(parse(s.start_time, ("structure", i, "start_time")) for i, s in enumerate(row.structure))
    ends = tuple(parse(s.end_time, ("structure", i, "end_time")) for i, s in enumerate(row.structure))
    return SongCodes(starts, ends, parse(row.TRT, ("TRT",)), tuple(lyric_stamps))


def read_structure_times(
    row: ManifestRow, codes: SongCodes, meter: Meter | None, override: Override, log: ProblemLog
) -> StructureTimes:
    """Decode the sections' times and the running time."""
    names = [(s.section_name or f"section {i + 1}", s.description) for i, s in enumerate(row.structure)]
    if not codes.structure:
        rows = tuple(Row(i, name, section_role(name), None, None, text) for i, (name, text) in enumerate(names))
        return StructureTimes(rows, None, None, None)
    detection, source = _structure_encoding(row, codes, meter, override, log)
    whole = _frame_texts(codes.lyrics, detection)
    exceptions: dict[str, TimeCode] = {}
    for stamp in codes.structure:
        found = decode_as_exception(stamp, detection, is_in_lyrics=stamp.raw.strip("[] ") in whole)
        if found is not None:
            exceptions[stamp.raw] = found
    starts, ends = ([_read(s, detection, exceptions) for s in side] for side in (codes.starts, codes.ends))
    starts = [_follow(start, end, codes) for start, end in zip(starts, [None, *ends], strict=False)]
    for stamp_raw, found in exceptions.items():
        _report_code(row, stamp_raw, found, detection, log)
    _report_strays(row, codes, detection, log)
    running_time = _read(codes.running_time, detection, exceptions)
    offset = override.offset_s
    if offset is None:
        offset = constant_offset([code.seconds for code in (*starts, *ends) if code is not None], None)
        _report_offset(offset, log)
    shifted = [[_shift(code, offset) for code in side] for side in (starts, ends)]
    rows = tuple(
        Row(i, name, section_role(name), shifted[0][i], shifted[1][i], text) for i, (name, text) in enumerate(names)
    )
    file = _file_record(log.file, detection, offset, source, len(codes.structure))
    return StructureTimes(rows, running_time, detection, file)


def read_lyric_encoding(
    stamps: Sequence[Stamp],
    structure: Detection | None,
    limit_s: float | None,
    override: Override,
    log: ProblemLog,
) -> tuple[Detection, FileTimeCodes] | None:
    """Decide how an LRC file is read and whether a constant has been added to its times.

    Parameters
    ----------
    structure : the manifest's answer, a prior for this one.
    limit_s : length of the song as far as the manifest says; None when it does not.

    Returns
    -------
    None when there are no stamps.
    """
    if not stamps:
        return None
    if override.encoding is not None:
        detection, source = _certain(override.encoding), "override"
    else:
        prior = related_prior(structure.posterior) if structure is not None else None
        detection, source = detect_encoding(_three_digits(stamps), prior=prior), "detected"
    _report_doubt(detection, log)
    for stamp in stamps:
        if decode(stamp, detection).encoding != detection.encoding.name:
            log.add(
                "time-code-stray",
                f"found {stamp.raw} in a file of {detection.encoding.name}, which cannot have these digits",
                "read it as milliseconds, with little confidence",
                line=log.text_line(stamp.raw),
            )
    offset = override.offset_s
    if offset is None:
        offset = constant_offset([decode(stamp, detection).seconds for stamp in stamps], limit_s)
        _report_offset(offset, log)
    return detection, _file_record(log.file, detection, offset, source, len(stamps))


def constant_offset(times_s: Sequence[float], limit_s: float | None) -> float:
    """Seconds that were added to every time: whole hours first, else whole minutes; 0 when the times fit as they are.

    Parameters
    ----------
    times_s : all times of a file.
    limit_s : length of the song; None when unknown, then only whole hours are believed.
    """
    if not times_s or min(times_s) <= (limit_s if limit_s is not None else HOUR_S):
        return 0.0
    for base in (HOUR_S, 60.0):
        offset = floor(min(times_s) / base) * base
        if limit_s is None and base == HOUR_S:
            return offset
        if limit_s is not None and offset > 0 and max(times_s) - offset <= limit_s + _OFFSET_SLACK_S:
            return offset
    return 0.0


def _structure_encoding(
    row: ManifestRow, codes: SongCodes, meter: Meter | None, override: Override, log: ProblemLog
) -> tuple[Detection, str]:
    stated = override.encoding or row.time_code
    if stated:
        try:
            return _certain(encoding_named(stated).name), "override" if override.encoding else "stated"
        except TimeCodeError as err:
            log.add("time-code-unknown", str(err), "detected it instead", at=("time_code",))
    prior: Mapping[str, float] | None = None
    if codes.lyrics:
        lyric_view = related_prior(detect_encoding(_three_digits(codes.lyrics)).posterior)
        prior = {name: 0.5 * weight + 0.5 * lyric_view[name] for name, weight in base_prior().items()}
    boundaries = _three_digits([end for end in codes.ends if end is not None])
    structure = _three_digits(codes.structure)
    detection = detect_encoding(structure, prior=prior, boundaries=boundaries, tempo_bpm=row.bpm, meter=meter)
    _report_doubt(detection, log)
    _report_tempo(row, detection, log)
    return detection, "detected"


def _certain(name: str) -> Detection:
    return Detection(encoding_named(name), 1.0, {name: 1.0})


def _three_digits(stamps: Sequence[Stamp]) -> list[Stamp]:
    """Leave out plain numbers of seconds, which say nothing about the digits of time codes."""
    return [stamp for stamp in stamps if len(stamp.digits) <= 3]


def _read(stamp: Stamp | None, detection: Detection, exceptions: Mapping[str, TimeCode]) -> TimeCode | None:
    if stamp is None:
        return None
    return exceptions.get(stamp.raw) or decode(stamp, detection)


def _follow(start: TimeCode | None, end: TimeCode | None, codes: SongCodes) -> TimeCode | None:
    """Read a start that is the end before it plus one unit in the encoding that end was read in."""
    if start is None or end is None or end.encoding in (start.encoding, "ms") or start.encoding == "ms":
        return start
    one, other = (next(s for s in codes.structure if s.raw == code.raw) for code in (end, start))
    if one.whole_seconds != other.whole_seconds or not 0 <= other.value - one.value <= 1:
        return start
    encoding = encoding_named(end.encoding)
    return TimeCode(start.raw, encoding.name, encoding.seconds(other), end.confidence)


def _shift(code: TimeCode | None, offset_s: float) -> TimeCode | None:
    if code is None or not offset_s:
        return code
    return TimeCode(code.raw, code.encoding, code.seconds - offset_s, code.confidence)


def _frame_texts(lyrics: Sequence[Stamp], structure: Detection) -> set[str]:
    """Texts of lyric stamps, when the lyrics are whole frames at the structure's rate."""
    if not lyrics or not structure.encoding.has_subframes:
        return set()
    lyric = detect_encoding(_three_digits(lyrics), prior=related_prior(structure.posterior))
    if lyric.encoding.name != structure.encoding.name.replace("FFS", "0FF"):
        return set()
    return {stamp.raw.strip("[] ") for stamp in lyrics}


def _file_record(file: str, detection: Detection, offset_s: float, source: str, n_codes: int) -> FileTimeCodes:
    tempo = detection.fit.grid.tempo_bpm if detection.fit is not None and detection.fit.is_convincing else None
    on_beat = None if detection.on_beat is None else round(detection.on_beat, 3)
    return FileTimeCodes(
        file,
        detection.encoding.name,
        detection.confidence,
        offset_s,
        source,
        n_codes,
        tempo and round(tempo, 2),
        on_beat,
    )


def _report_doubt(detection: Detection, log: ProblemLog) -> None:
    if detection.confidence >= DOUBTFUL:
        return
    ranked = sorted(detection.posterior.items(), key=lambda item: -item[1])
    second = f"{ranked[1][0]} has {ranked[1][1]:.2f}" if len(ranked) > 1 else "nothing else is likely"
    on_beat = "" if detection.on_beat is None else f", {detection.on_beat:.0%} of the boundaries on its beat"
    log.add(
        "time-code-doubtful",
        f"read as {detection.encoding.name} with confidence {detection.confidence:.2f}{on_beat}; {second}",
        "kept this reading; state the right one under time_codes in catalog.yml",
        at=("structure",),
    )


def _report_tempo(row: ManifestRow, detection: Detection, log: ProblemLog) -> None:
    fit = detection.fit
    if (
        fit is None
        or row.bpm is None
        or not fit.is_convincing
        or abs(fit.grid.tempo_bpm - row.bpm) < _TEMPO_DIFFERS_BPM
    ):
        return
    log.add(
        "tempo-inexact",
        f"bpm {row.bpm:g}, but {fit.n_hits} of {fit.n_boundaries} section ends lie on a beat of {fit.grid.tempo_bpm:.2f}",
        "kept the manifest's tempo",
        at=("bpm",),
        severity="info",
    )


def _report_offset(offset_s: float, log: ProblemLog) -> None:
    if offset_s:
        minutes = f"{offset_s / 60:g} min"
        log.add("time-offset", f"every time is {minutes} later than the song allows", f"subtracted {minutes}")


def _report_code(row: ManifestRow, raw: str, code: TimeCode, detection: Detection, log: ProblemLog) -> None:
    log.add(
        "time-code-mixed",
        f"{raw} lies on the beat as {code.encoding}, not as {detection.encoding.name} like the rest of the file",
        f"read it as {code.encoding}",
        at=_place(row, raw),
    )


def _report_strays(row: ManifestRow, codes: SongCodes, detection: Detection, log: ProblemLog) -> None:
    for stamp in codes.structure:
        if decode(stamp, detection).encoding != detection.encoding.name and len(stamp.digits) <= 3:
            log.add(
                "time-code-stray",
                f"found {stamp.raw} in a file of {detection.encoding.name}, which cannot have these digits",
                "read it as milliseconds, with little confidence",
                at=_place(row, stamp.raw),
            )


def _place(row: ManifestRow, raw: str) -> tuple[str | int, ...]:
    for i, section in enumerate(row.structure):
        for field in ("start_time", "end_time"):
            if str(getattr(section, field)).strip() == raw:
                return ("structure", i, field)
    return ("TRT",)
