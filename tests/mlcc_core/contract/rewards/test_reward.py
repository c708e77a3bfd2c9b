"""The contract of reward functions."""

from __future__ import annotations

import json
import re
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.contract.rewards.reward import (
    RewardFunction,
    build_event,
    load_function,
    score,
    score_each,
    try_reward_function,
)
from mlcc_core.contract.rewards.reward_answer import check_answer
from mlcc_core.errors import MlccError

ROW = {
    "prompt": [{"role": "user", "content": "2 + 2?"}],
    "reward_model": {"style": "rule", "ground_truth": "4"},
    "id": 17,
    "level": "easy",
}


def answer(*items: Any) -> dict[str, Any]:
    return {"statusCode": 200, "body": json.dumps(items)}


def item(event_id: object, value: object) -> dict[str, object]:
    return {"id": event_id, "aggregate_reward_score": value}


def write(path: Path, source: str) -> str:
    path.write_text(textwrap.dedent(source))
    return str(path)


def test_event_holds_everything() -> None:
    assert build_event(ROW, "four", "0") == {
        "id": "0",
        "messages": [
            {"role": "user", "content": "2 + 2?"},
            {"role": "assistant", "content": "four"},
        ],
        "reference_answer": "4",
        "reward_model": {"style": "rule", "ground_truth": "4"},
        "row_id": 17,
        "level": "easy",
    }


def test_string_prompt_is_what_the_user_says() -> None:
    event = build_event({"prompt": "hi", "reference_answer": "ho"}, "x", "0")
    assert event["messages"][0] == {"role": "user", "content": "hi"}
    assert event["reference_answer"] == "ho"


def test_scores_come_in_the_order_of_the_events() -> None:
    assert check_answer("f", answer(item("b", 2), item("a", 1.5)), ["a", "b"]) == [1.5, 2.0]


@pytest.mark.parametrize("event_id", [0, "0"])
def test_body_may_be_a_list(event_id: object) -> None:
    assert check_answer("f", {"statusCode": 200, "body": [item(event_id, 1)]}, ["0"]) == [1.0]


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ("good", '"good" (str)'),
        (None, "null (NoneType)"),
        ([item("0", 1)], "(list)"),
        ({"body": "[]"}, "statusCode null"),
        ({"statusCode": 500, "body": "[]"}, "statusCode 500"),
        ({"statusCode": 200}, "the body null"),
        ({"statusCode": 200, "body": "oops"}, "not JSON"),
        ({"statusCode": 200, "body": "{}"}, "the body {}"),
        (answer(), "no score for id '0' (1 of 1 missing)"),
        (answer({"id": "0"}), 'an item {"id": "0"}'),
        (answer(item("0", "1")), 'the score "1" (str)'),
        (answer(item("0", True)), "the score true (bool)"),
        (answer(item("0", None)), "the score null"),
        ({"statusCode": 200, "body": [item("0", float("nan"))]}, "the score nan"),
        ({"statusCode": 200, "body": [item("0", 10**400)]}, "which is beyond 1e+15"),
        ({"statusCode": 200, "body": [item("0", -1e30)]}, "the score -1e+30, which is beyond"),
        ({"statusCode": 200, "body": "[" * 100_000}, "not JSON"),
        (answer(item("0", 1), item("0", 1)), "id '0' twice"),
        (answer(item("0", 1), item("9", 1)), "a score for id '9'"),
    ],
)
def test_broken_answers_are_shown(found: object, says: str) -> None:
    with pytest.raises(MlccError) as caught:
        check_answer("rewards.py:f", found, ["0"])
    assert "rewards.py:f returned" in caught.value.what
    assert says in caught.value.what
    assert "expected" in caught.value.what
    assert "\n" not in caught.value.what


@pytest.mark.parametrize("signature", ["events", "event, context", "*args", "events, context=None"])
def test_context_is_optional(signature: str, tmp_path: Path) -> None:
    first = "args[0]" if signature == "*args" else signature.split(",", maxsplit=1)[0]
    value = write(
        tmp_path / "f.py",
        f"""
        def score({signature}):
            return {{"statusCode": 200, "body": [
                {{"id": e["id"], "aggregate_reward_score": 1}} for e in {first}]}}
        """,
    )
    function = load_function(value + ":score")
    assert function.name == value + ":score"
    assert score(function, [build_event(ROW, "4", "0")]) == [1.0]


