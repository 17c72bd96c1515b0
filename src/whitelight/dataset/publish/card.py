"""The card of a publication, ``README.md``: everything on it is counted or copied from the build.

The head is YAML for the hub and for `datasets` (configs, features, sizes, license); the body is for people. Texts of
the catalog are shown as texts: what would be markup in them is escaped.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from whitelight import __version__
from whitelight.dataset.publish.coverage import MODALITIES, Counts, Coverage
from whitelight.dataset.publish.features import to_yaml as features_to_yaml
from whitelight.dataset.publish.loading_text import decoding_lines, loading_lines
from whitelight.dataset.publish.plan import Plan
from whitelight.dataset.publish.record import FileRecord
from whitelight.dataset.publish.sources import Config
from whitelight.dataset.publish.yaml_text import to_yaml

CARD = "README.md"
_SIZES = (("n<1K", 10**3), ("1K<n<10K", 10**4), ("10K<n<100K", 10**5), ("100K<n<1M", 10**6), ("1M<n<10M", 10**7))
_MARKUP = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "|": "\\|",
    "`": "\\`",
    "*": "\\*",
    "_": "\\_",
    "[": "\\[",
    "]": "\\]",
}
_ASKS = {
    "attribution": "Name the source.",
    "share-alike": "Share what you make of it under the same license.",
    "non-commercial": "**No commercial use.**",
    "no-derivatives": "**Do not share altered versions.**",
}


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the card is made from; `files` are those of the configs."""

    plan: Plan
    coverage: Coverage
    files: Mapping[str, FileRecord]


def write_card(facts: CardFacts) -> str:
    """Return the text of ``README.md``."""
    return "".join(["---\n", to_yaml(_head(facts)), "---\n\n", "\n".join(_body(facts)), "\n"])


def _head(facts: CardFacts) -> dict[str, Any]:
    plan, total = facts.plan, facts.coverage.total
    terms = plan.dataset.manifest.terms
    known = terms.known
    head: dict[str, Any] = {}
    if terms.license:
        head["license"] = known.hub if known is not None and known.hub else "other"
        if head["license"] == "other":
            head["license_name"] = terms.license.lower()
    head["pretty_name"] = _title(facts)
    head["tags"] = ["music", "whitelight", *(name for name in MODALITIES if total.rows_with[name])]
    head["size_categories"] = [next((name for name, limit in _SIZES if total.rows < limit), "n>10M")]
    head["configs"] = [_config_head(plan, config) for config in plan.configs]
    head["dataset_info"] = [_info_head(facts, config) for config in plan.configs]
    return head


def _config_head(plan: Plan, config: Config) -> dict[str, Any]:
    files = [{"split": split, "path": f"{config.name}/{split}-*.parquet"} for split, _ in plan.of(config)]
    is_default = {"default": True} if config.name == "training_segments" else {}
    return {"config_name": config.name, "data_files": files, **is_default}


def _info_head(facts: CardFacts, config: Config) -> dict[str, Any]:
    splits: list[dict[str, Any]] = [
        {"name": split, "num_bytes": _n_bytes(facts, shards), "num_examples": sum(shard.n_rows for shard in shards)}
        for split, shards in facts.plan.of(config)
    ]
    size = sum(split["num_bytes"] for split in splits)
    features = features_to_yaml(config.schema)
    return {
        "config_name": config.name,
        "features": features,
        "splits": splits,
        "download_size": size,
        "dataset_size": size,
    }


def _n_bytes(facts: CardFacts, shards: Iterable[Any]) -> int:
    return sum(facts.files[shard.file].bytes for shard in shards)


def _title(facts: CardFacts) -> str:
    total = facts.coverage.total
    n_classes = sum(bool(name) for name in facts.coverage.classes)
    return f"{total.segments:,} segments of {total.songs:,} songs in {n_classes} classes ({facts.plan.dataset.ontology.name})"


def _body(facts: CardFacts) -> Iterator[str]:
    yield f"# {text(_title(facts))}"
    yield ""
    yield f"Version {facts.plan.settings.version}. Written by whitelight {__version__} from the build; nothing was typed by hand."
    for name, lines in (
        ("License and usage", _terms(facts)),
        ("Load", loading_lines(facts.plan)),
        ("Sound and notes", decoding_lines(facts.plan)),
        ("Configs", _configs(facts)),
        ("Splits", _splits(facts)),
        ("Coverage", _coverage(facts)),
        ("Classes", _classes(facts)),
        ("Encoders", _encoders(facts)),
        ("Columns", _columns(facts)),
        ("Provenance", _provenance(facts)),
    ):
        found = list(lines)
        if found:
            yield from ("", f"## {name}", "", *found)


def _terms(facts: CardFacts) -> Iterator[str]:
    terms = facts.plan.dataset.manifest.terms
    if not terms.license:
        yield "No license is stated: without one, nobody but the authors may use this."
    elif terms.known is None:
        yield "License: other, in the words under *Usage*."
    else:
        asks = " ".join(_ASKS[ask] for ask in terms.known.asks)
        link = f"[{terms.license}](https://spdx.org/licenses/{terms.license}.html)"
        yield f"License: {link}. {asks}".rstrip()
    for name, value in (("Attribution", terms.attribution), ("Usage", terms.usage), ("Source", terms.source_url)):
        if value:
            yield f"\n{name}: {text(value)}"


def _configs(facts: CardFacts) -> Iterator[str]:
    yield from _table(("config", "split", "rows", "files", "bytes"), _config_rows(facts))
    yield ""
    yield from (f"- `{config.name}`: {config.doc}." for config in facts.plan.configs)


