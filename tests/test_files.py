import os
from pathlib import Path

import pytest

from whitelight.files import UnreadableFileError, UnsafePathError, inside, load_yaml, read_text, sha256_of, write_atomic


def test_atomic_write_replaces_whole_file_and_leaves_no_temporary(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.txt"
    write_atomic(target, "old")
    write_atomic(target, b"new")
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_failed_write_keeps_the_old_content(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_atomic(target, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomic(target, "\ud800")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_text_without_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfhello")
    assert read_text(tmp_path / "a.txt") == "hello"


def test_non_utf8_names_file_line_and_byte(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes(b"one: 1\ntwo: \xff\n")
    with pytest.raises(UnreadableFileError, match=r"a\.yml line 2: byte 0xff"):
        load_yaml(tmp_path / "a.yml")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yml")
    with pytest.raises(UnreadableFileError, match=r"a\.yml: a pipe or a device"):
        read_text(tmp_path / "a.yml")


def test_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="No such file"):
        read_text(tmp_path / "none.yml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", r"x\.yml line 2: .*duplicate key"),
        ("a:\n\t- 1\n", r"x\.yml line 2: .*\\t"),
        ("a: [1, 2\n", r"x\.yml line \d: "),
        ("a: !!python/object/apply:os.system ['true']\n", r"x\.yml line 1: .*could not determine a constructor"),
        ("a: &a [*a, *a]\n", "aliases expand"),
        ("a: " + "[" * 5000 + "]" * 5000, r"x\.yml: nested too deeply"),
    ],
)
def test_bad_yaml_is_one_clear_error(text: str, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message):
        load_yaml(Path("x.yml"), text)


def test_billion_laughs_is_refused() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    with pytest.raises(UnreadableFileError, match="aliases expand to more than"):
        load_yaml(Path("bomb.yml"), "\n".join(lines))


def test_honest_aliases_and_yaml_1_2_scalars_pass() -> None:
    value = load_yaml(Path("x.yml"), "a: &a {b: 18/32, c: no}\nd: *a\n")
    assert value == {"a": {"b": "18/32", "c": "no"}, "d": {"b": "18/32", "c": "no"}}


def test_application_tags_read_as_plain_values_on_request() -> None:
    text = "kind: !!python/object/apply:app.enums.Kind\n- yml\nname: wow!now\n"
    assert load_yaml(Path("x.yml"), text, ignore_tags=True) == {"kind": ["yml"], "name": "wow!now"}


def test_path_inside_its_folder(tmp_path: Path) -> None:
    assert inside(tmp_path, "a/b.mid") == tmp_path / "a" / "b.mid"


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "..\\x"])
def test_path_outside_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafePathError, match=r"points outside.* relative to review\.yml"):
        inside(tmp_path, name, source="review.yml")


def test_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path)
    with pytest.raises(UnsafePathError):
        inside(tmp_path / "in", "link/secret")


def test_hash_counts_borders() -> None:
    assert sha256_of([b"ab", b"c"]) != sha256_of([b"a", b"bc"])
