"""Rows that reach a third party's trainer as they are, on real training runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import MlccError
from mlcc_engine.train import corpus
from tests.libs.mlcc_engine.rl import DIGITS
from tests.libs.mlcc_engine.trainings import Train, write_rows

TRAINER = """
import json, os
from trl import SFTConfig, SFTTrainer

class AgentConfig(SFTConfig):
    pass

class AgentTrainer(SFTTrainer):
    def __init__(self, *, train_dataset, **others):
        rows = [train_dataset[place] for place in range(len(train_dataset))]
        with open(os.environ["RECEIVED"], "w") as file:
            json.dump(rows, file)
        texts = train_dataset.map(as_text, remove_columns=train_dataset.column_names)
        super().__init__(train_dataset=texts, **others)

def as_text(row):
    turns = [turn["content"] or json.dumps(turn["tool_calls"]) for turn in row["messages"]]
    return {"text": "\\n".join(turns)}
"""

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
CLOCK = {
    "type": "function",
    "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}},
}
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"type": "function", "function": {"name": "weather", "arguments": {"city": "Bern"}}}
    ],
}
CONVERSATIONS = [
    {
        "messages": [
            {"role": "user", "content": "Weather in Bern?"},
            CALL,
            {"role": "tool", "content": "12 °C", "name": "weather"},
            {"role": "assistant", "content": "12 degrees."},
            {"role": "user", "content": "Thanks."},
            {"role": "assistant", "content": "You are welcome."},
        ],
        "tools": [WEATHER, CLOCK],
        "source": "agents",
        "score": 1,
    },
    {
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello."},
        ],
        "tools": None,
        "source": "2024-05-01",
        "score": 0.1,
    },
]


@pytest.fixture
def received(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "agents.py").write_text(TRAINER)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("RECEIVED", str(tmp_path / "received.json"))
    return tmp_path / "received.json"


@pytest.mark.slow
def test_conversation_with_tools_and_null_content_arrives_untouched(
    train: Train, received: Path
) -> None:
    done = train(
        CONVERSATIONS,
        trainer="agents:AgentTrainer",
        row_form="as-is",
        hyperparameters={"num_train_epochs": 2},
    )
    assert done.outcome.state == "completed"
    assert done.progress[-1]["loss"] > 0
    rows = json.loads(received.read_text())
    assert rows == CONVERSATIONS
    assert [list(row) for row in rows] == [list(row) for row in CONVERSATIONS]
    assert "tool_calls" not in rows[0]["messages"][0]


@pytest.mark.slow
def test_reward_functions_find_the_row(train: Train, tmp_path: Path) -> None:
    function = tmp_path / "digits.py"
    function.write_text(DIGITS)
    done = train(
        [{"prompt": "1 2", "extra": {"a": None}}, {"prompt": "3 4", "extra": {}}],
        trainer="trl:GRPOTrainer",
        row_form="as-is",
        training_type="lora",
        evaluator={"kind": "function", "value": str(function)},
        hyperparameters={"max_completion_length": 4, "num_train_epochs": 1, "temperature": 1.0},
    )
    assert done.outcome.state == "completed"


def dataset(tmp_path: Path, *rows: dict[str, Any], whole_rows: bool = False) -> Any:
    path = Path(write_rows(tmp_path / "rows.jsonl", rows))
    return corpus.build(path, tmp_path, whole_rows=whole_rows, form="as-is")


@pytest.mark.parametrize(
    "values",
    [
        [0.30000000000000004, 1, None],
        ["3", 3, "null", None],
        [True, 1],
        [[], {}, [None], {"a": {"b": [1, "2"]}}],
        ["2024-01-01", ""],
        [None, None],
        [2**62, -(2**62)],
    ],
)
def test_values_stay_what_they_are(values: list[object], tmp_path: Path) -> None:
    found = dataset(tmp_path, *({"value": value} for value in values))
    read = [row["value"] for row in found]
    assert read == values
    assert [type(value) for value in read] == [type(value) for value in values]


def test_column_that_a_row_lacks_is_null(tmp_path: Path) -> None:
    assert list(dataset(tmp_path, {"a": 1}, {"b": [1]})) == [
        {"a": 1, "b": None},
        {"a": None, "b": [1]},
    ]


@pytest.mark.parametrize("value", [2**64, {"a": 10**30}])
def test_number_that_would_change_is_refused(value: object, tmp_path: Path) -> None:
    with pytest.raises(MlccError, match="does not reach the trainer exactly") as caught:
        dataset(tmp_path, {"n": 1}, {"n": value})
    assert caught.value.where == "rows.jsonl:2"


def test_column_named_as_the_whole_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MlccError, match="'row'"):
        dataset(tmp_path, {"prompt": "a", "row": 1}, whole_rows=True)
