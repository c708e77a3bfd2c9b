"""Every format that is read, and every damage that is refused."""

import contextlib
import gzip
import io
import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.staging import DatasetError, check, preview, stage
from tests.example_count import examples
from tests.mlcc_core.staging.datasets import jsonl, make_job, parquet, staged

ROWS = [{"prompt": f"p{i} ü \U0001f600", "completion": f'"c"\n{i}'} for i in range(30)]


def arrow(stream=False, rows=ROWS):
    sink, table = io.BytesIO(), pa.Table.from_pylist(rows) if isinstance(rows, list) else rows
    opened = (pa.ipc.new_stream if stream else pa.ipc.new_file)(sink, table.schema)
    with opened as writer:
        writer.write_table(table, max_chunksize=7)
    return sink.getvalue()


def delimited(sign):
    def field(text):
        return '"' + text.replace('"', '""') + '"'

    lines = [sign.join(ROWS[0]), *(sign.join(map(field, row.values())) for row in ROWS)]
    return "\r\n".join(lines).encode()


zstd = zstandard.ZstdCompressor().compress
SKIPPABLE = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
FILES = {
    "d.parquet": parquet(ROWS, row_group_size=4),
    "d.jsonl": jsonl(*ROWS),
    "D.JSONL": jsonl(*ROWS),
    "d.ndjson": jsonl(*ROWS),
    "bom.jsonl": b"\xef\xbb\xbf" + jsonl(*ROWS),
    "crlf.jsonl": jsonl(*ROWS).replace(b"\n", b"\r\n"),
    "blank.jsonl": b"\n\n" + jsonl(*ROWS).replace(b"\n", b"\n \n"),
    "array.json": json.dumps(ROWS).encode(),
    "pretty.json": json.dumps(ROWS, indent=2, ensure_ascii=False).encode(),
    "array.jsonl": json.dumps(ROWS).encode(),
    "lines.json": jsonl(*ROWS),
    "d.jsonl.gz": gzip.compress(jsonl(*ROWS)),
    "two.jsonl.gz": gzip.compress(jsonl(*ROWS[:9])) + gzip.compress(jsonl(*ROWS[9:])),
    "array.jsonl.gz": gzip.compress(json.dumps(ROWS).encode()),
    "secretly.jsonl": gzip.compress(jsonl(*ROWS)),
    "d.json.zst": zstd(json.dumps(ROWS).encode()),
    "skippable.jsonl.zst": SKIPPABLE + zstd(jsonl(*ROWS[:9])) + SKIPPABLE + zstd(jsonl(*ROWS[9:])),
    "d.csv": delimited(","),
    "d.tsv": delimited("\t"),
    "d.csv.gz": gzip.compress(delimited(",")),
    "bom.csv": b"\xef\xbb\xbf" + delimited(","),
    "d.arrow": arrow(),
    "stream.arrow": arrow(stream=True),
    "d.ipc": arrow(stream=True),
    "d.arrow.zst": zstd(arrow(stream=True)),
    "no-suffix": jsonl(*ROWS),
    "no-suffix-either": parquet(ROWS),
}


@pytest.mark.parametrize("name", FILES)
def test_reads(name):
    found, report = staged(make_job({name: FILES[name]}))
    assert found == ROWS
    assert report.ledger.files[0].read == len(ROWS)
    assert (report.notes, report.warnings) == ((), ())


@pytest.mark.parametrize("suffix", ["arrow", "arrow.gz"])
def test_a_stream_of_batches_larger_than_what_is_read_at_once(suffix):
    table = pa.table({"prompt": ["a" * 1000] * 900, "completion": ["b" * 500] * 900})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    data = gzip.compress(sink.getvalue()) if suffix.endswith("gz") else sink.getvalue()
    found, _ = staged(make_job({f"d.{suffix}": data}))
    assert found == table.to_pylist()


def test_reads_all_files_in_order():
    names = ["d.parquet", "d.jsonl", "pretty.json", "d.csv", "stream.arrow", "d.jsonl.gz"]
    found, report = staged(make_job({name: FILES[name] for name in names}))
    assert found == ROWS * 6
    assert [entry.file for entry in report.ledger.files] == names


