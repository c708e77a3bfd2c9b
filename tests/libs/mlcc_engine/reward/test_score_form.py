"""The form in which a judge is asked for scores, and what is read as one."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_engine.reward.score_form import find_form
from mlcc_engine.reward.score_range import Range, find_range

UNIT = find_form("Be strict.")
TEN = find_form("Score from 1 to 10.")
EXAMPLES = Path(__file__).parents[4] / "examples"


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ('{"score": 5}', 5.0),
        ('{"score": 1}', 1.0),
        ('{"score": 10.0}', 10.0),
        ('Sure.\n```json\n{"why": "2 of 3", "score": 7}\n```', 7.0),
        ('{"why": {"deep": 1}} {"score": 2.5e0}', 2.5),
        ('{"why": "it has {braces} and \\"score\\": 3", "score": 4}', 4.0),
        ('{"score": 4} as I said: {"score": 4.0}', 4.0),
        ('{"why": "no <think> tags", "score": 4}', 4.0),
        ("7", 7.0),
        (" 7.5\n", 7.5),
        ("<think>maybe 9</think> 7", 7.0),
        ('<think>{"score": 9}</think>\n{"score": 7}', 7.0),
        ('maybe 9, or {"score": 9}\n</think>\n{"score": 7}', 7.0),
        ("<thinking>maybe 9</thinking>7", 7.0),
        ("<THINK>maybe 9</THINK>7", 7.0),
        ('<think>I would say {"score": 9}', None),
        ('Sure. <think>I would say {"score": 9}', None),
        ("<think>7", None),
        ("2+3 = 5", None),
        ("8/10", None),
        ("85%", None),
        ("7 of 10", None),
        ("Score: 7", None),
        ("I give it 3 of 5, so: 6.", None),
        ("7 8", None),
        ("no idea", None),
        ("", None),
        ("11", None),
        ("0", None),
        ("-7", None),
        ("1e999", None),
        ("nan", None),
        ("٧", None),
        ('{"score": 85}', None),
        ('{"score": "7"}', None),
        ('{"score": true}', None),
        ('{"score": null}', None),
        ('{"score": [7]}', None),
        ('{"score": NaN}', None),
        ('{"score": Infinity}', None),
        (f'{{"score": 1{"0" * 400}}}', None),
        ('{"score": 3} or {"score": 4}', None),
        ('{"score": 3} or {"score": "high"}', None),
        ('{"score": 3, "score": 4}', None),
        ('{"score": 7', None),
        ('{"rating": 7}', None),
        ('{"result": {"score": 7}}', None),
        ('{"parts": {"tone": {"score": 3}}, "score": 7}', 7.0),
        ("{" * 5000, None),
        ('{"a":' * 5000, None),
    ],
)
def test_score_is_read_as_asked(answer: str, score: float | None) -> None:
    assert TEN.read(answer) == score


scores = st.floats(allow_nan=False, allow_infinity=False) | st.integers()
prose = st.text(st.characters(blacklist_characters="{}<>", codec="utf-8"))


@given(scores, prose, prose)
def test_an_object_is_read_exactly_in_range(score: float, before: str, after: str) -> None:
    answer = f"{before}{json.dumps({'why': before + after, 'score': score})}{after}"
    assert UNIT.read(answer) == (float(score) if 0 <= score <= 1 else None)


@given(scores)
def test_a_number_alone_is_read_exactly_in_range(score: float) -> None:
    assert UNIT.read(f" {score!r}\n") == (float(score) if 0 <= score <= 1 else None)


@given(scores, scores)
def test_two_scores_are_none_unless_equal(one: float, other: float) -> None:
    answer = f"{json.dumps({'score': one})} {json.dumps({'score': other})}"
    assert (UNIT.read(answer) is not None) == (one == other and 0 <= one <= 1)


@given(st.text())
def test_whatever_is_read_is_in_range(answer: str) -> None:
    score = TEN.read(answer)
    assert score is None or (math.isfinite(score) and 1 <= score <= 10)


@given(prose, st.floats(0, 1))
def test_thoughts_are_not_read(thought: str, score: float) -> None:
    said = json.dumps({"score": score})
    assert UNIT.read(f"<think>{thought} {said}") is None
    other = json.dumps({"score": 1 - score})
    assert UNIT.read(f"<think>{thought} {other}</think>{said}") == score
    assert UNIT.read(f"{thought} {other}</think>{said}") == score


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Rate from 1 to 10.", 1, 10),
        ("Give a score between 0 and 5", 0, 5),
        ("Score 1-10", 1, 10),
        ("Score: 0 to 1", 0, 1),
        ("a scale of 1–5", 1, 5),
        ("a score in [0, 1]", 0, 1),
        ("a score in [1,100]", 1, 100),
        ("Score from one to ten", 1, 10),
        ("score between -1 and 1", -1, 1),
        ("Score from 10 (best) to 1 (worst).", 1, 10),
        ("Rate from 1 (very bad) to 10 (very good)", 1, 10),
        ("Score the reply out of 10.", 0, 10),
        ("Score it, as X/10", 0, 10),
        ("Score from 1 to 10. The score is out of 10.", 1, 10),
        ("Score from 0% to 100%", 0, 100),
        ("Score from 1 to 1,000", 1, 1000),
        ("Score between 0.5 and 2.5.", 0.5, 2.5),
        ("0 ≤ score ≤ 1", 0, 1),
        ("Score it, minimum 0, maximum 10", 0, 10),
        ("Score it (e.g. 1-10).", 1, 10),
        ("1 to 5 stars", 1, 5),
        ("## Score\n\n1-10, where 10 is best", 1, 10),
        ("Score:\n\n1-10", 1, 10),
        ("Answer with a number from 1 to 10.", 1, 10),
        ('{"score": <1-10>}', 1, 10),
        ('{"score": a number from 0 to 4}', 0, 4),
        ("The reply should have 3 to 5 sentences. Rate it from 1 to 10.", 1, 10),
        ("Rate the reply, which should have 3-5 sentences, from 1 to 10.", 1, 10),
        ("Chapters 3-5 are relevant.\nScore from 1 to 10", 1, 10),
        ("Score from 0 to 10.\n0-3: bad\n4-7: fair\n8-10: good", 0, 10),
        ("Give a score.\n1: bad\n3: fair\n5: excellent", 1, 5),
        ("Rate 1 = poor, 2 = fair, 5 = great.", 1, 5),
        ("10 is clear; 1 is confused. Say why, then give the score.", 1, 10),
    ],
)
def test_range_is_found(text: str, low: float, high: float) -> None:
    assert find_range(text) == Range(low, high)


@pytest.mark.parametrize(
    "text",
    [
        "Be strict.",
        "Score the reply.",
        "Chapters 3-5 are relevant. Score the reply.",
        "Score it by the rules of 2024-01-02, chapters 1.2.3-4.",
        "Score what happened from 1990 to 2000.",
        "1. Read the question.\n2. Read the answer.\n3. Score it.",
        "Score it. It should have 3 to 5 sentences.",
        "It costs $3-5. Score it.",
    ],
)
def test_no_range_is_found(text: str) -> None:
    assert find_range(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Rate from 1 to 10. Give a score between 0 and 5.",
        "Score from 1 to 10, as X/5",
        'Rate it 1-10. Answer {"score": a number from 0 to 1}.',
        "A score out of 5, or a score out of 10",
    ],
)
def test_two_ranges_are_an_error(text: str) -> None:
    with pytest.raises(MlccError, match="expected one range") as caught:
        find_form(text)
    assert caught.value.hint
    assert find_form(caught.value.hint.partition(": ")[2]).range.low in (0, 1)


numeral = st.integers(-100, 100) | st.floats(-100, 100).map(lambda value: round(value, 2))


@given(
    numeral,
    numeral,
    st.sampled_from(
        ["Score from {} to {}.", "Rate it between {} and {}", "points: {} to {}", "scale: [{}, {}]"]
    ),
    st.sampled_from(["", "Be strict.\n", "Is it so? ", "Use 3 to 5 words.\n\n"]),
)
def test_any_range_is_found(low: float, high: float, form: str, before: str) -> None:
    text = before + form.format(low, high)
    wanted = None if low == high else Range(float(min(low, high)), float(max(low, high)))
    assert find_range(text) == wanted


@given(st.text(st.sampled_from("score 0123456789-./,[]()toandfrm%:\n ")))
def test_any_text_is_searched(text: str) -> None:
    try:
        found = find_range(text)
    except MlccError:
        return
    assert found is None or found.low < found.high


@pytest.mark.parametrize(
    ("template", "instruction"),
    [
        ("Be strict.", 'Answer with JSON only: {"score": a number from 0 (bad) to 1 (good)}.'),
        (
            "{prompt} {response}. Rate 1-10.",
            'Answer with JSON only: {"score": a number from 1 to 10}.',
        ),
        ('Score from 1 to 10: {"score": 7}', ""),
        ('{"why": "…", "score": 1-5}', ""),
        ('Answer in JSON with the keys "why" and "score", from 1 to 5.', ""),
        ('Answer {"score": number}.', "The score is a number from 0 (bad) to 1 (good)."),
        ("{level} Answer {'score': x}", "The score is a number from 0 (bad) to 1 (good)."),
    ],
)
def test_only_what_the_prompt_lacks_is_added(template: str, instruction: str) -> None:
    assert find_form(template).instruction == instruction


def test_what_rows_fill_in_states_nothing() -> None:
    assert find_form("Score {from_1_to_10} {{ score_5 }}").range == Range(0, 1)


def test_example_beyond_a_range_that_nobody_stated() -> None:
    with pytest.raises(MlccError, match="shows the score 7 and states no range") as caught:
        find_form('Answer {"score": 7}')
    assert caught.value.hint == "state it in the file, for example: Score from 1 to 10."


def test_our_own_example() -> None:
    form = find_form((EXAMPLES / "rewards" / "clarity-judge.txt").read_text())
    assert form.range == Range(1, 10)
    assert form.instruction == ""
