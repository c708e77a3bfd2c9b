"""Memory that runs out is told as the machine's trouble, not as damage of the dataset."""

from __future__ import annotations

import errno
import gzip
import io
from dataclasses import replace

import polars as pl
import pyarrow as pa
import pytest
import zstandard

from mlcc_core.cli.console import Console
from mlcc_core.cli.main import as_mlcc_error
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.memory import is_out_of_memory, killed_process
from mlcc_core.staging import check, stage
from mlcc_core.staging.convert.json_text import writable
from mlcc_core.staging.read.arrow import damage
from tests.mlcc_core.staging.datasets import Memory, jsonl, make_job, parquet

TOO_MUCH = 1 << 62


def arrow() -> None:
    pa.allocate_buffer(TOO_MUCH)


def python() -> None:
    bytearray(TOO_MUCH)


def system() -> None:
    raise OSError(errno.ENOMEM, "Cannot allocate memory")


def arrow_file(rows: list[dict[str, str]]) -> bytes:
    table = pa.Table.from_pylist(rows)
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=1000)
    return sink.getvalue()


def polars() -> None:
    raise pl.exceptions.ComputeError("memory allocation of 4611686018427387904 bytes failed")


@pytest.mark.parametrize("fail", [arrow, python, system, polars])
def test_it_is_known(fail):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of whatever type
        fail()
    assert is_out_of_memory(caught.value)


def test_other_errors_are_something_else():
    assert not is_out_of_memory(OSError(errno.ENOENT, "out of memory.jsonl"))
    assert not is_out_of_memory(pa.ArrowInvalid("not a Parquet file"))


@pytest.mark.parametrize("around", [lambda: damage("a.parquet", "Parquet"), lambda: writable([1])])
def test_arrow_that_finds_no_room_finds_no_damage(around):
    said = r"this machine ran out of memory \(malloc of size"
    with pytest.raises(PlatformError, match=said), around():
        arrow()


class Greedy(Memory):
    """Files of which nothing can be held in memory any more, once their beginning was."""

    def open(self, file, access):
        return Reading(super().open(file, access).read())


class Reading(io.BytesIO):
    """A file that asks for too much memory behind its first bytes."""

    def read(self, size=-1, /):
        if self.tell() > HEAD:
            arrow()
        return super().read(size)

    def readinto(self, buffer, /):
        if self.tell() > HEAD:
            arrow()
        return super().readinto(buffer)


HEAD = 8
ROWS = [{"prompt": f"question {i}", "completion": "b" * 1000} for i in range(5000)]
LINES = jsonl(*ROWS)
FILES = {
    "d.jsonl": LINES,
    "d.jsonl.gz": gzip.compress(LINES, 0),
    "d.jsonl.zst": zstandard.compress(LINES, 1),
    "d.csv": b"prompt,completion\n" + b"a,b\n" * 500_000,
    "d.parquet": parquet(ROWS),
    "d.arrow": arrow_file(ROWS),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "look", [check, lambda job: stage(job, io.BytesIO())], ids=["check", "stage"]
)
def test_a_dataset_is_not_blamed(name, look):
    job = make_job({name: FILES[name]})
    source = Greedy(job.source.files)
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - it need not be translated yet
        look(replace(job, source=source))
    shown = as_mlcc_error(caught.value, Console())
    assert shown.exit_code == 3
    assert "ran out of memory" in shown.what
    assert shown.hint


def test_a_process_that_the_kernel_ended():
    assert "memory runs out" in killed_process("It", -9).what
    assert "memory runs out" in killed_process("It", 137).what
    assert killed_process("It", -11).what == "It was killed by signal 11."
    assert isinstance(killed_process("It", 1), MlccError)