DAMAGED = {
    "empty.jsonl": (b"", "empty.jsonl is empty, expected rows."),
    "blank.jsonl": (b"\n \r\n", "blank.jsonl is empty, expected rows."),
    "bom.jsonl": (b"\xef\xbb\xbf", "bom.jsonl is empty, expected rows."),
    "empty.csv": (b"", "empty.csv is empty"),
    "empty.parquet": (b"", "empty.parquet is not a whole Parquet file"),
    "array.json": (b"[]", "array.json has no rows"),
    "header.csv": (b"prompt,completion\n", "org/data has no rows"),
    "rows.parquet": (
        parquet(pa.schema([("prompt", pa.string()), ("completion", pa.string())]).empty_table()),
        "org/data has no rows",
    ),
    "rows.arrow": (
        arrow(stream=True, rows=ROWS[:1])[:0] or b"\xff\xff\xff\xff",
        "rows.arrow is not a whole Arrow file",
    ),
    "cut.parquet": (FILES["d.parquet"][:-20], "cut.parquet is not a whole Parquet file"),
    "not.parquet": (b"PAR1 this is not", "not.parquet is not a whole Parquet file"),
    "text.parquet": (jsonl(*ROWS), "text.parquet is not a whole Parquet file"),
    "cut.arrow": (arrow()[:-20], "cut.arrow is not a whole Arrow file"),
    "text.arrow": (jsonl(*ROWS), "text.arrow does not hold Arrow data: it begins with"),
    "parquet.jsonl": (parquet(ROWS), "parquet.jsonl holds Parquet data"),
    "arrow.csv": (arrow(), "arrow.csv holds Arrow data"),
    "zip.jsonl": (b"PK\x03\x04abc", "zip.jsonl holds zip data"),
    "wide.jsonl": (jsonl(*ROWS).decode().encode("utf-16")[:-1], "wide.jsonl begins as UTF-16"),
    "wide.csv": (delimited(",").decode().encode("utf-16-le"), "wide.csv seems to be UTF-16 text"),
    "plain.jsonl.gz": (jsonl(*ROWS), "plain.jsonl.gz is damaged: expected whole gzip data"),
    "d.parquet.gz": (gzip.compress(parquet(ROWS)), "d.parquet.gz is a packed Parquet file"),
    "d.arrow.gz": (gzip.compress(arrow()), "d.arrow.gz is a packed Arrow file"),
    "notes.txt": (b"hello", "notes.txt is in no format that is known"),
    "twice.parquet": (
        parquet(pa.table([["a"], ["b"], ["c"]], names=["prompt", "completion", "prompt"])),
        "twice.parquet has 2 columns named 'prompt'",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_refuses(name):
    data, what = DAMAGED[name]
    job = make_job({name: data})
    (error,) = preview(job).problems
    assert what in error.what
    assert error.hint
    sink = io.BytesIO()
    with pytest.raises(MlccError) as caught:
        staged(job)
    assert caught.value.what == error.what
    assert sink.getvalue() == b""


@pytest.mark.parametrize(
    "name", ["d.jsonl.gz", "d.json.zst", "stream.arrow", "d.parquet", "d.arrow"]
)
def test_data_that_is_cut_off_is_an_error(name):
    data = FILES[name]
    step = max(1, len(data) // 40)
    for end in range(8, len(data), step):
        with pytest.raises(MlccError) as caught:
            staged(make_job({name: data[:end]}))
        assert not isinstance(caught.value, DatasetError)


def test_stream_cut_between_two_batches_is_an_error():
    data = arrow(stream=True)
    with pytest.raises(MlccError, match=r"not a whole Arrow file.*no end marker"):
        staged(make_job({"d.arrow": data[:-8]}))


def test_flipped_bytes_in_parquet_change_no_row_and_leak_no_other_error():
    good = parquet(ROWS, compression="snappy", write_page_checksum=True)
    refused = 0
    for place in range(4, len(good), 37):
        data = bytearray(good)
        data[place] ^= 0xFF
        try:
            assert staged(make_job({"d.parquet": bytes(data)}))[0] == ROWS
        except MlccError:
            refused += 1
    assert refused > 10


@settings(deadline=None, max_examples=examples(200))
@given(
    name=st.sampled_from(
        ["d.jsonl", "d.json", "d.csv", "d.tsv", "d.arrow", "d.parquet", "d.gz", "d"]
    ),
    start=st.sampled_from(
        [
            b"",
            b"PAR1",
            b"ARROW1\0\0",
            b"\xff\xff\xff\xff",
            b"\x1f\x8b",
            b"\x28\xb5\x2f\xfd",
            b"[",
            b'{"prompt":"a","completion":"b"}\n',
            b'prompt,completion\n"a","b"\n',
            b"\xef\xbb\xbf",
        ]
    ),
    rest=st.binary(max_size=60) | st.text(max_size=60).map(str.encode),
)
def test_no_bytes_whatever_leak_another_error(name, start, rest):
    job = make_job({name: start + rest})
    with contextlib.suppress(MlccError):
        staged(job)
    preview(job)


def test_one_damaged_file_of_several_is_named():
    files = {"a.jsonl": jsonl(*ROWS), "b.parquet": FILES["d.parquet"][:-9], "c.csv": b""}
    problems = preview(make_job(files)).problems
    assert [error.what.split()[0] for error in problems] == ["b.parquet", "c.csv"]


def test_empty_table_beside_others_is_told():
    empty = parquet(pa.Table.from_pylist(ROWS[:1]).slice(0, 0))
    found, report = staged(make_job({"a.parquet": empty, "b.jsonl": jsonl(*ROWS)}))
    assert found == ROWS
    assert report.warnings == ("a.parquet has no rows.",)


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv"])
def test_an_empty_table_before_others_hides_no_chat_format(form):
    rows = [{"prompt": [{"role": "user", "content": "q"}], "completion": "c"}]
    table = pa.Table.from_pylist(rows)
    empty = {
        "parquet": parquet(table.slice(0, 0)),
        "arrow": arrow(rows=table.slice(0, 0)),
        "csv": b"prompt,completion\n",
    }[form]
    files = {f"a.{form}": empty, "b.parquet": parquet(table), "c.jsonl": jsonl(*rows)}
    job = make_job(files)
    assert preview(job).strategies == {"prompt": "single_message"}
    found, report = staged(job)
    assert found == [{"prompt": "q", "completion": "c"}] * 2
    assert report.warnings == (f"a.{form} has no rows.",)


def test_broken_array_is_named_by_line_and_counts():
    text = b'[\n{"prompt": "a", "completion": "b"},\n{"prompt": "c"\n'
    with pytest.raises(DatasetError) as caught:
        staged(make_job({"d.json": text}))
    assert caught.value.what.startswith("d.json, line 4: found the end of the file")
    report = check(make_job({"d.json": text}))
    assert (report.rows, report.valid) == (2, 1)


def test_an_object_that_does_not_end_names_the_way_that_works():
    text = json.dumps(ROWS[0]).encode() + b"\n" + json.dumps(ROWS[1], indent=1).encode()[:-1]
    with pytest.raises(DatasetError, match="line 2: found a value that does not end") as caught:
        staged(make_job(text))
    assert "jq -c" in caught.value.what


@pytest.mark.slow
def test_fifty_megabytes_on_a_line():
    row = {"prompt": "p", "completion": "c" * (50 << 20)}
    found, _ = staged(make_job(jsonl(ROWS[0], row, ROWS[1])))
    assert found == [ROWS[0], row, ROWS[1]]


def test_text_arrives_character_for_character():
    line = '{"completion" : "\\u00e9 \\/ \u2028", "prompt": "\\ud83d\\ude00"}\n'.encode()
    job = make_job(line)
    sink = io.BytesIO()
    stage(job, sink)
    assert sink.getvalue() == ('{"prompt":"\U0001f600","completion":"é / \u2028"}\n'.encode())


def written(name, data):
    sink = io.BytesIO()
    stage(make_job({name: data}), sink)
    return sink.getvalue()


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), min_size=1, max_size=5))
@pytest.mark.slow
def test_the_same_text_is_the_same_bytes_from_any_format(pairs):
    rows = [{"prompt": prompt, "completion": completion} for prompt, completion in pairs]
    lines = jsonl(*rows)
    for name, data in {
        "d.parquet": parquet(rows),
        "d.arrow": arrow(rows=rows),
        "escaped.jsonl": b"".join(json.dumps(row).encode() + b"\n" for row in rows),
        "array.json": json.dumps(rows, indent=1).encode(),
    }.items():
        assert written(name, data) == written("d.jsonl", lines)
    assert [json.loads(line) for line in written("d.jsonl", lines).split(b"\n")[:-1]] == rows


