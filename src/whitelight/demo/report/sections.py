"""The sections of the report: catalog, color map, composed candidates, what to do next; `trust` holds the evaluation."""

from collections import Counter
from collections.abc import Iterable, Sequence

from whitelight.demo.report import charts
from whitelight.demo.report.data import ComposedSong, ProblemRow, ReportData, SongRow
from whitelight.markup import Markup, el, join
from whitelight.reporting.blocks import DASH, Classes, absent, player, scroll, section, slots, swatch, table
from whitelight.reporting.data import ClassStyle


def catalog(data: ReportData, classes: Classes) -> Markup:
    """Table of songs, with what the check found below it."""
    heads = ("Song", "Title", "Class", "Key", "Meter", "bpm", "Length", "Stems", "Lyric lines", "Problems")
    songs = table(heads, (_song_row(song, classes) for song in data.songs), n_text=5, id_="songs", class_="sortable")
    search = el("input", type="search", id="filter", placeholder="Filter songs", aria_label="Filter songs")
    return section("catalog", "Catalog", search, scroll(songs), _problems(data.problems))


def color_map(data: ReportData, classes: Classes) -> Markup:
    """Map of songs."""
    chart = data.color_map
    if chart is None or not chart.points:
        return section(
            "map",
            "Color map",
            absent("No map: no scorer has judged three songs of known class while they were held out."),
        )
    present = {point.class_name for point in chart.points}
    legend = el("p", *(_legend(style) for name, style in classes.items() if name in present), class_="legend")
    shares = f" The two directions hold {sum(chart.share):.0%} of the variance." if any(chart.share) else ""
    text = f"Songs close together sound alike to the scorer: {chart.basis}.{shares} A dashed ring and the letter beside it name the class it guessed instead."
    return section("map", "Color map", el("p", text, class_="hint"), charts.color_map(chart, classes), legend)


def composed(songs: Sequence[ComposedSong], classes: Classes) -> Markup:
    """Songs with a slot per candidate; the page's script draws the rolls and plays them."""
    if not songs:
        return section("composed", "Composed candidates", absent("Nothing composed yet."))
    blocks = [_composed_song(index, song, classes) for index, song in enumerate(songs)]
    return section("composed", "Composed candidates", player(), *blocks)


def next_steps(steps: Iterable[str]) -> Markup:
    """What the reader can do now; steps that start with "whitelight" or "make" are commands."""
    items = [el("li", el("code", step) if step.startswith(("whitelight ", "make ")) else step) for step in steps]
    return section("next", "What to do next", el("ol", *items)) if items else Markup()


def _song_row(song: SongRow, classes: Classes) -> list[Markup]:
    style = classes.get(song.class_name or "")
    length = DASH if song.duration_s is None else f"{int(song.duration_s) // 60}:{int(song.duration_s) % 60:02d}"
    return [
        el("td", song.song_id),
        el("td", song.title),
        el("td", swatch(style), " ", song.class_name or DASH, class_="class", data_sort=song.class_name or ""),
        el("td", song.musical_key or DASH),
        el("td", song.meter or DASH),
        el("td", DASH if song.tempo_bpm is None else f"{song.tempo_bpm:g}", class_="number"),
        el("td", length, class_="number", data_sort=round(song.duration_s or 0, 1)),
        el("td", song.n_stems, class_="number"),
        el("td", song.n_lyric_lines or DASH, class_="number", data_sort=song.n_lyric_lines),
        el(
            "td",
            song.n_problems or DASH,
            class_="number" + (" warn" if song.n_problems else ""),
            data_sort=song.n_problems,
        ),
    ]


def _problems(problems: Sequence[ProblemRow]) -> Markup:
    """Return what is wrong as a table, and what is merely worth knowing as counts above a second one."""
    if not problems:
        return el("p", "The check found no problems.", class_="hint")
    wrong = [problem for problem in problems if problem.severity != "info"]
    normal = [problem for problem in problems if problem.severity == "info"]
    counts = ", ".join(f"{n} {code}" for code, n in Counter(problem.code for problem in normal).most_common())
    return join(
        el("details", el("summary", f"{title}"), scroll(_problem_table(rows)), open=is_open)
        for title, rows, is_open in (
            (
                f"{len(wrong)} problems found and handled; none was dropped silently",
                wrong,
                "" if len(wrong) < 40 else None,
            ),
            (f"{len(normal)} notes: {counts}", normal, None),
        )
        if rows
    )


def _problem_table(problems: Sequence[ProblemRow]) -> Markup:
    rows = (
        [
            el("td", f"{problem.file}:{problem.line}" if problem.line else problem.file, class_="path"),
            el("td", el("code", problem.code)),
            el("td", problem.message),
            el("td", problem.action),
        ]
        for problem in problems
    )
    return table(("File", "What", "Found", "What was done"), rows, n_text=4, class_="problems")


def _composed_song(index: int, song: ComposedSong, classes: Classes) -> Markup:
    style = classes.get(song.class_name or "")
    facts = [song.class_name or "no class", song.musical_key, song.meter, f"{song.tempo_bpm:g} bpm"]
    spread = [] if song.match_sd is None else [f"match spread {song.match_sd:.2f}"]
    made = " · ".join([f"{song.n_generated} generated", f"{len(song.candidates)} shown", *spread])
    head = el("h3", swatch(style), " ", song.title)
    return el(
        "article",
        head,
        el("p", " · ".join(facts), class_="facts"),
        el("p", song.concept, class_="concept") if song.concept else None,
        el("p", made, " · ", el("code", song.folder), class_="hint"),
        *(el("p", note, class_="hint") for note in song.notes),
        *slots(index, len(song.candidates)),
    )


def _legend(style: ClassStyle) -> Markup:
    return el("span", swatch(style), f" {style.name}", el("small", f" {style.album}") if style.album else None)
