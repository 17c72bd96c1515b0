"""Small files of a stage as the studio reads them."""

from whitelight.studio.reading import newest_weights, read_stage_review, review_version


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
