"""The document of ``mlcc evaluate --json``."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document
from mlcc_core.contract.evaluation import Evaluation
from mlcc_core.contract.job import JobStatus
from mlcc_core.contract.managed.spec import ManagedKind


class ManagedJobBody(TypedDict):
    """A job of ``mlcc evaluate --managed``."""

    title: str
    kind: ManagedKind
    job: str
    status: JobStatus | None
    created: bool
    request: dict[str, Any]


class ManagedBody(TypedDict):
    """An evaluation of ``mlcc evaluate --managed``: its jobs, and the price of those to create."""

    target: str
    against: str
    platform: str
    kind: ManagedKind
    measured_by: str
    dataset: str
    jobs: list[ManagedJobBody]
    price: dict[str, Any]


class EvaluateDocument(Document):
    """``mlcc evaluate``: each target with every metric and row.

    ``managed`` is there with ``--managed``; in a dry run, and while jobs run, ``evaluations`` lacks
    what they will come to.
    """

    evaluations: list[Evaluation]
    managed: NotRequired[list[ManagedBody]]
