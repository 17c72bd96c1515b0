"""What `--auto` chose, read quickly where the file is as it was written, and as YAML where it is not."""

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from whitelight.composition.automatic_choice import choice_of, chosen_by_machine, read_choice, write_choice
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml

LINES = st.lists(
    st.one_of(
        st.builds('"{}": "{}"'.format, st.text('ab_-/\\"é: #', max_size=4), st.text('ab_-\\"\n', max_size=4)),
        st.sampled_from(["", "# said", "a: b", '"a":"b"', '"a": "b" # c', '"a": b', ' "a": "b"', "---", "...", "{}", '"a": "b', "\t"]),
    ),
    max_size=5,
)  # fmt: skip


@given(LINES)
@example(['"a": "b"', '"a": "c"'])
@example(['"": "b"'])
@example(['"a": ""', "# end"])
def test_quick_reading_means_what_yaml_means(lines):
    text = "\n".join(lines) + "\n"
    try:
        expected = load_yaml(Path("auto.yml"), text)
    except WhitelightError as err:
        expected = str(err)
    try:
        found = choice_of(text)
    except WhitelightError as err:
        found = str(err)
    if not isinstance(expected, dict | str) or (isinstance(expected, str) and isinstance(found, dict)):
        expected = {}  # a file that is no mapping says nothing
    assert found == expected


def test_the_choice_is_read_as_it_was_written(tmp_path):
    stage = tmp_path / "bass"
    (stage / "candidates").mkdir(parents=True)
    for name in ("one", "two"):
        (stage / "candidates" / f"{name}.mid").write_bytes(name.encode())
    write_choice(stage, {"verse_a": "one", "chorus_a": "two"})
    assert read_choice(stage) == {"verse_a": "one", "chorus_a": "two"}
    assert chosen_by_machine(stage) == {"verse_a", "chorus_a"}
    (stage / "approved" / "verse_a.mid").write_bytes(b"by hand")
    assert chosen_by_machine(stage) == {"chorus_a"}
    assert read_choice(tmp_path / "drums") == {}


def test_a_name_that_leads_elsewhere_is_no_choice(tmp_path):
    stage = tmp_path / "bass"
    for folder in ("candidates", "approved"):
        (stage / folder).mkdir(parents=True)
        (tmp_path / "x.mid").write_bytes(b"x")
    (stage / "approved" / "verse_a.mid").write_bytes(b"x")
    (stage / "auto.yml").write_text('"verse_a": "../../x"\n')
    assert chosen_by_machine(stage) == frozenset()
