"""Staged bytes change with ``RULES`` alone; see :mod:`tests.mlcc_core.staging.golden`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlcc_core.staging.run.preview import RULES
from tests.mlcc_core.staging import golden

SAVED = json.loads(golden.FILE.read_text())


@pytest.mark.parametrize("case", list(golden.cases()))
def test_staged_bytes_are_those_of_these_rules(case: str, tmp_path: Path):
    now = golden.digest(case, tmp_path)
    before = SAVED["digests"].get(case)
    assert before is not None, f"{case} is new: run {golden.COMMAND}"
    assert now == before or SAVED["rules"] < RULES, (
        f"{case} is staged as other bytes, so what was staged before must not be found again: "
        f"raise RULES (now {RULES}) in mlcc_core/staging/run/preview.py, then run "
        f"{golden.COMMAND}"
    )


def test_the_digests_are_those_of_the_rules_in_use():
    assert SAVED["rules"] == RULES, f"RULES was raised: run {golden.COMMAND}"
    assert set(SAVED["digests"]) == set(golden.cases()), f"cases are gone: run {golden.COMMAND}"


def test_one_dataset_is_staged_as_the_same_bytes_from_any_format():
    by_shape: dict[str, set[str]] = {}
    for case, value in SAVED["digests"].items():
        by_shape.setdefault(case.partition("/")[0], set()).add(value)
    assert {shape: len(found) for shape, found in by_shape.items() if len(found) > 1} == {}


def test_changed_bytes_are_written_with_raised_rules_alone(tmp_path: Path):
    path = tmp_path / "golden.json"
    assert golden.write(path, 3, {"a/jsonl": "1"}) is None
    assert golden.write(path, 3, {"a/jsonl": "1", "new/jsonl": "2"}) is None
    refused = golden.write(path, 3, {"a/jsonl": "9", "new/jsonl": "2"})
    assert refused is not None
    assert "raise it in mlcc_core/staging/run/preview.py" in refused
    assert json.loads(path.read_text())["digests"]["a/jsonl"] == "1"
    assert golden.write(path, 4, {"a/jsonl": "9", "new/jsonl": "2"}) is None
    assert json.loads(path.read_text()) == {
        "rules": 4,
        "digests": {"a/jsonl": "9", "new/jsonl": "2"},
    }
