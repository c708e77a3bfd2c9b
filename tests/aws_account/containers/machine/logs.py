"""A container's output on its way to CloudWatch Logs, and the metrics that are read from it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tests.aws_account.account import Clock
from tests.aws_account.services.storage import Storage

LONGEST = 250_000
"""Characters of a line; CloudWatch takes 256 KiB and the container runtime cuts before."""


class Metrics:
    """The last numbers that the definitions of a request find in lines."""

    def __init__(self, definitions: Iterable[Mapping[str, str]]) -> None:
        self._patterns = {one["Name"]: re.compile(one["Regex"]) for one in definitions}
        self._found: dict[str, tuple[float, datetime]] = {}

    def look(self, line: str, when: datetime) -> None:
        for name, pattern in self._patterns.items():
            match = pattern.search(line)
            if match and match.groups():
                try:
                    self._found[name] = float(match[1]), when
                except (TypeError, ValueError):
                    continue

    def final(self) -> list[dict[str, Any]]:
        """``FinalMetricDataList``."""
        return [
            {"MetricName": name, "Value": value, "Timestamp": when}
            for name, (value, when) in self._found.items()
        ]


class LogStream:
    """The stream of one container; it is fed by one thread and flushed by another."""

    def __init__(self, name: str, storage: Storage, clock: Clock, metrics: Metrics) -> None:
        self._name = name
        self._storage = storage
        self._clock = clock
        self._metrics = metrics
        self._rest = b""
        self._lines: list[tuple[datetime, str]] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def open(self) -> None:
        """Have the stream; it is there from the container's start."""
        self._storage.open_log(self._name)

    def feed(self, data: bytes) -> None:
        """Take what the container wrote; b"" at its end."""
        *lines, rest = (self._rest + data).split(b"\n")
        if not data or len(rest) > LONGEST:
            lines, rest = [*lines, rest], b""
        self._rest = rest
        now = self._clock.now()
        for line in lines:
            text = line.decode(errors="replace").rstrip("\r")
            self._metrics.look(text, now)
            with self._lock:
                self._lines += [
                    (now, text[start : start + LONGEST]) for start in range(0, len(text), LONGEST)
                ]

    def flush(self) -> None:
        """Write what has come since the last time."""
        with self._writing:
            with self._lock:
                lines, self._lines = self._lines, []
            if lines:
                self._storage.write_log(self._name, lines)
