"""The end of a job in a container: its result for programs, its failure for people."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from mlcc_engine import job_result
from mlcc_engine.container import layout
from mlcc_engine.container.running.relay import show
from mlcc_engine.job_result import JobResult

FAILURE = "output/failure"

LONGEST = 1024
"""Characters of a failure that SageMaker keeps."""

LOST = "The training process died without a result: killed, or the host ran out of memory."

MORE_DISK = "give the job more disk: --volume-size with more GB"
LOGS = "mlcc logs shows the whole error"


def died(code: int) -> JobResult:
    """Return the result of a process that left none.

    Args:
        code: its exit code; negative for the signal that ended it.
    """
    if code < 0:
        return JobResult("failed", fault="platform", reason=LOST, hint=job_result.LESS_MEMORY)
    return JobResult(
        "failed",
        fault="job",
        reason=f"The process of the job ended with exit code {code} and without a result.",
        hint=LOGS,
    )


def found(folder: Path, code: int) -> JobResult:
    """Return the result that a process left in a folder, or what its exit code tells."""
    try:
        document = json.loads((folder / job_result.FILE).read_bytes())
        return JobResult(**{**document, "warnings": tuple(document.get("warnings", ()))})
    except (OSError, ValueError, TypeError):
        return died(code)


def tell(root: Path, result: JobResult, work: Path, *, leads: bool) -> int:
    """Write down how a job ended, and say it.

    Args:
        root: of the container.
        result: of this host's first process.
        work: a folder that is gone with the container: no hint names a file in it.
        leads: this host speaks for the job.

    Returns:
        The exit code of the container.
    """
    result = _for_elsewhere(result, root, work)
    if result.state != "completed":
        _write_failure(root, result)
    if leads:
        if result.state == "completed":
            (root / "model" / layout.RESULT_FILE).parent.mkdir(parents=True, exist_ok=True)
            job_result.write((root / "model" / layout.RESULT_FILE).parent, result)
        document = job_result.as_document(result)
        show(layout.RESULT + json.dumps(document, ensure_ascii=False))
    return int(result.exit_code)


def failure_text(result: JobResult) -> str:
    """Return the text of a failure: ``REASON Hint: COMMAND``, cut to what is kept of it."""
    reason = " ".join((result.reason or "The job failed.").split())
    hint = f" Hint: {' '.join(result.hint.split())}" if result.hint else ""
    room = LONGEST - len(hint)
    return (reason if len(reason) <= room else f"{reason[: room - 1]}…") + hint


def _write_failure(root: Path, result: JobResult) -> None:
    path = root / FAILURE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(failure_text(result), encoding="utf-8")


def _for_elsewhere(result: JobResult, root: Path, work: Path) -> JobResult:
    """Return a result that names nothing within the container: its output by its place in it."""
    output, hint = result.output, result.hint
    if output is not None and Path(output).is_relative_to(root / "model"):
        output = str(Path(output).relative_to(root / "model"))
    if result.reason is not None and "disk is full" in result.reason:
        hint = MORE_DISK
    elif hint is not None and (str(work) in hint or str(root) in hint):
        hint = LOGS
    return replace(result, output=output, hint=hint)


def remove(work: Path) -> None:
    """Remove the folder of a job that has ended."""
    shutil.rmtree(work, ignore_errors=True)
