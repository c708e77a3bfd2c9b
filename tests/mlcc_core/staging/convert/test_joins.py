"""Joined columns and columns of context come to one end in all ways of staging."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.staging import DatasetError, check, parse_column_map, preview, stage
from tests.example_count import examples
from tests.mlcc_core.staging.datasets import (
    PAIRS,
    PROMPTS,
    jsonl,
    make_job,
    on_disk,
    parquet,
    staged,
)
from tests.mlcc_core.staging.reference import expected_pairs

TEXT = st.sampled_from(
    ["", " ", "a", "Ein Satz.\n", "\u2028", "\u2028\0\U0001f600", '"\\', "b\n\na"]
)
MAP = "instruction+input:prompt,output:completion"


def arrow(rows):
    sink = io.BytesIO()
    table = pa.Table.from_pylist(rows)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)
    return sink.getvalue()


def delimited(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def ways(rows, folder, schema=PAIRS, *, flat=False, **conversion):
    table = {"d.parquet": parquet(rows, row_group_size=3)}
    yield make_job(jsonl(*rows), schema, **conversion)
    yield make_job({"d.json": json.dumps(rows).encode()}, schema, **conversion)
    yield make_job(table, schema, **conversion)
    yield on_disk(table, folder, schema, **conversion)
    yield make_job({"d.arrows": arrow(rows)}, schema, **conversion)
    if flat:
        yield make_job({"d.csv": delimited(rows)}, schema, **conversion)


def checked(job):
    fixed = io.BytesIO()
    report = check(job, fixed=fixed)
    errors = [(e.column, e.found, e.expected) for e in report.errors]
    return fixed.getvalue(), errors, report


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(60))
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {name: TEXT | TEXT | TEXT | st.none() for name in ("input", "instruction", "output")}
        ),
        min_size=1,
        max_size=9,
    ),
    swapped=st.booleans(),
)
@pytest.mark.slow
def test_joins(rows, swapped, tmp_path_factory):
    names = ("input", "instruction") if swapped else ("instruction", "input")
    outcomes = expected_pairs(rows, names, ("output",), ())
    good = [outcome for outcome in outcomes if outcome != "error"]
    pairs = parse_column_map(f"{names[0]}+{names[1]}:prompt,output:completion")
    # In a CSV file a row of empty cells is not a row, and a NUL character is an error.
    flat = all(any(row.values()) and None not in row.values() for row in rows)
    flat = flat and not any("\0" in text for row in rows for text in row.values() if text)
    ends = []
    first = {"instruction": "x", "input": "y", "output": "z"}
    for job in ways([first, *rows], tmp_path_factory.mktemp("d"), flat=flat, column_map=pairs):
        data, errors, report = checked(job)
        ends.append((data, errors, sorted(report.warnings)))
        assert [json.loads(line) for line in data.splitlines()][1:] == good
        assert report.ledger.failed == outcomes.count("error")
    assert all(end == ends[0] for end in ends)


VALUES = {
    "text": TEXT | st.sampled_from(["[]", "{}", " null ", "b", "x"]),
    "list": st.lists(TEXT, max_size=2),
    "object": st.fixed_dictionaries({"a": TEXT, "n": st.integers(0, 3)}),
    "number": st.integers(0, 3),
}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(60))
@given(
    rows=st.sampled_from(sorted(VALUES)).flatmap(
        lambda kind: st.lists(
            st.fixed_dictionaries(
                {
                    "question": st.sampled_from(["Why?", "b", "x y", None]),
                    "answer": TEXT,
                    "Context": VALUES[kind] | st.none(),
                    "id": st.just("some text"),
                }
            ),
            min_size=1,
            max_size=9,
        )
    )
)
@pytest.mark.slow
def test_context(rows, tmp_path_factory):
    outcomes = expected_pairs(rows, ("question",), ("answer",), ("Context",))
    good = [outcome for outcome in outcomes if outcome != "error"]
    fine = {"question": "q", "answer": "a", "Context": None, "id": "some text"}
    pairs = parse_column_map("question:prompt,answer:completion")
    ends = []
    for job in ways([fine] * 10 + rows, tmp_path_factory.mktemp("d"), column_map=pairs):
        data, errors, report = checked(job)
        ends.append((data, errors, sorted(report.warnings), report.notes, report.dropped))
        assert [json.loads(line) for line in data.splitlines()][10:] == good
        assert report.ledger.failed == outcomes.count("error")
    assert all(end[0:3] == ends[0][0:3] for end in ends)
    assert all(end[3:] == ends[0][3:] for end in ends)


def test_a_join_stands_in_a_row_of_kept_columns_where_its_first_part_stood(tmp_path):
    rows = [{"b": "2", "prompt": "p", "a": "1", "n": 3, "reward_model": "j"}] * 3
    pairs = parse_column_map("a+b:notes,n:number")
    for job in ways(rows, tmp_path, PROMPTS, column_map=pairs):
        found, report = staged(job)
        message = [{"role": "user", "content": "p"}]
        assert (
            found == [{"prompt": message, "reward_model": "j", "notes": "1\n\n2", "number": 3}] * 3
        )
        assert list(found[0]) == ["prompt", "reward_model", "notes", "number"]
        assert report.columns == tuple(found[0])


def test_a_joined_prompt_becomes_a_message(tmp_path):
    rows = [{"system": "Be terse.", "question": "Why?", "reward_model": "j", "answer": "2"}] * 2
    pairs = parse_column_map("system+question:prompt")
    for job in ways(rows, tmp_path, PROMPTS, column_map=pairs):
        found, _ = staged(job)
        assert found[0]["prompt"] == [{"role": "user", "content": "Be terse.\n\nWhy?"}]
        assert set(found[0]) == {"prompt", "reward_model", "answer"}


@pytest.mark.parametrize("part", ["instruction", "input"])
def test_a_join_that_is_messages_as_text_is_read(part, tmp_path):
    chat = json.dumps([{"role": "user", "content": "Q"}])
    rows = [{"instruction": "i", "input": "", "output": "o"}] * 6
    rows[4] = {"instruction": "", "input": "", "output": "o"} | {part: chat}
    for job in ways(rows, tmp_path, column_map=parse_column_map(MAP), flat=True):
        found, _ = staged(job)
        assert [row["prompt"] for row in found] == ["i"] * 4 + ["Q", "i"]


def test_a_join_may_become_one_of_its_parts(tmp_path):
    rows = [{"prompt": "p", "system": "s", "completion": "c"}] * 12
    for job in ways(rows, tmp_path, column_map=parse_column_map("system+prompt:prompt"), flat=True):
        assert staged(job)[0] == [{"prompt": "s\n\np", "completion": "c"}] * 12


def test_names_that_move_along_a_join(tmp_path):
    rows = [{"a": "1", "b": "2", "x": "3", "completion": "4"}] * 3
    for job in ways(
        rows, tmp_path, column_map=parse_column_map("a+b:prompt,completion:a,x:completion")
    ):
        assert staged(job)[0] == [{"prompt": "1\n\n2", "completion": "3"}] * 3


@pytest.mark.parametrize("value", [3, True, ["x"], [{"role": "user", "content": "q"}], {"a": "x"}])
def test_only_text_is_joined(value, tmp_path):
    rows = [{"instruction": "i", "input": value, "output": "o"}] * 2
    for number, job in enumerate(ways(rows, tmp_path, column_map=parse_column_map(MAP))):
        with pytest.raises(MlccError) as caught:
            staged(job)
        assert "text, which alone can be joined" in caught.value.what
        assert "'input'" in caught.value.what
        if number > 1:
            assert "instruction:prompt" in caught.value.hint
            assert "input:-" in caught.value.hint


def test_a_part_that_is_no_text_is_an_error_of_its_row():
    rows = [{"instruction": "i", "input": "x", "output": "o"}] * 20
    rows[14] = {**rows[14], "input": ["x"]}
    with pytest.raises(DatasetError, match="line 15, column 'prompt': found an array in 'input'"):
        staged(make_job(jsonl(*rows), column_map=parse_column_map(MAP)))


def test_a_left_out_column_is_gone_everywhere(tmp_path):
    rows = [{"input": "x", "prompt": "p", "completion": "c", "reward_model": "j"}] * 3
    for schema in (PAIRS, PROMPTS):
        for job in ways(rows, tmp_path, schema, column_map=(("input", None),)):
            found, report = staged(job)
            assert "input" not in found[0]
            assert "input" in report.dropped


def test_a_name_with_a_plus_sign_is_offered_in_quotes():
    rows = [{"q+a": "p", "completion": "c"}]
    (error,) = preview(make_job(jsonl(*rows), column_map=parse_column_map("q+a:prompt"))).problems
    assert "Unknown column 'q'" in error.what
    assert "Did you mean 'q+a'?" in error.what
    assert error.hint.endswith("""--column-map '"q+a":prompt'""")


def test_a_join_is_a_part_of_the_key():
    rows = jsonl(*[{"instruction": "i", "input": "x", "output": "o"}] * 2)
    maps = (
        MAP,
        "input+instruction:prompt,output:completion",
        "instruction:prompt,output:completion,input:-",
    )
    keys = {preview(make_job(rows, column_map=parse_column_map(text))).key for text in maps}
    assert len(keys) == 3


def test_equal_names_in_any_form_are_one_map():
    rows = jsonl({"question": "q", "answer": "a"})
    keys = {
        preview(make_job(rows, column_map=parse_column_map(text))).key
        for text in ("question:prompt,answer:completion", "prompt=question,completion='answer'")
    }
    assert len(keys) == 1


@pytest.mark.parametrize("schema", [PAIRS, replace(PAIRS, differ=(("prompt", "completion"),))])
def test_joins_that_should_differ(schema, tmp_path):
    rows = [
        {"instruction": "i", "input": "x", "output": f"i\n\nx{'y' * (n % 2)}"} for n in range(8)
    ]
    for job in ways(rows, tmp_path, schema, column_map=parse_column_map(MAP), on_misfit="skip"):
        found, report = staged(job)
        assert len(found) == (4 if schema.differ else 8)
        assert report.ledger.skipped == 8 - len(found)


def test_nothing_is_left_of_a_join_in_a_sink_that_fails():
    rows = [{"instruction": None, "input": None, "output": "o"}]
    with pytest.raises(DatasetError, match="column 'prompt': found null"):
        stage(make_job(jsonl(*rows), column_map=parse_column_map(MAP)), io.BytesIO())
