"""Rows of JSON and columns of Parquet or Arrow come to the same end as an obvious reference."""

import io
import json
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.staging import check
from mlcc_core.staging.convert.columnar import TableConverter
from mlcc_core.staging.read.parquet import rows as parquet_module
from tests.example_count import examples
from tests.mlcc_core.staging.datasets import (
    PAIRS,
    PREFERENCES,
    PROMPTS,
    jsonl,
    make_job,
    on_disk,
    parquet,
)
from tests.mlcc_core.staging.reference import expected

pytestmark = pytest.mark.slow

COLUMNS = ("prompt", "chosen", "rejected")
TEXT = st.sampled_from(["", " ", "a", "Ein Satz.\n", "\u2028\0\U0001f600", '"\\', "user: x"])
ROLE = st.sampled_from(["user", "assistant"])


def now_and_then(strategy, rarely):
    """Mostly the first, so that whole datasets are fine often enough."""
    return st.integers(0, 9).flatmap(lambda dice: rarely if dice == 0 else strategy)


@st.composite
def messages(draw, keys, extra):
    message = {
        keys[0]: draw(now_and_then(ROLE, st.none())),
        keys[1]: draw(now_and_then(TEXT, st.none())),
    }
    if extra:
        message["name"] = draw(now_and_then(st.none(), st.just("n")))
    return message


NEARLY = TEXT | st.sampled_from(
    [
        *("[]", "[1]", '[{"role": 1}]', '{"from": "a"}', '{"role": "x"', '[{"a": {"role": "b"}}]'),
        *(' {"role":"user","content":"Q"}', '[{"from": "a", "role": "b", "content": "c"}]x'),
        *("array(", "[INST] a", "{", "\n[\n {\n  'a': 1}]"),
    ]
)
"""Text that is not messages, most of it, though it begins like them."""


def as_json(value):
    return json.dumps(value, ensure_ascii=len(value) > 1, indent=None if len(value) < 3 else 1)


@st.composite
def datasets(draw):
    """Rows whose columns each have one type, as columnar files have."""
    shapes = {}
    for column in COLUMNS:
        kind = draw(st.sampled_from(["text", "dict", "one", "same", "list", "chat"]))
        message = messages(
            draw(st.sampled_from([("role", "content"), ("from", "value")])), draw(st.booleans())
        )
        odd = st.lists(message, max_size=3)
        role = draw(ROLE)
        shapes[column] = {
            "text": TEXT,
            "dict": message,
            "one": now_and_then(st.lists(message, min_size=1, max_size=1), odd),
            "same": now_and_then(
                st.lists(message, min_size=1, max_size=3).map(
                    lambda turns, role=role: [{**t, next(iter(t)): role} for t in turns]
                ),
                odd,
            ),
            "list": st.lists(message, max_size=3),
            "chat": now_and_then(st.lists(message, min_size=1, max_size=3).map(as_json), NEARLY),
        }[kind]
    row = st.fixed_dictionaries(
        {column: now_and_then(shape, st.none()) for column, shape in shapes.items()}
    )
    return draw(st.lists(row, min_size=1, max_size=14))


def checked(job):
    fixed = io.BytesIO()
    try:
        report = check(job, fixed=fixed)
    except MlccError as error:
        return error.what.split(",")[-1], None
    rows = [json.loads(line) for line in fixed.getvalue().splitlines()]
    return rows, report


