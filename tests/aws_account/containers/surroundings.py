"""An attempt's surroundings, and its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.aws_account.account import Account
from tests.aws_account.containers.job import InstanceJob, Wish
from tests.aws_account.services.identity import Identity
from tests.aws_account.services.storage import Storage
from tests.aws_account.training.record import REASON_LIMIT


@dataclass(frozen=True)
class Ending:
    """The end of an attempt.

    Attributes:
        how: containers exited, somebody stopped them, they ran or waited too long, spot instances
            were taken with a warning or without one, an instance died, something was refused, or
            the account was cleared.
        reason: the job's ``FailureReason``, or "".
    """

    how: Literal[
        "exited",
        "stopped",
        "too long",
        "waited",
        "interrupted",
        "taken",
        "lost",
        "refused",
        "cleared",
    ]
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """A wish to have as soon as each host of a job has saved a checkpoint.

    Attributes:
        wish: which.
        saved: name of the file that completes a checkpoint, as ``manifest.json``.
    """

    wish: Wish
    saved: str


@dataclass
class Surroundings:
    """The account around a job, with the settings of a test.

    Attributes:
        environment: ``(job, bin of its Python) -> variables`` of a container.
        python: ``(folder) -> bin``: makes an environment of the image's Python.
        network: ``() -> prefix`` of the addresses of a job's hosts, which no other job has.
        has_capacity: whether the instances of a job are there.
        waited: whether a spot job has waited longer than it may.
        grace: ``() -> seconds`` from SIGTERM to SIGKILL.
        bugs: mistakes of this package.
        plans: wishes for later, each of which is had once.
    """

    account: Account
    identity: Identity
    storage: Storage
    environment: Callable[[InstanceJob, Path], Mapping[str, str]]
    python: Callable[[Path], Path]
    network: Callable[[], str]
    has_capacity: Callable[[InstanceJob], bool]
    waited: Callable[[InstanceJob], bool]
    grace: Callable[[], float]
    bugs: list[str] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)


def reason(failure: str, code: int) -> str:
    """Compose the ``FailureReason`` of a container that failed, as long as it may be.

    Examples:
        >>> reason("out of memory", 1)
        'AlgorithmError: out of memory, exit code: 1'
    """
    end = f", exit code: {code}"
    return f"AlgorithmError: {failure}"[: REASON_LIMIT - len(end)] + end
