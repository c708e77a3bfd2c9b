"""Whole conversations come to the same bytes and errors from any format and any spelling."""

from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.errors import MlccError
from mlcc_core.staging import check
from tests.example_count import examples
from tests.mlcc_core.staging.conversation_shapes import disguises, is_right, rows
from tests.mlcc_core.staging.datasets import jsonl, make_job, on_disk, parquet

pytestmark = pytest.mark.slow

WHOLE = DatasetSchema(
    (Column("messages", ("conversation",)), Column("tools", ("tools",), required=False)),
    {"messages": []},
)
MANY = settings(
    suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(60)
)


def checked(job):
    """The bytes that are written, and the errors; or the one error of the whole dataset."""
    fixed = io.BytesIO()
    try:
        report = check(job, fixed=fixed)
    except MlccError as error:
        return b"", [error.what.split(",")[-1]]
    return fixed.getvalue(), [(e.line, e.column, e.found, e.expected) for e in report.errors]


def filled(table):
    """The rows with every column in each: Arrow takes a table's columns from its first row."""
    names = dict.fromkeys(name for row in table for name in row)
    return [{name: row.get(name) for name in names} for row in table]


def as_text(value):
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def as_csv(table):
    """The rows as CSV: what is no string is JSON text."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in table for name in row))
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for row in table:
        writer.writerow({name: as_text(row.get(name)) for name in names})
    return text.getvalue().encode()


def as_json_type(table):
    """The rows as Parquet with columns of the type JSON."""
    names = list(dict.fromkeys(name for row in table for name in row))
    kind = pa.json_(pa.string())

    def column(name):
        values = [row.get(name) for row in table]
        texts = [None if v is None else json.dumps(v, ensure_ascii=False) for v in values]
        return pa.ExtensionArray.from_storage(kind, pa.array(texts, pa.string()))

    return parquet(pa.table({name: column(name) for name in names}))


def stream(table):
    sink = io.BytesIO()
    made = pa.Table.from_pylist(table)
    with pa.ipc.new_stream(sink, made.schema) as writer:
        writer.write_table(made, max_chunksize=2)
    return sink.getvalue()


def written(staged):
    """The bytes of rows as they are staged, with the fields of each message in their order."""
    order = ("role", "content", "reasoning_content", "tool_calls", "tool_call_id", "name", "weight")
    lines = []
    for row in staged:
        messages = [{key: turn[key] for key in order if key in turn} for turn in row["messages"]]
        line = {"messages": messages, **({"tools": row["tools"]} if row.get("tools") else {})}
        lines.append(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
    return [json.loads(line) for line in lines]


@MANY
@given(data=st.data(), rich=st.booleans(), group=st.integers(1, 5))
def test_disguised_conversations(data, rich, group, tmp_path_factory):
    staged = data.draw(st.lists(rows(rich=rich), min_size=1, max_size=8))
    disguised = data.draw(disguises(rich=rich))
    table = filled([disguised(row) for row in staged])
    right = written(filter(is_right, staged))
    parquets = {"d.parquet": parquet(table, row_group_size=group)}
    folder = tmp_path_factory.mktemp("files")
    jobs = {
        "rows": make_job(jsonl(*table), WHOLE),
        "array": make_job({"d.json": json.dumps(table, indent=1).encode()}, WHOLE),
        "parquet": make_job(parquets, WHOLE),
        "local": on_disk(parquets, folder, WHOLE),
        "arrow": make_job({"d.arrow": stream(table)}, WHOLE),
        "json type": make_job({"d.parquet": as_json_type(table)}, WHOLE),
        "csv": make_job({"d.csv": as_csv(table)}, WHOLE),
    }
    plain, errors = checked(jobs["rows"])
    assert [json.loads(line) for line in plain.splitlines()] == right
    assert len(errors) == len(staged) - len(right)
    for way, job in jobs.items():
        found, others = checked(job)
        assert found == plain, way
        assert [error[1:] for error in others] == [error[1:] for error in errors], way


WRONG = {
    "a role": [{"role": "wizard", "content": "a"}],
    "no content": [{"role": "user", "content": None}],
    "a weight": [{"role": "assistant", "content": "a", "weight": 2}],
    "half a weight": [{"role": "assistant", "content": "a", "weight": 0.5}],
    "an image": [{"role": "assistant", "content": "a", "images": ["x.png"]}],
    "calls of the user": [
        {"role": "user", "content": "a", "tool_calls": [{"function": {"name": "f"}}]}
    ],
    "a call without a name": [{"role": "assistant", "tool_calls": [{"id": "1"}]}],
    "a picture": [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}],
    "two reasonings": [
        {"role": "assistant", "content": "a", "reasoning": "b", "thinking": "c"},
    ],
    "nothing to train": [{"role": "user", "content": "a"}],
    "weight 0": [{"role": "assistant", "content": "a", "weight": 0}],
    "no turn": [],
    "a refusal": [{"role": "assistant", "content": "a", "refusal": "No."}],
}
GOOD = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]


@pytest.mark.parametrize("kind", WRONG)
def test_one_wrong_row_is_the_same_error_from_any_format(kind):
    table = [{"messages": GOOD}, {"messages": WRONG[kind]}, {"messages": GOOD}]
    text = [{"messages": json.dumps(row["messages"])} for row in table]
    files = {
        "d.jsonl": jsonl(*table),
        "d.csv": as_csv(table),
        "text.jsonl": jsonl(*text),
        "text.parquet": parquet(text),
        "type.parquet": as_json_type(table),
    }
    try:
        files["d.parquet"] = parquet(table)
    except pa.ArrowInvalid:  # contents of two types
        assert kind == "a picture"
    found = {name: checked(make_job({name: data}, WHOLE)) for name, data in files.items()}
    plain, ((_, *error),) = found["d.jsonl"]
    assert [json.loads(line) for line in plain.splitlines()] == [{"messages": GOOD}] * 2
    for name, (data, errors) in found.items():
        assert data == plain, name
        assert [rest for _, *rest in errors] == [error], name
