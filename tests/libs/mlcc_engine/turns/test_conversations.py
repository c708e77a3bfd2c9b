"""Whole conversations, forecast and trained by the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import MlccError
from mlcc_engine.forecast.forecast import forecast
from mlcc_engine.request import parse
from tests.libs.mlcc_engine.trainings import Train, write_rows

pytestmark = pytest.mark.filterwarnings("ignore")  # as in the process that trains

CALL = {"type": "function", "function": {"name": "add", "arguments": {"a": 2, "b": 2}}}
TOOLS = [{"type": "function", "function": {"name": "add", "parameters": {}}}]
USER = {"role": "user", "content": "2 + 2?"}
REPLY = {"role": "assistant", "content": "Four."}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
FOUND = {"role": "tool", "name": "add", "content": "4"}
ROW = {"messages": [USER, CALLS, FOUND, REPLY, USER, REPLY], "tools": TOOLS}


@pytest.fixture
def told(cache: Path, tmp_path: Path):
    def run(*rows: dict[str, Any], **hyperparameters: Any) -> list[str]:
        body = {
            "job": "test",
            "technique": "sft",
            "trainer": "trl:SFTTrainer",
            "model": "mlcc-tiny",
            "training_type": "lora",
            "dataset": write_rows(tmp_path / "rows.jsonl", rows),
            "output": str(tmp_path / "output"),
            "cache": str(cache),
            "hyperparameters": hyperparameters,
        }
        return forecast(parse(body))

    return run


def trained(lines: list[str]) -> int:
    (line,) = (line for line in lines if line.startswith("Trained: "))
    return int(line.split()[1].replace(",", ""))


def test_every_reply_is_counted(told) -> None:
    both = trained(told({"messages": [USER, REPLY, USER, REPLY]}))
    assert both == 2 * trained(told({"messages": [USER, REPLY]}))
    last = told({"messages": [USER, REPLY, USER, REPLY]}, train_on="last")
    assert 2 * trained(last) == both
    assert any("only the last one is trained" in line for line in last)


def test_weights_and_names_are_told(told) -> None:
    lines = told({"messages": [{**USER, "name": "Ada"}, {**REPLY, "weight": 0}, USER, REPLY]})
    assert "ℹ️  1 reply has weight 0: read as context, not trained." in lines
    assert "ℹ️  Field 'name' of 1 message is not rendered." in lines


def test_rows_in_which_nothing_is_trained_are_named(told) -> None:
    silent = {"messages": [USER, {**REPLY, "weight": 0}]}
    with pytest.raises(MlccError, match=r"2 rows would train nothing: .*\(lines 2, 3\)"):
        told(ROW, silent, silent)


def test_rows_that_are_cut_before_a_reply_are_counted(told) -> None:
    long = {"messages": [{"role": "user", "content": "x" * 100}, REPLY, USER, REPLY]}
    lines = told({"messages": [USER, REPLY]}, long, max_length=64)
    assert any("1 rows train nothing" in line and "line 2" in line for line in lines)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"messages": [USER]}, "no reply of the assistant"),
        ({"messages": [USER, {**REPLY, "weight": 0.5}]}, "weight 0.5, expected 0 or 1"),
        ({"messages": [USER, {**REPLY, "reasoning_content": "Hm."}]}, "drops the thought 'Hm.'"),
        ({"messages": [USER, REPLY], "tools": [1]}, "Column 'tools' holds"),
        ({"prompt": "a", "completion": "b"}, "The row and the first one differ"),
    ],
)
def test_wrong_rows_are_refused(row: dict[str, Any], says: str, told) -> None:
    with pytest.raises(MlccError, match=says):
        told(ROW, row)


def test_unknown_replies_are_refused(told) -> None:
    with pytest.raises(MlccError, match="expected all or last"):
        told(ROW, train_on="first")


@pytest.mark.slow
def test_a_conversation_with_a_tool_is_learned(train: Train) -> None:
    done = train(
        [ROW, {"messages": [USER, {**REPLY, "weight": 0}, USER, REPLY]}],
        hyperparameters={"num_train_epochs": 20},
    )
    losses = [line["loss"] for line in done.progress[1:]]
    assert losses[-1] < losses[0] / 5
