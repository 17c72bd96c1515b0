"""`evaluate --report FILE`: what was measured, as one page that needs no network, with the worst mistakes to listen to.

The figures are those of `evaluate`; added are what only a page can show: curves per class, confusion per axis,
reliability per view, and the excerpts the model was surest of and wrong about.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS, Dataset
from whitelight.files import write_atomic
from whitelight.markup import Markup, el
from whitelight.music import read_midi
from whitelight.ontology import Target
from whitelight.reporting import charts, trust
from whitelight.reporting.adapters import bar_lines, class_styles, evaluation_of, note_rows
from whitelight.reporting.blocks import DASH, absent, figure, player, scroll, section, slots, swatch, table
from whitelight.reporting.data import Candidate, ClassStyle, ReliabilityBin
from whitelight.reporting.shell import render_page
from whitelight.scoring.calibration import MUSIC
from whitelight.scoring.fitness import target_fitness
from whitelight.scoring.heads import class_targets
from whitelight.scoring.release import FAILED, Gate
from whitelight.training.assembly import calibrated_log_p
from whitelight.training.evaluation import HeldOut
from whitelight.training.figures import headline_table, headline_units
from whitelight.training.judging import Units, rounded
from whitelight.training.metrics import confusion, ranking_curve, reliability_bins, risk_coverage

N_MISTAKES = 12
COVERAGES = tuple((k + 1) / 50 for k in range(50))
LINKS = (
    ("evaluation", "Figures"),
    ("curves", "Curves"),
    ("axes", "Axes and views"),
    ("gate", "Release gate"),
    ("mistakes", "Surest mistakes"),
)


def write_evaluation_report(path: Path, value: Mapping[str, Any], found: HeldOut, dataset: Path) -> Path:
    """Write the page and return its path.

    Parameters
    ----------
    value : record of `evaluate`, with or without comparison and folds. found : what it was computed from.
    """
    write_atomic(path, render_evaluation(value, found, Dataset.open(dataset)))
    return path


def render_evaluation(value: Mapping[str, Any], found: HeldOut, dataset: Dataset) -> str:
    """Return the page as text."""
    page = _Page(value, found)
    mistakes = page.mistakes(dataset)
    body = [
        trust.evaluation(evaluation_of(value), page.classes),
        page.curves(),
        page.axes_and_views(),
        page.gate(),
        page.mistaken(mistakes),
        *([page.folds()] if value.get("folds") else []),
        *([page.comparison()] if value.get("against") else []),
    ]
    ours = value["class"]
    return render_page(
        title=f"How right the scorer is: {found.ontology.name}",
        facts=[
            (f"{value['n_songs']}", "songs not heard"),
            (f"{value['n_units']:,}", f"{value['by']}s"),
            (f"{ours['accuracy']:.0%}", "named right"),
            (f"{ours['ece']:.3f}", "calibration error"),
            (value["gate"]["status"], "release gate"),
        ],
        links=[*LINKS, *((k, n) for k, n, key in _EXTRA if value.get(key))],
        body=body,
        playable=[[one.candidate for one in mistakes]],
    )


_EXTRA = (("folds", "Trained again", "folds"), ("against", "Against another model", "against"))


@dataclass(frozen=True, slots=True)
class Mistake:
    """An excerpt that was surely named wrong."""

    truth: str
    heard_as: str
    probability: float
    candidate: Candidate


class _Page:
    """The sections, from one evaluation."""

    def __init__(self, value: Mapping[str, Any], found: HeldOut) -> None:
        self.value, self.found = value, found
        self.ontology = found.ontology
        self.heads = found.scorer.heads
        self.names = self.ontology.class_names
        self.classes: dict[str, ClassStyle] = {style.name: style for style in class_styles(self.ontology)}
        self.units: Units = headline_units(found.table, found.scorer.parts, self.ontology, by=str(value["by"]))
        self.probabilities = np.exp(self.units.log_p[:, self.heads[0].columns])

    def curves(self) -> Markup:
        """Ranking per class, and error by coverage."""
        prior = self.found.scorer.parts.prior
        drawn = []
        for k, name in enumerate(self.names):
            if prior[k] <= 0:
                continue
            goal = Target.of_class(self.ontology, name)
            fitness = target_fitness(self.units.log_p, prior, self.heads, goal)
            points = ranking_curve(fitness, self.units.label == k)
            if points:
                area = self.value["ranking_auc"].get(name)
                title = f"ranking of {name}"
                picture = charts.share_curve(points, label=title, across="others above", up="own above", chance=True)
                drawn.append(
                    el("div", swatch(self.classes[name]), f" {name} {DASH if area is None else f'{area:.3f}'}", picture)
                )
        right = self.probabilities.argmax(axis=1) == self.units.label
        risks = risk_coverage(self.probabilities.max(axis=1), right, COVERAGES)
        curve = charts.share_curve(
            [(one["coverage"], one["risk"]) for one in risks],
            label="error among the surest",
            across="share judged",
            up="error",
        )
        aurc = self.value["class"].get("aurc")
        cells = [
            [el("td", f"{one['coverage']:.0%}"), el("td", f"{one['risk']:.3f}", class_="number")]
            for one in self.value["risk_coverage"]
        ]
        hint = "A curve lies higher when more excerpts of the class rank above those of others; the number is the area below it."
        return section(
            "curves",
            "Ranking and doubt",
            el("p", hint, class_="hint"),
            figure("Ranking per class", el("div", *drawn, class_="multiples")),
            figure(
                f"Error among the surest (mean over coverages, AURC {DASH if aurc is None else f'{aurc:.3f}'})",
                el("div", el("div", curve), table(("Share judged", "Error"), cells, n_text=1), class_="columns"),
            ),
        )

    def axes_and_views(self) -> Markup:
        """Confusion per axis, reliability per view by the music alone."""
        targets, known = class_targets(self.ontology, self.heads)
        drawn = []
        for position, head in enumerate(self.heads[1:], start=1):
            block = targets[:, head.columns]
            single = known[:, position] & (block.max(axis=1) > 1 - 1e-9)  # classes of one mode have one truth
            rows = single[self.units.label]
            if rows.any():
                counts = confusion(
                    self.units.log_p[rows][:, head.columns].argmax(axis=1),
                    block[self.units.label[rows]].argmax(axis=1),
                    len(head.labels),
                )
                title = head.name.removeprefix("axis_")
                drawn.append(trust.confusion(title, head.labels, counts.tolist(), {}))
        drawn += [figure(f"Reliability, {view}", charts.reliability(bins)) for view, bins in self._reliability()]
        content = el("div", *drawn, class_="columns") if drawn else absent("No axis has a mode, and no view music.")
        return section("axes", "Axes and views", content)

    def _reliability(self) -> Iterator[tuple[str, list[ReliabilityBin]]]:
        table_, parts = self.found.table, self.found.scorer.parts
        if MUSIC not in table_.logits:
            return
        for index, view in enumerate(VIEWS):
            rows = table_.rows.has_midi & (table_.rows.view == index)
            if rows.any():
                logits = {MUSIC: table_.logits[MUSIC][0][rows]}
                log_p = calibrated_log_p(logits, parts.calibration, self.heads, 0, table_.rows.view[rows])[MUSIC]
                bins = reliability_bins(np.exp(log_p[:, self.heads[0].columns]), table_.rows.label[rows])
                yield view, [ReliabilityBin(b["probability"], b["accuracy"], int(b["n"])) for b in bins]

    def gate(self) -> Markup:
        """Every check that failed or came near, criterion by criterion."""
        gate = Gate.from_dict(self.value["gate"])
        rows = [
            [
                el("td", criterion.name),
                el("td", criterion.question),
                el("td", criterion.status, class_="failed" if criterion.status == FAILED else None),
                el("td", criterion.line().partition("; ")[2]),
            ]
            for criterion in gate.criteria
        ]
        return section(
            "gate",
            f"Release gate: {gate.status}",
            el("p", "Asked of held-out songs, of the music alone with loudness hidden.", class_="hint"),
            scroll(table(("Criterion", "Question", "Verdict", "Found"), rows, n_text=4)),
        )

    def mistakes(self, dataset: Dataset) -> list[Mistake]:
        """Collect the excerpts of full music the model was surest of and wrong about, with their notes."""
        table_ = headline_table(self.found.table, self.found.scorer.parts, self.ontology)
        units = headline_units(table_, self.found.scorer.parts, self.ontology, by="segment")
        order = np.argsort(table_.rows.segment_id.astype(str), kind="stable")  # that of the units
        row_id: NDArray[Any] = table_.rows.row_id[order]
        heard = table_.rows.has_midi[order]
        p = np.exp(units.log_p[:, self.heads[0].columns])
        wrong = np.flatnonzero((p.argmax(axis=1) != units.label) & heard)
        chosen = wrong[np.argsort(-p[wrong].max(axis=1), kind="stable")][:N_MISTAKES]
        music = dict(dataset.media([str(r) for r in row_id[chosen]]))
        found = []
        for index in chosen:
            piece = read_midi(music[str(row_id[index])])
            truth, heard_as = self.names[units.label[index]], self.names[p[index].argmax()]
            scores = rounded({"confidence": p[index].max()})
            excerpt = Candidate(
                candidate_id=f"{truth}, heard as {heard_as}",
                section=str(units.group[index]),
                file=str(row_id[index]),
                duration_s=max(piece.duration_s, 0.1),
                notes=note_rows(piece),
                bars_s=bar_lines(piece),
                **scores,
                terms={self.names[k]: float(p[index][k]) for k in np.argsort(-p[index])[:3]},
            )
            found.append(Mistake(truth, heard_as, float(p[index].max()), excerpt))
        return found

    def mistaken(self, mistakes: list[Mistake]) -> Markup:
        """The surest mistakes, to see and to hear."""
        if not mistakes:
            return section("mistakes", "Surest mistakes", absent("No excerpt with MIDI was named wrong."))
        hint = "Excerpts of songs the model had not heard, surest first; below `terms`, the three likeliest classes."
        listed = slots(0, len(mistakes))
        return section("mistakes", "Surest mistakes", el("p", hint, class_="hint"), player(), el("article", *listed))

    def folds(self) -> Markup:
        """The recipe trained again."""
        value = self.value["folds"]
        heads = ("", "Accuracy", "Interval", "Macro F1", "ECE", "AURC", "90 % sets hold", "Size")
        rows = [_fold_cells(name, row) for name, row in {**value["rows"], **value["views"]}.items()]
        hint = f"{value['folds']} folds, {value['repeats']} shuffles; `leaky` deals rows, not songs: it shows what a leak is worth."
        left = [
            [
                el("td", name),
                *(el("td", f"{axis[key]:.3f}", class_="number") for key in ("accuracy", "grouped", "majority")),
                el("td", axis["n"], class_="number"),
            ]
            for name, axis in (value["albums"] or {}).items()
        ]
        albums = table(("Axis", "Album left out", "Songs left out", "Majority", "n"), left, n_text=1) if left else None
        return section(
            "folds",
            "Trained again",
            el("p", hint, class_="hint"),
            scroll(table(heads, rows, n_text=1)),
            None if albums is None else figure("One album left out at a time", albums),
        )

    def comparison(self) -> Markup:
        """Two models on the same songs."""
        value = self.value["against"]
        rows = []
        for name, row in value.items():
            if isinstance(row, Mapping):
                low, high = row["interval"]
                numbers = (
                    f"{row['model']:.3f}",
                    f"{row['against']:.3f}",
                    f"{row['difference']:+.3f}",
                    f"{low:+.3f} … {high:+.3f}",
                )
                rows.append([el("td", name.replace("_", " ")), *(el("td", text, class_="number") for text in numbers)])
        heads = ("", "This model", "The other", "Difference", "95 % interval")
        hint = f"{value['n_units']:,} units of {value['n_songs']} songs, drawn in pairs."
        return section(
            "against", "Against another model", el("p", hint, class_="hint"), scroll(table(heads, rows, n_text=1))
        )


def _fold_cells(name: str, row: Mapping[str, Any]) -> list[Markup]:
    low, high = row.get("accuracy_interval") or (None, None)
    sets = row.get("sets") or {}
    figures = [row.get(key) for key in ("macro_f1", "ece", "aurc")] + [sets.get("coverage"), sets.get("size")]
    first = [row.get("accuracy"), None if low is None else f"{low:.3f}–{high:.3f}"]
    texts = [DASH if v is None else v if isinstance(v, str) else f"{v:.3f}" for v in (*first, *figures)]
    return [el("td", name), *(el("td", text, class_="number") for text in texts)]
