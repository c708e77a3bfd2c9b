"""Whose fault a failure is, and what is said of it."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from mlcc_core.errors import JobError, MlccError, PlatformError
from mlcc_engine import job_result
from mlcc_engine.job_result import JobResult, failure


def cuda_out_of_memory() -> BaseException:
    import torch

    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")


def cpu_out_of_memory() -> BaseException:
    import torch

    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**55, dtype=torch.uint8)
    return caught.value


@pytest.mark.parametrize(
    ("error", "fault", "code"),
    [
        (MlccError("no"), "input", 1),
        (JobError("no"), "job", 2),
        (PlatformError("no"), "platform", 3),
        (OSError(errno.ENOSPC, "No space left on device"), "platform", 3),
        (ZeroDivisionError("division by zero"), "job", 2),
    ],
)
def test_fault(error: BaseException, fault: str, code: int) -> None:
    ended = failure(error)
    assert (ended.state, ended.fault, ended.exit_code) == ("failed", fault, code)


@pytest.mark.parametrize("make", [cuda_out_of_memory, cpu_out_of_memory, MemoryError])
def test_out_of_memory_says_what_helps(make: type[BaseException]) -> None:
    ended = failure(make())
    assert (ended.fault, ended.exit_code) == ("platform", 3)
    assert ended.reason is not None
    assert ended.reason.startswith("Out of memory: ")
    assert "--batch-size" in (ended.hint or "")


def test_reason_is_one_short_line() -> None:
    reason = failure(ValueError("first\nsecond" + "x" * 1000)).reason
    assert reason == "ValueError: first"
    assert len(failure(ValueError("x" * 1000)).reason or "") < 320


def test_where_comes_first() -> None:
    assert failure(MlccError("is wrong.", where="d.jsonl:3")).reason == "d.jsonl:3: is wrong."


def test_result_is_written_whole(tmp_path: Path) -> None:
    job_result.write(
        tmp_path, JobResult("completed", "/out", "adapter", {"loss": 0.5}, seconds=1.5)
    )
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]
    assert json.loads((tmp_path / "result.json").read_text()) == {
        "state": "completed",
        "output": "/out",
        "kind": "adapter",
        "metrics": {"loss": 0.5},
        "seconds": 1.5,
    }
