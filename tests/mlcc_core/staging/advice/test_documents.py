"""JSON files without a row on a line: named as what they are, with the command that makes rows."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.errors import MlccError
from tests.mlcc_core.staging.datasets import PREFERENCES, PROMPTS, jsonl, make_job, on_disk, staged

ROWS = [{"prompt": f"p {n} é", "completion": f'say "{n}\'"'} for n in range(12)]
TALK = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]


JQ = pytest.mark.skipif(shutil.which("jq") is None, reason="runs the suggested jq")


def refusal(job: Any) -> MlccError:
    with pytest.raises(MlccError) as caught:
        staged(job)
    return caught.value


def mended(error: MlccError, name: str, data: bytes, folder: Path) -> bytes:
    """Return the file that the suggested command writes."""
    (folder / name).write_bytes(data)
    assert error.hint is not None
    subprocess.run(error.hint, shell=True, check=True, cwd=folder, timeout=60)
    (made,) = folder.glob("*.rows.jsonl")
    return made.read_bytes()


@JQ
@pytest.mark.parametrize(
    ("document", "place"),
    [
        pytest.param({"data": ROWS}, "in 'data'", id="data"),
        pytest.param({"version": "1", "the 'rows'": ROWS}, "in \"the 'rows'\"", id="beside"),
        pytest.param({"😀": ROWS}, "in '😀'", id="beyond-ascii"),
        pytest.param({"test": ROWS[:2], "train": ROWS}, "in 'train'", id="splits"),
        pytest.param({"a": ROWS[:2], "b": ROWS[2:]}, "in 'a' and 'b'", id="parts"),
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


@JQ
def test_the_command_reads_what_we_read_and_writes_another_file(tmp_path, monkeypatch):
    """A folder's file with a byte order mark, under the name that the command might write to."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "some data"
    folder.mkdir()
    text = b"\xef\xbb\xbf" + json.dumps({"data": ROWS}, ensure_ascii=False).encode()
    (folder / "rows.jsonl").write_bytes(text)
    error = refusal(on_disk({"rows.jsonl": text, "z.jsonl": jsonl(ROWS[0])}, folder))
    assert error.hint is not None
    assert error.hint.endswith("# then put rows.rows.jsonl in its place")
    subprocess.run(error.hint, shell=True, check=True, timeout=60)
    assert (folder / "rows.jsonl").read_bytes() == text
    made = (tmp_path / "rows.rows.jsonl").read_bytes()
    assert staged(make_job(made))[0] == ROWS


@JQ
def test_a_packed_one_is_unpacked_on_the_way(tmp_path):
    data = gzip.compress(json.dumps({"data": ROWS}).encode())
    error = refusal(make_job({"d.json.gz": data}))
    assert staged(make_job({"rows.jsonl": mended(error, "d.json.gz", data, tmp_path)}))[0] == ROWS


def test_columns_may_be_renamed_within():
    rows = [{"q": "a", "completion": "b"}, {"q": "c", "completion": "d"}]
    error = refusal(make_job(jsonl({"data": rows}), column_map=(("q", "prompt"),)))
    assert "with 2 rows in 'data'" in error.what


def test_conversations_within_are_rows():
    assert "in 'data'" in refusal(make_job(jsonl({"data": [{"messages": TALK}] * 2}))).what


def test_nothing_is_wanted_of_an_empty_object():
    schema = DatasetSchema(columns=(Column("prompt", required=False),), example={})
    assert staged(make_job(jsonl({}), schema))[0] == [{}]


def test_indented_objects_are_rows():
    data = "\n".join(json.dumps(row, indent=2) for row in ROWS).encode()
    assert staged(make_job({"d.json": data}))[0] == ROWS


def test_lines_with_commas_between_are_not_indented():
    data = b",\n".join(json.dumps(row).encode() for row in ROWS)
    assert "something after the object" in refusal(make_job(data)).what


@JQ
def test_an_indented_object_with_all_rows_takes_one_command(tmp_path):
    rows = ",\n".join(map(json.dumps, ROWS[:2]))
    for data in (f'{{\n"data": [\n{rows}\n]\n}}\n', f'{{"data": [\n{rows}\n]}}\n'):
        error = refusal(make_job({"d.json": data.encode()}))
        assert "with 2 rows in 'data'" in error.what
        made = mended(error, "d.json", data.encode(), tmp_path)
        assert staged(make_job({"d.rows.jsonl": made}))[0] == ROWS[:2]


PAIR = {"question": "x", "answer": "y"}


