"""The document of ``mlcc evaluate --json``."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document
from mlcc_core.contract.evaluation import Evaluation
from mlcc_core.contract.job import JobStatus
from mlcc_core.contract.managed.spec import ManagedKind


class ManagedJobBody(TypedDict):
    """A job of ``mlcc evaluate --managed``.

    Attributes:
        title: of the job, for people.
        kind: of what it does.
        job: its name on the platform.
        status: as last seen; null before it exists.
        created: this command created it; it was there already otherwise.
        request: as the platform gets it; each platform has its own form.
    """

    title: str
    kind: ManagedKind
    job: str
    status: JobStatus | None
    created: bool
    request: dict[str, Any]


class ManagedBody(TypedDict):
    """An evaluation of ``mlcc evaluate --managed``: its jobs, and the price of those to create.

    Attributes:
        target: the model that is judged, as it is called.
        against: the model that it is compared with.
        platform: the name of the platform that runs the jobs.
        kind: of the evaluation.
        measured_by: the benchmark, judge or metric, for people.
        dataset: the rows, in words.
        jobs: of the evaluation, one a model and measure.
        price: of the jobs that are to be created, as ``cost`` of other documents.
    """

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

    Attributes:
        evaluations: one a target; of jobs that are to run, or run, they come with their end.
        managed: the jobs, with ``--managed``.
    """

    evaluations: list[Evaluation]
    managed: NotRequired[list[ManagedBody]]
