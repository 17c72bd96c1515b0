"""Real processes: one that is killed, two that share a batch."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CONFIG = """\
network:
  kind: {kind}
  width: 16
  n_layers: 2
  n_steps: 32
  n_windows: 2
  epochs: {epochs}
  batch_size: 8
  learning_rate: 0.003
  dropout: {dropout}
  mixup: {mixup}
"""
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def command(dataset: Path, out: Path, config: Path) -> list[str]:
    return ["-m", "whitelight", "train", "network", str(dataset), "--out", str(out), "--config", str(config)]


def write_config(
    folder: Path, *, kind: str = "remi", epochs: int = 6, dropout: float = 0.2, mixup: float = 0.4
) -> Path:
    path = folder / "config.yml"
    path.write_text(CONFIG.format(kind=kind, epochs=epochs, dropout=dropout, mixup=mixup))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def wait_for(folder: Path, name: str, process: subprocess.Popen[bytes], *, longest_s: float = 60) -> None:
    end = time.monotonic() + longest_s
    while not list(folder.glob(f"*/{name}")):
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.slow
def test_a_killed_run_started_again_writes_the_bytes_of_an_undisturbed_one(tiny_dataset: Path, tmp_path: Path) -> None:
    config = write_config(tmp_path, epochs=16)
    start = [sys.executable, *command(tiny_dataset, tmp_path / "a" / "net", config)]
    subprocess.run(start, check=True, capture_output=True, env=ENVIRONMENT)
    again = [sys.executable, *command(tiny_dataset, tmp_path / "b" / "net", config)]
    for epoch in (2, 8):  # at whatever moment of the epoch after it
        work = tmp_path / "b" / ".net.work"
        process = subprocess.Popen(again, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        wait_for(work, f"epoch-{epoch:03d}.safetensors", process)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert not (tmp_path / "b" / "net").exists()
    subprocess.run(again, check=True, capture_output=True, env=ENVIRONMENT)
    assert contents(tmp_path / "b" / "net") == contents(tmp_path / "a" / "net")
    runs = [json.loads(p.read_text()) for p in sorted((tmp_path / "b" / "runs").glob("*/run.json"))]
    assert len(runs) == 3
    metrics = tmp_path / "b" / "runs" / runs[-1]["id"] / "metrics.jsonl"
    epochs = [json.loads(line)["step"] for line in metrics.read_text().splitlines()]
    assert epochs[0] >= 8  # it did go on; epoch 8 again where its checkpoint was not written yet
    assert epochs[-1] == 16


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(tiny_dataset: Path, tmp_path: Path) -> None:
    config = write_config(tmp_path, epochs=6, dropout=0.0, mixup=0.0)
    one = [sys.executable, *command(tiny_dataset, tmp_path / "one", config)]
    subprocess.run(one, check=True, capture_output=True, env=ENVIRONMENT)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    two = [*launch, *command(tiny_dataset, tmp_path / "two", config)]
    done = subprocess.run(two, check=True, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.stdout.count("wrote ") == 1  # the first process alone speaks
    records = [json.loads((tmp_path / name / "network.json").read_text()) for name in ("one", "two")]
    assert [record["n_processes"] for record in records] == [1, 2]
    assert len(records[0]["history"]) == len(records[1]["history"]) == 6
    for alone, shared in zip(*(record["history"] for record in records), strict=True):
        # the same batches; sums of gradients are rounded otherwise
        assert shared["log_loss"] == pytest.approx(alone["log_loss"], abs=2e-3)
        assert shared["train_loss"] == pytest.approx(alone["train_loss"], abs=2e-3)
    assert records[0]["best_epoch"] == records[1]["best_epoch"]
