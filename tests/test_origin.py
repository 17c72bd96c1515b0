import json
from pathlib import Path

import pytest

from whitelight.origin import ORIGIN, read_origin, write_origin


def test_a_folder_knows_where_it_came_from_and_moves_with_it(tmp_path: Path) -> None:
    source, made = tmp_path / "one" / "dataset", tmp_path / "one" / "models" / "first"
    source.mkdir(parents=True)
    made.mkdir(parents=True)
    write_origin(made, source)
    assert json.loads((made / ORIGIN).read_text()) == {"source": "../../dataset"}
    (tmp_path / "one").rename(tmp_path / "two")
    found = read_origin(tmp_path / "two" / "models" / "first")
    assert found is not None
    assert found.resolve() == tmp_path / "two" / "dataset"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"source": 3}', '{"source": "/"}', '{"source": "gone"}'])
def test_nothing_is_made_of_what_is_no_origin(tmp_path: Path, content: str) -> None:
    (tmp_path / ORIGIN).write_text(content)
    assert read_origin(tmp_path) is None
    assert read_origin(tmp_path / "nowhere") is None
