from pathlib import Path

import pytest

from whitelight.scoring.bundle import BundleError, read_bundle
from whitelight.scoring.parts import pack, unpack


def test_what_is_packed_is_unpacked(tiny_model: Path) -> None:
    bundle = read_bundle(tiny_model)
    arrays = bundle.arrays()
    again = pack(unpack(arrays, bundle.record["experts"]))
    assert set(again) == set(arrays)
    assert all((again[name] == arrays[name]).all() for name in arrays)


@pytest.mark.parametrize("name", ["axes_share", "class_known", "weight_midi", "reference_midi_view"])
def test_an_array_less_or_more_is_refused(name: str, tiny_model: Path) -> None:
    bundle = read_bundle(tiny_model)
    arrays = bundle.arrays()
    with pytest.raises(BundleError, match="array 'another' is unknown"):
        unpack({**arrays, "another": arrays[name]}, bundle.record["experts"])
    del arrays[name]
    with pytest.raises(BundleError, match=f"array '{name}' is missing"):
        unpack(arrays, bundle.record["experts"])
