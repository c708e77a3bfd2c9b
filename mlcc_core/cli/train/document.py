"""The document of a script run's plan, as ``--json`` prints it."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document, ErrorBody
from mlcc_core.project.cost import CostBody


class ScriptPlanBody(TypedDict):
    """The plan of ``mlcc train --script --dry-run``."""

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
    """``mlcc train --script --dry-run``: the plan, and the request that would be sent."""

    plan: ScriptPlanBody
    request: dict[str, Any]
