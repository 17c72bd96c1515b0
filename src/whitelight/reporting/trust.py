"""The section on trust: the scorer against baselines, per class, per view, confusion and reliability."""

from collections.abc import Iterable, Mapping, Sequence

from whitelight.markup import Markup, el
from whitelight.reporting import charts
from whitelight.reporting.blocks import DASH, Classes, absent, figure, scroll, section, swatch, table
from whitelight.reporting.data import ClassRow, Evaluation, Rate


def evaluation(result: Evaluation | None, classes: Classes) -> Markup:
    """Everything measured on songs the scorer had not heard."""
    name, title = "evaluation", "How far to trust the scorer"
    if result is None:
        return section(name, title, absent("Not evaluated."))
    hint = (
        f"{result.n_items:,} {result.unit}s of {result.n_songs} songs; each was judged by a model that had not heard "
        "its song. The thin line is the 95 % interval over songs, the tick is chance."
    )
    left = [_systems(result), _class_table(result, classes), _confusion(result, classes)]
    right = [_reliability(result), _rates("Single views", result.views, result)]
    right += [_rates("Modalities", result.modalities, result)]
    left.append(_rates("Axes", result.axes, None))
    notes = [el("p", note, class_="hint") for note in result.notes]
    columns = el("div", el("div", *left), el("div", *right), class_="columns")
    return section(name, title, el("p", hint, class_="hint"), columns, *notes)


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
    return figure("Class, against baselines", table(("", "Accuracy", "Macro F1", "ECE"), rows, n_text=2))


def _class_table(result: Evaluation, classes: Classes) -> Markup:
    rows = ([*_class_cells(row, classes, _chance(result))] for row in result.classes)
    return figure("Per class", table(("Class", "Recall", "n", "Ranking AUC"), rows, n_text=2))


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
    return figure(title, table(("", "Accuracy", "n"), rows, n_text=2))


def _reliability(result: Evaluation) -> Markup | None:
    if not result.reliability:
        return None
    ece = "" if result.ece is None else f" (ECE {result.ece:.3f})"
    return figure(f"Reliability{ece}", charts.reliability(result.reliability))


def _confusion(result: Evaluation, classes: Classes) -> Markup | None:
    return confusion("Confusion", result.labels, result.confusion, classes) if result.confusion else None


def confusion(title: str, labels: Sequence[str], counts: Sequence[Sequence[int]], classes: Classes) -> Markup:
    """Return a table of counts: rows are the truth, columns what it was heard as."""
    heads = [
        el("th", "true \\ heard as"),
        *(el("th", swatch(classes.get(name)) or name, title=name) for name in labels),
    ]
    rows = [
        el(
            "tr",
            el("th", swatch(classes.get(name)), " ", name, class_="class"),
            *_confusion_cells(row, name, labels),
        )
        for name, row in zip(labels, counts, strict=True)
    ]
    grid = el("table", el("thead", el("tr", *heads)), el("tbody", *rows), class_="confusion")
    return figure(title, scroll(grid))


def _confusion_cells(counts: Sequence[int], name: str, labels: Sequence[str]) -> Iterable[Markup]:
    total = sum(counts) or 1
    for other, count in zip(labels, counts, strict=True):
        share = count / total
        kind = "hit" if other == name else "miss"
        title = f"{name} heard as {other}: {count} of {sum(counts)}"
        yield el("td", count or "·", class_=f"cell {kind}", style=f"--share:{share:.3f}", title=title)


def _chance(result: Evaluation) -> float | None:
    return 1 / len(result.classes) if result.classes else None


def _rate(rate: Rate) -> str:
    if rate.low is None or rate.high is None:
        return f"{rate.value:.2f}"
    return f"{rate.value:.2f} [{rate.low:.2f}, {rate.high:.2f}]"


def _number(value: float | None) -> str:
    return DASH if value is None else f"{value:.2f}"
