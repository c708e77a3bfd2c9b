"""The request to the staging pipeline, and the command line that asks for it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from mlcc_core.contract.source import Access, Listing, Source
from mlcc_core.contract.technique.schema import DatasetSchema, FlattenRules
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.helpers.text import shown_uri
from mlcc_core.staging.model.column_map import Pair, format_column_map

if TYPE_CHECKING:
    from mlcc_core.staging.model.row_check import RowCheck


@dataclass(frozen=True, slots=True)
class Conversion:
    """A conversion that the user asks for; hashable, and JSON by ``dataclasses.asdict``.

    Attributes:
        column_map: as :func:`parse_column_map` returns it: renames, joins, columns left out.
        transform: ``False`` for ``--no-transform``: chat format is an error, not flattened.
        on_misfit: lossy rows, of which flattening would lose a part, stop the run or are skipped.
        extract_prompt: the first messages that chosen and rejected share become the prompt (TRL's
            "implicit prompt").
        from_messages: a ``messages`` column becomes prompt and completion.
        take: only so many rows, the first ones, are taken; ``None`` takes all.
    """

    column_map: tuple[Pair, ...] = ()
    transform: bool = True
    on_misfit: Literal["fail", "skip"] = "fail"
    extract_prompt: bool = False
    from_messages: bool = False
    take: int | None = None

    def identity(self) -> dict[str, Any]:
        """Return all that decides the rows, for keys: those of datasets taken whole stay."""
        given = asdict(self)
        if self.take is None:
            del given["take"]
        return given

    def flags(self) -> list[str]:
        """Return the flags that ask for this conversion, each quoted for a shell."""
        words: list[str] = []
        if self.column_map:
            text = format_column_map(self.column_map)
            words.append(f"--column-map {quote(text, always=True)}")
        if not self.transform:
            words.append("--no-transform")
        if self.on_misfit != "fail":
            words.append(f"--on-misfit {self.on_misfit}")
        if self.extract_prompt:
            words.append("--extract-prompt")
        if self.from_messages:
            words.append("--from-messages")
        if self.take is not None:
            words.append(f"--take {self.take}")
        return words


@dataclass(frozen=True)
class DatasetJob:
    """A dataset to be staged, validated or checked.

    Attributes:
        source, listing, access: where the files are and how they are read.
        schema, flatten: the technique's, for the model.
        conversion: what the user asked for.
        evaluator_given: an evaluator flag was given, so evaluator columns are not required.
        command: the user's command line without the dataset and its options, for hints
            (``./do/tune --technique dpo``).
        check_command: the command that reports every error, without the dataset
            (``mlcc check --technique dpo``); hints leave it out when it is ``None``.
        evaluator_flags: flags that name an evaluator for every row, for hints.
        row_check: the technique's own check of rows, if it has one.
        taken: pairs of the column map that were found, not asked for: a column that holds
            conversations, and the column that it is taken as.
        other_forms: why other forms of the technique's datasets are not taken, where none fits.
    """

    source: Source
    listing: Listing
    access: Access
    schema: DatasetSchema
    flatten: FlattenRules
    conversion: Conversion
    evaluator_given: bool
    command: str
    check_command: str | None = None
    evaluator_flags: tuple[str, ...] = ()
    row_check: RowCheck | None = None
    taken: tuple[tuple[str, str], ...] = ()
    other_forms: tuple[str, ...] = ()

    @hint_kind("the same command with another dataset or conversion")
    def command_with(self, uri: str | None = None, /, **changes: Any) -> str:
        """Return the user's command line with another dataset URI or conversion.

        Args:
            uri: in place of the listing's.
            changes: fields of the conversion.
        """
        conversion = replace(self.conversion, **changes)
        dataset = quote(shown_uri(uri) if uri is not None else self.listing.shown)
        return " ".join([self.command, f"--dataset {dataset}", *conversion.flags()])

    def schema_identity(self) -> Mapping[str, Any]:
        """Return all of the schema that decides how rows are read; names to propose do not."""
        schema = asdict(self.schema)
        for column in schema["columns"]:
            del column["also"]
        return schema

    @hint_kind("the command that reports every error")
    def check_hint(self) -> str | None:
        """Return the command line that reports every error of this dataset."""
        if self.check_command is None:
            return None
        dataset = quote(self.listing.shown)
        return " ".join([self.check_command, dataset, *self.conversion.flags()])


def quote(word: str, *, always: bool = False) -> str:
    """Quote ``word`` for a shell only as far as needed, in double quotes if possible."""
    if not always and word and shlex.quote(word) == word:
        return word
    if any(sign in word for sign in '"$`\\!\n'):
        return shlex.quote(word)
    return f'"{word}"'
