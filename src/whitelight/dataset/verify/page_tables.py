"""The tables on the page: problems, coverage, what was promised, what was compared, what changed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from whitelight.dataset.verify.page_rows import anchor, swatch
from whitelight.dataset.verify.records import ClassCoverage, Delta, Failure, Fidelity
from whitelight.dataset.verify.report import VerifyReport, inventory_line
from whitelight.markup import Markup, el, join
from whitelight.ontology import Ontology

N_PROBLEMS = 400  # told on the page; the JSON has all
_N_LISTED = 300


def problems(failures: Sequence[Failure], shown: set[str]) -> Markup:
    """Return everything that failed, rows that are shown as links."""
    if not failures:
        return el("p", "None.", class_="hint")
    kinds = ", ".join(f"{n:,} {kind}" for kind, n in Counter(f.kind for f in failures).most_common())
    rows = (
        [
            el("td", el("code", failure.kind)),
            el("td", failure.song_id or "the dataset", class_="path"),
            el("td", _row_link(failure.row_id, shown), class_="path"),
            el("td", failure.message),
        ]
        for failure in failures[:N_PROBLEMS]
    )
    rest = f"The first {N_PROBLEMS:,} of them." if len(failures) > N_PROBLEMS else ""
    return join(
        [el("p", f"{kinds}. {rest}", class_="hint"), table(("Kind", "Song", "Row", "What"), rows, 4, "problems")]
    )


def coverage(found: dict[str, ClassCoverage], ontology: Ontology, before: dict[str, ClassCoverage] | None) -> Markup:
    """Return songs, segments, rows and minutes of each class, beside what they were before."""
    heads = ("Class", "Songs", "Segments", "Rows", "Minutes", "with audio", "with MIDI", "with text")
    names = sorted({*found, *(before or {})})
    nothing = ClassCoverage(0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0)
    rows = (
        [*_coverage_row(name, ontology, found.get(name, nothing), before.get(name, nothing) if before else None)]
        for name in names
    )
    return table(heads, rows, 1)


def promised(report: VerifyReport) -> Markup:
    """Return what became of every part of every segment, and the songs that have little or nothing."""
    reasons = (
        [el("td", reason), _number(n)] for reason, n in sorted(report.dropped.items(), key=lambda item: -item[1])
    )
    parts: list[Markup | None] = [el("p", f"{inventory_line(report.inventory)}.", class_="hint")]
    if report.dropped:
        parts.append(table(("Dropped because", "Times listed"), reasons, 1))
    parts.append(listed("songs without a segment", report.without_segments))
    little = [f"{song_id}: {share:.0%}" for song_id, share in report.little_covered.items()]
    parts.append(listed("songs of which less than 95 % lies in segments", little))
    return join(parts)


def compared(fidelity: Fidelity) -> Markup:
    """Return what was compared with the source."""
    if fidelity.state == "not checked":
        return el("p", f"Not checked: {fidelity.reason}.", class_="hint")
    rows = (
        [
            el("td", kind),
            _number(n["checked"]),
            el("td", f"{n['failed']:,}", class_="number bad" if n["failed"] else "number"),
            _number(n["unchecked"]),
        ]
        for kind, n in fidelity.by_kind().items()
    )
    told = f"{len(fidelity.rows):,} of {fidelity.n_rows:,} rows, drawn with seed {fidelity.seed}."
    reasons = [f"{reason} ({n:,})" for reason, n in fidelity.why_unchecked().items()]
    heads = ("What", "Rows compared", "differ", "could not be compared")
    return join([el("p", told, class_="hint"), table(heads, rows, 1), listed("reasons why not", reasons)])


def changes(delta: Delta) -> Markup:
    """Return what is different from a previous build."""
    if delta.is_empty:
        return el("p", f"The same as {delta.old}.", class_="hint")
    counts = (
        ("Songs", delta.songs_added, delta.songs_removed, delta.songs_changed),
        ("Rows", delta.rows_added, delta.rows_removed, delta.rows_changed),
        ("Columns", delta.columns_added, delta.columns_removed, ()),
    )
    rows = ([el("td", name), *(_number(len(part)) for part in parts)] for name, *parts in counts)
    columns = ([el("td", el("code", name)), _number(n)] for name, n in delta.changed_columns.items())
    return join(
        [
            el("p", f"Against {delta.old}.", class_="hint"),
            table(("", "added", "removed", "changed"), rows, 1),
            table(("Column that changed", "Rows"), columns, 1) if delta.changed_columns else None,
            *(
                listed(f"{what} {how}", getattr(delta, f"{what}_{how}"))
                for what in ("songs", "rows", "columns")
                for how in ("added", "removed", "changed")
                if hasattr(delta, f"{what}_{how}")
            ),
        ]
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[Markup]], n_text: int, class_: str | None = None) -> Markup:
    """Return a table that scrolls; heads from `n_text` on stand over numbers."""
    head = [el("th", h, scope="col", class_=None if i < n_text else "number") for i, h in enumerate(heads)]
    body = el("tbody", *(el("tr", *row) for row in rows))
    return el("div", el("table", el("thead", el("tr", *head)), body, class_=class_), class_="scroll")


def listed(what: str, values: Sequence[str]) -> Markup | None:
    """Return a list that opens on demand; None when it is empty."""
    if not values:
        return None
    items = [el("li", value) for value in values[:_N_LISTED]]
    rest = el("p", f"and {len(values) - _N_LISTED:,} more", class_="hint") if len(values) > _N_LISTED else None
    return el("details", el("summary", f"{len(values):,} {what}"), el("ul", *items), rest)


def _coverage_row(name: str, ontology: Ontology, now: ClassCoverage, old: ClassCoverage | None) -> Iterator[Markup]:
    yield el("td", swatch(ontology, name), name or "(no class)", class_="name")
    for column in ("n_songs", "n_segments", "n_rows"):
        yield _number(getattr(now, column), getattr(old, column) if old else None)
    yield _number(round(now.seconds / 60, 1), round(old.seconds / 60, 1) if old else None)
    for column in ("seconds_audio", "seconds_midi", "seconds_text"):
        seconds: float = getattr(now, column)
        before: float | None = getattr(old, column) if old else None
        share = seconds / now.seconds if now.seconds else 0.0
        bar = el("span", el("i", style=f"width:{share:.1%}"), class_="meter", title=f"{share:.0%} of the minutes")
        yield _number(round(seconds / 60, 1), None if before is None else round(before / 60, 1), bar)


def _number(value: float, old: float | None = None, picture: Markup | None = None) -> Markup:
    text = f"{value:,}" if old is None or old == value else f"{old:,} → {value:,}"
    return el("td", picture, text, class_="number")


def _row_link(row_id: str, shown: set[str]) -> Markup | str:
    return el("a", row_id, href=f"#{anchor(row_id)}") if row_id in shown else row_id
