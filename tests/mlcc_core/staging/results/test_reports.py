"""Ledgers, keys, progress, checks, sinks that fail."""

import errno
import io
import json
from dataclasses import replace

import pytest

from mlcc_core.errors import PlatformError
from mlcc_core.staging import Conversion, FileLedger, check, preview, stage
from tests.mlcc_core.staging.datasets import PAIRS, PREFERENCES, jsonl, make_job, parquet, staged

ROWS = [{"prompt": f"p{i}", "completion": "c" * i} for i in range(1, 101)]


def test_ledger_that_does_not_add_up_is_a_bug():
    FileLedger("f", 3, 1, {"why": 1}, 1)
    with pytest.raises(AssertionError):
        FileLedger("f", 3, 1, {"why": 1})


def test_key_is_of_content_conversion_and_schema():
    def key(data=ROWS, schema=PAIRS, name="d.jsonl", **conversion):
        return preview(make_job({name: jsonl(*data)}, schema, **conversion)).key

    assert key() == key()
    others = [
        key(ROWS[:-1]),
        key(on_misfit="skip"),
        key(schema=replace(PAIRS, keep_other_columns=True)),
        key(name="e.jsonl"),
        key(column_map=(("a", "b"),)),
    ]
    assert len({key(), *others}) == 6


def test_key_does_not_depend_on_the_command_or_the_label():
    job = make_job(jsonl(*ROWS))
    other = replace(job, command="mlcc check", listing=replace(job.listing, label="x", uri="y"))
    assert preview(job).key == preview(other).key


def test_progress_counts_rows_and_bytes_of_all_files():
    files = {"a.jsonl": jsonl(*ROWS), "b.parquet": parquet(ROWS, row_group_size=30)}
    told = []
    staged(make_job(files), progress=told.append)
    assert [p.rows for p in told] == sorted(p.rows for p in told)
    last = told[-1]
    assert (last.rows, last.number, last.files, last.file) == (200, 2, 2, "b.parquet")
    assert last.bytes_total == sum(map(len, files.values()))
    assert all((p.bytes_read > 0) == (p.rows > 0) for p in told)
    assert [p.bytes_read for p in told] == sorted(p.bytes_read for p in told)


class FullDisk(io.BytesIO):
    def write(self, data, /):
        raise OSError(errno.ENOSPC, "No space left on device")


class Stingy(io.RawIOBase):
    """Takes a few bytes at a time, as raw files and pipes may."""

    def __init__(self):
        super().__init__()
        self.data = b""

    def writable(self):
        return True

    def write(self, data, /):
        self.data += bytes(data[:7])
        return min(7, len(data))


def test_full_disk_is_the_platforms_fault():
    with pytest.raises(PlatformError, match="cannot be written: the disk is full") as caught:
        stage(make_job(jsonl(*ROWS)), FullDisk())
    assert caught.value.exit_code == 3


def test_sinks_that_take_little_at_a_time_get_everything():
    sink = Stingy()
    report = stage(make_job(jsonl(*ROWS)), sink)
    assert len(sink.data) == report.bytes
    assert [json.loads(line) for line in sink.data.splitlines()] == ROWS


def test_source_that_breaks_is_the_platforms_fault():
    class Broken(io.BytesIO):
        def read(self, size=-1, /):
            if self.tell() > 100:
                raise OSError(errno.EIO, "Input/output error")
            return super().read(min(size, 100) if size > 0 else 100)

    job = make_job(jsonl(*ROWS))
    job.source.open = lambda file, access: Broken(job.source.files[file.name])
    with pytest.raises(PlatformError, match=r"data\.jsonl cannot be read: Input/output error"):
        stage(job, io.BytesIO())


def test_errors_of_a_source_pass_through():
    def gone(file, access):
        raise PlatformError("It changed since it was listed.")

    job = make_job(jsonl(*ROWS))
    job.source.open = gone
    for act in (preview, lambda job: stage(job, io.BytesIO())):
        with pytest.raises(PlatformError, match="It changed"):
            act(job)


def test_check_tells_everything():
    rows = [
        *ROWS,
        ROWS[0],
        {"prompt": "", "completion": "x", "z": 1},
        {"prompt": 1, "completion": 2},
    ]
    fixed = io.BytesIO()
    report = check(make_job(jsonl(*rows)), fixed=fixed)
    assert (report.rows, report.valid, report.error_count, report.ok) == (103, 102, 1, False)
    assert [(e.line, e.column) for e in report.errors] == [(103, "prompt"), (103, "completion")]
    assert report.duplicates == 1
    prompt, completion = report.columns
    assert (prompt.name, prompt.empty) == ("prompt", 1)
    assert (completion.empty, completion.lengths[0], completion.lengths[100]) == (0, 1, 100)
    assert report.dropped == ("z",)
    assert report.bytes == len(fixed.getvalue())
    assert fixed.getvalue().count(b"\n") == 102


