from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.dataset.publish.yaml_text import to_yaml
from whitelight.files import load_yaml

TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    TEXTS,
    st.sampled_from(["no", "on", "1e3", "0x1", "a: b", "- a", "1_0", "2020-01-01", "~", "=", "<<"]),
)
VALUES = st.recursive(LEAVES, lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXTS, v, max_size=3), max_leaves=12)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
@settings(max_examples=150, deadline=None)
def test_both_kinds_of_yaml_read_what_is_written(value: dict[str, Any]) -> None:
    text = to_yaml(value)
    yaml = pytest.importorskip("yaml")  # YAML 1.1, that of the hub and of datasets
    assert (yaml.safe_load(text) or {}) == value
    from pathlib import Path

    assert (load_yaml(Path("card"), text=text) or {}) == value  # YAML 1.2


def test_words_stay_words() -> None:
    assert to_yaml({"a": [{"b": "c d", "e": []}], "f": {"g": "no"}}) == 'a:\n- b: c d\n  e: []\nf:\n  g: "no"\n'
