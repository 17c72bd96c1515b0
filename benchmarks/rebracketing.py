"""What the rebracketing labels are worth on a catalog: coverage, spread, correlations, length, what they tell of the class.

    python benchmarks/rebracketing.py CATALOG [--ontology NAME] [--shuffles 200] [--json]

Texts are the concepts, the lyric lines (each once per song) and the lyrics of whole songs. "cut" compares a measure of
long texts with its mean over their pieces: 1.00 means that length does not move it. "words of the ontology" are the
names of its modes, axes and classes; masking replaces each by a word without meaning. Mutual information is compared
with that of shuffled classes, song by song, because few songs alone make some.
"""

import argparse
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whitelight.catalog import read_catalog
from whitelight.catalog.song import Catalog
from whitelight.dataset.rebracketing import MEASURES, Rebracketing, label_text, type_names
from whitelight.dataset.rebracketing.words import read_words
from whitelight.ontology import Ontology, load_ontology

Texts = list[tuple[int, str, str]]  # number of the song, class, text
PIECES = (10, 30, 100)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the rebracketing labels on a catalog.")
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--ontology", default="rainbow")
    parser.add_argument("--shuffles", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    ontology = load_ontology(given.ontology)
    catalog = read_catalog(given.catalog, ontology=ontology)
    found = {name: measure(texts, ontology, given.shuffles) for name, texts in collect(catalog).items()}
    if given.json:
        print(json.dumps(found, indent=1))
        return
    for name, figures in found.items():
        print(f"\n{name}")
        for key, value in figures.items():
            print(f"  {key:<34} {show(value)}")


def show(value: Any) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{key} {show(v)}" for key, v in value.items())
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def collect(catalog: Catalog) -> dict[str, Texts]:
    """Return the texts by kind."""
    songs = [(i, song.class_name, [line.text for line in song.lyric_lines]) for i, song in enumerate(catalog.songs)]
    return {
        "concepts": [(i, song.class_name, song.concept) for i, song in enumerate(catalog.songs) if song.concept],
        "lines": [(i, name, line) for i, name, lines in songs for line in dict.fromkeys(lines)],
        "songs": [(i, name, "\n".join(lines)) for i, name, lines in songs if lines],
    }


def measure(texts: Texts, ontology: Ontology, n_shuffles: int) -> dict[str, Any]:
    """Return all figures of one kind of text."""
    started = time.perf_counter()
    labels = [label_text(text) for *_, text in texts]
    seconds = time.perf_counter() - started
    kept = [i for i, label in enumerate(labels) if label.intensity is not None]
    texts, labels = [texts[i] for i in kept], [labels[i] for i in kept]
    values = np.array([[getattr(label, name) for name in MEASURES] for label in labels], float)
    n_words = np.array([read_words(text).n_words for *_, text in texts])
    has = np.array([[name in label.types for name in type_names()] for label in labels])
    shuffles = shuffled_classes(texts, n_shuffles)
    masked = [mask(text, ontology) for *_, text in texts]
    return {
        "texts": len(texts),
        "words, median and largest": f"{np.median(n_words):.0f}, {n_words.max()}",
        "texts/s": len(texts) / seconds,
        "share with a type": float(has.any(axis=1).mean()),
        "types per text": float(has.sum(axis=1).mean()),
        "share by type": by_type(has.mean(axis=0)),
        **{
            name: {
                "mean": float(column.mean()),
                "sd": float(column.std()),
                "at 0": float((column == 0).mean()),
                "at 1": float((column == 1).mean()),
                "rank r with length": spearman(column, n_words),
            }
            for name, column in zip(MEASURES, values.T, strict=True)
        },
        "correlations, strongest": strongest(values),
        "mean over pieces / whole": cut([text for *_, text in texts]),
        "information with class, bits": information(has, shuffles),
        "… words of the ontology masked": information(types_of(masked), shuffles),
        "class from labels": guess(np.hstack([values, has]), shuffles),
        "… words of the ontology masked ": guess(features(masked), shuffles),
        "words of the ontology": ontology_words([t for *_, t in texts], masked, labels),
    }  # fmt: skip


def shuffled_classes(texts: Texts, n_shuffles: int) -> NDArray[np.int64]:
    """Return the class of each text, first as it is, then shuffled: all texts of a song move together."""
    class_of = {song: name for song, name, _ in texts}
    _, codes = np.unique(list(class_of.values()), return_inverse=True)
    rng = np.random.default_rng(0)
    place = {song: i for i, song in enumerate(class_of)}
    rows = [place[song] for song, *_ in texts]
    return np.array([codes[rows], *(rng.permutation(codes)[rows] for _ in range(n_shuffles))])


def by_type(values: NDArray[np.float64]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(type_names(), values, strict=True)}


def types_of(texts: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([[name in label_text(text).types for name in type_names()] for text in texts])


def features(texts: Sequence[str]) -> NDArray[np.float64]:
    labels = [label_text(text) for text in texts]
    return np.array(
        [[getattr(x, name) or 0.0 for name in MEASURES] + [name in x.types for name in type_names()] for x in labels]
    )


def spearman(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return correlation(ranks(one), ranks(other))


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if one.std() and other.std() else 0.0


def strongest(values: NDArray[np.float64]) -> dict[str, float]:
    pairs = {
        f"{MEASURES[i]}/{MEASURES[j]}": correlation(values[:, i], values[:, j])
        for i in range(len(MEASURES))
        for j in range(i)
    }
    return dict(sorted(pairs.items(), key=lambda item: -abs(item[1]))[:4])


def cut(texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Compare texts of at least twice a length with the mean over their pieces of that length."""
    found: dict[str, dict[str, float]] = {}
    for size in PIECES:
        wholes, pieces = [], []
        for text in texts:
            words = read_words(text)
            parts = [text[words.starts[i] : words.ends[min(i + size, len(words.starts)) - 1]] for i in range(0, len(words.starts) - size + 1, size)]  # fmt: skip
            if len(parts) >= 2:
                label = label_text(text[: words.ends[len(parts) * size - 1]])
                wholes.append([getattr(label, name) for name in MEASURES])
                pieces.append(
                    np.mean([[getattr(label_text(p), name) or 0.0 for name in MEASURES] for p in parts], axis=0)
                )
        if wholes:
            ratio = np.mean(pieces, axis=0) / np.maximum(np.mean(wholes, axis=0), 1e-9)
            found[f"{size} words"] = {name: float(value) for name, value in zip(MEASURES, ratio, strict=True)}
    return found


def information(has: NDArray[np.bool_], shuffles: NDArray[np.int64]) -> dict[str, Any]:
    """Return the mutual information of each type with the class, less that of shuffled classes; p of their sum."""
    real, *others = (mutual_information(has, codes) for codes in shuffles)
    chance = np.array(others)
    p = (1 + (chance.sum(axis=1) >= real.sum()).sum()) / len(shuffles)
    total = {"sum": float(real.sum()), "by chance": float(chance.sum(axis=1).mean()), "p": float(p)}
    return by_type(real - chance.mean(axis=0)) | total


def mutual_information(has: NDArray[np.bool_], codes: NDArray[np.int64]) -> NDArray[np.float64]:
    joint = np.array([[(has[codes == c] == side).sum(axis=0) for side in (True, False)] for c in np.unique(codes)])
    joint = joint / len(codes)  # (class, side, type)
    independent = joint.sum(axis=0, keepdims=True) * joint.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(joint > 0, joint * np.log2(joint / independent), 0.0)
    return np.asarray(terms.sum(axis=(0, 1)))


def guess(table: NDArray[np.float64], shuffles: NDArray[np.int64]) -> dict[str, float]:
    """Return the share of texts whose class is that of the nearest class mean, the text itself left out."""
    if len(table) > 400:
        return {}  # lines of one song are no independent texts
    scaled = (table - table.mean(axis=0)) / np.maximum(table.std(axis=0), 1e-9)
    real, *others = (nearest_mean(scaled, codes) for codes in shuffles)
    p = (1 + sum(other >= real for other in others)) / len(shuffles)
    return {"right": real, "shuffled": float(np.mean(others)), "p": p}


def nearest_mean(table: NDArray[np.float64], codes: NDArray[np.int64]) -> float:
    members = codes[:, None] == np.arange(codes.max() + 1)
    sums, counts = members.T.astype(float) @ table, members.sum(axis=0)
    right = 0
    for i, code in enumerate(codes):
        own_sums, own_counts = sums.copy(), counts.copy()
        own_sums[code] -= table[i]
        own_counts[code] -= 1
        means = own_sums / np.maximum(own_counts, 1)[:, None]
        right += int(np.argmin(((means - table[i]) ** 2).sum(axis=1) + 1e9 * (own_counts == 0)) == code)
    return right / len(codes)


def mask(text: str, ontology: Ontology) -> str:
    names = {mode for axis in ontology.axes for mode in axis.modes} | set(ontology.axis_names)
    names |= {c.name for c in ontology.classes}
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b", re.IGNORECASE)
    return pattern.sub(lambda found: "x" * len(found[0]), text)


def ontology_words(texts: Sequence[str], masked: Sequence[str], labels: Sequence[Rebracketing]) -> dict[str, float]:
    """Return how much of the evidence is a word of the ontology, and what masking these words changes."""
    spans = [(t[e.start : e.end], m[e.start : e.end]) for t, m, label in zip(texts, masked, labels, strict=True) for e in label.evidence]  # fmt: skip
    others = [label_text(text) for text in masked]
    pairs = list(zip(labels, others, strict=True))
    return {
        "texts with one": float(np.mean([t != m for t, m in zip(texts, masked, strict=True)])),
        "share of evidence": float(np.mean([a != b for a, b in spans])),
        "texts whose types change": float(np.mean([a.types != b.types for a, b in pairs])),
        "largest change of a measure, mean": float(
            np.mean([max(abs((getattr(a, n) or 0.0) - (getattr(b, n) or 0.0)) for n in MEASURES) for a, b in pairs])
        ),
    }


if __name__ == "__main__":
    main()
