"""How a song is cut: policies, and what holds for every cut.

Whatever the policy: the segments cover the song from 0 to its end, none is empty, none passes the end, none but a whole
song is longer than `MAX_S`, and none is shorter than `MIN_S` where there is something to join it with. A policy first
labels stretches of the song, the rest of this module turns them into a partition, joins what is short and splits what
is long.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from whitelight.catalog.song import Section, Song
from whitelight.dataset.bars import BarLines
from whitelight.dataset.sung_lines import MIN_S, SECONDS_DIGITS, SungLine, lyric_text, sung_lines
from whitelight.errors import WhitelightError

MAX_S = 30.0
OVERLAP_S = 2.0  # between the parts of a split segment


class PolicyError(WhitelightError):
    """A text names no way to cut a song."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How to cut: `name` is lines, sections, bars or whole; `n_bars` counts for bars."""

    name: str
    n_bars: int = 0

    @classmethod
    def parse(cls, text: str) -> "Policy":
        """Read "lines", "sections", "bars:4" or "whole"."""
        match = re.fullmatch(r"bars:([1-9]\d{0,3})", text)
        if match:
            return cls("bars", int(match[1]))
        if text in ("lines", "sections", "whole"):
            return cls(text)
        raise PolicyError(f"policy '{text}': expected lines, sections, bars:N (N at least 1, as in bars:4) or whole")

    def __str__(self) -> str:
        return f"bars:{self.n_bars}" if self.name == "bars" else self.name


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a song.

    Attributes
    ----------
    rule : the policy and which of its rules cut here: "lines:line", "lines:gap", "sections:section:split", …
    section, role, section_description : of the section that covers most of it, "" without one.
    lyric_text : lines sung in it, one per row.
    """

    index: int
    start_s: float
    end_s: float
    rule: str
    section: str
    role: str
    lyric_text: str
    section_description: str = ""

    @property
    def duration_s(self) -> float:
        """Length in seconds, above 0."""
        return round(self.end_s - self.start_s, SECONDS_DIGITS)


@dataclass(frozen=True, slots=True)
class _Span:
    start_s: float
    end_s: float
    rule: str

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


def cut_song(
    song: Song,
    policy: Policy,
    end_s: float,
    bars: BarLines | None = None,
    lines: Sequence[SungLine] | None = None,
) -> tuple[Segment, ...]:
    """Cut a song.

    Parameters
    ----------
    end_s : end of the song; nothing is cut beyond it. No segments when it is not above 0.
    bars : bar lines, needed by bars:N; without them that policy cuts sections.
    lines : the sung lines; those of the song's own lyric lines when None.
    """
    end_s = round(end_s, SECONDS_DIGITS)
    if end_s <= 0:
        return ()
    lines = sung_lines(song, end_s) if lines is None else lines
    spans = _spans(song, policy, end_s, lines, bars)
    if policy.name not in ("whole", "bars"):
        spans = _join_short(spans)
    if policy.name != "whole":
        spans = [part for span in spans for part in _split(span)]
    segments = []
    for index, span in enumerate(spans):
        section = _section_of(song.sections, span.start_s, span.end_s)
        name, role, about = (section.name, section.role, section.description) if section else ("", "", "")
        sung = lyric_text(lines, span.start_s, span.end_s)
        segments.append(Segment(index, span.start_s, span.end_s, span.rule, name, role, sung, about))
    return tuple(segments)


def covered_s(stretches: Iterable[tuple[float, float]]) -> float:
    """Return the length of the union of (start_s, end_s) given in order of their start."""
    total, at = 0.0, 0.0
    for start, end in stretches:
        total += max(end - max(start, at), 0.0)
        at = max(at, end)
    return round(total, SECONDS_DIGITS)


def _spans(song: Song, policy: Policy, end_s: float, lines: Sequence[SungLine], bars: BarLines | None) -> list[_Span]:
    """Label the whole song by the policy; a partition of [0, end_s]."""
    if policy.name == "whole":
        return [_Span(0.0, end_s, "whole")]
    if policy.name == "bars" and bars is not None:
        return _bar_spans(bars, policy, end_s)
    if policy.name == "lines" and lines:
        spans = _partition([_Span(line.start_s, line.end_s, "lines:line") for line in lines], end_s, "lines:gap")
        edges = [edge for section in song.sections for edge in (section.start_s, section.end_s)]
        return _cut_gaps(spans, sorted(set(edges)))
    sections = [_Span(s.start_s, s.end_s, f"{policy}:section") for s in song.sections]
    return _partition(sections, end_s, f"{policy}:gap" if sections else f"{policy}:song")


def _partition(spans: Sequence[_Span], end_s: float, gap_rule: str) -> list[_Span]:
    """Clip spans to the song, let each give way to the next that starts, and fill what is left."""
    inside = [s for s in sorted(spans, key=lambda s: (s.start_s, s.end_s)) if s.start_s < end_s and s.end_s > 0]
    parts: list[_Span] = []
    at = 0.0
    for index, span in enumerate(inside):
        following = inside[index + 1].start_s if index + 1 < len(inside) else end_s
        start = round(max(span.start_s, at), SECONDS_DIGITS)
        end = round(min(span.end_s, following, end_s), SECONDS_DIGITS)
        if end <= start:
            continue
        if start > at:
            parts.append(_Span(at, start, gap_rule))
        parts.append(_Span(start, end, span.rule))
        at = end
    if at < end_s:
        parts.append(_Span(at, end_s, gap_rule))
    return parts


def _cut_gaps(spans: Sequence[_Span], edges: Sequence[float]) -> list[_Span]:
    """Cut the gaps between lines where a section begins or ends."""
    parts: list[_Span] = []
    for span in spans:
        if span.rule.endswith(":gap"):
            for edge in edges:
                if span.start_s + MIN_S <= edge <= span.end_s - MIN_S:
                    cut = round(edge, SECONDS_DIGITS)
                    parts.append(replace(span, end_s=cut))
                    span = replace(span, start_s=cut)  # noqa: PLW2901  what is left of the gap
        parts.append(span)
    return parts


def _bar_spans(bars: BarLines, policy: Policy, end_s: float) -> list[_Span]:
    """Return groups of `n_bars` bars; a rest shorter than a group and `MIN_S` joins the last one."""
    edges = [round(float(s), SECONDS_DIGITS) for s in bars.start_s[:: policy.n_bars] if s < end_s]
    edges = list(dict.fromkeys(edges))
    if len(edges) > 1 and end_s - edges[-1] < min(MIN_S, edges[-1] - edges[-2]):
        edges.pop()
    return [_Span(a, b, str(policy)) for a, b in zip(edges, [*edges[1:], end_s], strict=True) if b > a]


def _join_short(spans: Sequence[_Span]) -> list[_Span]:
    """Join every span shorter than `MIN_S` with its shorter neighbor; one pass, so that cost stays linear."""
    done: list[_Span] = []
    current = spans[0]
    for following in spans[1:]:
        if current.length_s >= MIN_S:
            done.append(current)
            current = following
        elif done and done[-1].length_s < following.length_s:
            done[-1] = _joined(done[-1], current)
            current = following
        else:
            current = _joined(current, following)
    if done and current.length_s < MIN_S:
        current = _joined(done.pop(), current)
    return [*done, current]


def _joined(first: _Span, second: _Span) -> _Span:
    """Join two neighbors; a sung line gives the rule, else the longer of the two."""
    longer = first if first.length_s >= second.length_s else second
    rule = next((s.rule for s in (first, second) if s.rule.endswith(":line")), longer.rule)
    return _Span(first.start_s, second.end_s, rule)


def _split(span: _Span) -> list[_Span]:
    """Split a span longer than `MAX_S` into parts of equal length that overlap by `OVERLAP_S`."""
    if span.length_s <= MAX_S:
        return [span]
    n_parts = -int(-(span.length_s - OVERLAP_S) // (MAX_S - OVERLAP_S))
    part_s = (span.length_s + (n_parts - 1) * OVERLAP_S) / n_parts
    starts = [round(span.start_s + i * (part_s - OVERLAP_S), SECONDS_DIGITS) for i in range(n_parts)]
    ends = [round(start + part_s, SECONDS_DIGITS) for start in starts[:-1]] + [span.end_s]
    return [_Span(start, end, f"{span.rule}:split") for start, end in zip(starts, ends, strict=True)]


def _section_of(sections: Sequence[Section], start_s: float, end_s: float) -> Section | None:
    """Return the section that shares most time with a stretch, the earlier one when two share the same."""
    best, most = None, 0.0
    for section in sections:
        shared = min(section.end_s, end_s) - max(section.start_s, start_s)
        if shared > most:
            best, most = section, shared
    return best
