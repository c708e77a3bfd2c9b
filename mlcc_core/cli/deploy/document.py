"""The documents of ``mlcc deploy``, ``mlcc undeploy`` and ``mlcc adapter list``."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document
from mlcc_core.project.cost import CostBody


class AdapterRow(TypedDict):
    """An adapter or model beside the base model.

    Attributes:
        name: by which it is asked.
        kind: adapter, or whole model.
        status: in the platform's words.
        source: where its weights are from.
    """

    name: str
    kind: Literal["adapter", "model"]
    status: str
    source: str


class AdaptersDocument(Document):
    """``mlcc adapter list``.

    Attributes:
        adapters: what stands beside the base model.
    """

    adapters: list[AdapterRow]


class DeployDocument(Document):
    """``mlcc deploy``: the model, the platform's lines, the cost, and when it expires (UTC).

    Attributes:
        deployed: the model, as the platform calls it; null where it does not tell.
        notes: the platform's lines.
        cost: of what stands now.
        expires: when it is to be taken down, in seconds since 1970 (UTC); null for never.
        destination: of ``--to``; null for the platform's own place.
    """

    deployed: str | None
    notes: list[str]
    cost: CostBody
    expires: float | None
    destination: str | None


class UndeployDocument(Document):
    """``mlcc undeploy``: a line about each thing that was taken down, or that nothing was.

    Attributes:
        undeployed: a line for each thing that was taken down, or that nothing was.
    """

    undeployed: list[str]


class AddedDocument(Document):
    """Weights that were deployed under a name.

    Attributes:
        source: where the weights are from.
        status: in the platform's words.
        run: whose output they are; null for other weights.
        changed: other weights, or none, had the name before.
    """

    source: str
    status: str
    run: str | None
    changed: bool


class AddedAdapterDocument(AddedDocument):
    """``mlcc adapter add`` and ``mlcc adapter update``.

    Attributes:
        adapter: the name by which the adapter is asked.
    """

    adapter: str


class AddedComponentDocument(AddedDocument):
    """``mlcc add-ic``, with and without ``--update``.

    Attributes:
        component: the name of the whole model.
    """

    component: str


class RemovedAdapterDocument(Document):
    """``mlcc adapter remove``.

    Attributes:
        removed: the name of what was taken down.
    """

    removed: str
