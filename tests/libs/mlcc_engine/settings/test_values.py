"""Values of settings are read as their annotations have them, and nothing else is."""

from __future__ import annotations

import enum
import math
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.actions.tune.settings import parse_settings, value_of, written
from mlcc_engine.settings.ranges import range_of
from mlcc_engine.settings.values import Unfit, in_words, read


class Schedule(enum.StrEnum):
    LINEAR = "linear"
    COSINE = "cosine"


TEXTS = st.text(min_size=1).filter(lambda text: text.strip() == text and text != "none")
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
TYPED: tuple[tuple[Any, st.SearchStrategy[Any]], ...] = (
    (bool, st.booleans()),
    (int, st.integers(-(10**30), 10**30)),
    (float, NUMBERS),
    (float | None, NUMBERS | st.none()),
    (int | None, st.integers(-(10**9), 10**9) | st.none()),
    (str, TEXTS),
    (Schedule | str, st.sampled_from(["linear", "cosine"])),
    (Literal["none", "all"], st.sampled_from(["none", "all"])),
    (bool | Literal["gaussian"], st.booleans() | st.just("gaussian")),
    (list[str] | None, st.lists(TEXTS, min_size=1) | st.none()),
    (list[int] | int, st.lists(st.integers(), min_size=1) | st.integers()),
    (dict | str | None, st.dictionaries(TEXTS, JSON) | st.none()),
)


@given(JSON)
def test_what_is_written_is_read_back(value: object) -> None:
    assert value_of(written(value)) == value
    (pair,) = parse_settings([f"name={written(value)}"]).items()
    assert pair == ("name", value)
    assert type(pair[1]) is type(value)


@pytest.mark.parametrize(("annotation", "values"), TYPED)
def test_a_value_of_the_type_stays_itself(annotation: Any, values: Any) -> None:
    @given(values)
    def check(value: object) -> None:
        found = read(annotation, value_of(written(value)))
        assert (found, type(found)) == (value, type(value))

    check()


@pytest.mark.parametrize(
    ("annotation", "text", "expected"),
    [
        (float, "1e-3", 0.001),
        (float, "2", 2.0),
        (float | None, "none", None),
        (float | None, "null", None),
        (list[str] | str | None, "q_proj, v_proj", ["q_proj", "v_proj"]),
        (list[str] | str | None, '["q_proj"]', ["q_proj"]),
        (list[str] | str | None, "all-linear", "all-linear"),
        (Literal["pissa_niter_[number of iters]"], "pissa_niter_16", "pissa_niter_16"),
        (dict[str, int], '{"a": 1}', {"a": 1}),
    ],
)
def test_as_typed(annotation: Any, text: str, expected: object) -> None:
    found = read(annotation, value_of(text))
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "1.0"),
        (int, "true"),
        (float, "NaN"),
        (float, "1e999"),
        (float, "true"),
        (float, "much"),
        (float, "null"),
        (bool, "1"),
        (bool, "True"),
        (str, "5"),
        (Schedule | str, "cosin"),
        (list[str] | None, "[1]"),
        (list[str] | None, "[]"),
        (dict | str | None, "not an object"),
        (dict[str, int], '{"a": "b"}'),
    ],
)
def test_anything_else_is_refused(annotation: Any, text: str) -> None:
    with pytest.raises(Unfit):
        read(annotation, value_of(text))


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (float | None, "a number or null"),
        (bool, "true or false"),
        (Schedule | str, "one of linear, cosine"),
        (list[str] | str | None, "a JSON list of texts or text or null"),
        (dict | str | None, "a JSON object or null"),
    ],
)
def test_in_words(annotation: Any, words: str) -> None:
    assert in_words(annotation) == words


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("lora_dropout", (0, 0.5), (1, -0.1)),
        ("weight_decay", (0, 0.1), (-1,)),
        ("temperature", (0.1, 2), (0,)),
        ("num_generations", (2, 8), (1,)),
        ("top_p", (0.1, 1), (0, 1.1)),
    ],
)
def test_ranges(name: str, inside: tuple[float, ...], outside: tuple[float, ...]) -> None:
    bounds = range_of(name)
    assert bounds is not None
    assert all(map(bounds.holds, inside))
    assert not any(map(bounds.holds, (*outside, math.inf * -1)))
