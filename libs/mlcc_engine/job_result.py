"""``JOBDIR/result.json``: how a job ended, written once, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from mlcc_core import ExitCode, MlccError
from mlcc_core.helpers import disk_error, is_full, is_out_of_memory, reason_of, write_atomically

FILE = "result.json"

Fault = Literal["input", "job", "platform"]
FAULT_BY_EXIT_CODE: Mapping[ExitCode, Fault] = {
    ExitCode.INPUT: "input",
    ExitCode.JOB: "job",
    ExitCode.PLATFORM: "platform",
}
EXIT_CODE_BY_FAULT: Mapping[Fault, ExitCode] = {
    fault: code for code, fault in FAULT_BY_EXIT_CODE.items()
}

LESS_MEMORY = "use a smaller --batch-size or --max-seq-length, a smaller model, or LoRA"


@dataclass(frozen=True, slots=True)
class JobResult:
    """The end of a job.

    Attributes:
        state: ``completed``, ``failed`` or ``stopped``.
        output, kind: the result's folder, and ``adapter`` or ``model``, of a completed job.
        metrics: the last numbers that were reported, and of held-out rows the measure before
            training, at its best and after training.
        fault: whose it is that a job failed.
        reason: one line.
        hint: the command that mends it, if there is one.
        seconds: how long the process took.
        warnings: for people to know of a result that was kept.
        details: further facts for people, by their titles.
    """

    state: Literal["completed", "failed", "stopped"]
    output: str | None = None
    kind: Literal["adapter", "model"] | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    fault: Fault | None = None
    reason: str | None = None
    hint: str | None = None
    seconds: float | None = None
    warnings: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def interrupted(self) -> bool:
        """Return whether it can go on: neither its input nor its trainer is to blame."""
        return self.state == "failed" and self.fault == "platform"

    @property
    def exit_code(self) -> ExitCode:
        """Return the exit code: 0 for completed, the fault's code for failed, 2 for stopped."""
        if self.state == "completed":
            return ExitCode.DONE
        return EXIT_CODE_BY_FAULT[self.fault] if self.fault else ExitCode.JOB


def failure(error: BaseException) -> JobResult:
    """The outcome of a job that ended with ``error``: whose fault, and one line of reason."""
    if isinstance(error, MlccError):
        fault = FAULT_BY_EXIT_CODE.get(error.exit_code, "job")
        where = f"{error.where}: " if error.where else ""
        return JobResult("failed", fault=fault, reason=where + error.what, hint=error.hint)
    text = short_reason(error)
    if is_out_of_memory(error):
        return JobResult(
            "failed",
            fault="platform",
            reason=f"Out of memory: {text}",
            hint=LESS_MEMORY,
        )
    if isinstance(error, OSError) or (isinstance(error, Exception) and is_full(error)):
        return failure(disk_error(error, doing="go on"))
    return JobResult("failed", fault="job", reason=f"{type(error).__name__}: {text}")


def short_reason(error: BaseException) -> str:
    """Return the first line of an error's text, shortened; its type's name when it has none."""
    text = reason_of(error)
    return text if len(text) <= 300 else text[:299] + "…"


def as_document(outcome: JobResult) -> dict[str, Any]:
    """Return the document of ``result.json``: the fields that say something."""
    return {key: value for key, value in asdict(outcome).items() if value not in (None, {}, ())}


def write(folder: Path, outcome: JobResult) -> None:
    """Put the outcome into a job's folder, in one step.

    Raises:
        OSError: the folder cannot be written.
    """
    text = json.dumps(as_document(outcome), ensure_ascii=False) + "\n"
    write_atomically(folder / FILE, text.encode())
