"""Versions that never change, aliases that move and move back, and a log that is only added to."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from whitelight.origin import read_origin
from whitelight.registry import Registry, RegistryError
from whitelight.scoring.bundle import BundleError, read_bundle


@pytest.fixture
def registry(tmp_path):
    return Registry(tmp_path / "registry")


@pytest.fixture
def three(registry, variant):
    """`rainbow` in three versions; the gate of the third failed."""
    for number, passed in enumerate((True, True, False), start=1):
        registry.add(variant(f"m{number}", passed=passed), "rainbow", notes=f"note {number}")
    return registry


def test_versions_count_up_and_are_complete_copies(three, trained, tmp_path):
    versions = three.versions("rainbow")
    assert [(v.version, v.gate, v.notes, v.role) for v in versions] == [
        (1, "passed", "note 1", "scorer"),
        (2, "passed", "note 2", "scorer"),
        (3, "failed", "note 3", "scorer"),
    ]
    folder = three.resolve("rainbow@2")
    assert folder == tmp_path / "registry" / "rainbow" / "2" / "model"
    for name in ("model.onnx", "arrays.npz", "held_out.npz"):
        assert (folder / name).read_bytes() == (trained / name).read_bytes()
    assert read_origin(folder).resolve() == read_origin(trained).resolve()
    assert three.names() == ["rainbow"]


def test_the_same_bundle_is_added_once(three, tmp_path):
    assert three.add(tmp_path / "m2", "rainbow").version == 2
    assert len(three.versions("rainbow")) == 3
    assert three.add(tmp_path / "m2", "other").version == 1


def test_an_alias_moves_and_moves_back(three):
    three.alias("rainbow", "production", 1, reason="first", who="ana")
    three.alias("rainbow", "production", 2)
    three.alias("rainbow", "candidate", 2)
    assert three.aliases("rainbow") == {"candidate": 2, "production": 2}
    assert three.resolve("rainbow@production") == three.resolve("rainbow@2")
    three.rollback("rainbow", "production", reason="too bright")
    assert three.resolve("rainbow@production") == three.resolve("rainbow@1")
    assert three.aliases("rainbow")["candidate"] == 2
    moves = [(m.action, m.old, m.new, m.reason, m.who, m.forced) for m in three.promotions() if m.alias == "production"]
    assert moves == [
        ("promote", 0, 1, "first", "ana", False),
        ("promote", 1, 2, "", "", False),
        ("rollback", 2, 1, "too bright", "", False),
    ]
    with pytest.raises(RegistryError, match="'rainbow@production' has only ever meant version 1"):
        three.rollback("rainbow", "production")
    with pytest.raises(RegistryError, match="'rainbow@staging' does not exist"):
        three.rollback("rainbow", "staging")


def test_rolling_back_twice_goes_back_twice(three):
    for version in (1, 2, 1):
        three.alias("rainbow", "production", version)
    assert [three.rollback("rainbow", "production").new for _ in range(2)] == [2, 1]


def test_a_failed_gate_is_promoted_only_by_force(three):
    with pytest.raises(RegistryError, match=r"rainbow@3: .*gate.*failed.*--force"):
        three.alias("rainbow", "production", 3)
    assert three.promotions() == []
    assert three.alias("rainbow", "production", 3, force=True).forced
    assert three.aliases("rainbow") == {"production": 3}
    assert not three.alias("rainbow", "production", 1, force=True).forced


def test_a_damaged_bundle_is_refused_and_leaves_nothing(registry, variant):
    bundle = variant("damaged")
    (bundle / "model.onnx").write_bytes((bundle / "model.onnx").read_bytes()[:-1])
    with pytest.raises(BundleError, match=r"model\.onnx: checksum"):
        registry.add(bundle, "rainbow")
    held_out = variant("held-out")
    (held_out / "held_out.npz").write_bytes(b"")
    with pytest.raises(BundleError, match=r"held_out\.npz"):
        registry.add(held_out, "rainbow")
    with pytest.raises(BundleError, match="expected a model folder"):
        registry.add(registry.root, "rainbow")
    assert registry.names() == []
    assert not list((registry.root / "rainbow").iterdir())


def test_a_version_that_was_changed_by_hand_is_refused(three):
    path = three.resolve("rainbow@1") / "bundle.json"
    path.write_text(path.read_text().replace('"seed"', '"seed" '))
    with pytest.raises(RegistryError, match="changed by hand"):
        three.resolve("rainbow@1")


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("rainbow@9", r"'rainbow@9' is not in .*; versions of 'rainbow': 1, 2, 3"),
        ("rainbow@stagign", r"expected one of production, 1, 2, 3"),
        ("rianbow@1", r"versions of 'rianbow': none"),
        ("rianbow@production", r"expected one of the models rainbow"),
        ("../rainbow@1", r"name '\.\./rainbow'; expected letters"),
    ],
)
def test_what_is_not_there(three, reference, message):
    three.alias("rainbow", "production", 1)
    with pytest.raises(RegistryError, match=message):
        three.resolve(reference)


def test_names_that_cannot_be(three, tmp_path):
    with pytest.raises(RegistryError, match="name 'a/b'"):
        three.add(tmp_path / "m1", "a/b")
    with pytest.raises(RegistryError, match="alias '7' is a number"):
        three.alias("rainbow", "7", 1)
    with pytest.raises(RegistryError, match=r"alias '\.\.'"):
        three.alias("rainbow", "..", 1)


def test_reading_makes_nothing(registry):
    assert (registry.names(), registry.versions("x"), registry.promotions()) == ([], [], [])
    assert not registry.root.exists()


def test_an_unfinished_line_of_the_log_means_nothing(three):
    three.alias("rainbow", "production", 1)
    log = three.root / "promotions.jsonl"
    before = log.read_bytes()
    log.write_bytes(before + before[: len(before) // 2])
    assert three.aliases("rainbow") == {"production": 1}
    three.alias("rainbow", "production", 2)
    assert three.aliases("rainbow") == {"production": 2}
    assert log.read_bytes().startswith(before)
    assert [m.new for m in three.promotions()] == [1, 2]


def test_nothing_in_it_names_a_place_or_a_person(three, tmp_path):
    three.alias("rainbow", "production", 1)
    for path in (p for p in three.root.rglob("*") if p.is_file()):
        assert str(tmp_path).encode() not in path.read_bytes(), path.name


AT_WORK = """
import sys
from pathlib import Path
from whitelight.registry import Registry
registry = Registry(Path("registry"))
print("ready", flush=True)
for bundle in sys.argv[1:]:
    version = registry.add(Path(bundle), "rainbow").version
    registry.alias("rainbow", "production", version, reason="x" * 2000)
    print(version, flush=True)
