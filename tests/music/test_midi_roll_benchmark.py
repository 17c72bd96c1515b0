import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_benchmark_runs_and_both_sides_agree(repository: Path) -> None:
    command = [sys.executable, "benchmarks/midi_roll.py", "no such folder", "--repeat", "1", "--json"]
    finished = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    result = json.loads(finished.stdout)
    assert result["is_synthetic"]
    assert result["ratio"] > 1
    assert [row["length"] for row in result["growth"]] == [1, 4, 16]
    assert "synthetic" in finished.stderr