@pytest.mark.parametrize(
    ("row", "options"),
    [
        ({"messages": TALK}, {}),
        ({"messages": TALK, "examples": [PAIR, PAIR]}, {}),
        ({"context": [PAIR, PAIR], **PAIR}, {}),
        ({"turns": [{"text": "Q"}, {"text": "A"}]}, {}),
        ({"prompt": [], "completion": []}, {}),
        ({"prompt": ["a"], "completion": ["b"]}, {}),
        ({"prompt": ["a", "b"], "completion": ["c", "d"]}, {}),
        ({"prompt": {"0": "a", "1": "b"}, "completion": {"0": "c", "1": "d"}}, {}),
        ({"prompt": ["a"], "completion": ["b", "c"]}, {}),
        ({"prompt": ["a"], "completion": [1], "more": 2}, {}),
        ({"prompt": ["a", "b"], "completion": [{"text": "b"}, {"text": "c"}]}, {}),
        ({"prompt": {"a": "b"}, "completion": {"a": "c"}}, {}),
        ({"columns": "a", "data": "b"}, {}),
        ({"columns": [["a", "b"]], "data": [["x"], ["y"]]}, {}),
        ({"train": {"prompt": ["a", "b"]}, "test": {"prompt": ["c", "d"]}}, {}),
        ({"data": [PAIR]}, {}),
        ({}, {}),
        ({"prompt": [{"role": "user"}], "reward_model": "judge"}, {"schema": PROMPTS}),
        ({"prompt": TALK[:1], "reward_model": ["x"]}, {"schema": PROMPTS}),
        (
            {"query": TALK[:1], "docs": [{"source": "w"}] * 2},
            {"schema": PROMPTS, "evaluator_given": True},
        ),
    ],
)
def test_a_row_that_is_wrong_is_no_document(row, options):
    assert "is one JSON object" not in refusal(make_job(jsonl(row), **options)).what


def test_rows_to_be_repaired_are_rows():
    row = {"messages": TALK, "sources": [{"input": "x", "output": "y"}] * 2}
    found, _ = staged(make_job(jsonl(row), from_messages=True))
    assert [sorted(one) for one in found] == [["completion", "prompt"]]
    other = [TALK[0], {"role": "assistant", "content": "B"}]
    row = {"chosen": TALK, "rejected": other, "judgements": [{"messages": TALK}] * 2}
    found, _ = staged(make_job(jsonl(row), PREFERENCES, extract_prompt=True))
    assert [sorted(one) for one in found] == [["chosen", "prompt", "rejected"]]


def test_one_row_of_chat_format_is_a_row():
    answer = {"role": "assistant", "content": "A"}
    for chosen, rejected in ((answer, answer), ([answer], [answer])):
        row = {"prompt": "Q", "chosen": chosen, "rejected": rejected}
        found, _ = staged(make_job(jsonl(row), schema=PREFERENCES))
        assert found == [{"prompt": "Q", "chosen": "A", "rejected": "A"}]


KEYS = st.sampled_from(["prompt", "completion", "data", "train", "columns", "messages", "0", "1"])
SCALARS = st.sampled_from(["a", "b"]) | st.none() | st.integers(0, 2)
WHOLE = st.fixed_dictionaries({"prompt": SCALARS, "completion": SCALARS})
RECORDS = WHOLE | st.dictionaries(KEYS, SCALARS | st.just(TALK), max_size=3)
LISTS = st.lists(RECORDS, max_size=3) | st.lists(st.just("a"), max_size=3)
COLUMN = LISTS | st.dictionaries(st.sampled_from("012"), SCALARS, max_size=3)
VALUES = COLUMN | SCALARS | st.lists(st.lists(SCALARS, min_size=1, max_size=2), max_size=3)
DOCUMENTS = (
    st.dictionaries(KEYS, VALUES, max_size=3)
    | st.dictionaries(KEYS, RECORDS, max_size=3)
    | st.fixed_dictionaries({"prompt": COLUMN, "completion": COLUMN})
    | st.fixed_dictionaries({"columns": st.lists(KEYS, max_size=2), "data": VALUES})
)


@JQ
@given(DOCUMENTS)
def test_the_command_makes_as_many_objects_as_is_said(document):
    data = jsonl(document)
    try:
        staged(make_job(data))
    except MlccError as error:
        said = re.search(r"is one JSON object with (\d+) rows", error.what)
        if said is None:
            return
        jq = shlex.split(error.hint or "")[:3]
    else:
        return
    lines = subprocess.run(jq, input=data, stdout=subprocess.PIPE, check=True).stdout.splitlines()
    assert len(lines) == int(said[1])
    assert all(isinstance(json.loads(line), dict) for line in lines)
