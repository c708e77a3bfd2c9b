"""The first rows of a file, converted by the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcc_core.staging.convert.lines import convert_lines
from mlcc_core.staging.convert.rows import RowConverter
from mlcc_core.staging.model.column_map import renames_of
from mlcc_core.staging.model.rows import BatchResult, Write
from mlcc_core.staging.run.look.file_preview import head_rows

if TYPE_CHECKING:
    from mlcc_core.staging.model.file_preview import FilePreview
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.rules.plan import ConversionPlan, Tally


def convert_head(
    plan: ConversionPlan,
    file: FilePreview,
    job: DatasetJob,
    tally: Tally,
    write: Write | None = None,
) -> BatchResult:
    """Convert the first rows of a file.

    Args:
        plan: of the conversion.
        file: its preview.
        job: the dataset.
        tally: counts what the rows hold.
        write: takes those that are right.
    """
    renames = renames_of(job.conversion.column_map)
    if file.schema is None:
        return convert_lines(file.lines, RowConverter(plan, renames, tally), write)
    if file.table is None:
        return BatchResult(read=0)
    from mlcc_core.staging.convert.columnar import TableConverter
    from mlcc_core.staging.model.rows import TableBatch

    converter = TableConverter(plan, file.schema, renames, tally)
    rows = file.table.rows.slice(0, head_rows(job)).select(converter.columns)
    batch = TableBatch(file.table.numbers[: rows.num_rows], rows)
    return converter.convert(converter.prepare(batch), write)