@pytest.mark.parametrize("name", ["d.parquet", "d.jsonl"])
def test_a_file_of_this_machine_is_read_and_its_bytes_are_counted(name, tmp_path):
    (tmp_path / name).write_bytes(FILES[name])
    job = make_job({name: FILES[name]})
    job.source.open = lambda file, access: (tmp_path / name).open("rb")  # type: ignore[method-assign]
    seen = []
    found, _ = staged(job, progress=seen.append)
    assert found == ROWS
    assert 0.5 * len(FILES[name]) < seen[-1].bytes_read <= 2 * len(FILES[name])


def test_many_columns_and_row_groups_are_read_for_the_needed_columns_alone():
    reads = []

    class Spy(io.BytesIO):
        def read(self, size=-1, /):
            data = super().read(size)
            reads.append(len(data))
            return data

    table = pa.Table.from_pylist(ROWS).append_column("bulk", pa.array([b"x" * 100_000] * len(ROWS)))
    data = parquet(table, compression="none", use_dictionary=False, row_group_size=5)
    job = make_job({"d.parquet": data})
    job.source.open = lambda file, access: Spy(data)  # type: ignore[method-assign]
    preview(job)
    assert sum(reads) < len(data) / 5
    reads.clear()
    staged(job)
    assert sum(reads) < len(data) / 2
    assert pq.ParquetFile(io.BytesIO(data)).num_row_groups == 6


@pytest.mark.slow
def test_a_cut_arrow_file_is_an_error_and_no_abort(tmp_path):
    (tmp_path / "cut.arrow").write_bytes(FILES["d.arrow"][:-50])
    command = [sys.executable, "-c", "from mlcc_core.cli import main; main()", "check", "cut.arrow"]
    for _ in range(6):
        answer = subprocess.run(
            [*command, "--technique", "sft"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert answer.returncode == 1
        assert "it does not end with ARROW1" in answer.stderr
        assert len(answer.stderr.splitlines()) == 2
