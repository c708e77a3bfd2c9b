"""A technique's own check of rows, beyond what its schema declares."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcc_core.staging.model.row_issues import DroppedRow, RowIssue, RowIssues

if TYPE_CHECKING:
    from mlcc_core.contract.technique.schema import TargetModel
    from mlcc_core.errors import MlccError
    from mlcc_core.loader.bound_hooks import BoundTechnique


@dataclass(frozen=True)
class RowCheck:
    """The check of rows for one model.

    Attributes:
        technique: its hooks.
        model: the rows are for.
    """

    technique: BoundTechnique
    model: TargetModel

    @property
    def identity(self) -> tuple[str, ...]:
        """All that its answers depend on, beside the row."""
        return (self.technique.name, self.version, self.model.name, self.model.dataset_format)

    @property
    def version(self) -> str:
        """The version of its answers, as the technique states it."""
        return str(self.technique.technique.row_rules_version)

    def changed(self, row: Mapping[str, object]) -> bytes | None:
        """Return the row to write in place of ``row`` as JSON text; ``None`` keeps it.

        Raises:
            RowIssues: the technique refuses the row, or leaves it out.
            PluginError: its hook fails, or changes the row to one that JSON cannot hold.
        """
        verdict = self.technique.check_row(row, self.model)
        if verdict.kind == "drop":
            raise RowIssues([DroppedRow(verdict.reason)])
        if verdict.kind == "refuse":
            name = self.technique.name
            raise RowIssues([RowIssue(f"a row that technique {name!r} refuses: {verdict.reason}")])
        if verdict.row is None:
            return None
        try:
            text = json.dumps(dict(verdict.row), allow_nan=False, ensure_ascii=False)
            return text.encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise self.fault(f"that JSON cannot hold: {error}") from error

    def fault(self, why: str) -> MlccError:
        """Return the error for a change of a row that breaks the contract."""
        return self.technique.fault(f"mlcc_check_row changed a row to one {why}")
