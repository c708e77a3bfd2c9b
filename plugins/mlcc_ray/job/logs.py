"""The log of a job: what its first worker printed, in the storage; before that, its driver's."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from mlcc_core import Context, PlatformError
from mlcc_engine.container.layout import PROGRESS
from mlcc_ray.job import submissions
from mlcc_ray.job.describing import LOG, describe
from mlcc_ray.job.mirror import Mirror

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""Marks of colours in what Ray's own programs print."""

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

    lines = _lines(context, mirror, goes_on)
    return (line for line in lines if not line.startswith(PROGRESS))


def _lines(context: Context, mirror: Mirror, goes_on: Callable[[], bool]) -> Iterator[str]:
    """Yield lines as they come: the driver's, until the first worker prints something."""
    log = Growing()
    driver = Growing()
    while True:
        more = goes_on()  # asked before the look, so that the last one sees all
        data = mirror.storage.read_or_none(mirror.path(LOG)) or b""
        if data:
            yield from log.lines(data)
        else:
            yield from driver.lines(_of_driver(mirror, context))
        if not more:
            break
        time.sleep(POLL)
    yield from log.rest if log.position else driver.rest


new_decoder = codecs.getincrementaldecoder("utf-8")
"""Makes decoders that wait for the rest of a character."""


class Growing:
    """A text that is read whole each time, of which the new lines count.

    Attributes:
        position: bytes that were read.
    """

    def __init__(self) -> None:
        self.position, self._rest = 0, ""
        self._decode = new_decoder("replace").decode

    def lines(self, data: bytes) -> Iterator[str]:
        """Yield the lines that are new."""
        if len(data) < self.position:
            self.position, self._rest = 0, ""  # it was begun anew
            self._decode = new_decoder("replace").decode
        *lines, self._rest = (self._rest + self._decode(data[self.position :])).split("\n")
        self.position = len(data)
        yield from lines

    @property
    def rest(self) -> list[str]:
        """Return the last line, where it does not end."""
        return [self._rest] if self._rest else []


def _of_driver(mirror: Mirror, context: Context) -> bytes:
    """Return what the driver of a job printed so far; nothing where its cluster does not tell."""
    for submission in submissions.read(mirror.storage, mirror.name)[-1:]:
        with suppress(PlatformError):
            text = submissions.cluster_of(submission, context).log(submission.id)
            return COLOURS.sub("", text).encode()
    return b""
