"""Rows as evaluations read them, whatever form they were staged in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_sagemaker.managed.results.values import read_list, read_reply
from mlcc_sagemaker.managed.rows import convert_row
from tests.aws_account.training.evaluation_files import question
from tests.plugins.mlcc_sagemaker.managed.conftest import make_spec

SCORER, JUDGE = make_spec("scorer"), make_spec("judge")


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


SYSTEM = {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize(
    ("row", "made"),
    [
        (
            {"messages": [SYSTEM, user("2 + 2 ="), assistant("4")]},
            {"system": "Be brief.", "query": "2 + 2 =", "response": "4"},
        ),
        ({"prompt": "2 + 2 =", "completion": "4"}, {"query": "2 + 2 =", "response": "4"}),
        (
            {"prompt": [user("2 + 2 =")], "completion": [assistant("4")]},
            {"query": "2 + 2 =", "response": "4"},
        ),
        (
            {"prompt": "2 + 2 =", "chosen": "4", "rejected": "5"},
            {"query": "2 + 2 =", "response": "4", "metadata": {"rejected": "5"}},
        ),
        (
            {"prompt": [user("2 + 2 =")], "reference_answer": {"sum": 4}, "level": 1},
            {"query": "2 + 2 =", "response": '{"sum": 4}', "metadata": {"level": 1}},
        ),
        (
            {"query": "?", "response": "!", "system": "s", "category": "c", "metadata": {"a": 1}},
            {"system": "s", "query": "?", "response": "!", "category": "c", "metadata": {"a": 1}},
        ),
        (
            {"prompt": "?", "completion": "!", "metadata": "m", "id": 7},
            {"query": "?", "response": "!", "metadata": {"metadata": "m", "id": 7}},
        ),
        (
            {"messages": [user([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])]},
            {"query": "ab"},
        ),
    ],
)
def test_every_form_becomes_the_services_own(row, made):
    assert convert_row(JUDGE, row) == made
    if "response" in made:
        assert convert_row(SCORER, row) == made


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"messages": [user("a"), assistant("b"), user("c")]}, "has several turns"),
        ({"messages": [assistant("b"), user("c")]}, "ends with a question after a reply"),
        ({"messages": [SYSTEM, assistant("b")]}, "asks nothing"),
        ({"messages": [user("a"), {"role": "tool", "content": "b"}]}, "of the role 'tool'"),
        ({"messages": ["a"]}, "without role and content"),
        ({"messages": [user([{"type": "image", "image": "x"}])]}, "is not only text"),
        ({"messages": [user("a"), assistant(None)]}, "is not only text"),
        ({"prompt": "a", "completion": [user("b")]}, "not one message of an assistant"),
        ({"prompt": "a", "completion": "b", "tools": [{"name": "t"}]}, "has tools"),
        ({"prompt": "a"}, "has no reply to compare with"),
        ({}, "asks nothing"),
    ],
)
def test_a_row_that_cannot_be_read(row, why):
    with pytest.raises(MlccError, match=f"^A row .*{why}") as caught:
        convert_row(SCORER, row)
    assert caught.value.hint == "leave such rows out of the dataset"


TEXTS = st.text(min_size=1, max_size=20)


@given(asked=TEXTS, reply=TEXTS, system=st.none() | TEXTS, listed=st.booleans(), name=TEXTS)
@settings(max_examples=100, deadline=None)
def test_nothing_of_a_row_is_lost(asked, reply, system, listed, name):
    prompt = [*([{"role": "system", "content": system}] if system else []), user(asked)]
    row = {"messages": [*prompt, assistant(reply)]}
    if listed:
        row = {"prompt": prompt, "reference_answer": reply, f"x-{name}": [name]}
    made = json.loads(json.dumps(convert_row(SCORER, row)))
    assert question(made) == (asked, reply)
    assert made.get("system") == system
    assert made.get("metadata") == ({f"x-{name}": [name]} if listed else None)


@given(st.lists(st.fixed_dictionaries({"role": st.just("user"), "content": st.text()})))
@settings(max_examples=100, deadline=None)
def test_lists_are_read_as_python_and_json_write_them(messages):
    assert read_list(str(messages)) == messages
    assert read_list(json.dumps(messages)) == messages


@pytest.mark.parametrize("text", ["[", "[1", "['a', open('x')]", "4", "", None, 7, "{'a': 1}"])
def test_what_is_no_list_is_left_alone(text):
    assert read_list(text) is None


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_a_reply_is_read_in_either_form(text):
    assert read_reply(str([text])) == text
    if read_list(text) is None:
        assert read_reply(text) == text
