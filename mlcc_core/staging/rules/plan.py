"""The plan of a conversion, made from the first records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from mlcc_core.contract.technique.schema import Column
from mlcc_core.staging.model.column_map import Join, joins_of, left_out_of
from mlcc_core.staging.model.read_note import ReadNote
from mlcc_core.staging.model.report import EvaluatorValues
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.rules.column_rewrite import ColumnRewrite
from mlcc_core.staging.rules.context import context_kind
from mlcc_core.staging.rules.conversation.chat_text import read_chat
from mlcc_core.staging.rules.messages import KEY_PAIRS, Strategy, describe, detect
from mlcc_core.staging.rules.roles import RoleRules

if TYPE_CHECKING:
    from mlcc_core.staging.model.row_check import RowCheck

WRAPPED_COLUMN = "prompt"
"""The column in which a string is accepted as one user message where messages are expected."""

MOST_COLUMNS = 1000
"""Column names outside the schema that are kept at most."""

OBJECT_FORM = "object"

MOST_EVALUATORS = 1000
"""Distinct evaluators that are counted at most; a column with more does not name evaluators."""


@dataclass(frozen=True)
class ColumnPlan:
    """The conversion of one column of the schema.

    Attributes:
        column: of the schema.
        required: a missing key or a null is an error.
        strategy: how chat format is flattened; ``None`` where the first record has none.
        role: the first record's role, where flattening drops it.
        wrap: a string becomes one user message, and messages with ``from`` and ``value`` get
            ``role`` and ``content``.
        chat_text: a string that is the JSON of messages is read as those, stays text, or is an
            error.
    """

    column: Column
    required: bool
    strategy: Strategy | None = None
    role: str | None = None
    wrap: bool = False
    chat_text: Literal["read", "keep", "refuse"] = "keep"

    def unchanging(self) -> ColumnPlan:
        """Return the plan for values that stay as they are."""
        refuses = self.chat_text == "read" and self.strategy is None
        return replace(self, wrap=False, chat_text="refuse" if refuses else self.chat_text)

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def types(self) -> tuple[str, ...]:
        return self.column.types

    @cached_property
    def roles(self) -> RoleRules | None:
        """The rules of its messages; ``None`` where any will do."""
        rules = self.column.messages
        return None if rules is None else RoleRules.of(rules)


@dataclass(frozen=True)
class ConversionPlan:
    """The conversion of every row of the dataset.

    Attributes:
        columns: of the schema, in its order.
        keep_other: other columns are written after them.
        rewrite: applied before flattening.
        notes: what flattening and the rewrite do, for the user.
        differ: pairs of columns whose values should differ in a row that has both.
        equal_left_out: rows in which they do not are left out, not only counted.
        check: the technique's own, of each row as it would be written.
        joins: columns that become one, before all else.
        left_out: columns that are left out on purpose, by their names in the file.
    """

    columns: tuple[ColumnPlan, ...]
    keep_other: bool
    rewrite: ColumnRewrite | None
    notes: tuple[str, ...]
    differ: tuple[tuple[str, str], ...] = ()
    equal_left_out: bool = False
    check: RowCheck | None = None
    joins: tuple[Join, ...] = ()
    left_out: frozenset[str] = frozenset()

    @cached_property
    def used(self) -> frozenset[str]:
        """The columns that are written, or that others are made of."""
        return frozenset(
            (*(c.name for c in self.columns), *(self.rewrite.reads if self.rewrite else ()))
        )

    def watches(self, name: str) -> bool:
        """Return whether a column carries context and is not written."""
        return not self.keep_other and name not in self.used and context_kind(name) is not None

    def settled(self) -> ConversionPlan:
        """Return the plan for rows that are converted already: nothing of them changes."""
        columns = tuple(
            replace(c, strategy=None, role=None, wrap=False, chat_text="keep") for c in self.columns
        )
        return replace(
            self, columns=columns, rewrite=None, check=None, joins=(), left_out=frozenset()
        )


@dataclass
class Tally:
    """Counts of what the rows of all files hold.

    Attributes:
        blank: rows with an empty or blank string, by column.
        other_role: rows whose dropped role is not the first record's, by column.
        wrapped: rows whose string became a user message, by column.
        translated: rows whose messages had ``from`` and ``value``, by column.
        equal: rows in which two columns are the same that should differ, by the second of them.
        read_text: rows whose messages were JSON text, by column.
        as_system: rows whose system prompt became the first message, by column.
        left_out: rows by the field of a message that is not written.
        settings: rows by the setting beside their messages that is not written.
        kept, dropped: columns outside the schema that are written, or not (sets in order; the
            values mean nothing).
        evaluators: rows by evaluator, for the first ``MOST_EVALUATORS``.
        kinds: rows whose evaluator column holds no string, under ``OBJECT_FORM``.
        reading: what was recognised in each file, as far as it was read.
    """

    blank: Counter[str] = field(default_factory=Counter)
    other_role: Counter[str] = field(default_factory=Counter)
    wrapped: Counter[str] = field(default_factory=Counter)
    translated: Counter[str] = field(default_factory=Counter)
    equal: Counter[str] = field(default_factory=Counter)
    read_text: Counter[str] = field(default_factory=Counter)
    as_system: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    settings: Counter[str] = field(default_factory=Counter)
    kept: dict[str, None] = field(default_factory=dict)
    dropped: dict[str, None] = field(default_factory=dict)
    evaluators: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    reading: dict[str, Sequence[ReadNote]] = field(default_factory=dict)

    def knows(self, evaluator: str) -> bool:
        """Return whether rows with this evaluator are counted."""
        return evaluator in self.evaluators or len(self.evaluators) < MOST_EVALUATORS

    def add_column(self, columns: dict[str, None], name: str) -> None:
        """Add a column, up to ``MOST_COLUMNS``: rows with random names must not fill the memory."""
        if name not in columns and len(columns) < MOST_COLUMNS:
            columns[name] = None

    def evaluator_values(self) -> EvaluatorValues:
        """Return the values, the most frequent first, ties by name."""
        counts = sorted(self.evaluators.items(), key=lambda pair: (-pair[1], pair[0]))
        return EvaluatorValues(tuple(counts[:50]), len(counts), self.kinds[OBJECT_FORM])


def make_plan(
    job: DatasetJob, rewrite: ColumnRewrite | None, first: Sequence[Mapping[str, Any]]
) -> ConversionPlan:
    """Make the plan for a dataset.

    Args:
        job: the dataset.
        rewrite: the conversion's; the columns that it makes are not flattened.
        first: the first records, renamed; chat format is detected from the first value of each
            column that is not null.
    """
    rewriteed = rewrite.makes if rewrite else ()
    columns: list[ColumnPlan] = []
    notes: list[str] = [rewrite.note] if rewrite and rewrite.note else []
    notes += [f"Took column '{source}' as '{target}'" for source, target in job.taken]
    for column in job.schema.columns:
        plan = ColumnPlan(
            column,
            required=column.required and not (column.evaluator and job.evaluator_given),
            wrap=job.conversion.transform
            and column.name == WRAPPED_COLUMN
            and "messages" in column.types
            and "string" not in column.types,
        )
        flattens = column.name in job.flatten.columns and not column.context
        if column.name in rewriteed:
            columns.append(plan)
            continue
        if flattens or ("messages" in column.types and "string" not in column.types):
            plan = replace(plan, chat_text="read" if job.conversion.transform else "refuse")
        if flattens:
            value = next((row[column.name] for row in first if row.get(column.name) is not None), 0)
            value = read_chat(value) or value if isinstance(value, str) else value
            if strategy := detect(value):
                plan = replace(plan, strategy=strategy, role=_dropped_role(strategy, value))
                notes.append(
                    f"Auto-converted column '{column.name}' from chat-format to string\n"
                    f"Format: {describe(strategy, value)}"
                )
        columns.append(plan)
    return ConversionPlan(
        tuple(columns),
        job.schema.keep_other_columns,
        rewrite,
        tuple(notes),
        differ=job.schema.differ,
        equal_left_out=job.conversion.on_misfit == "skip",
        check=job.row_check,
        joins=joins_of(job.conversion.column_map),
        left_out=left_out_of(job.conversion.column_map),
    )


def _dropped_role(strategy: Strategy, value: Any) -> str | None:
    if strategy == "mixed_roles":
        return None
    message = value[0] if isinstance(value, list) else value
    role = next((message[keys[0]] for keys in KEY_PAIRS if keys[0] in message), None)
    return role if isinstance(role, str) else None
