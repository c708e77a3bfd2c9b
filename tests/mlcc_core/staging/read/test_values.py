"""Values of columnar files: as documented, or refused; never changed on the way."""

import datetime as dt
import io
import json
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.staging import DatasetError, preview
from mlcc_core.staging.read.arrow_values import (
    NoJsonForm,
    non_finite,
    ready,
    ready_type,
    validate_layout,
)
from tests.example_count import examples
from tests.mlcc_core.staging.datasets import PROMPTS, make_job, parquet, staged

PROMPT = [{"role": "user", "content": "q"}]
EAST = dt.timezone(dt.timedelta(hours=2))


def ipc(table):
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def with_column(array):
    rows = len(array)
    return make_job(
        {
            "d.parquet": parquet(
                pa.table({"prompt": [PROMPT] * rows, "reward_model": ["j"] * rows, "x": array})
            )
        },
        PROMPTS,
    )


DOCUMENTED = [
    (pa.array([dt.date(2024, 1, 31)]), "2024-01-31"),
    (pa.array([dt.date(2024, 1, 31)], pa.date64()), "2024-01-31"),
    (pa.array([dt.datetime(2024, 1, 31, 12, 30)], pa.timestamp("s")), "2024-01-31T12:30:00.000000"),
    (pa.array([dt.datetime(2024, 1, 31, 12, 30, 0, 5)]), "2024-01-31T12:30:00.000005"),
    (pa.array([1], pa.timestamp("ns")), "1970-01-01T00:00:00.000000001"),
    (pa.array([dt.datetime(2024, 1, 31, 12, 30, tzinfo=EAST)]), "2024-01-31T10:30:00.000000Z"),
    (pa.array([dt.time(12, 30)]), "12:30:00.000000"),
    (pa.array([Decimal("1.50")]), "1.50"),
    (pa.array([Decimal(10**40)], pa.decimal256(50, 0)), f"1{'0' * 40}"),
    (pa.array(["a"]).dictionary_encode(), "a"),
    (pa.array(["a"], pa.large_string()), "a"),
    (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), [{"key": "k", "value": 1}]),
    (pa.array([[1, None]], pa.list_(pa.int64(), 2)), [1, None]),
    (pa.array([2**64 - 1], pa.uint64()), 2**64 - 1),
    (pa.array([-(2**63)]), -(2**63)),
    (pa.array([0.1]), 0.1),
    (pa.array([1e300]), 1e300),
    (pa.array([0.5], pa.float16()), 0.5),
    (pa.array([0.5], pa.float32()), 0.5),
    (pa.array([True]), True),
    (pa.array([None], pa.int8()), None),
    (pa.nulls(1), None),
    (pa.array([{"a": [dt.date(2024, 1, 1)], "b": None}]), {"a": ["2024-01-01"], "b": None}),
    (pa.array(['\0\u2028"\\\n\x7f\U0001f600']), '\0\u2028"\\\n\x7f\U0001f600'),
]


@pytest.mark.parametrize(("array", "value"), DOCUMENTED, ids=[str(a.type) for a, _ in DOCUMENTED])
def test_written_as_documented(array, value):
    (row,), _ = staged(with_column(array))
    assert row == {"prompt": PROMPT, "reward_model": "j", "x": value}
    assert ready(array).type == ready_type(array.type)


@pytest.mark.parametrize(
    ("array", "name"),
    [
        (pa.array([b"\x00"]), "binary"),
        (pa.array([{"bytes": b"\x00", "path": "p"}]), "binary in 'bytes'"),
        (pa.array([[b"\x00"]]), "binary in '[]'"),
        (pa.array([1], pa.duration("s")), "duration[s]"),
    ],
)
def test_types_without_a_form_are_refused_before_anything_is_read(array, name):
    job = with_column(array)
    (error,) = preview(job).problems
    assert "d.parquet, column 'x' is of type" in error.what
    assert name in error.what
    with pytest.raises(MlccError, match="no form in JSON"):
        staged(job)


def test_binary_in_a_column_that_is_not_written_is_dropped():
    table = pa.table({"prompt": ["a"], "completion": ["b"], "image": [b"\xff"]})
    found, report = staged(make_job({"d.parquet": parquet(table)}))
    assert found == [{"prompt": "a", "completion": "b"}]
    assert report.dropped == ("image",)


