import json

import pytest
from typer.testing import CliRunner

from whitelight.cli.main import app


@pytest.fixture
def verify():
    def run(*arguments):
        return CliRunner().invoke(app, ["dataset", "verify", *map(str, arguments)])

    return run


def test_everything_at_once(made, verify, tmp_path):
    done = verify(
        made / "dataset", "--random", 10, "--seed", 4, "--report", tmp_path / "p.html", "--extract", tmp_path / "x"
    )
    assert done.exit_code == 0
    assert "10 of 79 rows compared with their source (seed 4" in done.stdout
    assert "wrote 10 rows" in done.stderr
    assert len(list((tmp_path / "x").rglob("*.json"))) == 10
    assert (tmp_path / "p.html").stat().st_size > 10_000


def test_the_exit_code(made, planted, verify):
    assert verify(planted.path, "--json").exit_code == 0  # no catalog beside it, and none was asked for
    told = json.loads(verify(planted.path, "--json").stdout)
    assert told["fidelity"]["state"] == "not checked"
    for asked in (["--random", 3], ["--all"]):
        done = verify(planted.path, *asked)
        assert done.exit_code == 1
        assert "FAILED its rows were to be compared with their source" in done.stdout
    assert verify(planted.path, "--random", 0).exit_code == 0
    planted.edit_rows("05_01", lambda rows: rows[0].update(title="Wrong"))
    done = verify(planted.path, "--song", "05_01")
    assert done.exit_code == 0, done.output
    done = verify(planted.path, "--song", "05_01", "--all", "--catalog", made / "catalog", "--json")
    assert done.exit_code == 1
    (failure,) = json.loads(done.stdout)["failures"]
    assert failure["kind"] == "labels"
    assert failure["row"].startswith("05_01/0000/")


def test_a_class_by_any_of_its_names(made, verify):
    for name in ("Green", "g", "05"):
        done = verify(made / "dataset", "--color", name, "--random", 0)
        assert "passed: 1 songs, 12 rows" in done.stdout


def test_against_a_previous_build(made, planted, verify):
    planted.edit_rows("05_01", lambda rows: rows[0].update(title="Wrong"))
    done = verify(planted.path, "--against", made / "dataset", "--random", 0)
    assert "against dataset: songs +0 −0 ~1; rows +0 −0 ~1" in done.stdout
    assert "against dataset: changed in title 1" in done.stdout


def test_numbers_that_make_no_sense(made, verify):
    assert verify(made / "dataset", "--random", -1).exit_code == 2
    assert verify(made / "dataset", "--jobs", 0).exit_code == 2
