"""The documents of commands that list models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

from mlcc_core.cli.document import Document

if TYPE_CHECKING:
    from mlcc_core.catalog.model import CatalogModel


class SupportBody(TypedDict):
    """The ways in which a technique can tune a model.

    Attributes:
        training_types: at least one.
        dataset_format: the form of rows that the model expects, where the technique knows several.
    """

    training_types: list[str]
    dataset_format: str


class ModelBody(TypedDict):
    """A model of the catalog.

    Attributes:
        id: of the managed platform.
        hub_id: its id on the Hub; null where it is not there.
        name: for people.
        provider: who made it.
        family: that it belongs to.
        size: for people, as ``8B``.
        vision_language: it reads images too.
        eula: its licence has to be accepted first.
        techniques: that can tune it, by the technique's name.
        file: the catalog file that describes it.
        source: where its row was read, and when; null where the file does not say.
    """

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
    """``mlcc catalog list`` and ``mlcc tune --list-models``.

    Attributes:
        models: of the catalog, those that were asked for.
    """

    models: list[ModelBody]


class DiscoveredBody(TypedDict):
    """A model of a platform's own list; what the list does not tell is null.

    Attributes:
        id: of the platform.
        name: for people.
        techniques: training types by the technique's name.
        provider: who made it.
        licence: it has one that must be accepted first.
        vision_language: it reads images too.
        place: the list that has it, for people.
    """

    id: str
    name: str
    techniques: dict[str, list[str]]
    provider: str | None
    licence: bool | None
    vision_language: bool | None
    place: str | None


class DiscoveredDocument(Document):
    """``mlcc catalog list --discover``: models of the platform's list that the catalog lacks.

    Attributes:
        discovered: a model each.
    """

    discovered: list[DiscoveredBody]


class DifferenceBody(TypedDict):
    """A model of which catalog and list differ.

    Attributes:
        model: its id.
        name: for people.
        state: it is in the list alone, in the catalog alone, or in both with differences.
        changes: what differs, a line each.
        row: a catalog file that says what the list says; null for a model that is gone.
    """

    model: str
    name: str
    state: Literal["new", "gone", "changed"]
    changes: list[str]
    row: str | None


class CatalogDiffDocument(Document):
    """``mlcc catalog diff``.

    Attributes:
        platform: whose list it is.
        place: the list, for people.
        differences: new, changed and gone models, in this order.
        same: models of which both say the same.
        left_out: models of the list that no installed technique can tune, by id.
    """

    platform: str
    place: str
    differences: list[DifferenceBody]
    same: int
    left_out: list[str]


class ModelDocument(Document, ModelBody):
    """``mlcc catalog show``."""


class CatalogFilesDocument(Document):
    """``mlcc catalog validate``.

    Attributes:
        files: how many models a file describes, by its path.
        models: in the catalog that these files make.
        warnings: what is probably wrong, a line each.
    """

    files: dict[str, int]
    models: int
    warnings: list[str]


class AddedRowDocument(Document):
    """``mlcc catalog add``: the model, and its row in the catalog file that was written.

    Attributes:
        model: as the catalog now has it.
        row: the text of the row, in TOML.
    """

    model: ModelBody
    row: str


class KnownModelBody(TypedDict):
    """A model that can be trained; what is not known of it is null, or left out of a mapping.

    Attributes:
        name: by which ``--model`` takes it.
        place: where it is known from: ``built in``, ``Hub cache``, ``folder``, ``catalog``.
        parameters: how many.
        size: for people, where the parameters have not been counted.
        licence: its name, as ``apache-2.0``.
        context: its longest sequence, in tokens.
        chat_template: its tokenizer has one.
        memory: bytes that training it needs here, by the way of training (``lora``, ``4bit``,
            ``full-rank``), with the default batch.
        batches: rows at once for which there is memory, by the way of training: the default batch
            at most, 0 where there is not enough for one row.
        hub_id: its id on the Hub.
        catalog_id: its id in the catalog.
        note: a line that users of the model should know.
        fits: the ways of training for which there is memory, if not for the default batch.
    """

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
    """``mlcc models``.

    Attributes:
        models: the smallest first.
        free_memory: bytes that a job may use; null where that is not known.
        batch: rows that go through a model at once by default.
        basis: the device, batch and length for which memory is told, in words.
    """

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
