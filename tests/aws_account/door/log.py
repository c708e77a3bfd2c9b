"""The record of every request, for assertions."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

READS = (
    "Describe", "List", "Get", "Head", "BatchGet", "BatchDescribe", "Search", "Select",
    "Simulate", "Validate", "Filter", "Lookup", "Estimate", "Preview", "Test", "Invoke",
)  # fmt: skip
"""An operation that begins with one of these creates and changes nothing of the account's."""

WRITES = frozenset({"lambda:Invoke", "lambda:InvokeAsync"})
"""Operations that READS would let pass, but that run somebody's code."""


@dataclass(frozen=True)
class Call:
    """One request as the endpoint understood and answered it.

    Attributes:
        service: as boto3 names it, ``s3``, ``sagemaker``, ``sagemaker-runtime``.
        operation: as boto3's model names it, ``CreateTrainingJob``; "" if it was not understood.
        params: what boto3 was given; of a blob only ``<N bytes>``.
        region, access_key: from the signature.
        user_agent: the header.
        status: HTTP status of the answer; 0 when the connection was cut without one.
        error: error code of the answer, or "".
        message: error message of the answer, or "".
        fault: the kind of the fault that struck, or "".
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    region: str
    access_key: str
    user_agent: str
    status: int
    error: str = ""
    message: str = ""
    fault: str = ""

    @property
    def name(self) -> str:
        """``service:Operation``."""
        return f"{self.service}:{self.operation}"

    @property
    def writes(self) -> bool:
        """Whether the operation can create, change or run something (whatever came of it)."""
        return self.name in WRITES or not self.operation.startswith(READS)

    def __str__(self) -> str:
        return f"{self.name} -> {self.status}{' ' + self.error if self.error else ''}"


class Log:
    """Calls in the order in which they were answered; safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def add(self, call: Call) -> None:
        with self._lock:
            self._calls.append(call)

    def calls(self, name: str = "") -> list[Call]:
        """All calls, or those of ``"Operation"``, ``"service:Operation"`` or ``"service:"``."""
        with self._lock:
            calls = list(self._calls)
        return [call for call in calls if fits(name, call.service, call.operation)]

    def names(self) -> list[str]:
        """``service:Operation`` of all calls, in order."""
        return [call.name for call in self.calls()]

    def writing(self) -> list[Call]:
        """The calls of operations that create, change or run something."""
        return [call for call in self.calls() if call.writes]

    def only(self, name: str) -> Call:
        """The one call of this operation.

        Raises:
            AssertionError: there were none or several.
        """
        calls = self.calls(name)
        assert len(calls) == 1, f"{len(calls)} calls of {name}: {[str(c) for c in calls]}"
        return calls[0]

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()


def fits(pattern: str, service: str, operation: str) -> bool:
    """Whether ``pattern`` ("", an operation, ``service:`` or ``service:Operation``) means this."""
    wanted_service, colon, wanted_operation = pattern.rpartition(":")
    if colon and wanted_service != service:
        return False
    return wanted_operation in ("", operation)


def printable(value: Any) -> Any:
    """``value`` with every blob replaced by its size, so that a log holds no megabytes."""
    if isinstance(value, Mapping):
        return {key: printable(member) for key, member in value.items()}
    if isinstance(value, list):
        return [printable(member) for member in value]
    if isinstance(value, (bytes, bytearray)):
        return f"<{len(value)} bytes>"
    return value
