"""From the decoded times of a manifest to sections that follow each other, and how long the song is.

Rules, in this order; each repair is reported and the raw time codes stay beside the times that are used:

1. A time that cannot be read is taken from the neighbor.
2. The song lasts as `decide_duration` says.
3. Sections are put in order of their starts.
4. A section that ends at or before its start ends where the next one starts, or with the song when it is the last.
   Where the next one starts at the same time the two share the stretch evenly, cut on a beat. With no room at all it
   keeps its name and has no length.
5. A section that runs into the next one is cut there; one that runs past the song is cut at its end.
6. An end and the next start one unit apart (or up to `SEAM_S`) are one boundary, in the middle of the two: both are
   cut-off readings of it (measured: halves the distance to the beat).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.song import Section, Severity
from whitelight.catalog.timecode import TimeCode

SEAM_S = 0.0425  # one frame at 25 fps and a little
SLACK_S = 1.0  # a running time within a second of the last section's end agrees with it
_REPAIRED = "repaired"


@dataclass(frozen=True, slots=True)
class Row:
    """A section as its manifest has it; a time that could not be read is None."""

    index: int
    name: str
    role: str
    start: TimeCode | None
    end: TimeCode | None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Lengths:
    """What says how long a song is, in seconds; None where nothing does."""

    running_time: TimeCode | None = None
    audio_s: float | None = None
    midi_s: float | None = None
    last_lyric_s: float | None = None


def decide_duration(rows: Sequence[Row], lengths: Lengths, log: ProblemLog) -> float:
    """Decide how long the song is.

    The audio's own length is the truth where there is audio. Else the stated running time holds, unless a section or
    a lyric line starts after it or the last section ends more than `SLACK_S` after it: then the sections are right,
    and if their last end is before its own start too, the earliest minute after every start with its seconds.
    Without a running time: the last section, MIDI note or lyric line.
    """
    stated = lengths.running_time.seconds if lengths.running_time is not None else None
    starts = [row.start.seconds for row in rows if row.start is not None]
    ends = [
        row.end.seconds
        for row in rows
        if row.end is not None and (row.start is None or row.end.seconds > row.start.seconds)
    ]
    if lengths.audio_s is not None:
        if stated is not None and abs(stated - lengths.audio_s) > SLACK_S:
            _report_running_time(lengths, f"its audio lasts {_clock(lengths.audio_s)}", lengths.audio_s, log)
        return lengths.audio_s
    last_start = max([*starts, lengths.last_lyric_s or 0.0])
    last_end = max(ends, default=0.0)
    if stated is not None and stated > 0 and stated >= last_start - SEAM_S and stated >= last_end - SLACK_S:
        if rows and last_end > 0 and stated > last_end + SLACK_S:
            log.add(
                "sections-end-early",
                f"the last section ends at {_clock(last_end)}, the running time is {_clock(stated)}",
                "kept both; the rest of the song belongs to no section",
                at=("TRT",),
            )
        return stated
    found = _from_contents(rows, last_start, last_end, lengths)
    if stated is not None:
        later = (
            f"a section ends at {_clock(last_end)}"
            if last_end > last_start
            else f"something starts at {_clock(last_start)}"
        )
        _report_running_time(lengths, later, found, log)
    elif found > 0:
        log.add(
            "running-time-missing", "no usable TRT", f"used {_clock(found)}, from what the song holds", severity="info"
        )
    else:
        log.add(
            "running-time-missing", "no usable TRT, section, lyric or MIDI says how long the song is", "used 0:00.000"
        )
    return found


def arrange_sections(
    rows: Sequence[Row], duration_s: float, beat_s: float | None, log: ProblemLog
) -> tuple[Section, ...]:
    """Turn rows into sections with usable times; see the rules of the module.

    Parameters
    ----------
    beat_s : length of a beat, for cutting a stretch that two sections share; None when the tempo is unknown.
    """
    sections = [_section(row) for row in _fill_times(rows, duration_s, log)]
    positions = {id(section): i for i, section in enumerate(sections)}
    in_order = sorted(sections, key=lambda section: section.start_s)
    moved = next((s for s, other in zip(in_order, sections, strict=True) if s is not other), None)
    if moved is not None:
        _report(
            log, (positions[id(moved)], moved), "section-order", "starts before a section listed earlier", "sorted them"
        )
    index = [positions[id(section)] for section in in_order]
    in_order = _open_backwards(in_order, index, duration_s, beat_s, log)
    in_order = _cut_overlaps(in_order, index, duration_s, log)
    return tuple(_close_seams(in_order))


def _section(row: Row) -> Section:
    assert row.start is not None
    assert row.end is not None
    return Section(row.name, row.role, row.start, row.end, row.start.seconds, row.end.seconds, row.description)


def _fill_times(rows: Sequence[Row], duration_s: float, log: ProblemLog) -> list[Row]:
    filled: list[Row] = []
    for i, row in enumerate(rows):
        start, end = row.start, row.end
        if start is None:
            previous = filled[-1].end if filled else None
            start = TimeCode("", _REPAIRED, previous.seconds if previous else 0.0, 0.2)
            log.add(
                "section-time",
                f"'{row.name}' has no readable start",
                "used the end before it",
                at=("structure", row.index),
            )
        if end is None:
            following = next((later.start for later in rows[i + 1 :] if later.start is not None), None)
            end = TimeCode("", _REPAIRED, following.seconds if following else duration_s, 0.2)
            log.add(
                "section-time",
                f"'{row.name}' has no readable end",
                "used the start after it",
                at=("structure", row.index),
            )
        filled.append(replace(row, start=start, end=end))
    return filled


def _open_backwards(
    sections: list[Section], index: list[int], duration_s: float, beat_s: float | None, log: ProblemLog
) -> list[Section]:
    """Give every section that ends at or before its start the room it must have meant."""
    result = list(sections)
    for i, section in enumerate(sections):
        if result[i].end_s > result[i].start_s:
            continue
        found = f"ends at {section.end.raw or _clock(section.end_s)}, not after its start {section.start.raw}"
        if not sharing_ahead(result, i):
            limit = result[i + 1].start_s if i + 1 < len(result) else duration_s
            room = limit > section.start_s + SEAM_S
            result[i] = replace(section, end_s=limit if room else section.start_s)
            action = f"used {_clock(limit)}, where the {'next section starts' if i + 1 < len(result) else 'song ends'}"
            _report(
                log, (index[i], section), "section-backwards", found, action if room else "no room: it has no length"
            )
            continue
        group = [i, *sharing_ahead(result, i)]
        following = result[group[-1] + 1].start_s if group[-1] + 1 < len(result) else duration_s
        limit = max(min(result[group[-1]].end_s, following), section.start_s)
        step = (limit - section.start_s) / len(group)
        cuts = [section.start_s + step * k for k in range(len(group))]
        if beat_s and step > 2 * beat_s:
            cuts = [cuts[0], *(round(cut / beat_s) * beat_s for cut in cuts[1:])]
        for k, member in enumerate(group):
            until = cuts[k + 1] if k + 1 < len(cuts) else limit
            result[member] = replace(result[member], start_s=cuts[k], end_s=until)
        action = f"shares {_clock(cuts[0])}–{_clock(limit)} with '{result[group[-1]].name}'"
        _report(log, (index[i], section), "section-backwards", found, action)
    return result


def sharing_ahead(sections: Sequence[Section], i: int) -> list[int]:
    """Positions after `i` whose sections start where section `i` does."""
    found = []
    for j in range(i + 1, len(sections)):
        if sections[j].start_s > sections[i].start_s + SEAM_S:
            break
        found.append(j)
    return found


def _cut_overlaps(sections: list[Section], index: list[int], duration_s: float, log: ProblemLog) -> list[Section]:
    result = list(sections)
    for i, section in enumerate(result):
        if i + 1 < len(result) and section.end_s > result[i + 1].start_s + SEAM_S:
            later = result[i + 1]
            found = f"ends at {_clock(section.end_s)} but '{later.name}' starts at {_clock(later.start_s)}"
            _report(log, (index[i], section), "section-overlap", found, "cut it there")
            result[i] = replace(section, end_s=later.start_s)
        elif i + 1 < len(result) and result[i + 1].start_s > section.end_s + SLACK_S:
            found = f"ends at {_clock(section.end_s)}, the next one starts at {_clock(result[i + 1].start_s)}"
            _report(log, (index[i], section), "section-gap", found, "kept the gap")
        late = result[i]
        if late.end_s > duration_s:
            if late.end_s > duration_s + SEAM_S:
                found = f"ends at {_clock(late.end_s)}, the song lasts {_clock(duration_s)}"
                _report(log, (index[i], late), "section-past-end", found, "cut it at the end of the song")
            start = min(late.start_s, duration_s)
            result[i] = replace(late, start_s=start, end_s=max(duration_s, start))
    return result


def _close_seams(sections: list[Section]) -> list[Section]:
    result = list(sections)
    for i in range(len(result) - 1):
        one, other = result[i], result[i + 1]
        middle = (one.end_s + other.start_s) / 2
        after_s = result[i + 2].start_s if i + 2 < len(result) else middle
        apart = 0 < abs(other.start_s - one.end_s) <= SEAM_S
        if apart and one.start_s < middle < other.end_s and middle <= after_s:
            result[i] = replace(one, end_s=middle)
            result[i + 1] = replace(other, start_s=middle)
    return result


def _from_contents(rows: Sequence[Row], last_start: float, last_end: float, lengths: Lengths) -> float:
    if last_end > last_start:
        return max(last_end, lengths.midi_s or 0.0)
    if lengths.midi_s is not None:
        return max(lengths.midi_s, last_start)
    typed = next((row.end.seconds for row in reversed(rows) if row.end is not None), None)
    if typed is not None and last_start > 0:
        minutes = int((last_start - typed) // 60) + 1
        return typed + 60 * max(minutes, 0)
    return last_start


def _report_running_time(lengths: Lengths, because: str, used_s: float, log: ProblemLog) -> None:
    assert lengths.running_time is not None
    found = f"running time {lengths.running_time.raw} cannot be right: {because}"
    log.add("running-time-wrong", found, f"used {_clock(used_s)}", at=("TRT",))


def _report(log: ProblemLog, which: tuple[int, Section], code: str, found: str, action: str) -> None:
    severity: Severity = "info" if code == "section-gap" else "warning"
    log.add(code, f"section '{which[1].name}' {found}", action, at=("structure", which[0]), severity=severity)


def _clock(seconds: float) -> str:
    """Seconds as M:SS.mmm, true milliseconds, for messages."""
    return f"{int(seconds // 60)}:{seconds % 60:06.3f}"
