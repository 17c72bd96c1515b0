"""The sections of the report: catalog, color map, evaluation, composed candidates, what to do next."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from whitelight.demo.report import charts
from whitelight.demo.report.data import (
    ClassRow,
    ClassStyle,
    ComposedSong,
    Evaluation,
    ProblemRow,
    Rate,
    ReportData,
    SongRow,
)
from whitelight.demo.report.markup import Markup, el, join

Classes = Mapping[str, ClassStyle]
DASH = "–"


def swatch(style: ClassStyle | None) -> Markup | None:
    """Return the lettered color chip of a class."""
    if style is None:
        return None
    css = f"background:#{style.hex};color:{charts.ink_on(style.hex)}"
    return el("span", style.letter, class_="swatch", style=css, title=style.name)


def catalog(data: ReportData, classes: Classes) -> Markup:
    """Table of songs, with what the check found below it."""
    heads = ("Song", "Title", "Class", "Key", "Meter", "bpm", "Length", "Stems", "Lyric lines", "Problems")
    table = _table(heads, (_song_row(song, classes) for song in data.songs), n_text=5, id_="songs", class_="sortable")
    search = el("input", type="search", id="filter", placeholder="Filter songs", aria_label="Filter songs")
    return _section("catalog", "Catalog", search, _scroll(table), _problems(data.problems))


def color_map(data: ReportData, classes: Classes) -> Markup:
    """Map of songs."""
    chart = data.color_map
    if chart is None or not chart.points:
        return _section(
            "map",
            "Color map",
            _absent("No map: no scorer has judged three songs of known class while they were held out."),
        )
    present = {point.class_name for point in chart.points}
    legend = el("p", *(_legend(style) for name, style in classes.items() if name in present), class_="legend")
    shares = f" The two directions hold {sum(chart.share):.0%} of the variance." if any(chart.share) else ""
    text = f"Songs close together sound alike to the scorer: {chart.basis}.{shares} A dashed ring and the letter beside it name the class it guessed instead."
    return _section("map", "Color map", el("p", text, class_="hint"), charts.color_map(chart, classes), legend)


def evaluation(result: Evaluation | None, classes: Classes) -> Markup:
    """Everything measured on songs the scorer had not heard."""
    name, title = "evaluation", "How far to trust the scorer"
    if result is None:
        return _section(name, title, _absent("Not evaluated."))
    hint = (
        f"{result.n_items:,} {result.unit}s of {result.n_songs} songs; each was judged by a model that had not heard "
        "its song. The thin line is the 95 % interval over songs, the tick is chance."
    )
    left = [_systems(result), _class_table(result, classes), _confusion(result, classes)]
    right = [_reliability(result), _rates("Single views", result.views, result)]
    right += [_rates("Modalities", result.modalities, result), _rates("Axes", result.axes, None)]
    notes = [el("p", note, class_="hint") for note in result.notes]
    columns = el("div", el("div", *left), el("div", *right), class_="columns")
    return _section(name, title, el("p", hint, class_="hint"), columns, *notes)


def composed(songs: Sequence[ComposedSong], classes: Classes) -> Markup:
    """Songs with a slot per candidate; the page's script draws the rolls and plays them."""
    if not songs:
        return _section("composed", "Composed candidates", _absent("Nothing composed yet."))
    volume = el("input", type="range", id="volume", min="0", max="100", value="70", aria_label="Volume")
    loop = el("label", el("input", type="checkbox", id="loop"), " loop")
    controls = el("p", el("label", "volume ", volume), loop, class_="controls")
    blocks = [_composed_song(index, song, classes) for index, song in enumerate(songs)]
    return _section("composed", "Composed candidates", controls, *blocks)


def next_steps(steps: Iterable[str]) -> Markup:
    """What the reader can do now; steps that start with "whitelight" or "make" are commands."""
    items = [el("li", el("code", step) if step.startswith(("whitelight ", "make ")) else step) for step in steps]
    return _section("next", "What to do next", el("ol", *items)) if items else Markup()


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
        el("details", el("summary", f"{title}"), _scroll(_problem_table(rows)), open=is_open)
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
    return _table(("File", "What", "Found", "What was done"), rows, n_text=4, class_="problems")


def _systems(result: Evaluation) -> Markup:
    rows = (
        [
            el("td", el("strong", system.name) if system.is_ours else system.name),
            el(
                "td",
                charts.rate_bar(system.accuracy, chance=_chance(result)),
                " ",
                _rate(system.accuracy),
                class_="rates",
            ),
            el("td", _number(system.macro_f1), class_="number"),
            el("td", _number(system.ece), class_="number"),
        ]
        for system in result.systems
    )
    return _figure("Class, against baselines", _table(("", "Accuracy", "Macro F1", "ECE"), rows, n_text=2))


def _class_table(result: Evaluation, classes: Classes) -> Markup:
    rows = ([*_class_cells(row, classes, _chance(result))] for row in result.classes)
    return _figure("Per class", _table(("Class", "Recall", "n", "Ranking AUC"), rows, n_text=2))