@pytest.mark.parametrize(
    "array",
    [
        pa.array([1.0, float("nan"), None, float("inf")]),
        pa.array([1.0, float("-inf"), None, float("nan")], pa.float32()),
        pa.array([[1.0], [2.0, float("nan")], None, [float("inf")]]),
        pa.array(
            [{"a": [{"b": 1.0}]}, {"a": [{"b": float("nan")}]}, None, {"a": [{"b": float("inf")}]}]
        ),
    ],
)
def test_numbers_that_are_not_finite_are_errors_not_nulls(array):
    with pytest.raises(DatasetError) as caught:
        staged(with_column(array))
    assert caught.value.what == (
        "d.parquet, row 2, column 'x': found NaN or an infinity, expected a finite number."
    )
    assert caught.value.total == 2
    assert [error.line for error in caught.value.errors] == [2, 4]


def broken_text():
    offsets = pa.array([0, 1, 3, 4], pa.int32()).buffers()[1]
    return pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"a\xff\xfeb")])


def test_text_that_is_not_utf8_is_an_error():
    table = pa.table({"prompt": broken_text(), "completion": ["x", "y", "z"]})
    with pytest.raises(DatasetError) as caught:
        staged(make_job({"d.parquet": parquet(table)}))
    assert "d.parquet, row 2, column 'prompt': found bytes that are not UTF-8" in caught.value.what
    assert caught.value.total == 1


def test_views_beside_numbers_that_are_not_finite():
    table = pa.table(
        {
            "prompt": [PROMPT] * 3,
            "reward_model": pa.array(["j"] * 3, pa.string_view()),
            "x": pa.array([1.0, float("nan"), 2.0]),
        }
    )
    with pytest.raises(DatasetError) as caught:
        staged(make_job({"d.parquet": parquet(table)}, PROMPTS))
    assert [(e.line, e.found) for e in caught.value.errors] == [(2, "NaN or an infinity")]


def test_views_that_are_not_utf8():
    values = pa.array([b"a", b"\xff\xfe", b"b"], pa.binary_view())
    views = pa.Array.from_buffers(pa.string_view(), 3, values.buffers())
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), views)
    table = pa.table({"prompt": [PROMPT] * 3, "reward_model": views, "x": lists})
    with pytest.raises(DatasetError) as caught:
        staged(make_job({"d.arrow": ipc(table)}, PROMPTS))
    assert caught.value.total == 1
    assert "row 2, column 'reward_model': found bytes that are not UTF-8" in caught.value.what


def test_only_rows_that_stand_for_broken_text_are_named():
    values = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), broken_text())
    table = pa.table({"prompt": values, "completion": ["x", "y", "z"]})
    with pytest.raises(DatasetError, match="row 2, column 'prompt'") as caught:
        staged(make_job({"d.arrow": ipc(table)}))
    assert caught.value.total == 1


def test_index_beyond_a_dictionary_is_an_error():
    indices = pa.array([0, 5], pa.int8())
    values = pa.DictionaryArray.from_arrays(indices, pa.array(["a", "b"]), safe=False)
    table = pa.table({"prompt": values, "completion": ["x", "y"]})
    with pytest.raises(MlccError, match=r"d\.arrow is not a whole Arrow file"):
        staged(make_job({"d.arrow": ipc(table)}))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.list_(pa.string())])
def test_offsets_that_are_damaged_are_an_error(kind):
    value = ["a"] if pa.types.is_list(kind) else "a"
    good = pa.array([value] * 3, kind)
    wide = pa.types.is_large_string(kind)
    offsets = pa.array([0, 2**30, 7, 3], pa.int64() if wide else pa.int32()).buffers()[1]
    children = [good.values] if pa.types.is_list(kind) else None
    buffers = [None, offsets, *good.buffers()[2:3]][: 2 if children else 3]
    bad = pa.Array.from_buffers(kind, 3, buffers, children=children)
    table = pa.table({"prompt": [PROMPT] * 3, "reward_model": ["j"] * 3, "x": bad})
    with pytest.raises(MlccError, match=r"d\.arrow is not a whole Arrow file"):
        staged(make_job({"d.arrow": ipc(table)}, PROMPTS))


