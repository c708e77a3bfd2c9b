"""The documents of ``mlcc deploy``, ``mlcc undeploy`` and ``mlcc adapter list``."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document
from mlcc_core.project.cost import CostBody


class AdapterRow(TypedDict):
    """An adapter or model beside the base model."""

    name: str
    kind: Literal["adapter", "model"]
    status: str
    source: str


class AdaptersDocument(Document):
    """``mlcc adapter list``."""

    adapters: list[AdapterRow]


class DeployDocument(Document):
    """``mlcc deploy``: the model, the platform's lines, the cost, and when it expires (UTC).

    ``destination`` is that of ``--to``.
    """

    deployed: str | None
    notes: list[str]
    cost: CostBody
    expires: float | None
    destination: str | None


class UndeployDocument(Document):
    """``mlcc undeploy``: a line about each thing that was taken down, or that nothing was."""

    undeployed: list[str]