def arrow_stream(rows, batch_rows):
    sink = io.BytesIO()
    table = pa.Table.from_pylist(rows)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=batch_rows)
    return sink.getvalue()


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(60))
@given(
    rows=datasets(),
    group=st.integers(1, 20),
    batch=st.integers(1, 7),
    differ=st.sampled_from([(), (("chosen", "rejected"),), (("prompt", "chosen"),)]),
)
def test_flattening(rows, group, batch, differ, tmp_path_factory):
    outcomes = expected(rows, COLUMNS, differ)
    schema = replace(PREFERENCES, differ=differ)
    ways = {
        "rows": {"d.jsonl": jsonl(*rows)},
        "array": {"d.json": json.dumps(rows, indent=1).encode()},
        "parquet": {"d.parquet": parquet(rows, row_group_size=group)},
        "arrow": {"d.arrow": arrow_stream(rows, batch)},
    }
    reports = {}
    jobs = {way: make_job(files, schema, on_misfit="skip") for way, files in ways.items()}
    folder = tmp_path_factory.mktemp("files")
    jobs["local"] = on_disk(ways["parquet"], folder, schema, on_misfit="skip")
    for way, job in jobs.items():
        found, report = checked(job)
        assert found == [o for o in outcomes if isinstance(o, dict)], way
        assert report.ledger.failed == outcomes.count("error"), way
        assert report.ledger.skipped == outcomes.count("misfit"), way
        reports[way] = report
    plain = reports["rows"]
    for report in reports.values():
        assert report.ledger.files[0].skipped == plain.ledger.files[0].skipped
        assert report.notes == plain.notes
        assert sorted(report.warnings) == sorted(plain.warnings)
        assert report.columns == plain.columns
        assert [(e.column, e.found, e.expected) for e in report.errors] == [
            (e.column, e.found, e.expected) for e in plain.errors
        ]
    for way in ("parquet", "local"):
        assert [e.line for e in plain.errors] == [e.line for e in reports[way].errors]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(60))
@given(
    heights=st.lists(st.integers(0, 4), min_size=2, max_size=20),
    wrong=st.sets(st.integers(0, 40), max_size=3),
    others=st.sets(st.integers(0, 20), max_size=2),
)
def test_small_files_side_by_side(heights, wrong, others, tmp_path_factory):
    rows = [
        {
            "prompt": None if number in wrong else f"p{number}",
            "chosen": [{"role": "user" if number - 1 in wrong else "assistant", "content": "a"}],
            "rejected": [{"role": "assistant", "content": "b"}] * (1 + (number + 1 in wrong)),
        }
        for number in range(1 + sum(heights))
    ]
    table = pa.Table.from_pylist(rows)
    other = table.set_column(0, "prompt", table["prompt"].cast(pa.large_string()))
    data = {}
    start = 0
    for place, height in enumerate((1, *heights)):
        kind = other if place in others else table
        data[f"{place:02}.parquet"] = parquet(kind.slice(start, height), row_group_size=3)
        start += height
    single = make_job(data, PREFERENCES, on_misfit="skip")
    beside = on_disk(data, tmp_path_factory.mktemp("files"), PREFERENCES, on_misfit="skip")
    assert checked(single) == checked(beside)


ROLES = st.sampled_from(["user", "assistant", "Assistant", "gpt", "system", "tool"])


@st.composite
def conversations(draw, keys, extra):
    """Lists of messages, most of which end with an answer."""
    message = messages(keys, extra)
    turns = draw(st.lists(message, max_size=3))
    for turn in turns:
        turn[keys[0]] = draw(now_and_then(ROLE, ROLES))
    last = draw(message)
    last[keys[0]] = draw(now_and_then(st.just("assistant"), ROLES | st.none()))
    return [*turns, last] if draw(st.integers(0, 9)) else turns


@st.composite
def preferences(draw, keys, extra):
    """Two conversations that mostly begin alike."""
    chosen = draw(conversations(keys, extra))
    other = draw(conversations(keys, extra))
    alike = chosen[:-1] + other[-1:]
    rejected = alike if draw(st.integers(0, 5)) else other
    return draw(now_and_then(st.just(chosen), st.none())), rejected