def test_module_may_import_its_neighbour(tmp_path: Path) -> None:
    write(tmp_path / "neighbour_of_reward.py", "POINTS = 3\n")
    value = write(
        tmp_path / "uses_neighbour.py",
        """
        from neighbour_of_reward import POINTS
        def lambda_handler(events, context):
            return {"statusCode": 200, "body": [
                {"id": e["id"], "aggregate_reward_score": POINTS} for e in events]}
        """,
    )
    assert score(load_function(value), [build_event(ROW, "4", "0")]) == [3.0]


@pytest.mark.parametrize(
    ("name", "source", "says"),
    [
        ("gone.py", None, "does not exist"),
        ("f.txt", "", "not a Python file"),
        ("f.py", "x = 1", "no function 'lambda_handler'"),
        ("f.py", "lambda_handler = 3", "no function 'lambda_handler'"),
        ("f.py", "import nothing_of_that_name", "fails when imported: ModuleNotFoundError"),
        ("f.py", "def f(:", "fails when imported: SyntaxError"),
        ("f.py", "exit(3)", "fails when imported: SystemExit"),
    ],
)
def test_bad_files(name: str, source: str | None, says: str, tmp_path: Path) -> None:
    if source is not None:
        write(tmp_path / name, source)
    with pytest.raises(MlccError, match=says):
        load_function(str(tmp_path / name))


def test_relative_path_starts_at_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "f.py", "def g(events): return {}")
    assert load_function("f.py:g", tmp_path).name == "f.py:g"


def by_length(events: list[dict[str, Any]]) -> object:
    return answer(*(item(e["id"], len(e["messages"][-1]["content"])) for e in events))


def test_trial_shows_the_spread() -> None:
    assert try_reward_function(RewardFunction("f", by_length), [ROW, ROW]) == [
        "Reward function f scored 6 trial replies from 0 to 14."
    ]


def test_trial_warns_of_equal_scores() -> None:
    function = RewardFunction("f", lambda events: answer(*(item(e["id"], 1) for e in events)))
    assert "nothing is learned" in try_reward_function(function, [ROW])[-1]


def events(count: int) -> list[dict[str, Any]]:
    return [build_event(ROW, str(number), str(number)) for number in range(count)]


def numbers(asked: list[dict[str, Any]]) -> list[int]:
    return [int(event["messages"][-1]["content"]) for event in asked]


def outcomes(call: Any, count: int = 6) -> tuple[list[object], list[list[int]]]:
    """The scores, errors as their text, and the events of each call."""
    calls: list[list[int]] = []

    def counted(asked: list[dict[str, Any]]) -> object:
        calls.append(numbers(asked))
        return call(asked)

    found = score_each(RewardFunction("f", counted), events(count))
    return [str(one) if isinstance(one, MlccError) else one for one in found], calls


def own_number(asked: list[dict[str, Any]]) -> object:
    return answer(*(item(e["id"], n) for e, n in zip(asked, numbers(asked), strict=True)))


def raises_for_three(asked: list[dict[str, Any]]) -> object:
    if 3 in numbers(asked):
        asked.clear()  # the next call must not see it
        raise ValueError("three")
    return own_number(asked)


def test_an_exception_costs_one_row_its_score() -> None:
    found, calls = outcomes(raises_for_three)
    assert found == [0, 1, 2, "Reward function f raised ValueError: three", 4, 5]
    assert calls == [[0, 1, 2, 3, 4, 5], [0], [1], [2], [3], [4], [5]]


def test_good_scores_of_a_broken_answer_are_taken() -> None:
    def one_is_nan(asked: list[dict[str, Any]]) -> object:
        values = [float("nan") if n == 2 else n for n in numbers(asked)]
        return answer(*(item(e["id"], v) for e, v in zip(asked, values, strict=True)))

    found, calls = outcomes(one_is_nan)
    assert "the score nan" in str(found.pop(2))
    assert found == [0, 1, 3, 4, 5]
    assert calls == [[0, 1, 2, 3, 4, 5], [2]]


def test_rows_that_were_left_out_are_asked_alone() -> None:
    def short(asked: list[dict[str, Any]]) -> object:
        return own_number(asked[:3])

    found, calls = outcomes(short)
    assert found == [0, 1, 2, 3, 4, 5]
    assert calls == [[0, 1, 2, 3, 4, 5], [3], [4], [5]]


def test_scores_under_ids_of_its_own_count_for_nobody() -> None:
    def counted_from_one(asked: list[dict[str, Any]]) -> object:
        return answer(*(item(str(n), n) for n in range(1, len(asked) + 1)))

    found, _ = outcomes(counted_from_one, 3)
    assert [isinstance(one, str) for one in found] == [True, False, True]
    assert found[1] == 1.0  # alone, it is the first