def test_percentiles_are_lengths_that_occur():
    report = check(make_job(jsonl({"prompt": "", "completion": ""}, *ROWS)))
    assert report.columns[1].lengths == {0: 0, 50: 50, 90: 90, 99: 99, 100: 100}


def test_check_agrees_on_both_ways():
    one, two = (
        check(make_job(files))
        for files in ({"d.jsonl": jsonl(*ROWS)}, {"d.parquet": parquet(ROWS)})
    )
    assert (one.columns, one.bytes, one.duplicates) == (two.columns, two.bytes, two.duplicates)


def test_check_caps_what_it_keeps():
    report = check(make_job(jsonl(*[{"prompt": 1, "completion": 2}] * 40, *ROWS)), cap=7)
    assert (len(report.errors), report.error_count, report.fault_count) == (7, 40, 80)
    assert [(kind.first.column, kind.count) for kind in report.kinds] == [
        ("prompt", 40),
        ("completion", 40),
    ]


def test_kinds_of_errors_are_told_apart_up_to_a_number():
    rows = [b'{"prompt": "a", "k%d": 1, "k%d": 2}' % (n, n) for n in range(1200)]
    report = check(make_job(b"\n".join(rows)), cap=7)
    assert (report.fault_count, len(report.kinds), report.kinds[999].first.line) == (
        1200,
        1000,
        1000,
    )


def test_check_counts_misfits_as_errors_or_as_skipped():
    def answer(*texts):
        return [{"role": "assistant", "content": text} for text in texts]

    rows = [
        {"prompt": "p", "chosen": answer("a"), "rejected": "r"},
        {"prompt": "p", "chosen": answer("a", "b"), "rejected": "r"},
    ]
    report = check(make_job(jsonl(*rows), PREFERENCES))
    assert (report.error_count, report.errors[0].misfit, report.ledger.failed) == (1, True, 1)
    report = check(make_job(jsonl(*rows), PREFERENCES, on_misfit="skip"))
    assert (report.ok, report.ledger.skipped, report.valid) == (True, 1, 1)


def test_lengths_of_messages_are_of_their_contents():
    turns = [{"role": "user", "content": "abc"}, {"role": "x", "content": "de"}]
    parts = [{"role": "user", "content": [{"text": "abc"}, {"text": "d"}]}]
    row = {"prompt": "é\U0001f600", "completion": "c", "turns": turns, "parts": parts, "n": 5}
    job = make_job(jsonl(row), replace(PAIRS, keep_other_columns=True))
    lengths = {column.name: column.lengths.get(100) for column in check(job).columns}
    assert lengths == {"prompt": 2, "completion": 1, "turns": 5, "parts": 4, "n": None}


def test_inspection_reads_little():
    data = jsonl(*ROWS * 2000)
    reads = []

    class Spy(io.BytesIO):
        def read(self, size=-1, /):
            block = super().read(size)
            reads.append(len(block))
            return block

    job = make_job(data)
    job.source.open = lambda file, access: Spy(data)
    preview(job)
    assert sum(reads) <= 128 << 10 < len(data)


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("s3://b/k.jsonl", "s3://b/k.jsonl"),
        ("hf://o/d?file=*a*", '"hf://o/d?file=*a*"'),
        ("a b", '"a b"'),
        ("$(x)", "'$(x)'"),
        ('a"b', "'a\"b'"),
    ],
)
def test_printed_commands_quote_the_dataset_for_a_shell(word, quoted):
    command = make_job(jsonl(*ROWS), uri=word).command_with()
    assert command == f"./do/tune --technique x --dataset {quoted}"


def test_command_lines_keep_the_conversion():
    conversion = Conversion((("a", "b"), ("c", "d")), False, "skip", True, True)
    job = replace(make_job(jsonl(*ROWS)), conversion=conversion)
    assert job.command_with() == (
        './do/tune --technique x --dataset memory://org/data --column-map "a:b,c:d" '
        "--no-transform --on-misfit skip --extract-prompt --from-messages"
    )
    assert job.command_with("u", transform=True, column_map=()) == (
        "./do/tune --technique x --dataset u --on-misfit skip --extract-prompt --from-messages"
    )
