"""`docs/publishing.md` names every option, and what it says is what happens."""

import re
from pathlib import Path

import pytest
import typer.main

from whitelight.catalog.terms import Terms, checked_terms
from whitelight.cli.main import app
from whitelight.dataset.publish import DEFAULT_PREVIEW
from whitelight.dataset.publish.sending import FILES_PER_COMMIT
from whitelight.files import load_yaml


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / "docs/publishing.md").read_text()


def test_every_option_is_explained(page: str) -> None:
    command = typer.main.get_command(app).commands["dataset"].commands["publish"]
    options = {opt for p in command.params for opt in p.opts if opt.startswith("--")} - {"--help"}
    assert set(re.findall(r"^\| `(--[a-z-]+)` \|", page, re.MULTILINE)) == options
    assert f"{DEFAULT_PREVIEW} unless said otherwise" in page
    assert f"up to {FILES_PER_COMMIT} files" in page.replace("\n", " ")


def test_the_default_of_the_command_is_that_of_the_room() -> None:
    command = typer.main.get_command(app).commands["dataset"].commands["publish"]
    assert next(p for p in command.params if p.name == "preview_per_class").default == DEFAULT_PREVIEW


def test_the_terms_of_the_example_are_valid(page: str) -> None:
    block = page.split("```yaml\n")[1].split("```", maxsplit=1)[0]
    assert checked_terms(Terms(**load_yaml(Path("catalog.yml"), text=block))).license == "CC-BY-NC-SA-4.0"
