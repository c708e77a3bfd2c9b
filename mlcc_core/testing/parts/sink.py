"""A sink in memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

from mlcc_core.contract.platform.values import Sink


class FakeSink(Sink):
    """Collects bytes, and shows them to the platform when they are committed."""

    def __init__(self, publish: Callable[[bytes, Mapping[str, object]], str]) -> None:
        self._buffer = io.BytesIO()
        self._publish = publish
        self.file = self._buffer

    def commit(self, record: Mapping[str, object]) -> str:
        return self._publish(self._buffer.getvalue(), record)
