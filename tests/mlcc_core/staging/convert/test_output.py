"""A file gets the same bytes as any other sink, also if a library writes to it."""

import io
import os
from pathlib import Path

import polars as pl
import pytest

from mlcc_core.errors import PlatformError
from mlcc_core.staging import stage
from mlcc_core.staging.convert import json_text
from mlcc_core.staging.convert.sink_writer import SinkWriter
from tests.mlcc_core.staging.datasets import PREFERENCES, make_job, parquet

FRAME = pl.DataFrame({"a": [f"{n} ü \n" * (n % 50) for n in range(5000)]})
LINES = b"".join(json_text.lines_of(FRAME, ["b"]))


@pytest.mark.parametrize("buffering", [0, -1, 1 << 20])
def test_a_file_takes_bytes_and_frames_in_order(tmp_path, buffering):
    with (tmp_path / "out").open("wb", buffering) as file:
        output = SinkWriter(file)
        output(b"first\n")
        json_text.write_lines(FRAME, ["b"], output)
        output(b"then\n")
        json_text.write_lines(FRAME, ["b"], output)
        json_text.write_lines(FRAME, ["b"], output)
        output(b"last\n")
    found = (tmp_path / "out").read_bytes()
    assert found == b"first\n" + LINES + b"then\n" + LINES * 2 + b"last\n"
    assert output.size == len(found)


class Odd(io.FileIO):
    """A file that does something to what is written."""

    def write(self, data):
        return super().write(bytes(data).upper())


def test_only_a_plain_file_is_handed_over(tmp_path):
    handed = []
    reading, writing = os.pipe()
    with (
        Odd(tmp_path / "odd", "wb") as odd,
        io.BufferedWriter(Odd(tmp_path / "odd", "wb")) as buffered,
        os.fdopen(reading),
        os.fdopen(writing, "wb", 0) as pipe,
        (tmp_path / "plain").open("wb") as plain,
    ):
        for sink in (io.BytesIO(), odd, buffered, pipe):
            assert not SinkWriter(sink).hand_over(handed.append)
        assert SinkWriter(plain).hand_over(handed.append)
        assert handed == [plain]
        json_text.write_lines(FRAME, ["b"], SinkWriter(odd))
    assert (tmp_path / "odd").read_bytes() == LINES.upper()


@pytest.mark.parametrize("group", [7, 40])
@pytest.mark.parametrize("wrong", [(), (9,), (0, 35, 39)])
def test_staged_to_a_file_as_to_any_sink(tmp_path, group, wrong):
    turn = {"role": "assistant", "content": "yes ü"}
    rows = [
        {"prompt": f"p{n}", "chosen": [turn] * (1 + (n + 1 in wrong)), "rejected": [turn]}
        for n in range(40)
    ]
    data = {"d.parquet": parquet(rows, row_group_size=group)}
    job = make_job(data, PREFERENCES, on_misfit="skip")
    memory = io.BytesIO()
    expected = stage(job, memory)
    with (tmp_path / "out").open("wb") as file:
        report = stage(job, file)
    assert (tmp_path / "out").read_bytes() == memory.getvalue()
    assert report == expected
    assert report.bytes == len(memory.getvalue())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("buffering", [0, -1])
def test_a_full_disk_is_called_so_by_whoever_notices(buffering):
    rows = [{"prompt": "a", "completion": "b"}] * 5000
    with pytest.raises(PlatformError) as caught, Path("/dev/full").open("wb", buffering) as sink:
        stage(make_job({"d.parquet": parquet(rows)}), sink)
    assert caught.value.what == "The staged dataset cannot be written: the disk is full."
    assert caught.value.hint.startswith("df -h /dev")