def repaired_both_ways(rows, schema, folder, **conversion):
    """The rows, and what is told of them, of the same data as lines and as columns."""
    columns = {"d.parquet": parquet(rows, row_group_size=3)}
    jobs = (
        make_job({"d.jsonl": jsonl(*rows)}, schema, on_misfit="skip", **conversion),
        make_job(columns, schema, on_misfit="skip", **conversion),
        on_disk(columns, folder, schema, on_misfit="skip", **conversion),
    )
    ends = []
    for job in jobs:
        found, report = checked(job)
        told = report and (
            report.ledger.files[0].skipped,
            report.notes,
            sorted(report.warnings),
            [(e.line, e.column, e.found, e.expected) for e in report.errors],
        )
        ends.append((found, told))
    return ends


KEYS = st.sampled_from([("role", "content"), ("from", "value")])
GIVEN = now_and_then(st.none(), st.sampled_from(["", "a", "Why?", "Ein Satz.\n"]))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(60))
@given(data=st.data(), keys=KEYS, extra=st.booleans(), given=st.booleans())
def test_extracted_prompts(data, keys, extra, given, tmp_path_factory):
    good = dict(zip(keys, ("user", "Why?"), strict=True))
    answer = dict(zip(keys, ("assistant", "So."), strict=True))
    pairs = data.draw(st.lists(preferences(keys, extra), max_size=8))
    rows = [{"chosen": [good, answer], "rejected": [good, answer]}]
    rows += [{"chosen": chosen, "rejected": rejected} for chosen, rejected in pairs]
    if given:
        rows = [row | {"prompt": data.draw(GIVEN)} for row in rows]
    folder = tmp_path_factory.mktemp("files")
    for schema in (PREFERENCES, replace(PREFERENCES, differ=(("chosen", "rejected"),))):
        lines, columns, local = repaired_both_ways(rows, schema, folder, extract_prompt=True)
        assert lines == columns == local


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(60))
@given(data=st.data(), keys=KEYS, extra=st.booleans(), given=st.booleans())
def test_conversations_made_pairs(data, keys, extra, given, tmp_path_factory):
    good = [dict(zip(keys, pair, strict=True)) for pair in (("user", "Why?"), ("gpt", "So."))]
    talks = data.draw(st.lists(now_and_then(conversations(keys, extra), st.none()), max_size=8))
    rows = [{"messages": talk} for talk in (good, *talks)]
    if given:
        tools = now_and_then(st.none(), st.sampled_from(["", "[]"]))
        more = st.fixed_dictionaries({"prompt": GIVEN, "completion": GIVEN, "tools": tools})
        rows = [row | data.draw(more) for row in rows]
    folder = tmp_path_factory.mktemp("files")
    lines, columns, local = repaired_both_ways(rows, PAIRS, folder, from_messages=True)
    assert lines == columns == local


def talk(*turns):
    return [{"role": role, "content": content} for role, content in turns]


@pytest.mark.parametrize(
    "bad",
    [
        talk(("tool", "a"), ("assistant", "b")),
        talk(("user", "a"), ("observation", "o"), ("assistant", "b")),
        talk(("user", "a"), ("user", "b")),
        talk(("assistant", "b")),
        talk(("user", None), ("assistant", "b")),
        talk(("user", "a"), ("assistant", None)),
        [],
    ],
)
def test_one_conversation_among_good_ones_that_does_not_fit(bad, tmp_path_factory):
    good = talk(("user", "a"), ("assistant", "b"))
    rows = [{"messages": turns} for turns in (good, good, bad, good)]
    lines, *columns = repaired_both_ways(
        rows, PAIRS, tmp_path_factory.mktemp("a"), from_messages=True
    )
    assert lines[0] == [{"prompt": "a", "completion": "b"}] * 3
    assert columns == [lines, lines]
    rows = [{"chosen": turns, "rejected": turns} for turns in (good, good, bad, good)]
    lines, *columns = repaired_both_ways(
        rows, PREFERENCES, tmp_path_factory.mktemp("b"), extract_prompt=True
    )
    assert lines[0] == [{"prompt": "a", "chosen": "b", "rejected": "b"}] * 3
    assert columns == [lines, lines]


