"""The card of a publication, ``README.md``: everything on it is counted or copied from the build.

The head is YAML for the hub and for `datasets` (configs, features, sizes, license); the body is for people. Texts of
the catalog are shown as texts: what would be markup in them is escaped.
"""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from whitelight import __version__
from whitelight.dataset.manifest import AudioRecord
from whitelight.dataset.publish.card_head import CardFacts, head_of, license_link, n_bytes_of, title_of
from whitelight.dataset.publish.coverage import MODALITIES, Counts
from whitelight.dataset.publish.loading_text import decoding_lines, loading_lines
from whitelight.dataset.publish.markdown import table, text
from whitelight.dataset.publish.yaml_text import to_yaml

CARD = "README.md"
_WORDS = {"audio": "audio", "midi": "MIDI", "text": "text"}
_ASKS = {
    "attribution": "Name the source.",
    "share-alike": "Share what you make of it under the same license.",
    "non-commercial": "**No commercial use.**",
    "no-derivatives": "**Do not share altered versions.**",
}


def write_card(facts: CardFacts) -> str:
    """Return the text of ``README.md``."""
    return "".join(["---\n", to_yaml(head_of(facts)), "---\n\n", "\n".join(_body(facts)), "\n"])


def _body(facts: CardFacts) -> Iterator[str]:
    yield f"# {text(title_of(facts))}"
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
        yield f"License: [{terms.license}]({license_link(terms.license)}). {asks}".rstrip()
    for name, value in (("Attribution", terms.attribution), ("Usage", terms.usage), ("Source", terms.source_url)):
        if value:
            yield f"\n{name}: {text(value)}"


def _configs(facts: CardFacts) -> Iterator[str]:
    yield from table(("config", "split", "rows", "files", "bytes"), _config_rows(facts))
    yield ""
    yield from (f"- `{config.name}`: {config.doc}." for config in facts.plan.configs)


def _config_rows(facts: CardFacts) -> Iterator[tuple[str, ...]]:
    for config in facts.plan.configs:
        for split, shards in facts.plan.of(config):
            rows = sum(shard.n_rows for shard in shards)
            yield f"`{config.name}`", f"`{split}`", f"{rows:,}", f"{len(shards):,}", f"{n_bytes_of(facts, shards):,}"


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
    header = ("class", "songs", "segments", "rows", "hours", *(f"{word} h" for word in _WORDS.values()))
    header += tuple(f"{word} rows" for word in _WORDS.values())
    counts = {name or "(none)": its for name, its in facts.coverage.classes.items()} | {"all": facts.coverage.total}
    yield from table(header, ((text(name), *_count_cells(its)) for name, its in counts.items()))
    yield ""
    yield "Hours are of segments, each counted once; a segment counts for audio, MIDI or text when any of its rows has it."
    yield ""
    kinds = [("rows of kind and view", facts.coverage.views), ("rows by content", facts.coverage.content_types)]
    yield from table(
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
    yield from table(header, rows)


def _encoders(facts: CardFacts) -> Iterator[str]:
    rows = [
        (f"`embeddings_{e.slug}`", f"`{e.name}`", e.column or "media", f"{e.dim:,}", f"`{e.fingerprint}`")
        for e in facts.plan.embeddings
    ]
    if rows:
        yield from table(("config", "encoder", "of", "dim", "fingerprint"), rows)


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
        rows = ((f"`{f.name}`", _kind(f), config.column_docs[f.name].replace("|", "\\|")) for f in fields)
        yield from table(("column", "type", "meaning"), rows)
        yield ""


def _kind(field: pa.Field) -> str:
    name = str(field.type).replace(" not null", "").replace("item: ", "").replace("element: ", "")
    return f"`{name}`{', may be null' if field.nullable else ''}"


def _provenance(facts: CardFacts) -> Iterator[str]:
    plan, manifest = facts.plan, facts.plan.dataset.manifest
    yield from table(
        ("", ""),
        (
            ("version", str(plan.settings.version)),
            ("whitelight", f"{manifest.tool_version} (built), {__version__} (published)"),
            ("schema of the segments", str(manifest.schema_version)),
            ("policy of the cuts", f"`{manifest.policy}`"),
            ("sound", _sound(manifest.audio)),
            ("ontology", f"`{plan.dataset.ontology.name}`, SHA-256 `{manifest.ontology_hash}`"),
            ("made from", f"SHA-256 `{plan.key}`"),
        ),
    )


def _sound(audio: AudioRecord) -> str:
    if not audio.is_cut:
        return "left out"
    rate = f"resampled to {audio.sample_rate:,} Hz" if audio.sample_rate else "at the rate of each recording"
    player = f", rendered by {text(audio.instrument)} where there is none" if audio.instrument else ""
    return f"{rate}, {'mono' if audio.mono else 'channels as recorded'}{player}"
