"""The rows of a managed evaluation: in the form that it reads, staged once under their content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from mlcc_core.actions.evaluate.rows.read import Rows
from mlcc_core.contract.job import DatasetRef
from mlcc_core.contract.managed.evaluating import ManagedEvaluating
from mlcc_core.contract.managed.spec import ManagedSpec
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import plural


@dataclass(frozen=True)
class ManagedRows:
    """Rows in the form that an evaluation reads.

    Attributes:
        rows: as they were read.
        data: JSON lines.
        warnings: lines about trained rows.
    """

    rows: Rows
    data: bytes
    warnings: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the content address of the data."""
        return f"evaluation-{hashlib.sha256(self.data).hexdigest()[:32]}"

    def ref(self, uri: str) -> DatasetRef:
        """Return the dataset at the place where it was staged."""
        return DatasetRef(uri, self.key, len(self.rows.rows))


def convert(
    managed: ManagedEvaluating, spec: ManagedSpec, rows: Rows, warnings: tuple[str, ...]
) -> ManagedRows:
    """Return the rows in the form that the evaluation of ``spec`` reads.

    Raises:
        MlccError: it cannot read one; no row is left out by itself.
    """
    lines = []
    for number, row in enumerate(rows.rows, start=1):
        try:
            converted = managed.convert_row(spec, row.columns)
        except MlccError as error:
            of = plural(len(rows.rows), "row")
            error.detail = (*error.detail, f"Row {number:,} of {of}: {rows.label}")
            raise
        lines.append(json.dumps(converted, ensure_ascii=False, sort_keys=True) + "\n")
    return ManagedRows(rows, "".join(lines).encode("utf-8", "surrogatepass"), warnings)


def find(platform: Platform, context: Context, rows: ManagedRows) -> DatasetRef | None:
    """Return the rows where they were staged before; ``None`` where they were not.

    Raises:
        PlatformError: the store cannot be asked.
    """
    staged = platform.store.find_staged(context, rows.key)
    return None if staged is None else rows.ref(staged.uri)


def stage(platform: Platform, context: Context, rows: ManagedRows) -> DatasetRef:
    """Stage the rows, unless the same ones are.

    Raises:
        PlatformError: they cannot be written.
    """
    found = find(platform, context, rows)
    if found is not None:
        return found
    with platform.store.stage(context, rows.key) as sink:
        sink.file.write(rows.data)
        return rows.ref(sink.commit({"rows": len(rows.rows.rows)}))