def test_no_more_is_asked_than_is_wanted() -> None:
    calls = []

    def fails(asked: list[dict[str, Any]]) -> object:
        calls.append(len(asked))
        raise ValueError("no")

    results = score_each(RewardFunction("f", fails), events(9))
    assert isinstance(next(results), MlccError)
    assert calls == [9, 1]


def test_one_row_alone_is_asked_once() -> None:
    found, calls = outcomes(lambda asked: "no", 1)
    assert "returned" in str(found[0])
    assert calls == [[0]]


@given(
    st.sets(st.integers(0, 9)),
    st.sets(st.integers(0, 9)),
    st.sets(st.integers(0, 9)),
    st.booleans(),
)
def test_all_rows_but_the_bad_ones_keep_their_scores(
    raising: set[int], missing: set[int], wrong: set[int], twice: bool
) -> None:
    def sometimes(asked: list[dict[str, Any]]) -> object:
        if raising.intersection(numbers(asked)):
            raise KeyError("x")
        items = [
            item(e["id"], "high" if n in wrong else n)
            for e, n in zip(asked, numbers(asked), strict=True)
            if n not in missing
        ]
        return answer(*items, *(items[:1] if twice and len(asked) > 1 else []))

    found, _ = outcomes(sometimes, 10)
    bad = raising | missing | wrong
    assert [n for n, one in enumerate(found) if isinstance(one, str)] == sorted(bad)
    assert [one for one in found if not isinstance(one, str)] == sorted(set(range(10)) - bad)


@pytest.mark.parametrize(
    ("row", "key", "has"),
    [
        ({"prompt": "a", "answer": "b"}, "level", "answer, id, messages"),
        ({"prompt": "a", "answer": "b"}, "reference_answer", "answer, id, messages"),
        ({"prompt": "a", "reference_answer": None}, "reference_answer", "id, messages"),
    ],
)
def test_a_key_that_rows_lack_is_named_in_the_trial(
    row: dict[str, Any], key: str, has: str, tmp_path: Path
) -> None:
    value = write(
        tmp_path / "needs.py",
        f"""
        def lambda_handler(events, context):
            return {{"statusCode": 200, "body": [
                {{"id": e["id"], "aggregate_reward_score": float(e["{key}"] in "abc")}}
                for e in events]}}
        """,
    )
    with pytest.raises(MlccError) as caught:
        try_reward_function(load_function(value), [row])
    what = caught.value.what
    assert f"needs.py:lambda_handler raised KeyError: {key!r}; a row that it gets has the " in what
    found = what.rpartition("has the keys ")[2].rstrip(".").split(", ")
    expected = {*has.split(", ")} | ({"reference_answer"} if key == "level" else set())
    assert set(found) == expected


@pytest.mark.parametrize("arguments", ["", "a, b, c", "*, events", "completions, *, answer"])
def test_a_function_with_other_arguments_is_refused_before_it_is_called(
    arguments: str, tmp_path: Path
) -> None:
    value = write(tmp_path / "odd.py", f"def lambda_handler({arguments}):\n    return 1\n")
    with pytest.raises(MlccError) as caught:
        load_function(value)
    assert caught.value.what.endswith(
        f"odd.py takes ({arguments}), expected (events) or (events, context)."
    )


@pytest.mark.parametrize(("seconds", "count"), [(0.0, 1), (1.0, 2)])
def test_the_time_of_a_slow_function_is_told(seconds: float, count: int) -> None:
    def call(events: list[dict[str, Any]]) -> object:
        time.sleep(seconds)
        return answer(*(item(event["id"], float(i)) for i, event in enumerate(events)))

    lines = try_reward_function(RewardFunction("f", call), [{"prompt": "a"}])
    assert len(lines) == count
    if count > 1:
        assert re.fullmatch(r"It took 0.5\d* s a reply, for which training waits at .*", lines[1])


def test_another_failure_stays_what_it_is_where_rows_have_no_answer(tmp_path: Path) -> None:
    value = write(tmp_path / "odd.py", "def lambda_handler(events):\n    return 1 / 0\n")
    with pytest.raises(MlccError, match="raised ZeroDivisionError"):
        try_reward_function(load_function(value), [{"prompt": "a"}])


def test_an_error_without_a_key_is_told_as_it_is(tmp_path: Path) -> None:
    value = write(tmp_path / "bare.py", "def lambda_handler(events):\n    raise KeyError\n")
    with pytest.raises(MlccError, match="raised KeyError"):
        try_reward_function(load_function(value), [{"prompt": "a"}])