def has_a_sound_layout(array):
    try:
        validate_layout(array)
    except pa.ArrowException:
        return False
    return True


@given(kind=st.sampled_from([array.type for array, _ in DOCUMENTED]), start=st.integers(0, 3))
def test_whatever_is_whole_has_a_sound_layout(kind, start):
    for outer in (
        kind,
        pa.list_(pa.struct([("a", kind), ("b", pa.string())])),
        pa.struct([("a", pa.string_view()), ("b", pa.list_view(kind))]),
        pa.large_list_view(pa.map_(pa.string(), kind)),
    ):
        assert has_a_sound_layout(pa.array([None] * 3, outer).slice(start))


@pytest.mark.parametrize("make", [parquet, ipc])
@pytest.mark.parametrize("name", [b"prompt", b"content"])
def test_names_that_are_not_utf8_are_damage(make, name):
    data = make(pa.table({"prompt": [PROMPT], "reward_model": ["j"]}))
    suffix = "parquet" if make is parquet else "arrow"
    job = make_job({f"d.{suffix}": data.replace(name, b"\xff" + name[1:])}, PROMPTS)
    with pytest.raises(MlccError, match=f"d.{suffix} is not a whole"):
        staged(job)


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (pa.array([1, 2]), "found number (int64), expected string."),
        (pa.array([True, False]), "found boolean (bool), expected string."),
        (pa.array([["a"], ["b"]]), "found array (list<element: string>), expected string."),
        (pa.array([{"a": 1}, {"a": 2}]), "found object (struct<a: int64>), expected string."),
        (pa.array([dt.date(2024, 1, 1)] * 2), "found date32[day], expected string."),
    ],
)
def test_columns_of_a_wrong_type_are_refused_before_anything_is_read(array, found):
    job = make_job({"d.parquet": parquet(pa.table({"prompt": array, "completion": ["a", "b"]}))})
    (error,) = preview(job).problems
    assert error.what == f"d.parquet, column 'prompt': {found}"


def test_column_of_nulls_is_an_error_of_each_row():
    table = pa.table({"prompt": pa.nulls(2), "completion": ["a", "b"]})
    with pytest.raises(DatasetError, match="row 1, column 'prompt': found null") as caught:
        staged(make_job({"d.parquet": parquet(table)}))
    assert caught.value.total == 2


FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=64) | st.none()


@settings(deadline=None, max_examples=examples(50))
@given(
    values=st.lists(
        st.none()
        | st.lists(
            st.none()
            | st.fixed_dictionaries({"a": FLOATS, "b": st.none() | st.lists(FLOATS, max_size=2)}),
            max_size=3,
        ),
        min_size=1,
        max_size=8,
    ),
    start=st.integers(0, 7),
)
def test_finds_rows_that_are_not_finite_in_slices_of_nested_values(values, start):
    kind = pa.list_(pa.struct([("a", pa.float64()), ("b", pa.list_(pa.float64()))]))
    array = pa.array(values, kind).slice(start)

    def finite(value):
        try:
            json.dumps(value, allow_nan=False)
        except ValueError:
            return False
        return True

    expected = [place for place, value in enumerate(values[start:]) if not finite(value)]
    assert sorted(non_finite(ready(array)).to_pylist()) == expected
    assert ready(array).to_pylist() == array.to_pylist() or expected


def test_times_out_of_range_are_an_error_not_a_traceback():
    columns = {"prompt": [PROMPT], "reward_model": ["j"]}
    table = pa.table({**columns, "x": pa.array([2**62], pa.timestamp("s"))})
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    job = make_job({"d.arrow": sink.getvalue()}, PROMPTS)
    assert "rows 1 to 1 cannot be written as JSON" in preview(job).problems[0].what
    with pytest.raises(MlccError, match="rows 1 to 1 cannot be written as JSON"):
        staged(job)


def test_union_types_are_refused():
    kind = pa.dense_union([pa.field("a", pa.int8()), pa.field("b", pa.string())])
    with pytest.raises(NoJsonForm):
        ready_type(kind)


def test_polars_writes_what_json_reads():
    frame = pl.DataFrame({"x": [0.1, 1e16, 5e-324, -0.0, 123456789.125]})
    lines = frame.write_ndjson().splitlines()
    assert [json.loads(line)["x"] for line in lines] == frame["x"].to_list()
