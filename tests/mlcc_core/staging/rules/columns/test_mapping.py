"""A column map with several wrong entries: one error, and one command that mends them all."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlcc_core.staging import preview
from mlcc_core.staging.model.column_map import parse_column_map
from tests.mlcc_core.staging.datasets import PAIRS, jsonl, make_job, on_disk, parquet

COMMAND = "./do/tune --technique x --dataset memory://org/data"


def problems(files, text):
    return preview(make_job(files, column_map=parse_column_map(text))).problems


def pasted(hint):
    """The column map of a hint."""
    return shlex.split(hint)[shlex.split(hint).index("--column-map") + 1]


@pytest.mark.parametrize("way", ["d.csv", "d.jsonl", "d.parquet"])
def test_one_hint_mends_two_mistyped_columns(way):
    row = {"question": "a", "answer": "b"}
    files = {
        "d.csv": b"question,answer\na,b\n",
        "d.jsonl": jsonl(row),
        "d.parquet": parquet([row]),
    }
    data = {way: files[way]}
    (error,) = problems(data, "qestion:prompt,anwser:completion")
    assert error.what == (
        f"Unknown columns 'qestion' and 'anwser' in the column map: {way} has no such columns. "
        "Did you mean 'question' and 'answer'?"
    )
    assert pasted(error.hint) == "question:prompt,answer:completion"
    assert problems(data, pasted(error.hint)) == ()


def test_the_hint_uses_no_column_twice():
    data = jsonl({"input": "a", "output": "b"})
    (error,) = problems(data, "inptu:prompt,inputt:completion")
    assert pasted(error.hint) == "input:prompt"
    (error,) = problems(data, "input:prompt,inputt:completion")
    assert "'input'?" not in error.what


def test_one_hint_mends_kinds_of_errors_together():
    data = jsonl({"input": "a", "prompt": "c", "answer": "b"})
    found = problems(data, "input:prompt,anwser:completion")
    assert len(found) == 2
    assert {pasted(error.hint) for error in found} == {"input:prompt,answer:completion,prompt:-"}
    assert problems(data, pasted(found[0].hint)) == ()


def test_a_mended_name_that_meets_a_column_leaves_that_out():
    data = jsonl({"input": "a", "prompt": "c", "completion": "b"})
    (error,) = problems(data, "inptu:prompt")
    assert pasted(error.hint) == "input:prompt,prompt:-"
    assert problems(data, pasted(error.hint)) == ()


NESTED = [{"qa": {"question": f"q{i}", "answer": f"a{i}"}, "n": i} for i in range(3)]
MAPS = ["qa.question:prompt,qa.answer:completion", "question:prompt,answer:completion"]


@pytest.mark.parametrize("text", MAPS)
@pytest.mark.parametrize("name", ["d.parquet", "d.jsonl"])
def test_a_structure_is_told_with_what_it_holds(text, name):
    data = {"d.parquet": parquet(NESTED), "d.jsonl": jsonl(*NESTED)}[name]
    (error,) = problems({name: data}, text)
    first, second = (entry.partition(":")[0] for entry in text.split(","))
    assert error.what == (
        f"Unknown columns {first!r} and {second!r} in the column map: {name} has no such columns. "
        "Column 'qa' is a structure that holds 'question' and 'answer'."
    )


@pytest.mark.slow  # a process that imports Polars
def test_the_hint_makes_columns_of_a_structure(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pq.write_table(pa.Table.from_pylist(NESTED), "d.parquet")
    files = {"d.parquet": (tmp_path / "d.parquet").read_bytes()}
    job = on_disk(files, tmp_path, PAIRS, column_map=parse_column_map(MAPS[0]))
    (error,) = preview(job).problems
    command = error.hint.replace("python ", f"{shlex.quote(sys.executable)} ", 1)
    subprocess.run(["sh", "-c", command], check=True, timeout=60)
    assert pq.read_table("d.flat.parquet").to_pylist()[0] == {
        "question": "q0",
        "answer": "a0",
        "n": 0,
    }


def test_the_hint_makes_keys_of_an_object(tmp_path):
    data = {"d.jsonl": jsonl(*NESTED)}
    job = on_disk(data, tmp_path, PAIRS, column_map=parse_column_map(MAPS[0]))
    (error,) = preview(job).problems
    assert '| jq -c \'. + .["qa"] | del(.["qa"])\' > d.flat.jsonl' in error.hint
