"""Marked lines of a job's leader, read from the end of its log, each once a process.

A job has one stream a host and a start: ``<job>/algo-1-1764500000``. Spot instances that are taken
back, and continuations, begin further streams.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlcc_core import Context
from mlcc_sagemaker.instances.job.chain import Chain, Link
from mlcc_sagemaker.instances.job.log.marks import PROGRESS, Marked, marked_in, split_lines
from mlcc_sagemaker.job.logs import read_page, streams_of
from mlcc_sagemaker.job.progress import seconds

STREAM = re.compile(r"/(?P<host>.+?)-(?P<start>\d+)\Z")
LEADER = "algo-1"

EARLIEST = 1e9
"""Numbers below this one, a second of 2001, count something else."""

MILLISECONDS = 1e11
"""Numbers from here on count milliseconds: as seconds they would lie three millennia ahead."""

PAGES = 20
"""Pages that are read back at most, about a megabyte each, to find the latest progress."""

Wanted = Callable[[Sequence[Marked]], bool]
"""Tells whether earlier lines than those are wanted."""


@dataclass(slots=True)
class Stream:
    """The marked lines of one stream, as far as they were read.

    Attributes:
        name: of the stream.
        marked: in order.
        back, on: the tokens of the page before the first that was read, and after the last;
            ``None`` before the first look.
        whole: it was read from its beginning.
        seen: when it was looked at last, by the monotonic clock.
    """

    name: str
    marked: list[Marked] = field(default_factory=list)
    back: str | None = None
    on: str | None = None
    whole: bool = False
    seen: float = 0.0

    def look(self, context: Context, wanted: Wanted, fresh: float) -> None:
        """Read what is new, and earlier pages as long as they are wanted.

        Args:
            context: the surroundings of the project.
            wanted: of the lines so far.
            fresh: seconds after a look in which nothing new is asked for.
        """
        if self.on is not None and time.monotonic() - self.seen < fresh:
            pass
        elif self.on is None:
            page = read_page(context, self.name, None, forward=False)
            self.back, self.on = page.get("nextBackwardToken"), page.get("nextForwardToken")
            self.marked = _marked(page)
            self.seen = time.monotonic()
        else:
            self._read_on(context)
            self.seen = time.monotonic()
        for _ in range(PAGES):
            if self.whole or not wanted(self.marked):
                return
            self._read_back(context)

    def _read_on(self, context: Context) -> None:
        while True:
            page = read_page(context, self.name, self.on, forward=True)
            self.marked += _marked(page)
            token = page.get("nextForwardToken")
            if not token or token == self.on:
                return
            self.on = token

    def _read_back(self, context: Context) -> None:
        page = read_page(context, self.name, self.back, forward=False)
        self.marked = [*_marked(page), *self.marked]
        token = page.get("nextBackwardToken")
        # The service answers with the same token at the beginning; a page may be empty before.
        self.whole = not token or token == self.back
        self.back = token


class JobLog:
    """The marked lines of one job of the core's; kept by a process for its next look."""

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}
        self._listed: tuple[object, ...] = ()
        self._names: list[str] = []

    def marked(
        self, context: Context, chain: Chain, wanted: Wanted | None = None, fresh: float = 0.0
    ) -> list[Marked]:
        """Return the marked lines in order: those of the newest stream, and earlier as wanted.

        Args:
            context: the surroundings of the project.
            chain: the job.
            wanted: tells whether lines before those that it is given are wanted, too; by default
                until there is one of progress.
            fresh: seconds after a look in which a stream is not asked for what is new.

        Raises:
            PlatformError: the log cannot be read.
        """
        more = wanted or _no_progress
        found: list[Marked] = []
        for name in reversed(self._leaders(context, chain)):
            stream = self._streams.setdefault(name, Stream(name))
            stream.look(context, _before(found, more), fresh)
            found = [*stream.marked, *found]
            if not more(found):
                break
        return found

    def of_newest_start(self, chain: Chain) -> Sequence[Marked]:
        """Return the lines that were read of the newest start, which earlier ones do not concern.

        Args:
            chain: the job, as it was given to :meth:`marked` before.
        """
        *_, newest = [None, *self._names]
        if newest is None or not newest.startswith(f"{chain.newest.name}/"):
            return ()
        return self._streams[newest].marked if newest in self._streams else ()

    def _leaders(self, context: Context, chain: Chain) -> list[str]:
        """List the leader's streams in order; again only where there may be another one."""
        state = tuple((link.name, starts_of(link)) for link in chain.links)
        if state != self._listed:
            self._names = [
                name
                for link in chain.links
                for name in leaders(context, link.name)
                if begun_by(link, name)
            ]
            newest = f"{chain.newest.name}/"
            there = sum(name.startswith(newest) for name in self._names)
            # A stream begins with its first line, which may come late.
            self._listed = state if there >= max(1, starts_of(chain.newest)) else ()
        return self._names


def leaders(context: Context, job: str) -> list[str]:
    """Return the streams of the first host of a job of the service, oldest first."""
    return sorted(
        (name for name in streams_of(context, job) if host_of(name) == LEADER), key=start_of
    )


def host_of(stream: str) -> str:
    """Return the host of a stream: ``algo-1``; the stream's own name where it has another form."""
    match = STREAM.search(stream)
    return match["host"] if match else stream.partition("/")[2]


def start_of(stream: str) -> int:
    """Return the number at the end of a stream's name, which grows from start to start."""
    match = STREAM.search(stream)
    return int(match["start"]) if match else 0


def begun_by(link: Link, stream: str) -> bool:
    """Return whether a stream is of this very job, not of a deleted one that had its name.

    The number at the end of a stream's name is its beginning, in seconds or milliseconds since
    1970; one of another form is taken for the job's.
    """
    created = seconds(link.description.get("CreationTime"))
    began = float(start_of(stream))
    if began >= MILLISECONDS:
        began /= 1000
    return created is None or began < EARLIEST or began + 1 >= created


def starts_of(link: Link) -> int:
    """Return how often training began: once more after each spot instance that is taken back."""
    transitions = link.description.get("SecondaryStatusTransitions") or ()
    return sum(transition.get("Status") == "Training" for transition in transitions)


def _before(later: Sequence[Marked], more: Wanted) -> Wanted:
    """Return what tells whether lines are wanted before those of a stream and the later ones."""
    return lambda marked: more([*marked, *later])


def _no_progress(marked: Sequence[Marked]) -> bool:
    return all(mark != PROGRESS for mark, _ in marked)


def _marked(page: Mapping[str, Any]) -> list[Marked]:
    events = page.get("events") or ()
    return [
        each for event in events for each in marked_in(split_lines(str(event.get("message", ""))))
    ]
