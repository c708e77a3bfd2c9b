"""Conversations in other columns and other rows: taken, read, told of, or left alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlcc_core import TargetModel
from mlcc_core.errors import MlccError
from mlcc_core.staging.run.look.forms import choose_form
from mlcc_sft import CONVERSE, MESSAGES, PROMPT_COMPLETION
from tests.mlcc_core.staging.datasets import (
    PAIRS,
    PREFERENCES,
    PROMPTS,
    jsonl,
    make_job,
    parquet,
    staged,
)

MODEL = TargetModel("some/model")
FORMS = (PROMPT_COMPLETION, MESSAGES, CONVERSE)
TALK = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
SHARED = [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]


def chosen_job(files, **options):
    """A job in the form that the data has, as a command makes it."""
    job = make_job(files, FORMS[0], **options)
    form = choose_form(job, FORMS, MODEL, named_only=False)
    conversion = replace(job.conversion, column_map=(*job.conversion.column_map, *form.taken))
    return replace(job, schema=form.schema, conversion=conversion, taken=form.taken)


@pytest.mark.parametrize("name", ["conversations", "conversation", "Dialog"])
@pytest.mark.parametrize("value", [TALK, SHARED, json.dumps(SHARED)])
def test_a_column_of_conversations_is_taken_as_messages(name, value):
    rows = [{name: value, "id": "1"}]
    for files in ({"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)}):
        found, report = staged(chosen_job(files))
        assert found == [{"messages": TALK}]
        assert f"Took column '{name}' as 'messages'" in report.notes
        assert report.dropped == ("id",)


@pytest.mark.parametrize(
    "value", ["[a note]", ["Q", "A"], [{"from": "human", "value": "Q"}], "Q", [], None]
)
def test_a_column_without_an_answer_to_learn_is_not_taken(value):
    job = make_job(jsonl({"conversations": value, "x": 1}), FORMS[0])
    chosen = choose_form(job, FORMS, MODEL, named_only=False)
    assert (chosen.schema, chosen.taken) == (PROMPT_COMPLETION, ())


def test_a_platform_that_takes_one_form_says_what_another_is_for():
    job = make_job(jsonl({"messages": TALK}), FORMS[0])
    chosen = choose_form(job, FORMS, MODEL, named_only=True)
    assert chosen.schema == PROMPT_COMPLETION
    assert "Form 'messages' is not for model 'some/model'." in chosen.others
    job = replace(job, other_forms=chosen.others)
    with pytest.raises(MlccError) as caught:
        staged(job)
    assert "--from-messages" in (caught.value.hint or "")
    assert "Form 'messages' is not for model 'some/model'." in caught.value.detail


NOTES = {
    "Read JSON text as messages in column 'messages'": {"messages": json.dumps(TALK)},
    "Left out fields of messages: content.cache_control, id, model": {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Q", "cache_control": "x"}]},
            {"role": "assistant", "content": "A", "id": "7", "model": "m", "ip": None},
        ]
    },
    "Column 'system' became the first message of the conversation": {
        "messages": TALK,
        "system": "Be kind.",
    },
}


@pytest.mark.parametrize("note", NOTES)
def test_what_reading_does_is_told_once(note):
    rows = [{"messages": TALK}, NOTES[note], NOTES[note]]
    found, report = staged(make_job(jsonl(*rows), MESSAGES))
    assert report.notes == (note,)
    assert [row["messages"][-2:] for row in found] == [TALK] * 3
    assert staged(make_job(jsonl(rows[0]), MESSAGES))[1].notes == ()


def test_a_call_in_shared_turns_and_in_the_older_form():
    call = {"name": "f", "arguments": '{"a": null}'}
    turns = [
        *SHARED[:1],
        {"from": "function_call", "value": json.dumps(call)},
        {"from": "observation", "value": "sun"},
        *SHARED[1:],
    ]
    older = [
        TALK[0],
        {"role": "assistant", "content": None, "function_call": call},
        {"role": "function", "content": "sun"},
        TALK[1],
    ]
    function = {"name": "f", "arguments": {"a": None}}
    expected = [
        TALK[0],
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"type": "function", "function": function}],
        },
        {"role": "tool", "content": "sun"},
        TALK[1],
    ]
    for messages in (turns, older):
        found, _ = staged(make_job(jsonl({"messages": messages}), MESSAGES))
        assert found == [{"messages": expected}]


def test_another_system_prompt_than_the_conversation_has_is_an_error():
    row = {"messages": [{"role": "system", "content": "a"}, *TALK], "system": "b"}
    with pytest.raises(MlccError, match="column 'system': found another system prompt"):
        staged(make_job(jsonl(row), MESSAGES))
    assert staged(make_job(jsonl(row | {"system": "a"}), MESSAGES))[0] == [
        {"messages": row["messages"]}
    ]


def test_text_that_is_json_of_messages_becomes_messages_of_a_prompt():
    rows = [{"prompt": json.dumps(SHARED[:1]), "reward_model": "j"}, {"prompt": "[1]"}]
    for file in ({"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)}):
        found, report = staged(make_job(file, PROMPTS, evaluator_given=True))
        assert [row["prompt"] for row in found] == [
            [{"role": "user", "content": "Q"}],
            [{"role": "user", "content": "[1]"}],
        ]
        assert report.notes[0] == "Read JSON text as messages in column 'prompt'"


PREFERRED = {
    "input": {"messages": [{"role": "user", "content": "Q"}], "tools": []},
    "preferred_output": TALK[1:],
    "non_preferred_output": [{"role": "assistant", "content": "B"}],
}


def test_preference_rows_are_read_from_any_format():
    text = {name: json.dumps(value) for name, value in PREFERRED.items()}
    files = [{"d.jsonl": jsonl(PREFERRED)}, {"t.jsonl": jsonl(text)}]
    files.append({"d.parquet": parquet([{**PREFERRED, "input": {**PREFERRED["input"]}}])})
    for file in files:
        assert staged(make_job(file, PREFERENCES))[0] == [
            {"prompt": "Q", "chosen": "A", "rejected": "B"}
        ]


def test_settings_of_preference_rows_are_left_out_with_a_note():
    asked = {**PREFERRED["input"], "parallel_tool_calls": True, "metadata": None}
    rows = [{**PREFERRED, "input": asked}, PREFERRED]
    for file in ({"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)}):
        found, report = staged(make_job(file, PREFERENCES))
        assert found == [{"prompt": "Q", "chosen": "A", "rejected": "B"}] * 2
        assert report.notes[-1] == (
            "Left out setting 'parallel_tool_calls' of 1 row: it says how replies were asked for"
        )


def test_preference_rows_with_tools_are_refused():
    asked = {**PREFERRED["input"], "tools": [{"type": "function", "function": {"name": "f"}}]}
    with pytest.raises(MlccError, match="column 'input': found tools"):
        staged(make_job(jsonl({**PREFERRED, "input": asked}), PREFERENCES))


def test_json_of_messages_splits_on_request():
    row = {"messages": json.dumps(TALK)}
    assert staged(make_job(jsonl(row), PAIRS, from_messages=True))[0] == [
        {"prompt": "Q", "completion": "A"}
    ]
    bad = [TALK[0], {"role": "assistant", "content": "B"}]
    row = {"chosen": json.dumps(TALK), "rejected": json.dumps(bad)}
    assert staged(make_job(jsonl(row), PREFERENCES, extract_prompt=True))[0] == [
        {"prompt": "Q", "chosen": "A", "rejected": "B"}
    ]
