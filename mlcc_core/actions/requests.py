"""The part of a request that is about a dataset, as typed: ``tune`` and ``check`` share it."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mlcc_core.contract.options import Option
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.helpers.text import shown_uri
from mlcc_core.staging.model.request import quote

BASE = "base"
"""The word for the base model as it is, wherever a model is named."""

TAKE = Option("--take", int, "Take only the first N rows of the dataset", "N", minimum=1)


@dataclass(frozen=True)
class DatasetRequest(ABC):
    """A dataset for a technique, and how its rows are converted.

    Attributes:
        technique: as typed; empty where :func:`mlcc_core.guess` is to find the one that fits.
        dataset: as typed.
        model: ``None`` where the project or a default decides.
        values: everything else that was given, by option key: hyperparameters, a technique's
            own options, evaluator flags, a platform's options.
        column_map: ``"source:target,…"``, as ``parse_column_map`` reads it.
        transform: ``False`` is ``--no-transform``.
        on_misfit: what to do with rows that the flatten strategy does not fit.
        extract_prompt, from_messages: the repairs that are asked for.
        take: only so many rows, the first ones, are taken.
        validation: the rows that are held out of training: ``auto``, ``none``, a fraction, a
            number of rows or the URI of a dataset; ``None`` where the command decides.
    """

    technique: str
    dataset: str
    model: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    column_map: str | None = None
    transform: bool = True
    on_misfit: Literal["fail", "skip"] = "fail"
    extract_prompt: bool = False
    from_messages: bool = False
    take: int | None = None
    validation: str | None = None

    @property
    def command(self) -> str:
        """Return the command line without the dataset and its conversion: hints add those.

        Example:
            ``./do/tune --technique sft --epochs 3``
        """
        return " ".join(flag_words(self._command()))

    @hint_kind("the same command with other options")
    def command_line(self, **changes: Any) -> str:
        """Return the whole command line, to be pasted into a shell: it asks for the same again.

        Args:
            changes: fields of this class to be different, ``model="org/name"``.

        Example:
            ``mlcc check --technique sft --dataset train.jsonl --on-misfit skip``
        """
        changed = dataclasses.replace(self, **changes)
        return " ".join((changed.command, *flag_words(dataset_flags(changed))))

    @property
    def shown_validation(self) -> str | None:
        """Return what is held out, without a secret that a URI may hold."""
        return None if self.validation is None else shown_uri(self.validation)

    @abstractmethod
    def _command(self) -> Iterator[tuple[str, object]]:
        """Yield the command's name, ``True`` beside it, and its flags with their values."""

    def _values(self) -> Iterator[tuple[str, object]]:
        for key, value in self.values.items():
            yield flag_of(key), value


@dataclass(frozen=True)
class CheckRequest(DatasetRequest):
    """One call of ``check``.

    Attributes:
        fixed: a new file for the rows that are right, converted; written whole or not at all,
            and only if there are any. Rows that the request or the technique leaves out go to
            another new file beside it: ``good.rejects.jsonl`` beside ``good.jsonl``.
        errors_kept: errors that are kept word for word, at most; all are counted. ``None`` keeps
            :data:`~mlcc_core.staging.ERRORS_KEPT` of them.
        show: so many of the first good rows are shown as the model reads them.
    """

    fixed: Path | None = None
    errors_kept: int | None = None
    show: int = 0

    def _command(self) -> Iterator[tuple[str, object]]:
        yield "mlcc check", True
        yield "--technique", self.technique or None
        yield "--model", self.model
        yield from self._values()
        yield "--validation", self.shown_validation
        yield "--show", self.show or None


def flag_of(key: str) -> str:
    """Return the flag of an option's key: ``lora_rank`` is ``--lora-rank``."""
    return "--" + key.replace("_", "-")


def dataset_flags(request: DatasetRequest) -> Iterator[tuple[str, object]]:
    """Yield the flags of the dataset and of its conversion, with their values."""
    yield "--dataset", shown_uri(request.dataset)
    yield "--column-map", request.column_map
    yield "--no-transform", not request.transform
    yield "--on-misfit", None if request.on_misfit == "fail" else request.on_misfit
    yield "--extract-prompt", request.extract_prompt
    yield "--from-messages", request.from_messages
    yield TAKE.flag, request.take


def flag_words(flags: Iterable[tuple[str, object]]) -> Iterator[str]:
    """Yield the words of a command line for flags with their values.

    ``True`` needs no word of its own; several values are words of as many flags.
    """
    for flag, value in flags:
        if isinstance(value, (tuple, list)):
            yield from flag_words((flag, one) for one in value)
        elif value is True:
            yield flag
        elif value is not None and value is not False:
            yield f"{flag} {quote(str(value))}"
