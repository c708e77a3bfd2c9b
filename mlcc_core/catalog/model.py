"""The supported models as values: read from files, found by lookup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.contract.job import TrainingType


@dataclass(frozen=True, slots=True)
class TechniqueSupport:
    """The ways in which a model can be customised by one technique.

    Attributes:
        training_types: at least one.
        dataset_format: the variant of the technique's dataset schema that the model expects.
    """

    training_types: tuple[TrainingType, ...]
    dataset_format: str = "default"


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """One model.

    Attributes:
        id: the managed platform's id of it.
        hub_id: its id on the Hub, if it is there.
        name: for people ("Qwen3 8B").
        provider, family, size: as tables show them ("Alibaba", "Qwen 3", "8B").
        vision_language: it reads images too.
        eula: its licence has to be accepted before it is customised.
        techniques: by the technique's name.
        file: the catalog file that describes it.
        source: where its row was read, and when, as the file says; ``None`` where it does not.
    """

    id: str
    hub_id: str | None
    name: str
    provider: str
    family: str
    size: str
    vision_language: bool
    eula: bool
    techniques: Mapping[str, TechniqueSupport]
    file: Path
    source: str | None = None

    def dataset_format(self, technique: str) -> str:
        """Return the dataset format for ``technique``; ``default`` for one that is not listed."""
        support = self.techniques.get(technique)
        return support.dataset_format if support else "default"


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """The contents of one file.

    Attributes:
        path: where it was read.
        provider: whose models these are.
        line: the provider's families as the unsupported-model message shows them, if it says.
        models: in the order of the file.
    """

    path: Path
    provider: str
    line: str | None
    models: tuple[CatalogModel, ...]
