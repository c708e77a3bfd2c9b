"""The document of a script run's plan, as ``--json`` prints it."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document, ErrorBody
from mlcc_core.project.cost import CostBody


class ScriptPlanBody(TypedDict):
    """The plan of ``mlcc train --script --dry-run``.

    Attributes:
        platform: the name of the platform that would run the job.
        script: name of the Python file.
        folder: the files beside it are taken along.
        checksum: of all files that are taken along.
        requirements: name of the file with packages for the job; null where there is none.
        hyperparameters: that the script is called with.
        inputs: where the data of each channel lie.
        notes: of the platform, about the request.
        warnings: of the platform, to be read before the job.
        cost: null where nothing costs anything.
        job: the name of the job that would be created, watched or gone on with.
        job_exists: the platform has that job already.
        in_the_way: why the command would stop without ``--force``; null where it would not.
        hash: of all that decides the result; the same request has the same.
    """

    platform: str
    script: str
    folder: bool
    checksum: str
    requirements: str | None
    hyperparameters: dict[str, str]
    inputs: dict[str, str]
    notes: list[str]
    warnings: list[str]
    cost: CostBody | None
    job: str
    job_exists: bool
    in_the_way: ErrorBody | None
    hash: str


class ScriptPlanDocument(Document):
    """``mlcc train --script --dry-run``: the plan, and the request that would be sent.

    Attributes:
        plan: everything that is decided.
        request: as the platform would get it; each platform has its own form.
    """

    plan: ScriptPlanBody
    request: dict[str, Any]
