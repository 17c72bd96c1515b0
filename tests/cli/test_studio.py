"""`whitelight studio`: what it is told, what it refuses, what it prints."""

import json
import sys
from pathlib import Path

import pytest

from whitelight.studio import serving
from whitelight.studio.state import StudioSettings


@pytest.fixture
def served(monkeypatch):
    """Settings the server was started with; it says that it listens, and ends."""
    found: list[StudioSettings] = []

    def serve(settings, opened):
        found.append(settings)
        opened("http://127.0.0.1:5/?token=abc")

    monkeypatch.setattr(serving, "serve", serve)
    return found


@pytest.fixture
def browser(monkeypatch):
    opened: list[str] = []
    monkeypatch.setattr("whitelight.cli.studio._open", opened.append)
    return opened


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)


def test_it_prints_the_address_and_opens_it(whitelight, served, browser, tmp_path):
    done = whitelight("studio", tmp_path)
    assert done.code == 0
    assert done.out == "http://127.0.0.1:5/?token=abc\n"
    assert "Ctrl-C" in done.err
    assert browser == ["http://127.0.0.1:5/?token=abc"]
    (settings,) = served
    assert (settings.root, settings.model, settings.dataset, settings.soundfont) == (tmp_path, None, None, None)
    assert (settings.read_only, settings.force, settings.port, settings.system_soundfont) == (False, False, 0, True)


def test_it_is_told_everything_by_options(whitelight, served, browser, tmp_path):
    model, font = tmp_path / "model", tmp_path / "font.sf2"
    model.mkdir()
    (model / "bundle.json").write_text("{}")
    font.write_bytes(b"")
    done = whitelight(
        "studio", tmp_path, "--model", model, "--dataset", tmp_path, "--soundfont", font, "--port", 8123, "--read-only", "--no-open", "--json", "--force"
    )  # fmt: skip
    assert json.loads(done.out) == {
        "address": "http://127.0.0.1:5/?token=abc",
        "folder": str(tmp_path),
        "read_only": True,
    }
    assert browser == []
    (settings,) = served
    assert (settings.model, settings.dataset, settings.soundfont, settings.port) == (model, tmp_path, font, 8123)
    assert (settings.read_only, settings.force, settings.system_soundfont) == (True, True, False)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("nowhere",), "nowhere: no such folder"),
        ((".", "--model", "nowhere"), "nowhere: no model bundle there"),
        ((".", "--soundfont", "nowhere.sf2"), "SoundFont 'nowhere.sf2' is not there"),
    ],
)
def test_what_is_not_there_is_refused_before_anything_starts(whitelight, served, nowhere, arguments, expected):
    done = whitelight("studio", *arguments)
    assert done.code == 1
    assert done.error.startswith(expected)
    assert served == []


def test_a_port_in_use_is_said(whitelight, tmp_path):
    with serving._listen(0) as taken:
        taken.listen()
        done = whitelight("studio", tmp_path, "--no-open", "--port", taken.getsockname()[1])
    assert done.code == 1
    assert "choose another" in done.error


@pytest.mark.parametrize("package", ["fastapi", "uvicorn"])
def test_without_its_packages_it_says_how_to_get_them(whitelight, tmp_path, monkeypatch, package):
    for name in [name for name in sys.modules if name.split(".")[0] == package or name.startswith("whitelight.studio")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    done = whitelight("studio", tmp_path)
    assert done.code == 1
    assert done.error == (
        f"the studio needs the package '{package}', which the core does without; pip install 'whitelight[studio]'"
    )


def test_starting_loads_neither_composer_nor_scorer(tmp_path):
    """What the page waits for is small; the rest is loaded beside it."""
    import subprocess

    code = (
        "import sys; import whitelight.cli.main, whitelight.studio.serving, whitelight.studio.state; "
        "from pathlib import Path; from whitelight.studio.app import create_app; "
        "create_app(whitelight.studio.state.StudioSettings(Path('.')), at_once=False); "
        "sys.exit(str({'numpy', 'symusic', 'onnxruntime', 'pyarrow', 'whitelight.composition'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path(tmp_path))
    assert done.stderr.strip() == "set()"
