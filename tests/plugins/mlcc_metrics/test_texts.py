"""Replies compared with the expected one as texts."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlcc_core import Sample
from mlcc_metrics.contains import Contains
from mlcc_metrics.exact_match import ExactMatch, ExactMatchStrict
from mlcc_metrics.normalised import AFTER, BEFORE, normalised


def value(metric, expected, reply):
    (found,) = metric.score([Sample((), expected=expected, reply=reply)])
    return found


@pytest.mark.parametrize(
    ("expected", "reply"),
    [
        ("Paris", "paris."),
        ("Paris", "  **Paris**\n"),
        ("Paris", '"Paris!"'),
        ("New York", "new\tYork"),
        ("½", "1⁄2"),
        ("fi", "ﬁ"),
        ("straße", "STRASSE"),
        ("é", "e\u0301"),
        ("４２", "42"),
        ("東京", "「東京」。"),
        ("...", "…"),
    ],
)
def test_these_are_the_same_answer(expected, reply):
    assert value(ExactMatch(), expected, reply) == 1.0
    assert value(ExactMatchStrict(), expected, reply) == 0.0


@pytest.mark.parametrize(
    ("expected", "reply"),
    [
        ("5", "-5"),
        ("5", "0.5"),
        ("5", ".5"),
        ("5", "5%"),
        ("5", "$5"),
        ("C", "C#"),
        ("Paris", "Paris, France"),
        ("Paris", ""),
        ("?", "!"),
        ("résumé", "resume"),
    ],
)
def test_these_are_other_answers(expected, reply):
    assert value(ExactMatch(), expected, reply) == 0.0


def test_strict_takes_every_character():
    assert value(ExactMatchStrict(), "Paris", "Paris") == 1.0


@pytest.mark.parametrize(
    ("expected", "reply", "found"),
    [
        ("Paris", "The capital of France is Paris.", 1.0),
        ("paris", "It is **PARIS**, of course", 1.0),
        ("4", "2 + 2 = 4", 1.0),
        ("4", "2 + 2 = 14", 0.0),
        ("art", "a party", 0.0),
        ("$5", "It costs $5.", 1.0),
        ("a.b", "axb", 0.0),
        ("東京", "答えは東京です", 1.0),
        ("Paris", "", 0.0),
        ("4", "It is 3.4", 0.0),
        ("4", "It is 4.5", 0.0),
        ("4", "It is 4,000", 0.0),
        ("4", "It is 4. Then some.", 1.0),
        ("4", "4, or 4.0", 1.0),
        ("5", "It is -5", 0.0),
        ("5", "It is −5", 0.0),
        ("5", "It is .5", 0.0),
        (".5", "It is 3.5", 0.0),
        ("-5", "It is -5", 1.0),
        ("-5", "10-5", 0.0),
        ("3.5", "It is 3.5.", 1.0),
        ("$5", "It costs $5.50", 0.0),
        ("", "anything", None),
        (" \n", "anything", None),
    ],
)
def test_what_contains_the_expected_reply(expected, reply, found):
    assert value(Contains(), expected, reply) == found


@given(st.text())
def test_a_normalised_text_stays_as_it_is(text):
    once = normalised(text)
    assert normalised(once) == once


@given(st.text())
def test_a_normalised_text_is_one_line_without_spaces_or_quotes_at_its_ends(text):
    found = normalised(text)
    assert not re.search(r"\s\s|[^\S ]|\A\s|\s\Z", found)
    if found.strip(BEFORE + AFTER):
        assert found[0] not in BEFORE
        assert found[-1] not in AFTER


@given(st.text(), st.sampled_from(["{}", " {}\n", '"{}"', "**{}**", "({})", "{}.", "{} "]))
def test_case_and_what_stands_around_a_text_do_not_matter(text, around):
    assert normalised(around.format(text)) in (normalised(text), around.format("").strip(" \n"))
    assert value(ExactMatch(), text, text) == 1.0


@given(st.text(), st.text())
def test_an_exact_match_contains_and_strict_is_stricter(expected, reply):
    exact = value(ExactMatch(), expected, reply)
    assert value(ExactMatchStrict(), expected, reply) <= exact
    assume(normalised(expected))
    assert exact <= value(Contains(), expected, reply)
