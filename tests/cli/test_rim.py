"""Every command has help with an example and --json; exit codes are 0, 1 and 2."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from whitelight.cli.main import app, describe, main
from whitelight.errors import WhitelightError


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands(typer.main.get_command(app)))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["whitelight", *arguments])
    with pytest.raises(SystemExit) as exit_:
        main()
    code = exit_.value.code
    assert isinstance(code, int)
    return code


def test_the_fixed_commands_exist() -> None:
    assert set(ALL) >= {
        ("demo",),
        ("catalog", "check"),
        ("catalog", "import-midi"),
        ("catalog", "table"),
        ("dataset", "build"),
        ("dataset", "verify"),
        ("train", "fusion"),
        ("evaluate",),
        ("score",),
        ("compose", "chords"),
        ("compose", "promote"),
        *(
            ("compose", name)
            for name in ("new", "status", "run", "regenerate", "evolve", "assemble", "export", "drift")
        ),
        ("ideas", "shrinkwrap"),
        ("ideas", "feedback"),
    }


@pytest.mark.parametrize("path", sorted(ALL), ids=" ".join)
def test_help_opens_with_an_example(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, *path, "--help") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"Example: whitelight {' '.join(path)}" in text
    assert "--json" in text


@pytest.mark.parametrize("path", sorted(ALL), ids=" ".join)
def test_a_mistyped_command_ends_with_2(path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, *path, "--no-such-option") == 2


def test_help_is_fast_because_it_loads_nothing_heavy() -> None:
    code = (
        "import sys; import whitelight.cli.main; "
        "sys.exit(str({'numpy', 'pyarrow', 'onnxruntime', 'symusic', 'torch', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "set()"


def test_a_missing_catalog_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "catalog", "check", str(tmp_path / "nowhere")) == 1
    err = capsys.readouterr().err.strip()
    assert err.startswith("error: ")
    assert "nowhere" in err
    assert "\n" not in err


def test_debug_shows_the_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["whitelight", "catalog", "check", str(tmp_path / "nowhere"), "--debug"])
    with pytest.raises(WhitelightError):
        main()


def test_system_errors_name_the_file() -> None:
    assert describe(OSError(28, "No space left on device", "x.parquet")).startswith("the system refused 'x.parquet'")


def test_a_missing_extra_says_what_to_install() -> None:
    assert describe(ModuleNotFoundError("No module named 'torch'", name="torch")) == (
        "this needs the package 'torch', which the core does without; pip install 'whitelight[train]'"
    )


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "--version") == 0
    assert capsys.readouterr().out.startswith("whitelight 0")


def test_json_is_the_only_thing_on_stdout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "01_01").mkdir()
    (tmp_path / "01_01" / "01_01.yml").write_text("manifest_id: [unfinished\n")
    assert run(monkeypatch, "catalog", "check", str(tmp_path), "--json") == 1
    value = json.loads(capsys.readouterr().out)
    assert set(value) >= {"songs", "stems", "sections", "lyric_lines", "problems", "time_codes"}
    assert value["problems"][0]["file"] == "01_01/01_01.yml"
