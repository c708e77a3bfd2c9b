"""Waiting for what AWS creates and removes, telling how it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from mlcc_core import Context, PlatformError, TransientError
from mlcc_sagemaker.aws.account import region_of

PATIENCE = 3600.0
"""Seconds after which waiting gives up; large models take half an hour to load."""

FAILED = frozenset({"Failed", "OutOfService", "UpdateRollbackFailed"})


def wait_until_in_service(
    context: Context,
    what: str,
    look: Callable[[], Mapping[str, Any] | None],
    status: str,
    log_group: str,
    seconds: float,
) -> None:
    """Wait until something is in service.

    Args:
        context: the surroundings of the project.
        what: for messages ("the endpoint demo").
        look: describes it; ``None`` when it is not there.
        status: the member of the description that holds its state.
        log_group: where its log is.
        seconds: between two looks.

    Raises:
        PlatformError: it failed, with the reason and where its log is; or it takes too long.
    """
    seen = ""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = patiently(context, look, deadline)
        state = str((found or {}).get(status) or "gone")
        if state != seen:
            context.say(f"⏳ {what}: {state}")
            seen = state
        if state == "InService":
            return
        if state in FAILED or found is None:
            reason = str((found or {}).get("FailureReason") or "no reason was given")
            raise PlatformError(
                f"{what[0].upper()}{what[1:]} is {state}: {reason}",
                detail=(f"Its log: {log_link(region_of(context), log_group)}",),
                hint=f"aws logs tail {log_group}",
            )
        _pause(seconds, deadline, f"{what} is not there", "it may still come")


def wait_until_gone(
    context: Context, what: str, look: Callable[[], Mapping[str, Any] | None], seconds: float
) -> None:
    """Wait until something is not there any more.

    Raises:
        PlatformError: it takes too long.
    """
    deadline = time.monotonic() + PATIENCE
    while patiently(context, look, deadline) is not None:
        _pause(seconds, deadline, f"{what} is still there", "it may still go")


def log_link(region: str, group: str) -> str:
    """A log group in the console."""
    quoted = group.replace("/", "$252F")
    console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
    return f"{console}#logsV2:log-groups/log-group/{quoted}"


def patiently(
    context: Context, look: Callable[[], Mapping[str, Any] | None], deadline: float
) -> Mapping[str, Any] | None:
    """Look, through what passes."""
    while True:
        try:
            return look()
        except TransientError as error:
            if time.monotonic() > deadline:
                raise
            context.say(f"⚠️  {error.what} Still waiting.")
            time.sleep(1)


def _pause(seconds: float, deadline: float, fact: str, hope: str) -> None:
    if time.monotonic() > deadline:
        raise PlatformError(
            f"{fact[0].upper()}{fact[1:]} after {PATIENCE / 60:.0f} minutes; {hope}.",
            hint="run the same command again: it goes on waiting",
        )
    time.sleep(seconds)