def _class_cells(row: ClassRow, classes: Classes, chance: float | None) -> Iterable[Markup]:
    yield el("td", swatch(classes.get(row.name)), " ", row.name, class_="class")
    if row.recall is None:
        yield el("td", DASH)
        yield el("td", DASH, class_="number")
    else:
        yield el("td", charts.rate_bar(row.recall, chance=chance), " ", _rate(row.recall), class_="rates")
        yield el("td", row.recall.n if row.recall.n is not None else DASH, class_="number")
    yield el("td", _number(row.ranking_auc), class_="number")


def _rates(title: str, rates: Mapping[str, Rate], result: Evaluation | None) -> Markup | None:
    if not rates:
        return None
    chance = None if result is None else _chance(result)
    rows = (
        [
            el("td", name),
            el("td", charts.rate_bar(rate, chance=chance), " ", _rate(rate), class_="rates"),
            el("td", DASH if rate.n is None else f"{rate.n:,}", class_="number"),
        ]
        for name, rate in rates.items()
    )
    return _figure(title, _table(("", "Accuracy", "n"), rows, n_text=2))


def _reliability(result: Evaluation) -> Markup | None:
    if not result.reliability:
        return None
    ece = "" if result.ece is None else f" (ECE {result.ece:.3f})"
    return _figure(f"Reliability{ece}", charts.reliability(result.reliability))


def _confusion(result: Evaluation, classes: Classes) -> Markup | None:
    if not result.confusion:
        return None
    heads = [
        el("th", "true \\ heard as"),
        *(el("th", swatch(classes.get(name)) or name, title=name) for name in result.labels),
    ]
    rows = [
        el(
            "tr",
            el("th", swatch(classes.get(name)), " ", name, class_="class"),
            *_confusion_cells(counts, name, result.labels),
        )
        for name, counts in zip(result.labels, result.confusion, strict=True)
    ]
    table = el("table", el("thead", el("tr", *heads)), el("tbody", *rows), class_="confusion")
    return _figure("Confusion", _scroll(table))


def _confusion_cells(counts: Sequence[int], name: str, labels: Sequence[str]) -> Iterable[Markup]:
    total = sum(counts) or 1
    for other, count in zip(labels, counts, strict=True):
        share = count / total
        kind = "hit" if other == name else "miss"
        title = f"{name} heard as {other}: {count} of {sum(counts)}"
        yield el("td", count or "·", class_=f"cell {kind}", style=f"--share:{share:.3f}", title=title)


def _composed_song(index: int, song: ComposedSong, classes: Classes) -> Markup:
    style = classes.get(song.class_name or "")
    facts = [song.class_name or "no class", song.musical_key, song.meter, f"{song.tempo_bpm:g} bpm"]
    spread = [] if song.match_sd is None else [f"match spread {song.match_sd:.2f}"]
    made = " · ".join([f"{song.n_generated} generated", f"{len(song.candidates)} shown", *spread])
    head = el("h3", swatch(style), " ", song.title)
    slots = [
        el("div", class_="candidate", data_song=index, data_candidate=number) for number in range(len(song.candidates))
    ]
    return el(
        "article",
        head,
        el("p", " · ".join(facts), class_="facts"),
        el("p", song.concept, class_="concept") if song.concept else None,
        el("p", made, " · ", el("code", song.folder), class_="hint"),
        *(el("p", note, class_="hint") for note in song.notes),
        *slots,
    )


def _chance(result: Evaluation) -> float | None:
    return 1 / len(result.classes) if result.classes else None


def _rate(rate: Rate) -> str:
    if rate.low is None or rate.high is None:
        return f"{rate.value:.2f}"
    return f"{rate.value:.2f} [{rate.low:.2f}, {rate.high:.2f}]"


def _number(value: float | None) -> str:
    return DASH if value is None else f"{value:.2f}"


def _legend(style: ClassStyle) -> Markup:
    return el("span", swatch(style), f" {style.name}", el("small", f" {style.album}") if style.album else None)


def _table(heads: Sequence[str], rows: Iterable[Sequence[Markup]], *, n_text: int, **attributes: object) -> Markup:
    """Return a table whose heads from `n_text` on stand over numbers."""
    head = [
        el("th", name, class_=None if index < n_text else "number", scope="col") for index, name in enumerate(heads)
    ]
    return el("table", el("thead", el("tr", *head)), el("tbody", *(el("tr", *row) for row in rows)), **attributes)


def _figure(title: str, content: Markup) -> Markup:
    return el("figure", el("figcaption", title), content)


def _scroll(content: Markup) -> Markup:
    return el("div", content, class_="scroll")


def _absent(text: str) -> Markup:
    return el("p", text, class_="absent")


def _section(name: str, title: str, *children: object) -> Markup:
    return el("section", el("h2", title), join(children), id=name)
