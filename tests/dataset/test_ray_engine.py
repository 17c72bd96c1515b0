"""The same dataset from a Ray cluster, byte for byte."""

import builtins
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from whitelight.dataset import BuildError, build_dataset

CLUSTER = """
import os, pickle, sys
from pathlib import Path
from ray.cluster_utils import Cluster
from whitelight.dataset import build_dataset
if __name__ == "__main__":
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    os.environ["RAY_ADDRESS"] = cluster.address
    catalog = pickle.loads(Path(sys.argv[1]).read_bytes())
    done = []
    build_dataset(catalog, Path(sys.argv[2]), policy="bars:4", engine="ray", progress=lambda n, total: done.append(n))
    assert done == list(range(len(catalog.songs) + 1)), done
    cluster.shutdown()
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


@pytest.mark.slow
def test_two_workers_of_a_ray_cluster_give_the_same_bytes(make_catalog, tools, tmp_path):
    import pickle

    pytest.importorskip("ray")
    catalog = make_catalog(n_piano=4)
    rng = np.random.default_rng(0)
    soundfile.write(catalog.root / "mix.wav", rng.normal(scale=0.1, size=(44_100 * 30, 2)), 44_100, subtype="PCM_16")
    with_audio = tools.song("03_01", main_audio_file="mix.wav", duration_s=30.0)
    catalog = type(catalog)(catalog.root, catalog.ontology, (*catalog.songs, with_audio), (), ())
    build_dataset(catalog, tmp_path / "local", policy="bars:4")
    (tmp_path / "catalog.pickle").write_bytes(pickle.dumps(catalog))
    (tmp_path / "cluster.py").write_text(CLUSTER)
    command = [sys.executable, "cluster.py", "catalog.pickle", "ray"]
    quiet = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    done = subprocess.run(command, cwd=tmp_path, env=quiet, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")
    assert "execution" not in done.stdout + done.stderr


def test_without_ray_the_extra_is_named(make_catalog, tmp_path, monkeypatch):
    real = builtins.__import__

    def without_ray(name, *args, **kwargs):
        if name.split(".")[0] == "ray":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_ray)
    with pytest.raises(BuildError, match=r"pip install 'whitelight\[distributed\]'"):
        build_dataset(make_catalog(), tmp_path / "out", engine="ray")


def test_there_are_two_engines(make_catalog, tmp_path):
    with pytest.raises(BuildError, match="engine 'spark': expected one of local, ray"):
        build_dataset(make_catalog(), tmp_path / "out", engine="spark")
