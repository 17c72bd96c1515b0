"""Small files of a stage, read quickly where they are as they were written, and as YAML where they are not."""

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from whitelight.composition.automatic_choice import read_choice, write_choice
from whitelight.errors import WhitelightError
from whitelight.files import load_yaml
from whitelight.studio.reading import choice_of, newest_weights, read_auto, read_stage_review, review_version

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


def test_the_choice_is_read_as_composing_reads_it(folder, candidate):
    write_choice(folder / "bass", {"verse_a": candidate("bass"), "chorus_a": candidate("bass", "chorus")})
    assert read_auto(folder / "bass") == read_choice(folder / "bass")
    assert len(read_auto(folder / "bass")) == 2
    assert read_auto(folder / "drums") == {}


def test_a_record_of_the_search_in_another_shape_says_nothing(folder):
    for text in (
        "",
        "runs:\n",
        "runs: 5\n",
        'runs:\n  "a":\n    verse: 3\n',
        'runs:\n  "a":\n    verse: {weights: {flow: {}, space: {weight: .nan}}}\n',
    ):
        (folder / "chords" / "search.yml").write_text(text)
        assert newest_weights(folder / "chords") == {}


def test_a_review_that_is_missing_is_empty(folder):
    (folder / "chords" / "review.yml").unlink()
    read = read_stage_review(folder / "chords")
    assert read.review.entries == ()
    assert read.version == review_version("")
