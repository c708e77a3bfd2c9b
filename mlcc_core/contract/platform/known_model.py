"""Models that users can choose from, by what can be told of them without loading one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that can be trained; ``None`` stands for all that is not known, never an estimate.

    Attributes:
        name: by which ``--model`` takes it.
        place: where it is known from: ``built in``, ``Hub cache``, ``folder``, ``catalog``.
        parameters: how many.
        size: for people, where the parameters have not been counted ("8B").
        licence: its name ("apache-2.0").
        context: its longest sequence, in tokens.
        chat_template: its tokenizer has one.
        memory: bytes that training it needs here, by the way of training (``lora``, ``4bit``,
            ``full-rank``), with the default batch; a way of which nothing is known is left out.
        batches: rows at once for which there is memory, by the way of training: the default
            batch at most, 0 where there is not enough for one row.
        hub_id: its id on the Hub.
        catalog_id: its id in the Supported Model Catalog; the core fills it in.
        note: a line that users of the model should know.
    """

    name: str
    place: str
    parameters: int | None = None
    size: str | None = None
    licence: str | None = None
    context: int | None = None
    chat_template: bool | None = None
    memory: Mapping[str, int] = field(default_factory=dict)
    batches: Mapping[str, int] = field(default_factory=dict)
    hub_id: str | None = None
    catalog_id: str | None = None
    note: str | None = None

    @property
    def fits(self) -> tuple[str, ...]:
        """Return the ways of training for which there is memory, if not for the default batch."""
        return tuple(way for way, rows in self.batches.items() if rows)


@dataclass(frozen=True, slots=True)
class LiveModel:
    """A model that a platform can train, as its own list has it now.

    Attributes:
        id: as the Supported Model Catalog would name it.
        name: for people.
        techniques: training types by the technique's name: ``{"sft": ("lora", "full-rank")}``.
        provider: of the model; ``None`` where the list does not tell.
        licence: it has one that must be accepted first; ``None`` where the list does not tell.
        vision_language: it reads images, too; ``None`` where the list does not tell.
        place: the list that has it, for people: ``"SageMakerPublicHub of us-east-1"``.
    """

    id: str
    name: str
    techniques: Mapping[str, tuple[str, ...]]
    provider: str | None = None
    licence: bool | None = None
    vision_language: bool | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class KnownModels:
    """The models that a platform knows, and the memory that it has for them.

    Attributes:
        models: in any order; one that is there twice is there under two names.
        free_memory: bytes that a job may use; ``None`` where that is not known.
        batch: rows that go through a model at once by default.
        basis: the device, batch and length for which memory is told, in words.
        weight_bytes: bytes of memory that each parameter of a model takes at least while it is
            trained by LoRA, by its weights alone; ``None`` where that is not known.
    """

    models: tuple[KnownModel, ...] = ()
    free_memory: int | None = None
    batch: int = 1
    basis: str = ""
    weight_bytes: int | None = None
