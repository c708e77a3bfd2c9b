"""Messages as Python or numpy prints them: one error, and a command that makes rows of them."""

from __future__ import annotations

import csv
import io
import json
import shlex
import subprocess

import numpy as np
import pytest

from mlcc_core.errors import MlccError
from mlcc_core.staging import DatasetError, check, preview, stage
from mlcc_core.staging.advice.printed_messages import read_printed
from tests.mlcc_core.staging.datasets import PREFERENCES, jsonl, make_job, on_disk

TALK = [
    {"role": "user", "content": "It's } { \"so\"\nand 'so'"},
    {"role": "assistant", "content": "array([1], dtype=object)", "name": None},
]
PRINTED = {
    "list": str(TALK),
    "repr of an array": repr(np.array(TALK, dtype=object)),
    "str of an array": str(np.array(TALK, dtype=object)),
    "one": str(TALK[:1]),
    "tuple within": str([{"role": "user", "content": "a", "ids": (1, 2)}]),
}


@pytest.mark.parametrize("kind", PRINTED)
def test_the_notation_is_read_exactly(kind):
    expected = {"one": TALK[:1], "tuple within": [{"role": "user", "content": "a", "ids": [1, 2]}]}
    assert read_printed(PRINTED[kind]) == expected.get(kind, TALK)


@pytest.mark.parametrize("code", ["__import__('os').getcwd()", "[{'role': open('x')}]", "1 +"])
def test_nothing_is_run(code):
    with pytest.raises((ValueError, SyntaxError)):
        read_printed(code)


def as_csv(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize("kind", ["list", "repr of an array", "str of an array"])
@pytest.mark.parametrize("name", ["my data.csv", "d.jsonl"])
def test_the_command_writes_rows_that_are_staged(kind, name, tmp_path, monkeypatch):
    rows = [{"prompt": "p", "chosen": PRINTED[kind], "rejected": "no"}] * 2
    data = jsonl(*rows) if name.endswith("jsonl") else as_csv(rows)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / name).write_bytes(data)
    with pytest.raises(MlccError, match=f"Column 'chosen' of {name} holds messages as") as caught:
        stage(on_disk({name: data}, folder, PREFERENCES), io.BytesIO())
    monkeypatch.chdir(tmp_path)
    command = shlex.split(caught.value.hint or "", comments=True)
    subprocess.run(command, check=True, capture_output=True)
    again = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (again.returncode, again.stderr.strip()) == (1, f"{command[-1]} exists already.")
    made = [json.loads(line) for line in (tmp_path / command[-1]).read_text().splitlines()]
    assert made == [{"prompt": "p", "chosen": TALK, "rejected": "no"}] * 2


def test_in_a_later_row_it_is_an_error_of_that_row():
    rows = [{"prompt": "p", "chosen": "a", "rejected": "b"}] * 11
    rows.append({"prompt": "p", "chosen": PRINTED["list"], "rejected": "b"})
    with pytest.raises(MlccError, match="line 12, column 'chosen': found messages as Python"):
        stage(make_job(jsonl(*rows), PREFERENCES), io.BytesIO())


def test_rows_far_down_are_mended_by_the_same_command(tmp_path):
    rows = [{"prompt": "p", "completion": "c"}] * 30
    late = {"prompt": str([{"role": "user", "content": "q"}]), "completion": "c"}
    job = on_disk({"d.jsonl": jsonl(*rows, late)}, tmp_path)
    command = f" -m mlcc_core.staging.advice.printed_messages {tmp_path / 'd.jsonl'} d.rows.jsonl"
    (warning,) = [each for each in check(job).warnings if "printed" in each]
    assert command in warning
    with pytest.raises(DatasetError) as raised:
        stage(job, io.BytesIO())
    assert command in raised.value.hint


def test_a_remote_file_is_to_be_copied_first():
    job = make_job(jsonl({"prompt": str([{"role": "user", "content": "q"}]), "completion": "c"}))
    (problem,) = preview(job).problems
    assert problem.hint == "copy data.jsonl to this machine and name the copy, which is then mended"
