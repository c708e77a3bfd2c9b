"""The form of the files that a card lies beside, and what it means for what the card says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlcc_core.contract.platform.exporting import ExportForm as Form
from mlcc_core.project.records import RunRecord

__all__ = ["Form", "Shape", "form_of"]

OPENINGS: Mapping[Form, str] = {
    "adapter": "A LoRA adapter of",
    "merged": "A model that began as",
    "gguf": "A model in GGUF, for llama.cpp and Ollama, that began as",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of files.

    Attributes:
        form: of them.
        made_of: what the run left, in words, where the files are not that but were made of it.
    """

    form: Form
    made_of: str | None = None

    @property
    def adapter(self) -> bool:
        """Return whether they are an adapter, and not a whole model."""
        return self.form == "adapter"

    @property
    def opening(self) -> str:
        """Return the words before the name of the base."""
        return OPENINGS[self.form]

    def before(self, *, measured: bool) -> Iterator[str]:
        """Yield the line that says what the numbers of a card are of, if there are any.

        Args:
            measured: there are some.
        """
        if self.made_of and measured:
            yield f"The numbers of the run are of {self.made_of}."


def form_of(record: RunRecord, form: Form | None = None) -> Shape:
    """Return the form of files of a run.

    Args:
        record: of the run.
        form: in which they are; by default as the run left them.
    """
    whole = record.output is not None and record.output.kind == "model"
    left: Form = "merged" if whole else "adapter"
    if form is None or form == left:
        return Shape(left)
    made_of = "the model before it was converted"
    if not whole:
        made_of = "the adapter on its base, before both became these weights"
    return Shape(form, made_of)