OTHER = st.recursive(
    st.none() | st.integers(-(2**62), 2**62) | st.text(max_size=4) | st.booleans(),
    lambda inner: (
        st.lists(st.integers() | st.none(), max_size=2).map(lambda v: v)
        | st.dictionaries(st.sampled_from(["a", "b c", "^x$"]), inner, max_size=2)
    ),
    max_leaves=3,
)
NAMES = st.sampled_from(["x", "^.*$", "a.b", "*", "", "c0", "é\n", '"', "prompt ", "len"])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(60))
@given(
    name=NAMES,
    other=st.sampled_from(
        [
            st.none() | st.integers(-(2**62), 2**62),
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
            st.none() | st.text(max_size=5),
            st.none() | st.lists(st.none() | st.floats(-1e9, 1e9), max_size=3),
            st.fixed_dictionaries({"a": st.none() | st.text(max_size=3), "^b$": st.booleans()}),
        ]
    ).flatmap(lambda kind: st.lists(kind, min_size=1, max_size=6)),
    prompts=st.sampled_from(
        [
            now_and_then(TEXT, st.none()),
            now_and_then(st.lists(messages(("role", "content"), True), max_size=3), st.none()),
            now_and_then(st.lists(messages(("from", "value"), True), max_size=3), st.none()),
        ]
    ).flatmap(lambda kind: st.lists(kind, min_size=6, max_size=6)),
    judges=st.sampled_from(
        [
            now_and_then(st.sampled_from(["j1", "j2"]), st.none()),
            st.fixed_dictionaries({"style": st.just("rule"), "ground_truth": st.text(max_size=2)}),
        ]
    ).flatmap(lambda kind: st.lists(kind, min_size=6, max_size=6)),
)
def test_other_columns_and_evaluators(name, other, prompts, judges, tmp_path_factory):
    rows = [
        {name: value, "prompt": prompt, "reward_model": judge}
        for value, prompt, judge in zip(other, prompts, judges, strict=False)
    ]
    lines, one = checked(make_job({"d.jsonl": jsonl(*rows)}, PROMPTS))
    table = {"d.parquet": parquet(rows)}
    folder = tmp_path_factory.mktemp("files")
    for job in (make_job(table, PROMPTS), on_disk(table, folder, PROMPTS)):
        columns, two = checked(job)
        assert lines == columns
        assert (one is None) == (two is None)
        if one is None:
            continue
        order = ["prompt", "reward_model", name]
        assert all(list(row) == order for row in columns)
        assert sorted(one.evaluators.counts) == sorted(two.evaluators.counts)
        assert one.evaluators.objects == two.evaluators.objects
        assert (one.notes, sorted(one.warnings)) == (two.notes, sorted(two.warnings))
        assert [(e.line, e.column, e.found) for e in one.errors] == [
            (e.line, e.column, e.found) for e in two.errors
        ]


def test_row_groups_larger_than_a_batch(monkeypatch, tmp_path):
    monkeypatch.setattr(parquet_module, "BATCH_BYTES", 2000)
    monkeypatch.setattr(parquet_module, "PIECE", 2000)
    rows = [{"prompt": f"p{i}", "chosen": f"{i}" * 50, "rejected": "r"} for i in range(500)]
    sizes = []
    prepare = TableConverter.prepare
    monkeypatch.setattr(
        TableConverter,
        "prepare",
        lambda self, batch: sizes.append(len(batch.numbers)) or prepare(self, batch),
    )
    for job in (
        make_job({"d.parquet": parquet(rows)}, PREFERENCES),
        on_disk({"d.parquet": parquet(rows)}, tmp_path, PREFERENCES),
    ):
        found, report = checked(job)
        assert (found, report.rows) == (rows, 500)
        assert max(sizes) < 100
        sizes.clear()
