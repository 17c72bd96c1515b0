"""The head of a card: YAML for the hub and for `datasets` — configs, features, sizes, license."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from whitelight.dataset.publish.coverage import MODALITIES, Coverage
from whitelight.dataset.publish.features import to_yaml as features_to_yaml
from whitelight.dataset.publish.plan import Plan, Shard
from whitelight.dataset.publish.record import FileRecord
from whitelight.dataset.publish.sources import SEGMENTS, Config

_SIZES = (("n<1K", 10**3), ("1K<n<10K", 10**4), ("10K<n<100K", 10**5), ("100K<n<1M", 10**6), ("1M<n<10M", 10**7))


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the card is made from; `files` are those of the configs."""

    plan: Plan
    coverage: Coverage
    files: Mapping[str, FileRecord]


def head_of(facts: CardFacts) -> dict[str, Any]:
    """Return the head as plain data."""
    plan, total = facts.plan, facts.coverage.total
    terms = plan.dataset.manifest.terms
    known = terms.known
    head: dict[str, Any] = {}
    if terms.license:
        head["license"] = known.hub if known is not None and known.hub else "other"
        if head["license"] == "other":
            head["license_name"] = terms.license.lower()
            head |= {"license_link": license_link(terms.license)} if known is not None else {}
    head["pretty_name"] = title_of(facts)
    head["tags"] = ["music", "whitelight", *(name for name in MODALITIES if total.rows_with[name])]
    head["size_categories"] = [next((name for name, limit in _SIZES if total.rows < limit), "n>10M")]
    head["configs"] = [_config_head(plan, config) for config in plan.configs]
    head["dataset_info"] = [_info_head(facts, config) for config in plan.configs]
    return head


def _config_head(plan: Plan, config: Config) -> dict[str, Any]:
    files = [{"split": split, "path": f"{config.name}/{split}-*.parquet"} for split, _ in plan.of(config)]
    is_default = {"default": True} if config.name == SEGMENTS else {}
    return {"config_name": config.name, "data_files": files, **is_default}


def _info_head(facts: CardFacts, config: Config) -> dict[str, Any]:
    splits: list[dict[str, Any]] = [
        {"name": split, "num_bytes": n_bytes_of(facts, shards), "num_examples": sum(shard.n_rows for shard in shards)}
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


def n_bytes_of(facts: CardFacts, shards: Sequence[Shard]) -> int:
    """Return the size of some files."""
    return sum(facts.files[shard.file].bytes for shard in shards)


def title_of(facts: CardFacts) -> str:
    """Return what the dataset is called: what it holds, for it has no other name."""
    total = facts.coverage.total
    n_classes = sum(bool(name) for name in facts.coverage.classes)
    return f"{total.segments:,} segments of {total.songs:,} songs in {n_classes} classes ({facts.plan.dataset.ontology.name})"


def license_link(spdx_id: str) -> str:
    """Return where a license can be read."""
    return f"https://spdx.org/licenses/{spdx_id}.html"
