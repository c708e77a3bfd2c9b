"""JSON files without a row on a line: named as what they are, with the command that makes rows."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import MlccError
from tests.staging.datasets import PREFERENCES, PROMPTS, jsonl, make_job, staged

ROWS = [{"prompt": f"p {n} é", "completion": f'say "{n}\'"'} for n in range(12)]
COLUMNS = {name: [row[name] for row in ROWS] for name in ROWS[0]}
NUMBERED = {
    name: {str(place): value for place, value in enumerate(values)}
    for name, values in COLUMNS.items()
}
TALK = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
SPLIT = {"columns": list(COLUMNS), "index": [*range(12)], "data": [[*row.values()] for row in ROWS]}


def refusal(job: Any) -> MlccError:
    with pytest.raises(MlccError) as caught:
        staged(job)
    return caught.value


def mended(error: MlccError, name: str, data: bytes, folder: Path) -> bytes:
    """What the suggested command makes of the file."""
    (folder / name).write_bytes(data)
    assert error.hint is not None
    subprocess.run(error.hint, shell=True, check=True, cwd=folder, timeout=60)
    return (folder / error.hint.rpartition(" ")[2]).read_bytes()


@pytest.mark.parametrize(
    ("document", "place"),
    [
        pytest.param({"data": ROWS}, "in 'data'", id="data"),
        pytest.param({"version": "1", "the 'rows'": ROWS}, "in \"the 'rows'\"", id="beside"),
        pytest.param({"test": ROWS[:2], "train": ROWS}, "in 'train'", id="splits"),
        pytest.param(COLUMNS, "as columns", id="lists"),
        pytest.param(NUMBERED, "as columns", id="pandas"),
        pytest.param(SPLIT, "in 'data' and their columns' names in 'columns'", id="pandas-split"),
    ],
)
def test_one_object_with_all_rows_is_taken_apart(document, place, tmp_path):
    data = json.dumps(document).encode()
    error = refusal(make_job({"my data.json": data}))
    assert error.what == (
        f"my data.json is one JSON object with 12 rows {place}, expected one object per row."
    )
    made = mended(error, "my data.json", data, tmp_path)
    assert staged(make_job({"rows.jsonl": made}))[0] == ROWS


def test_a_packed_one_is_unpacked_on_the_way(tmp_path):
    data = gzip.compress(json.dumps({"data": ROWS}).encode())
    error = refusal(make_job({"d.json.gz": data}))
    assert staged(make_job({"rows.jsonl": mended(error, "d.json.gz", data, tmp_path)}))[0] == ROWS


def test_columns_may_be_renamed_within():
    rows = [{"q": "a", "completion": "b"}]
    error = refusal(make_job(jsonl({"data": rows}), column_map=(("q", "prompt"),)))
    assert "with 1 row in 'data'" in error.what


def test_conversations_within_are_rows():
    assert "in 'data'" in refusal(make_job(jsonl({"data": [{"messages": TALK}]}))).what


@pytest.mark.skipif(shutil.which("jq") is None, reason="runs the suggested jq")
def test_indented_objects_are_put_on_lines(tmp_path):
    data = "\n".join(json.dumps(row, indent=2) for row in ROWS).encode()
    error = refusal(make_job({"d.json": data}))
    assert error.what == "d.json is indented JSON, expected each object on one line."
    assert staged(make_job({"lines.jsonl": mended(error, "d.json", data, tmp_path)}))[0] == ROWS


@pytest.mark.parametrize(
    ("row", "options"),
    [
        (
            {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]},
            {},
        ),
        ({"turns": [{"text": "Q"}, {"text": "A"}]}, {}),
        ({"prompt": [], "completion": []}, {}),
        ({"prompt": ["a"], "completion": ["b", "c"]}, {}),
        ({"prompt": ["a"], "completion": [1], "more": 2}, {}),
        ({"prompt": {"a": "b"}, "completion": {"a": "c"}}, {}),
        ({"columns": "a", "data": "b"}, {}),
        ({"prompt": [{"role": "user"}], "reward_model": "judge"}, {"schema": PROMPTS}),
    ],
)
def test_a_row_that_is_wrong_is_no_document(row, options):
    assert "is one JSON object" not in refusal(make_job(jsonl(row), **options)).what


def test_one_row_of_chat_format_is_a_row():
    answer = {"role": "assistant", "content": "A"}
    for chosen, rejected in ((answer, answer), ([answer], [answer])):
        row = {"prompt": "Q", "chosen": chosen, "rejected": rejected}
        found, _ = staged(make_job(jsonl(row), schema=PREFERENCES))
        assert found == [{"prompt": "Q", "chosen": "A", "rejected": "A"}]


def test_prompts_as_columns_are_taken_apart():
    document = {"prompt": ["a", "b"], "reward_model": ["judge", "judge"]}
    assert "with 2 rows as columns" in refusal(make_job(jsonl(document), schema=PROMPTS)).what
