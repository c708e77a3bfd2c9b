"""The log of a job: what its first worker printed, in the storage; before that, its driver's."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from mlcc_core import Context, PlatformError
from mlcc_engine.container.layout import PROGRESS
from mlcc_ray.api.cluster import cluster_at
from mlcc_ray.job import submissions
from mlcc_ray.job.describing import LOG, describe
from mlcc_ray.job.mirror import Mirror

POLL = 1.0
"""Seconds between two looks at a log that is followed."""


def read_log(context: Context, name: str, follow: bool) -> Iterator[str]:
    """Return the lines of a job's log; with ``follow``, until the job is over.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: storage or cluster cannot be asked.
    """
    state = describe(context, name)
    mirror = Mirror(context, name)
    over = state.final or not follow

    def goes_on() -> bool:
        nonlocal over
        over = over or describe(context, name).final
        return not over

    lines = _lines(mirror, goes_on)
    return (line for line in lines if not line.startswith(PROGRESS))


def _lines(mirror: Mirror, goes_on: Callable[[], bool]) -> Iterator[str]:
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    rest, position = "", 0
    while True:
        more = goes_on()  # asked before the look, so that the last one sees all
        data = mirror.storage.read_or_none(mirror.path(LOG)) or b""
        if len(data) < position:
            position = 0  # it was begun anew
        *lines, rest = (rest + decode(data[position:])).split("\n")
        position = len(data)
        yield from lines
        if not more:
            break
        time.sleep(POLL)
    if rest:
        yield rest
    if not position:
        yield from _of_driver(mirror)


def _of_driver(mirror: Mirror) -> Iterator[str]:
    """Yield what the driver of a job printed that never came to train."""
    for submission in submissions.read(mirror.storage, mirror.name)[-1:]:
        with suppress(PlatformError):
            yield from cluster_at(submission.address).log(submission.id).splitlines()
