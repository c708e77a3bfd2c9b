"""What a rendered conversation leaves out: refused or counted, never dropped without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import MlccError
from mlcc_engine.train import corpus
from mlcc_engine.train.leftovers import Leftovers
from tests.libs.mlcc_engine.trainings import write_rows

USER = {"role": "user", "content": "Hi"}
REPLY = {"role": "assistant", "content": "Hello."}
CALL = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f"}}]}


def left(tmp_path: Path, *rows: dict[str, Any], scored: bool = False) -> list[str]:
    leftovers = Leftovers(scored)
    path = Path(write_rows(tmp_path / "d.jsonl", rows))
    corpus.build(path, tmp_path, whole_rows=scored, seen=leftovers.add)
    return list(leftovers.lines())


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"prompt": "a", "completion": "b", "tools": [{"name": "f"}]}, "Column 'tools'"),
        ({"prompt": "a", "completion": "b", "images": ["a.png"]}, "Column 'images'"),
        ({"prompt": "a", "completion": "b", "system": "Be kind."}, "Column 'system'"),
        ({"messages": [USER, REPLY], "functions": "[{}]"}, "Column 'functions'"),
        ({"messages": [USER, CALL, REPLY]}, "Message 2 of column 'messages' has 'tool_calls'"),
        (
            {"prompt": [USER], "completion": [{**REPLY, "reasoning_content": "Well."}]},
            "Message 1 of column 'completion' has 'reasoning_content'",
        ),
    ],
)
def test_what_carries_meaning_is_refused(row: dict[str, Any], says: str, tmp_path: Path) -> None:
    good = {"prompt": "a", "completion": "b"} if "prompt" in row else {"messages": [USER, REPLY]}
    with pytest.raises(MlccError) as caught:
        left(tmp_path, good, row)
    assert caught.value.what.startswith(says)
    assert caught.value.where == "d.jsonl:2"
    assert caught.value.hint


@pytest.mark.parametrize("column", ["tools", "images"])
def test_what_a_scored_reply_is_sampled_without_is_refused(column: str, tmp_path: Path) -> None:
    with pytest.raises(MlccError, match=f"Column '{column}'"):
        left(tmp_path, {"prompt": "a", column: ["x"]}, scored=True)


def test_the_rest_is_counted(tmp_path: Path) -> None:
    dated = {**USER, "date": "2024-05-01"}
    rows = [
        {"messages": [dated, REPLY, USER, REPLY], "tags": ["a"], "text": "x", "label": True},
        {"messages": [dated, REPLY], "tags": ["b"], "text": "", "label": True, "late": 1},
        {"messages": [USER, REPLY], "tags": [], "label": True},
    ]
    assert left(tmp_path, *rows) == [
        "ℹ️  Column 'tags' of 2 rows does not reach the trainer.",
        "ℹ️  Column 'text' of 1 row does not reach the trainer.",
        "ℹ️  Column 'late' of 1 row does not reach the trainer.",
        "ℹ️  Field 'date' of 2 messages is not rendered.",
        "ℹ️  1 row has earlier replies: they are read as context, and only the last one is trained.",
    ]


def test_nothing_is_said_where_nothing_is_left_out(tmp_path: Path) -> None:
    system = {"system": "Be kind.", "messages": [USER, {**REPLY, "tool_calls": []}]}
    assert left(tmp_path, system) == []
    assert left(tmp_path, {"prompt": "a", "completion": "b", "label": True, "tools": None}) == []
    assert left(tmp_path, {"prompt": "a", "answer": {"b": 1}}, scored=True) == []
