"""Ends of jobs: whose fault they are, and which of them can go on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlcc_core import Fault, JobStatus
from mlcc_engine.job_result import FAULT_BY_EXIT_CODE, LESS_MEMORY
from mlcc_sagemaker.aws.calls import more_quota
from mlcc_sagemaker.instances.job.chain import WAITED_TOO_LONG
from mlcc_sagemaker.job.progress import (
    MEMORY,
    fault_of,
    mend_permission,
    said_of_failure,
    status_of,
)

RAN_TOO_LONG = "MaxRuntimeExceeded"
LONGEST = 28 * 86_400
"""Seconds that the service lets a job run."""

CAPACITY = re.compile(r"capacity ?error|insufficient ?capacity|unable to provision", re.IGNORECASE)
MACHINE = re.compile(
    r"internal ?(?:server|service)? ?error|service ?unavailable|hardware|unhealthy|node fail"
    r"|instance (?:fail|terminat)|health ?check",
    re.IGNORECASE,
)
"""Failures of SageMaker and its instances, which another try need not meet."""

OF_CONTAINER = re.compile(
    r"\AAlgorithmError: ?(?P<text>.*?)(?:,? ?exit code: ?(?P<code>\d+))?\Z",
    re.IGNORECASE | re.DOTALL,
)
"""``AlgorithmError: <text of the container's file "failure">, exit code: 2``"""

HINT = " Hint: "
"""Comes before what mends it in the text of a container of ours."""

FAULT_BY_CODE: Mapping[int, Fault] = {int(code): f for code, f in FAULT_BY_EXIT_CODE.items()}
FAULTS: tuple[Fault, ...] = tuple(FAULT_BY_CODE.values())

KILLED = frozenset({137, 9})
"""Exit codes of a process that the system ended: with SIGKILL, mostly for memory."""

MORE_MEMORY = f"{LESS_MEMORY}; or an --instance-type with more memory"

DIED = f"The training was killed without a result: the instance may lack memory.\n{MORE_MEMORY}"


@dataclass(frozen=True, slots=True)
class Ending:
    """The state of a job, and for one that is over its end.

    Attributes:
        status: as the core knows it.
        reason: why it failed or was stopped, for people; further lines say what mends it.
        fault: whose it is that it failed.
        interrupted: it failed, and can go on.
    """

    status: JobStatus
    reason: str | None = None
    fault: Fault | None = None
    interrupted: bool = False


def ending_of(description: Mapping[str, Any], result: Mapping[str, Any] | None) -> Ending:
    """Judge a job by the service's description and the container's result.

    Args:
        description: as ``DescribeTrainingJob`` answers.
        result: the document that the container printed last; ``None`` where it printed none.
    """
    status = status_of(description)
    if status == "stopped":
        return _stopped(description)
    if status != "failed":
        return Ending(status)
    words = said_of_failure(description)
    container = OF_CONTAINER.match(words)
    ending = _of_container(container, result) if container else _of_service(description, words)
    return replace(ending, interrupted=ending.fault == "platform")


def _stopped(description: Mapping[str, Any]) -> Ending:
    condition = description.get("StoppingCondition") or {}
    secondary = description.get("SecondaryStatus")
    if secondary == WAITED_TOO_LONG:
        limit = _limit(condition.get("MaxWaitTimeInSeconds"))
        reason = f"it waited for spot instances longer than {limit} in all ({WAITED_TOO_LONG})"
        return Ending("failed", reason, "platform", interrupted=True)
    if secondary == RAN_TOO_LONG:
        seconds = condition.get("MaxRuntimeInSeconds")
        more = f"\n--stop-after {_more(seconds)}" if isinstance(seconds, int) else ""
        return Ending(
            "stopped", f"it ran longer than {_limit(seconds)}, the limit ({RAN_TOO_LONG}){more}"
        )
    return Ending("stopped", "it was asked to stop")


def _limit(seconds: object) -> str:
    return as_flag(seconds) if isinstance(seconds, int) else "allowed"


def _more(seconds: int) -> str:
    """Return twice a limit, as far as the service lets jobs run."""
    return as_flag(min(2 * seconds, LONGEST))


def as_flag(seconds: int) -> str:
    """Return a duration as flags take it.

    Example:
        >>> as_flag(5400), as_flag(90), as_flag(172800)
        ('1h30m', '1m30s', '48h')
    """
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def _of_container(match: re.Match[str], result: Mapping[str, Any] | None) -> Ending:
    """Judge a container that failed: by its own result, else by its exit code and words."""
    if result is not None and result.get("state") == "failed":
        fault = result.get("fault")
        reasons = [str(result[key]) for key in ("reason", "hint") if result.get(key)]
        reasons = [MORE_MEMORY if reason == LESS_MEMORY else reason for reason in reasons]
        known: Fault = fault if fault in FAULTS else "job"
        words = "\n".join(reasons) or match["text"].strip()
        return Ending("failed", words or "The training gave no reason.", known)
    said, _, hint = match["text"].strip().partition(HINT)
    text, code = f"{said}\n{hint}" if hint else said, int(match["code"] or 0)
    if code in KILLED:
        return Ending("failed", DIED, "platform")
    if MEMORY.search(text):
        return Ending("failed", f"{text}\n{MORE_MEMORY}", "platform")
    told: Fault = FAULT_BY_CODE.get(code, "job")
    return Ending("failed", text or f"The training ended with exit code {code}.", told)


def _of_service(description: Mapping[str, Any], words: str) -> Ending:
    """Judge a failure that SageMaker itself tells of."""
    if CAPACITY.search(words):
        instance = (description.get("ResourceConfig") or {}).get("InstanceType") or "instances"
        return Ending("failed", f"AWS has no {instance} free right now: {words}", "platform")
    if MACHINE.search(words) and not words.startswith("ClientError"):
        return Ending("failed", words, "platform")
    fault = fault_of(words)
    if fault == "permission":
        return Ending("failed", f"{words}\n{mend_permission(words)}", fault)
    if fault == "quota":
        return Ending("failed", f"{words}\n{more_quota(words)}", fault)
    if fault == "platform" and MEMORY.search(words):
        return Ending("failed", f"{words}\n{MORE_MEMORY}", fault)
    return Ending("failed", words, fault)
