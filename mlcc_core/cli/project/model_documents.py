"""The documents of commands that list models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document

if TYPE_CHECKING:
    from mlcc_core.catalog.model import CatalogModel


class SupportBody(TypedDict):
    """The ways in which a technique can tune a model."""

    training_types: list[str]
    dataset_format: str


class ModelBody(TypedDict):
    """A model of the catalog."""

    id: str
    hub_id: str | None
    name: str
    provider: str
    family: str
    size: str
    vision_language: bool
    eula: bool
    techniques: dict[str, SupportBody]
    file: str
    source: str | None


class ModelsDocument(Document):
    """``mlcc catalog list`` and ``mlcc tune --list-models``."""

    models: list[ModelBody]


class DiscoveredBody(TypedDict):
    """A model of a platform's own list; what the list does not tell is null."""

    id: str
    name: str
    techniques: dict[str, list[str]]
    provider: str | None
    licence: bool | None
    vision_language: bool | None
    place: str | None


class DiscoveredDocument(Document):
    """``mlcc catalog list --discover``: models of the platform's list that the catalog lacks."""

    discovered: list[DiscoveredBody]


class DifferenceBody(TypedDict):
    """A model of which catalog and list differ; ``row`` is a catalog file, null for one gone."""

    model: str
    name: str
    state: Literal["new", "gone", "changed"]
    changes: list[str]
    row: str | None


class CatalogDiffDocument(Document):
    """``mlcc catalog diff``."""

    platform: str
    place: str
    differences: list[DifferenceBody]
    same: int
    left_out: list[str]


class AddedRowDocument(Document):
    """``mlcc catalog add``: the row, and the file that was written with it."""

    model: ModelBody
    row: str


class KnownModelBody(TypedDict):
    """A model that can be trained; what is not known of it is null, or left out of a mapping."""

    name: str
    place: str
    parameters: int | None
    size: str | None
    licence: str | None
    context: int | None
    chat_template: bool | None
    memory: dict[str, int]
    batches: dict[str, int]
    hub_id: str | None
    catalog_id: str | None
    note: str | None
    fits: list[str]


class KnownModelsDocument(Document):
    """``mlcc models``."""

    models: list[KnownModelBody]
    free_memory: int | None
    batch: int
    basis: str


def as_json(model: CatalogModel) -> Mapping[str, object]:
    """Return a model as a ``--json`` document has it."""
    return {
        "id": model.id,
        "hub_id": model.hub_id,
        "name": model.name,
        "provider": model.provider,
        "family": model.family,
        "size": model.size,
        "vision_language": model.vision_language,
        "eula": model.eula,
        "techniques": {
            name: {
                "training_types": list(support.training_types),
                "dataset_format": support.dataset_format,
            }
            for name, support in model.techniques.items()
        },
        "file": str(model.file),
        "source": model.source,
    }
