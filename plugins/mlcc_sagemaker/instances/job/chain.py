"""Chains: a job, and the further jobs of the service in which it went on after interruptions.

The core knows one job, ``demo-sft-1a2b3c4d-1``; the service knows it, and then
``demo-sft-1a2b3c4d-1-c2``, ``…-c3``. They share the checkpoints of the first one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_core import Context, JobNotFound
from mlcc_sagemaker.job.jobs import read_description
from mlcc_sagemaker.job.progress import status_of

CONTINUATION = re.compile(r"-\d+-c(?:[2-9]|[1-9]\d+)\Z")
"""The end of a continuation's name: the attempt of the core's name comes before it."""

WAITED_TOO_LONG = "MaxWaitTimeExceeded"


@dataclass(frozen=True, slots=True)
class Link:
    """One job of the service.

    Attributes:
        name: of the service's job.
        description: as ``DescribeTrainingJob`` answers.
    """

    name: str
    description: Mapping[str, Any]

    @property
    def may_go_on(self) -> bool:
        """Return whether there may be a continuation: it failed, or waited too long."""
        status = self.description.get("TrainingJobStatus")
        waited = self.description.get("SecondaryStatus") == WAITED_TOO_LONG
        return status == "Failed" or (status == "Stopped" and waited)


@dataclass(frozen=True, slots=True)
class Chain:
    """A job of the core's, as the service has it.

    Attributes:
        name: that the core gave it, and the service's name of the first link.
        links: in order; all but the last one were interrupted.
    """

    name: str
    links: Sequence[Link]

    @property
    def first(self) -> Mapping[str, Any]:
        """Return the description of the first link."""
        return self.links[0].description

    @property
    def created(self) -> object:
        """Return the time at which the first link was created."""
        return self.first.get("CreationTime")

    @property
    def over(self) -> bool:
        """Return whether the newest link has ended."""
        return status_of(self.newest.description) in ("completed", "failed", "stopped")

    @property
    def newest(self) -> Link:
        return self.links[-1]

    @property
    def names(self) -> list[str]:
        """Return the service's names, in order."""
        return [link.name for link in self.links]


def link_name(name: str, number: int) -> str:
    """Return the service's name of a link; the first one has the core's name.

    Example:
        >>> link_name("demo-sft-1a2b3c4d-1", 2)
        'demo-sft-1a2b3c4d-1-c2'
    """
    return name if number == 1 else f"{name}-c{number}"


def without_continuations(names: Iterable[str]) -> list[str]:
    """Return the names that the core gave, in order."""
    return [name for name in names if CONTINUATION.search(name) is None]


def read_chain(context: Context, name: str, known: Chain | None = None) -> Chain:
    """Read what the service says about a job.

    Args:
        context: the surroundings of the project.
        name: that the core gave it.
        known: the chain as this process saw it last: links that are followed by another one are
            not asked for again.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: the service cannot be asked.
    """
    links = list(known.links[:-1]) if known else []
    links.append(_read(context, link_name(name, len(links) + 1)))
    while links[-1].may_go_on:
        try:
            links.append(_read(context, link_name(name, len(links) + 1)))
        except JobNotFound:
            break
    return Chain(name, tuple(links))


def _read(context: Context, name: str) -> Link:
    return Link(name, read_description(context, name))
