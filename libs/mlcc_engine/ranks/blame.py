"""One cause for the end of a job of several processes, where each saw another end of it.

A process that fails by itself tells the store that torch's agent keeps for all of them. The first
process, which is the job's voice, sees no more than that the others are gone, and looks there.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from mlcc_engine.job_result import JobResult, short_reason
from mlcc_engine.ranks.world import this_process

KEY = "mlcc/cause"
PATIENCE = timedelta(seconds=5)

OUT_OF_REACH = "Another process of this job ended, or is out of reach"
"""Begins the reason of a process that sees no more than that the others are gone."""

CLOSED = ("gloo", "connection closed by peer", "connection reset by peer")
"""Parts of what torch says of a process that it cannot reach, in small letters."""


def out_of_reach(error: BaseException) -> JobResult | None:
    """Return the result of a process whose others are gone; ``None`` for any other error."""
    if this_process().size == 1 or not isinstance(error, RuntimeError):
        return None
    of_torch = any(kind.__name__ == "DistError" for kind in type(error).__mro__)
    if not of_torch and not any(part in str(error).lower() for part in CLOSED):
        return None
    return JobResult(
        "failed",
        fault="platform",
        reason=f"{OUT_OF_REACH}: {short_reason(error)}",
    )


def tell(ended: JobResult) -> None:
    """Tell the others how this process failed, if it was by itself; the first to tell counts."""
    if this_process().size > 1 and ended.state == "failed" and ended.fault != "platform":
        with suppress(Exception):  # the store is gone: so is whoever would read it
            _store().compare_set(KEY, "", json.dumps(asdict(ended)))


def told() -> JobResult | None:
    """Return how another process failed, if one has told."""
    if this_process().size == 1:
        return None
    with suppress(Exception):
        store = _store()
        if store.check([KEY]):
            document = json.loads(store.get(KEY))
            return JobResult(**{**document, "warnings": tuple(document["warnings"])})
    return None


def _store() -> Any:
    import torch.distributed as together

    address, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    # torch has types for it, under another name than the documented one.
    store = vars(together)["TCPStore"]
    return store(address, port, is_master=False, timeout=PATIENCE)
