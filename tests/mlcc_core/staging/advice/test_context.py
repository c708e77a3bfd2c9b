"""Columns of context: never dropped silently, and the command that keeps them works."""

from __future__ import annotations

import shlex
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from mlcc_core.contract.technique.row_rules import MessageRules
from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.errors import MlccError
from mlcc_core.staging import DatasetError, check, parse_column_map, preview
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.rules.context import context_kind
from tests.mlcc_core.staging.datasets import (
    PAIRS,
    PREFERENCES,
    PROMPTS,
    jsonl,
    make_job,
    parquet,
    staged,
)

COMMAND = "./do/tune --technique x --dataset memory://org/data"
USER = {"role": "user", "content": "q"}
REPLY = {"role": "assistant", "content": "a"}
TOOL = {"name": "f", "description": "d"}


def both_ways(rows: list[Any]) -> list[dict[str, bytes]]:
    return [{"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)}]


def again(job: DatasetJob, command: str) -> DatasetJob:
    """The job that a printed command asks for."""
    words = shlex.split(command, comments=True)
    flags = dict(pairwise(words))
    text = flags.get("--column-map")
    conversion = replace(
        job.conversion,
        column_map=parse_column_map(text) if text else (),
        from_messages="--from-messages" in words,
        extract_prompt="--extract-prompt" in words,
        on_misfit=flags.get("--on-misfit", "fail"),
    )
    return replace(job, conversion=conversion)


def problem(job: DatasetJob) -> MlccError:
    (error,) = preview(job).problems
    with pytest.raises(MlccError) as caught:
        staged(job)
    assert caught.value.what == error.what
    assert error.hint is not None
    return error


LOST = [
    ({"prompt": "p", "completion": "c", "input": "i"}, PAIRS, "prompt+input:prompt", "input"),
    ({"prompt": "p", "completion": "c", "system": "s"}, PAIRS, "system+prompt:prompt", "system"),
    (
        {"prompt": "p", "System Prompt": "s", "chosen": "c", "rejected": "r"},
        PREFERENCES,
        "System Prompt+prompt:prompt",
        "System Prompt",
    ),
    (
        {"prompt": "p", "completion": "c", "Complex_CoT": "t"},
        PAIRS,
        "Complex_CoT+completion:completion",
        "Complex_CoT",
    ),
    (
        {"input": "i", "system": "s", "prompt": "p", "thinking": "t", "completion": "c"},
        PAIRS,
        "system+prompt+input:prompt,thinking+completion:completion",
        None,
    ),
    ({"prompt": "p", "completion": "c", "instruction": "i"}, PAIRS, "instruction+prompt:prompt", 0),
    (
        {"prompt": "p", "completion": "c", "chat-history": "h"},
        PAIRS,
        "chat-history+prompt:prompt",
        0,
    ),
]


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize(("row", "schema", "text", "left_out"), LOST)
def test_text_beside_what_is_written_stops_with_the_command_that_keeps_it(
    way, row, schema, text, left_out
):
    job = make_job(both_ways([row] * 3)[way], schema)
    error = problem(job)
    assert "text that would not be written" in error.what
    assert error.hint == f'{COMMAND} --column-map "{text}"'
    found, _ = staged(again(job, error.hint))
    assert {value for name, value in row.items() if name not in ("chosen", "rejected")} <= set(
        "\n\n".join(found[0].values()).split("\n\n")
    )
    (instead,) = error.detail
    aside, command = instead.split(": ", 1)
    assert aside.endswith("on purpose")
    found, report = staged(again(job, command))
    assert found == [{c.name: row[c.name] for c in schema.columns}] * 3
    if left_out:
        assert command == f'{COMMAND} --column-map "{left_out}:-"'
        assert report.dropped == (left_out,)


@pytest.mark.parametrize("way", [0, 1])
def test_a_map_that_forgets_the_context_is_mended(way):
    row = {"instruction": "i", "input": "x", "output": "o"}
    pairs = parse_column_map("instruction:prompt,output:completion")
    error = problem(make_job(both_ways([row] * 3)[way], column_map=pairs))
    assert error.hint == f'{COMMAND} --column-map "instruction+input:prompt,output:completion"'
    assert error.detail[0].endswith('--column-map "instruction:prompt,output:completion,input:-"')


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize("value", [[TOOL], ["a passage"], {"turns": ["q", "a"]}, [["q", "a"]]])
def test_context_that_is_no_text_can_only_be_left_out(way, value):
    row = {"prompt": "p", "completion": "c", "context": value}
    error = problem(make_job(both_ways([row] * 3)[way]))
    assert error.hint == f'{COMMAND} --column-map "context:-"'
    assert "cannot be joined" in error.detail[0]


@pytest.mark.parametrize("way", [0, 1])
def test_the_first_text_in_row_5000_stops_with_the_same_command(way):
    rows: list[Any] = [{"prompt": "p", "completion": "c", "input": ""}] * 4999
    job = make_job(both_ways([*rows, {**rows[0], "input": "i"}])[way])
    assert preview(job).problems == ()
    with pytest.raises(DatasetError, match="5000, column 'input': found text that would") as caught:
        staged(job)
    assert caught.value.total == 1
    assert caught.value.hint == f'{COMMAND} --column-map "prompt+input:prompt"'
    report = check(job)
    assert (report.valid, report.error_count) == (4999, 1)
    assert any('"prompt+input:prompt"' in warning for warning in report.warnings)
    assert any('"input:-"' in warning for warning in report.warnings)


def test_a_key_that_comes_late_is_seen():
    rows: list[Any] = [{"prompt": "p", "completion": "c"}] * 30
    with pytest.raises(DatasetError, match="line 31, column 'system'"):
        staged(make_job(jsonl(*rows, {**rows[0], "system": "s"})))


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize("value", ["", " \n", None, [], "[]", "{}", 3, True])
def test_context_that_says_nothing_is_noted(way, value):
    row = {"prompt": "p", "completion": "c", "input": value}
    files = both_ways([row] * 3)[way]
    found, report = staged(make_job(files))
    assert found == [{"prompt": "p", "completion": "c"}] * 3
    assert report.dropped == ("input",)
    assert "Column 'input' has no text that the rows lack" in report.notes


@pytest.mark.parametrize("way", [0, 1])
def test_text_that_the_row_has_already_is_not_lost(way):
    row = {"prompt": "Be terse.\n\nWhy?", "completion": "c", "system": " Be terse.\n"}
    found, _ = staged(make_job(both_ways([row] * 3)[way]))
    assert found == [{"prompt": "Be terse.\n\nWhy?", "completion": "c"}] * 3
    talk = [{"role": "system", "content": 'Be "terse".'}, USER, REPLY]
    row = {"messages": talk, "system": 'Be "terse".'}
    assert staged(make_job(both_ways([row] * 3)[way], from_messages=True))[0]


@pytest.mark.parametrize("way", [0, 1])
def test_context_beside_a_rewrite_stops(way):
    row = {"messages": [USER, REPLY], "system": "s"}
    error = problem(make_job(both_ways([row] * 3)[way], from_messages=True))
    assert error.hint == f'{COMMAND} --column-map "system:-" --from-messages'


def test_columns_that_are_kept_lose_nothing():
    row = {"prompt": [USER], "reward_model": "j", "context": "x", "system": "s"}
    assert staged(make_job(jsonl(row), PROMPTS))[0] == [row]


@pytest.mark.parametrize("way", [0, 1])
def test_other_columns_are_dropped_as_ever(way):
    names = ("id", "sha256", "url", "score", "created_at", "language", "source", "model", "split")
    row = {"prompt": "p", "completion": "c", **dict.fromkeys(names, "some text")}
    _, report = staged(make_job(both_ways([row] * 3)[way]))
    assert report.dropped == names


def test_names_are_read_in_any_spelling():
    for name in ("SYSTEM", "system_prompt", "systemPrompt", "System-Message", "sys.prompt"):
        assert context_kind(name) == "system"
    for name in ("Complex_CoT", "reasoning_content", "deepseek_reasoning", "Thinking", "R1-CoT"):
        assert context_kind(name) == "reasoning"
    for name in (
        "input_ids",
        "context_length",
        "reasoning_tokens",
        "has_cot_flag",
        "id",
        "",
        "質問",
    ):
        assert context_kind(name) is None


SENTENCES = '"What is the question, in one line?":prompt,"Answer: be brief":completion'
SUGGESTED = [
    (
        {"instruction": "a", "input": "x", "output": "b"},
        PAIRS,
        '--column-map "instruction+input:prompt,output:completion"',
    ),
    (
        {"system": "s", "question": "q", "chosen": "c", "rejected": "r"},
        PREFERENCES,
        '--column-map "system+question:prompt"',
    ),
    (
        {"Question": "q", "Complex_CoT": "t", "Response": "r"},
        PAIRS,
        '--column-map "Question:prompt,Complex_CoT+Response:completion"',
    ),
    (
        {"question": "q", "functions": [TOOL], "answer": "a"},
        PAIRS,
        '--column-map "question:prompt,answer:completion,functions:-"',
    ),
    (
        {"messages": [USER, REPLY], "functions": [TOOL]},
        PAIRS,
        '--column-map "functions:-" --from-messages',
    ),
    (
        {"Timestamp": "1", "What is the question, in one line?": "q", "Answer: be brief": "a"},
        PAIRS,
        f"--column-map '{SENTENCES}'",
    ),
]


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize(("row", "schema", "flags"), SUGGESTED)
def test_suggestions_keep_the_context_and_work(way, row, schema, flags):
    job = make_job(both_ways([row] * 3)[way], schema)
    error = problem(job)
    assert error.hint == f"{COMMAND} {flags}"
    assert len(staged(again(job, error.hint))[0]) == 3


ASKING = DatasetSchema(
    columns=(
        Column("prompt", ("messages",), messages=MessageRules(not_last=("assistant",))),
        Column("reward_model", ("string",), evaluator=True),
    ),
    example={},
    keep_other_columns=True,
)


def test_a_prompt_that_must_not_end_with_an_answer_is_not_made_of_conversations():
    row = {"messages": [USER, REPLY], "problem": "p", "reward_model": "j"}
    job = make_job(jsonl(*[row] * 3), ASKING)
    error = problem(job)
    assert error.hint == f'{COMMAND} --column-map "problem:prompt"'
    assert staged(again(job, error.hint))[0][0]["prompt"] == [{"role": "user", "content": "p"}]
    row = {"messages": [USER], "reward_model": "j"}
    assert problem(make_job(jsonl(row), ASKING)).hint == f'{COMMAND} --column-map "messages:prompt"'


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize(
    ("row", "schema"),
    [
        ({"question": ["a"], "answer": "b"}, PAIRS),
        ({"question": "a", "answer": 3}, PAIRS),
        ({"messages": [USER, REPLY], "reward_model": "j"}, ASKING),
        ({"messages": [USER, USER]}, PAIRS),
    ],
)
def test_a_command_that_would_keep_no_row_is_not_suggested(way, row, schema):
    (error,) = preview(make_job(both_ways([row] * 3)[way], schema)).problems
    assert error.hint is None or "<" in error.hint


def test_a_column_without_text_is_not_left_out_on_purpose():
    row = {"question": "i", "input": "", "answer": "o", "system": "s", "history": [["a", "b"]]}
    (problem,) = preview(make_job(jsonl(row))).problems
    assert "What is in 'history' cannot be joined" in "".join(problem.detail)
    assert "input" not in problem.hint
