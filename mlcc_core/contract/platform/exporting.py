"""Exporting: where the output of a run becomes files that other programs load."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.answering import Subject
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError

ExportForm = Literal["merged", "adapter", "gguf"]
"""A whole model in the files of the Hub, an adapter alone, or one file for llama.cpp and Ollama."""

EXPORT_FORMS: tuple[ExportForm, ...] = ("merged", "adapter", "gguf")
"""All of them, as ``--form`` takes them."""

ExportFormat = Literal["float32", "bfloat16", "float16", "q8_0"]
"""The number format of weights that are written; q8_0 (8 bits) is of GGUF alone."""

EXPORT_FORMATS: tuple[ExportFormat, ...] = ("float32", "bfloat16", "float16", "q8_0")
"""All of them, as ``--dtype`` takes them."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """An export as it is asked of a platform.

    Attributes:
        subject: the model that is written.
        form: of what is written.
        name: of what is written: in GGUF the files are ``NAME.gguf`` and ``NAME.Modelfile``, and
            other programs call the model so.
        dtype: number format of the weights; ``None`` for the platform's choice.
        shard_bytes: files of weights are at most so large, where several are written.
    """

    subject: Subject
    form: ExportForm
    name: str = "model"
    dtype: ExportFormat | None = None
    shard_bytes: int = 5 * 10**9


@dataclass(frozen=True, slots=True)
class Exported:
    """Files that were written.

    Attributes:
        subject: names what was written as a model that this platform's answering can ask;
            ``None`` where it cannot be loaded here, and ``lines`` say why.
        loads: how other programs load it, by program; ``{path}`` stands for the folder in which
            the files will lie: ``{"vLLM": "vllm serve {path}"}``.
        lines: further lines for the user.
        dtype: the number format that the weights have; ``None`` for those of an adapter.
        scratch: names of files and folders among those that were written which only help to ask
            ``subject``; they are not published.
    """

    subject: Subject | None
    loads: Mapping[str, str]
    lines: tuple[str, ...] = ()
    dtype: ExportFormat | None = None
    scratch: tuple[str, ...] = ()


class Exporting(ABC):
    """The part of a platform that writes models as files."""

    @abstractmethod
    def lacks(self, context: Context, subject: Subject, form: ExportForm) -> MlccError | None:
        """Return why a form cannot be had of a model.

        Nothing is loaded or downloaded.

        Returns:
            An error, whose hint, if it has one, is a command after which the same export works;
            ``None`` where the form can be had.
        """

    def loads(self, context: Context, model: str, output: Output) -> Mapping[str, str]:
        """Return how other programs load the output of a run where it lies.

        Args:
            context: the surroundings.
            model: the base model of the run.
            output: what it left.

        Returns:
            A line to paste for each program, as ``Exported.loads`` has them, with the real path.
        """
        return {}

    @abstractmethod
    def export(self, context: Context, plan: ExportPlan, folder: Path) -> Exported:
        """Write a model into a folder that is empty.

        The core publishes the folder whole, or removes it: what is cut off leaves nothing.

        Raises:
            MlccError, PlatformError: it cannot be written; the class says whose fault that is.
        """
