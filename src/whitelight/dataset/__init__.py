"""Segments of songs, views of segments, and the parquet files that hold them.

What reads parquet is loaded on first use, so that scoring, which needs views only, does not pay for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from whitelight.dataset.views import PART_VIEWS, VIEWS, derive_views

if TYPE_CHECKING:
    from whitelight.dataset.build import BuildError, BuildReport, build_dataset
    from whitelight.dataset.dataset import DamagedDatasetError, Dataset
    from whitelight.dataset.manifest import Manifest, NotADatasetError, SongRecord
    from whitelight.dataset.schema import SCHEMA_VERSION, SchemaError
    from whitelight.dataset.segments import Policy, PolicyError, Segment, cut_song
    from whitelight.dataset.settings import AudioSettings
    from whitelight.dataset.update import update_dataset
    from whitelight.dataset.verify import VerifyReport, verify_dataset

__all__ = [
    "PART_VIEWS",
    "SCHEMA_VERSION",
    "VIEWS",
    "AudioSettings",
    "BuildError",
    "BuildReport",
    "DamagedDatasetError",
    "Dataset",
    "Manifest",
    "NotADatasetError",
    "Policy",
    "PolicyError",
    "SchemaError",
    "Segment",
    "SongRecord",
    "VerifyReport",
    "build_dataset",
    "cut_song",
    "derive_views",
    "update_dataset",
    "verify_dataset",
]

_HOME = {
    **dict.fromkeys(("BuildError", "BuildReport", "build_dataset"), "build"),
    **dict.fromkeys(("DamagedDatasetError", "Dataset"), "dataset"),
    **dict.fromkeys(("Manifest", "NotADatasetError", "SongRecord"), "manifest"),
    **dict.fromkeys(("SCHEMA_VERSION", "SchemaError"), "schema"),
    **dict.fromkeys(("AudioSettings",), "settings"),
    **dict.fromkeys(("Policy", "PolicyError", "Segment", "cut_song"), "segments"),
    **dict.fromkeys(("update_dataset",), "update"),
    **dict.fromkeys(("VerifyReport", "verify_dataset"), "verify"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'whitelight.dataset' has no attribute '{name}'")
    return getattr(import_module(f"whitelight.dataset.{_HOME[name]}"), name)