"""


def at_work(folder: Path, *bundles: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", AT_WORK, *map(str, bundles)]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_writer_killed_at_any_point_leaves_a_state_that_was_meant(tmp_path, variant):
    bundles = [variant(f"k{n}") for n in range(12)]
    registry = Registry(tmp_path / "registry")
    for n in range(10):
        with at_work(tmp_path, *bundles) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.013 * n * (1 + n % 3))
            os.kill(process.pid, signal.SIGKILL)
        for version in registry.versions("rainbow"):
            read_bundle(registry.resolve(f"rainbow@{version.version}")).model()
        for number in registry.aliases("rainbow").values():
            assert number in {v.version for v in registry.versions("rainbow")}
    with at_work(tmp_path, *bundles) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.split()[1:] == [str(n) for n in range(1, 13)]
    assert [v.version for v in registry.versions("rainbow")] == list(range(1, 13))
    assert registry.aliases("rainbow") == {"production": 12}
    assert not list((registry.root / "rainbow").glob(".new-*"))


@pytest.mark.slow
def test_writers_at_the_same_time(tmp_path, variant):
    bundles = [variant(f"w{n}") for n in range(8)]
    several = [at_work(tmp_path, *bundles[n::2]) for n in range(2)]
    for process in several:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    registry = Registry(tmp_path / "registry")
    assert [v.version for v in registry.versions("rainbow")] == list(range(1, 9))
    moves = registry.promotions()
    assert sorted(m.new for m in moves) == list(range(1, 9))
    assert [m.old for m in moves] == [0, *(m.new for m in moves[:-1])]
    lines = (registry.root / "promotions.jsonl").read_text().splitlines()
    assert [json.loads(line)["new"] for line in lines] == [m.new for m in moves]


def test_a_registry_may_be_moved(three, tmp_path):
    three.alias("rainbow", "production", 2)
    shutil.move(tmp_path / "registry", tmp_path / "elsewhere")
    assert Registry(tmp_path / "elsewhere").resolve("rainbow@production").is_dir()
