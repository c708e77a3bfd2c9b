"""Arguments of calls and parameters of tools: objects, or JSON text of one, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.staging import check
from mlcc_core.staging.rules.conversation.tools import read_calls
from tests.mlcc_core.staging.datasets import jsonl, make_job, parquet, staged

TALKS = DatasetSchema(
    columns=(Column("messages", ("conversation",)), Column("tools", ("tools",), required=False)),
    example={"messages": [{"role": "user", "content": "Hi"}]},
)
OBJECT = "a JSON object, or JSON text of one"
BROKEN = {
    '{"city":': "arguments of a call that are not JSON",
    "{'city': 'Rome'}": "arguments of a call that are not JSON",
    "Rome": "arguments of a call that are not JSON",
    '{"a": 1, "a": 2}': "arguments of a call that are not JSON",
    '["Rome"]': "arguments of a call that are JSON text of an array",
    '"{}"': "arguments of a call that are JSON text of a string",
    "7": "arguments of a call that are JSON text of a number",
    "null": "arguments of a call that are JSON text of null",
}


def row(arguments: object, **more: Any) -> dict[str, Any]:
    function = {"name": "weather", "arguments": arguments}
    turns = [
        {"role": "user", "content": "Rain?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": function}]},
    ]
    return {"messages": turns, **more}


def older(arguments: object) -> dict[str, Any]:
    call = {"name": "weather", "arguments": arguments}
    asked, _ = row(None)["messages"]
    return {"messages": [asked, {"role": "assistant", "content": None, "function_call": call}]}


def shared(arguments: object) -> dict[str, Any]:
    call = json.dumps({"name": "weather", "arguments": arguments})
    return {
        "messages": [
            {"from": "human", "value": "Rain?"},
            {"from": "function_call", "value": call},
        ]
    }


@pytest.mark.parametrize("text", BROKEN)
@pytest.mark.parametrize("form", [row, older, shared])
@pytest.mark.parametrize("columnar", [False, True])
def test_arguments_that_are_no_object_are_an_error(text, form, columnar):
    rows = [form('{"city": "Rome"}'), form(text)]
    files = {"d.parquet": parquet(rows)} if columnar else {"d.jsonl": jsonl(*rows)}
    (error,) = check(make_job(files, TALKS)).errors
    assert (error.line, error.column) == (2, "messages")
    assert (error.found, error.expected) == (f"message 2 with {BROKEN[text]}", OBJECT)
    assert not error.misfit


@pytest.mark.parametrize("arguments", ['{"city": "Rome"}', {"city": "Rome"}])
def test_arguments_become_an_object(arguments):
    (found,), _ = staged(make_job(jsonl(row(arguments)), TALKS))
    (call,) = found["messages"][1]["tool_calls"]
    assert call["function"] == {"name": "weather", "arguments": {"city": "Rome"}}


@pytest.mark.parametrize("nothing", ["", " ", None, {}])
def test_no_arguments_are_an_empty_object(nothing):
    (found,), _ = staged(make_job(jsonl(row(nothing)), TALKS))
    assert found["messages"][1]["tool_calls"][0]["function"]["arguments"] == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"type":', "parameters of a tool that are not JSON"),
        ("[]", "parameters of a tool that are JSON text of an array"),
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_parameters_of_a_tool_that_are_no_object_are_an_error(text, found, alone):
    function = {"name": "weather", "parameters": text}
    tools = [function if alone else {"type": "function", "function": function}]
    (error,) = check(make_job(jsonl(row({}, tools=tools)), TALKS)).errors
    assert (error.column, error.found, error.expected) == ("tools", found, OBJECT)


@pytest.mark.parametrize("text", BROKEN)
def test_a_call_that_a_client_sends_back_may_be_broken(text):
    function = {"name": "weather", "arguments": text}
    (call,) = read_calls([{"function": function}], as_written=True)
    assert call["function"] == function
