"""The page of public names is that of the code: a name that goes is noticed before it is missed."""

from tests.docs import api


def test_page_lists_the_public_names():
    """After a change that is meant: ``python -m tests.docs.api``, and a line in CHANGELOG.md."""
    assert api.PAGE.read_text(encoding="utf-8").splitlines() == api.page().splitlines()


def test_every_public_name_has_a_purpose():
    for line in api.page().splitlines():
        assert not line.rstrip().endswith(":"), line
