"""Errors of rows: where they are, what was found, what was expected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from mlcc_core.errors import MlccError
from mlcc_core.staging.model.row_error import RowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcc_core.contract.technique.schema import DatasetSchema
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.model.rows import InvalidRow

EXCERPT = 160
"""Characters of a malformed line that a message shows."""


SHOWN = 3
"""Errors that a message names one by one."""


class DatasetError(MlccError):
    """Errors of rows: the first one leads, the others are counted.

    Attributes:
        errors: the first ones, in reading order.
        total: number of invalid rows.
    """

    def __init__(
        self,
        job: DatasetJob,
        errors: Sequence[RowError],
        total: int,
        *,
        complete: bool = True,
        mend: str | None = None,
    ) -> None:
        """Initialise the error.

        Args:
            job: the dataset.
            errors: the first ones.
            total: number of invalid rows.
            complete: all rows were validated.
            mend: the command that mends the leading error, where it is known.
        """
        self.errors = tuple(errors)
        self.total = total
        first = next((error for error in errors if not error.misfit), errors[0])
        detail = [first.excerpt] if first.excerpt else []
        if mend is not None:
            hint: str | None = mend
        elif first.misfit:
            hint = job.command_with(on_misfit="skip")
        else:
            detail += expected_format(job.schema, evaluator_given=job.evaluator_given)
            hint = job.check_hint()
        others = [error for error in errors if error is not first][: SHOWN - 1]
        detail += [f"{error}" for error in others]
        left = total - 1 - len(others)
        if left > 0:
            detail.append(f"… and {left} more{'' if complete else ' so far'}")
        super().__init__(f"{first}.", hint=hint, detail=detail)

    def as_json(self) -> Mapping[str, object]:
        return {
            **super().as_json(),
            "errors": [asdict(error) for error in self.errors],
            "error_count": self.total,
        }


def row_errors(row: InvalidRow, file: str, unit: str) -> list[RowError]:
    """Return the errors of one row; those of a lossy conversion come last."""
    excerpt = shorten(row.text.decode(errors="replace"))
    errors = [
        RowError(
            file,
            row.number,
            issue.column,
            issue.found,
            issue.expected,
            excerpt,
            misfit=issue.lossy,
            unit=unit,
            row_on_line=row.row_on_line,
        )
        for issue in row.issues
    ]
    return sorted(errors, key=lambda error: error.misfit)


def shorten(text: str, limit: int = EXCERPT) -> str:
    """Return ``text`` on one line, without its middle if it is longer than ``limit`` characters."""
    line = text if len(text) <= limit else f"{text[: limit - 40]} … {text[-36:]}"
    return "".join(char if char.isprintable() else " " for char in line).strip()


def expected_format(schema: DatasetSchema, *, evaluator_given: bool = False) -> list[str]:
    """Return lines that show the schema: its example row, and the keys with their types."""
    required = [
        column
        for column in schema.columns
        if column.required and not (column.evaluator and evaluator_given)
    ]
    keys = ", ".join(f"{column.name} ({column.type_text()})" for column in required)
    return [
        "Expected format:",
        json.dumps(schema.example, ensure_ascii=False),
        f"Required keys: {keys}",
    ]


def no_rows(name: str) -> MlccError:
    """Return the error for a dataset (or file) without rows."""
    return MlccError(
        f"{name} has no rows, expected at least one.",
        hint="name a file, split or pattern that has rows",
    )
