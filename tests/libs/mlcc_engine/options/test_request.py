"""A request that is written by hand or by another program, and read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlcc_core import MlccError, PlatformError
from mlcc_engine.request import parse

LEAST: dict[str, Any] = {
    "job": "test",
    "technique": "sft",
    "trainer": "trl:SFTTrainer",
    "model": "mlcc-tiny",
    "training_type": "lora",
    "dataset": "rows.jsonl",
    "output": "output",
}

START = {"kind": "adapter", "path": "before", "fingerprint": "f"}

WRONG = [
    ("checkpoint_every", 2, 'checkpoint_every is 2, expected text, like "2", or null'),
    ("eval_every", 0.1, 'eval_every is 0.1, expected text, like "0.1", or null'),
    ("dataset", None, "dataset is null, expected text"),
    ("seed", "1", 'seed is "1", expected a whole number'),
    ("seed", True, "seed is true, expected a whole number"),
    ("rows", 2.5, "rows is 2.5, expected a whole number or null"),
    ("packing", "yes", 'packing is "yes", expected true or false or null'),
    ("training_type", "qlora", 'training_type is "qlora", expected "lora" or "full-rank"'),
    ("thinking", True, 'thinking is true, expected "on" or "off" or null'),
    ("hyperparameters", [1], "hyperparameters is [1], expected an object"),
    ("callbacks", "a:b", 'callbacks is "a:b", expected a list of text'),
    ("callbacks", [1], "callbacks is [1], expected a list of text"),
    ("evaluator", "f.py", 'evaluator is "f.py", expected an object or null'),
    (
        "evaluator",
        {"kind": "function", "value": 3},
        'evaluator.value is 3, expected text, like "3"',
    ),
    ("start", {**START, "kind": 1}, 'start.kind is 1, expected "adapter" or "model"'),
    ("start", {**START, "lineage": ["a"]}, 'start.lineage is ["a"], expected a list of an object'),
]


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_a_value_of_a_wrong_type_is_refused_by_its_name(name: str, value: Any, said: str) -> None:
    with pytest.raises(MlccError) as refused:
        parse({**LEAST, name: value})
    assert refused.value.what == f"request.json: {said}."
    assert not isinstance(refused.value, PlatformError), "the same request would fail again"


def test_a_long_value_is_cut() -> None:
    with pytest.raises(MlccError) as refused:
        parse({**LEAST, "seed": "9" * 1000})
    assert len(refused.value.what) < 200


def test_what_json_makes_of_a_request_is_read_again() -> None:
    lineage = [{"kind": "adapter", "path": "first", "fingerprint": "e"}]
    whole = parse(
        {
            **LEAST,
            "start": {**START, "lineage": lineage},
            "evaluator": {"kind": "function", "value": "f.py"},
            "callbacks": ["a:b"],
            "checkpoint_every": "90s",
            "packing": False,
        }
    )
    assert parse(json.loads(json.dumps(whole.as_json()))) == whole


def test_a_key_that_is_missing_or_unknown_is_named() -> None:
    with pytest.raises(PlatformError, match="'model'"):
        parse({key: value for key, value in LEAST.items() if key != "model"})
    with pytest.raises(PlatformError, match="'nonsense'"):
        parse({**LEAST, "nonsense": 1})
