"""The form of a technique's dataset: columns, types, and the formats that a model may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from mlcc_core.contract.technique.row_rules import MessageRules
from mlcc_core.errors import ContractBreach, MlccError
from mlcc_core.helpers.names import close_matches

ColumnType = Literal[
    "string", "number", "boolean", "array", "object", "messages", "conversation", "tools"
]
"""Types of a column's values.

``messages`` is an array of objects with a role and a content, written as it is. ``conversation`` is
one to learn from, of which every message of the assistant is trained: it is read however it comes
and written in one form, with its calls of tools, reasoning and weights. ``tools`` are those that
the conversation of the same row may call.
"""

ANY_VALUE: tuple[ColumnType, ...] = ("string", "number", "boolean", "array", "object")
"""The types of a column whose values may be anything, and are written as they are."""

ColumnPart = Literal["prompt", "expected", "rejected"]
"""Parts of a row, for evaluations: the prompt, the reply that is expected, a worse one."""

_WORDS = {
    "messages": "array of message objects",
    "conversation": "array of message objects",
    "tools": "array of tools",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a technique's dataset.

    Attributes:
        name: the key in each JSON line.
        types: the accepted types; the first one leads in messages.
        required: a missing key or a null is an error.
        evaluator: names the evaluator of a row; not required when an evaluator flag is given.
        note: what the value means, shown in messages ("Lambda ARN").
        messages: what its messages may be, for a column of type ``messages``.
        context: it carries what the row is about (a document, a reference answer): it is written
            beside the others as it is, never flattened, and named as context.
        learned: a text that the model learns to say: a row in which it is empty or blank has
            nothing to train, which is an error.
        part: the part of an evaluation's row that it is: ``prompt``, ``expected`` or ``rejected``.
            A column of type ``conversation`` needs none: its last message is the expected reply.
        also: what people's datasets call it, ``("rating", "thumbs_up")``, likeliest first. Where
            a dataset lacks a required column and has one of these, renaming that is proposed; it
            is not done unasked. Large and small letters are the same.

    Raises:
        ContractBreach: an unknown type, rules of messages for a column that holds none, or other
            names that are not a tuple of texts.

    Example:
        >>> Column("documents", ("array",), required=False, context=True)
    """

    name: str
    types: tuple[ColumnType, ...] = ("string",)
    required: bool = True
    evaluator: bool = False
    note: str = ""
    messages: MessageRules | None = None
    context: bool = False
    learned: bool = False
    part: ColumnPart | None = None
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        types: object = self.types
        known = get_args(ColumnType)
        if not isinstance(types, tuple) or not types:
            raise ContractBreach(
                f"the types of column {self.name!r} are {types!r}, expected a tuple of: "
                f"{', '.join(known)}"
            )
        for name in types:
            if name not in known:
                close = close_matches(str(name), known)
                meant = f"; did you mean {close[0]!r}?" if close else ""
                raise ContractBreach(
                    f"column {self.name!r} has the type {name!r}, expected one of: "
                    f"{', '.join(known)}{meant}"
                )
        if self.messages is not None and ("messages" not in types or "array" in types):
            raise ContractBreach(
                f"column {self.name!r} has rules of messages, but its types are {types!r}, "
                "expected 'messages' among them and not 'array'"
            )
        also: object = self.also
        if not isinstance(also, tuple) or not all(isinstance(n, str) and n.strip() for n in also):
            raise ContractBreach(
                f"other names of column {self.name!r} are {also!r}, expected a tuple of texts"
            )

    def type_text(self) -> str:
        """Return the type in the words of the documentation: ``array of message objects``."""
        words = " or ".join(_WORDS.get(kind, kind) for kind in self.types)
        return f"{words} — {self.note}" if self.note else words


@dataclass(frozen=True, slots=True)
class DatasetSchema:
    """The form of a technique's dataset, for one model.

    Attributes:
        columns: in the order in which they are written.
        example: one valid row, shown in validation errors and documentation.
        format: the name that the catalog uses for this variant (``default``, ``converse``).
        keep_other_columns: other columns are written too, in source order (reward functions
            may need them); otherwise they are dropped and reported.
        differ: pairs of columns whose values should differ in each row that has both: rows in
            which they do not are counted and told, and a dataset of nothing else is refused.

    Raises:
        ContractBreach: a column that is named twice, several conversations, or ``differ`` names a
            column that does not exist.

    Example:
        >>> DatasetSchema(
        ...     columns=(Column("prompt"), Column("chosen"), Column("rejected")),
        ...     example={"prompt": "2 + 2 =", "chosen": "4", "rejected": "5"},
        ...     differ=(("chosen", "rejected"),),
        ... )
    """

    columns: tuple[Column, ...]
    example: Mapping[str, object]
    format: str = "default"
    keep_other_columns: bool = False
    differ: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            raise ContractBreach(f"a column is named twice: {', '.join(names)}")
        for kind in ("conversation", "tools"):
            if sum(kind in column.types for column in self.columns) > 1:
                raise ContractBreach(f"several columns have the type {kind!r}, expected one")
        for pair in self.differ:
            if len(pair) != 2 or not set(pair) <= set(names):
                raise ContractBreach(
                    f"differ has {pair!r}, expected two of the columns {', '.join(names)}"
                )

    def column(self, name: str) -> Column | None:
        """Return the column of a name; ``None`` where there is none."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def required(self) -> tuple[Column, ...]:
        """Return the columns that every row has."""
        return tuple(column for column in self.columns if column.required)


@dataclass(frozen=True, slots=True)
class FlattenRules:
    """The columns in which a chat-format value may be flattened to a string.

    Attributes:
        columns: names of columns whose type is ``string``.
    """

    columns: tuple[str, ...]


ANY_FORMAT = "default"
"""The format that the catalog names where it has none of its own for a model."""


@dataclass(frozen=True, slots=True)
class TargetModel:
    """The model to customise, as a technique sees it.

    Attributes:
        name: as the user gave it: a catalog id, a Hub id, a path.
        dataset_format: the dataset variant that the catalog names for this model and technique.
    """

    name: str
    dataset_format: str = ANY_FORMAT


def choose_format(model: TargetModel, *schemas: DatasetSchema) -> DatasetSchema:
    """Return the schema of the format that the catalog names for ``model``.

    Raises:
        MlccError: the catalog names a format that is not among ``schemas``.
    """
    for schema in schemas:
        if schema.format == model.dataset_format:
            return schema
    raise MlccError(
        f"The catalog names the dataset format {model.dataset_format!r} for model "
        f"{model.name!r}, expected one of {', '.join(s.format for s in schemas)}.",
        hint="mlcc catalog validate",
    )
