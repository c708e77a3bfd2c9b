"""A job's log for people: the lines of its first host, and errors of the others."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mlcc_core import Context
from mlcc_sagemaker.instances.job.jobs import Known
from mlcc_sagemaker.instances.job.log.marks import mark_of, split_lines
from mlcc_sagemaker.instances.job.log.reading import LEADER, host_of, start_of
from mlcc_sagemaker.job import logs as serverless

ERROR = re.compile(
    r"\A\S*(?:Error|Exception|Interrupt|Exit)\b|\b(?:ERROR|FATAL|CRITICAL|Killed|out of memory)\b"
)
TRACEBACK = "Traceback (most recent call last)"


@dataclass(slots=True)
class Errors:
    """The lines of a host that tell of an error: tracebacks, with the exception at their end.

    Attributes:
        in_traceback: the lines before were of one.
    """

    in_traceback: bool = False

    def of(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield those of the next lines that tell of an error."""
        for line in lines:
            if TRACEBACK in line:
                self.in_traceback = True
                yield line
            elif self.in_traceback:
                self.in_traceback = line[:1].isspace() or not line
                yield line
            elif ERROR.search(line):
                yield line


@dataclass(slots=True)
class People:
    """Lines for people, of all hosts.

    Attributes:
        errors: of each further host, by stream.
    """

    errors: dict[str, Errors] = field(default_factory=dict)

    def of(self, stream: str, message: str) -> Iterator[str]:
        """Yield the lines of one event that people are shown."""
        lines = [line for line in split_lines(message) if mark_of(line) is None]
        host = host_of(stream)
        if host == LEADER:
            yield from lines
            return
        errors = self.errors.setdefault(stream, Errors())
        yield from (f"[{host}] {line}" for line in errors.of(lines))


def read_log(context: Context, name: str, follow: bool, known: Known) -> Iterator[str]:
    """Yield lines so far, by time; with ``follow``, on until the job has ended.

    Args:
        context: the surroundings of the project.
        name: that the core gave the job.
        follow: go on until the job ends.
        known: what this process knows of it.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: the log cannot be read.
    """
    tokens: dict[str, str] = {}
    people, waiting = People(), False
    while True:
        # Asked before the log is read, so that the last lines are not missed.
        chain = known.look(context, name)
        for job in chain.names:
            yield from _new_lines(context, job, tokens, people)
        if not follow or chain.over:
            return
        if not tokens and not waiting:
            context.say(f"⏳ {name} has logged nothing so far; waiting for its first line.")
            waiting = True
        time.sleep(serverless.LOOK_SECONDS)


def _new_lines(context: Context, job: str, tokens: dict[str, str], people: People) -> Iterator[str]:
    """Yield the lines of one link since the last look, of all its hosts by time."""
    events = [
        (int(event.get("timestamp", 0)), stream, str(event.get("message", "")))
        for stream in sorted(serverless.streams_of(context, job), key=start_of)
        for event in serverless.new_events(context, stream, tokens)
    ]
    for _, stream, message in sorted(events, key=lambda event: event[0]):
        yield from people.of(stream, message)
