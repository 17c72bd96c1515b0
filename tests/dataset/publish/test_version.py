from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whitelight.dataset.publish import PublishError, Version

ORDER = ["0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0"]  # fmt: skip


def test_order_is_that_of_semver() -> None:
    versions = [Version.parse(text) for text in ORDER]  # the example of semver.org, 11.4
    assert all(a < b for a, b in pairwise(versions))


@given(
    st.integers(0, 999),
    st.integers(0, 999),
    st.integers(0, 999),
    st.from_regex(r"(-rc\.[1-9])?(\+b[0-9])?", fullmatch=True),
)
def test_what_is_read_is_written(major: int, minor: int, patch: int, rest: str) -> None:
    assert str(Version.parse(f"{major}.{minor}.{patch}{rest}")) == f"{major}.{minor}.{patch}{rest}"


@pytest.mark.parametrize("text", ["", "1", "1.0", "v1.0.0", "1.0.0 ", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "1.0.0\n", "١.0.0", "1.0.0-" + "a" * 99, "main"])  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(PublishError, match=r"expected MAJOR\.MINOR\.PATCH"):
        Version.parse(text)
