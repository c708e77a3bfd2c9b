"""The documents of commands that list models."""

from __future__ import annotations

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document


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


class ModelsDocument(Document):
    """``mlcc catalog list`` and ``mlcc tune --list-models``."""

    models: list[ModelBody]


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