def _config_rows(facts: CardFacts) -> Iterator[tuple[str, ...]]:
    for config in facts.plan.configs:
        for split, shards in facts.plan.of(config):
            rows = sum(shard.n_rows for shard in shards)
            yield f"`{config.name}`", f"`{split}`", f"{rows:,}", f"{len(shards):,}", f"{_n_bytes(facts, shards):,}"


def _splits(facts: CardFacts) -> Iterator[str]:
    splits = facts.plan.splits
    names = ", ".join(f"`{split}` {len(songs):,}" for split, songs in splits.songs.items())
    if not splits.is_given:
        yield f"The catalog came without splits: all {names.split()[-1]} songs are in `train`."
    else:
        yield f"The splits are those the catalog came with, by song: {names} songs."
    if not splits.crossing:
        yield "No source song (`group_id`) is in two splits. Split by `group_id`, never by row: rows of one song are alike."
    else:
        some = ", ".join(text(group) for group in splits.crossing[:5])
        yield f"**{len(splits.crossing):,} source songs are in more than one split** ({some}): figures across them flatter."


def _coverage(facts: CardFacts) -> Iterator[str]:
    header = ("class", "songs", "segments", "rows", "hours", *(f"{name} h" for name in MODALITIES))
    header += tuple(f"{name} rows" for name in MODALITIES)
    counts = {name or "(none)": its for name, its in facts.coverage.classes.items()} | {"all": facts.coverage.total}
    yield from _table(header, ((text(name), *_count_cells(its)) for name, its in counts.items()))
    yield ""
    yield "Hours are of segments, each counted once; a segment counts for audio, MIDI or text when any of its rows has it."
    yield ""
    kinds = [("rows of kind and view", facts.coverage.views), ("rows by content", facts.coverage.content_types)]
    yield from _table(
        ("", "rows"),
        ((f"{what}: {text(name or '(none)')}", f"{n:,}") for what, its in kinds for name, n in its.items()),
    )
    yield from _left_out(facts)


def _left_out(facts: CardFacts) -> Iterator[str]:
    manifest = facts.plan.dataset.manifest
    without = [song_id for song_id, record in manifest.songs.items() if not record.n_segments]
    if without:
        yield f"\nSongs without segments: {', '.join(text(song_id) for song_id in without)}."
    if manifest.dropped:
        reasons = ", ".join(f"{n:,} {text(reason)}" for reason, n in manifest.dropped.items())
        yield f"\nParts that made no row: {reasons}."


def _count_cells(counts: Counts) -> tuple[str, ...]:
    whole = (f"{counts.songs:,}", f"{counts.segments:,}", f"{counts.rows:,}", f"{counts.seconds / 3600:.2f}")
    hours = (f"{counts.seconds_with[name] / 3600:.2f}" for name in MODALITIES)
    return (*whole, *hours, *(f"{counts.rows_with[name]:,}" for name in MODALITIES))


def _classes(facts: CardFacts) -> Iterator[str]:
    ontology = facts.plan.dataset.ontology
    header = ("class", *(f"`{axis.name}`" for axis in ontology.axes))
    rows = (
        (text(c.name), *(text(" + ".join(c.modes.get(axis.name, ())) or "–") for axis in ontology.axes))
        for c in ontology.classes
    )
    yield f"Ontology `{ontology.name}`, version {text(ontology.version)}. A class without a mode on an axis says nothing there."
    yield ""
    yield from _table(header, rows)


def _encoders(facts: CardFacts) -> Iterator[str]:
    rows = [
        (f"`embeddings_{e.slug}`", f"`{e.name}`", e.column or "media", f"{e.dim:,}", f"`{e.fingerprint}`")
        for e in facts.plan.embeddings
    ]
    if rows:
        yield from _table(("config", "encoder", "of", "dim", "fingerprint"), rows)


def _columns(facts: CardFacts) -> Iterator[str]:
    shown: list[Mapping[str, str]] = []
    for config in facts.plan.configs:
        known = next((docs for docs in shown if docs.items() >= config.column_docs.items()), None)
        if known is not None:
            continue
        base = next((docs for docs in shown if docs.items() <= config.column_docs.items()), {})
        more = ", besides those above" if base else ""
        shown.append(config.column_docs)
        yield f"### `{config.name}`{more}\n"
        fields = [config.schema.field(name) for name in config.schema.names if name not in base]
        rows = ((f"`{f.name}`", _kind(str(f.type)), config.column_docs[f.name].replace("|", "\\|")) for f in fields)
        yield from _table(("column", "type", "meaning"), rows)
        yield ""


def _kind(arrow: str) -> str:
    return text(arrow.replace(" not null", "").replace("item: ", "").replace("element: ", ""))


def _provenance(facts: CardFacts) -> Iterator[str]:
    plan, manifest = facts.plan, facts.plan.dataset.manifest
    yield from _table(
        ("", ""),
        (
            ("version", str(plan.settings.version)),
            ("whitelight", f"{manifest.tool_version} (built), {__version__} (published)"),
            ("schema of the segments", str(manifest.schema_version)),
            ("policy of the cuts", f"`{manifest.policy}`"),
            ("ontology", f"`{plan.dataset.ontology.name}`, SHA-256 `{manifest.ontology_hash}`"),
            ("made from", f"SHA-256 `{plan.key}`"),
        ),
    )


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def text(value: str) -> str:
    """Return a text of the catalog so that Markdown shows it as it is, on one line."""
    return "".join(_MARKUP.get(character, character) for character in " ".join(value.split()))
