"""Messages in which the assistant calls tools in place of saying something."""

import pytest

from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.staging import DatasetError
from tests.mlcc_core.staging.datasets import jsonl, make_job, parquet, staged

TALKS = DatasetSchema(
    columns=(Column("messages", ("messages",)), Column("tools", ("array",), required=False)),
    example={"messages": [{"role": "user", "content": "Hi"}]},
)
CALLS = [{"type": "function", "function": {"name": "weather", "arguments": "{}"}}]


def asked(call):
    return {
        "messages": [{"role": "user", "content": "Rain?"}, call],
        "tools": [{"name": "weather"}],
    }


@pytest.mark.parametrize(
    "call",
    [
        {"role": "assistant", "content": None, "tool_calls": CALLS},
        {"role": "assistant", "tool_calls": CALLS},
        {"role": "assistant", "content": "One moment.", "tool_calls": CALLS},
    ],
)
def test_calls_need_no_content_and_stay_as_they_are(call):
    rows = [asked(call)] * 3
    assert staged(make_job({"d.jsonl": jsonl(*rows)}, TALKS))[0] == rows


def test_calls_in_parquet():
    call = {"role": "assistant", "content": None, "tool_calls": CALLS}
    user = {"role": "user", "content": "Rain?", "tool_calls": None}
    rows = [{"messages": [user, call], "tools": [{"name": "weather"}]}] * 3
    assert staged(make_job({"d.parquet": parquet(rows)}, TALKS))[0] == rows


@pytest.mark.parametrize(
    "call",
    [
        {"role": "assistant", "content": None},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "user", "content": None, "tool_calls": CALLS},
        {"role": "assistant", "content": 3, "tool_calls": CALLS},
    ],
)
def test_other_messages_need_a_content(call):
    with pytest.raises(DatasetError, match="content that is"):
        staged(make_job({"d.jsonl": jsonl(asked(call))}, TALKS))
