"""Excel files: the first sheet with rows, every value as text, as from CSV."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from mlcc_core.errors import MlccError
from mlcc_core.helpers.extras import install_command, require_package
from mlcc_core.staging.model.read_note import ReadNote
from mlcc_core.staging.model.rows import TableBatch
from mlcc_core.staging.read.arrow import BATCH_ROWS, TableRows, unique_names
from mlcc_core.staging.read.streams import OpenFile

if TYPE_CHECKING:
    import polars as pl


class ExcelRows(TableRows):
    """An Excel file whose first sheet with rows has the names of its columns in its first row.

    Rows in which every cell is empty do not count, nor do columns without a name and values.
    """

    def __init__(self, opened: OpenFile) -> None:
        self.format = opened.format.name
        self._name = name = opened.name
        sheets = _sheets(opened)
        chosen = next((sheet for sheet, frame in sheets.items() if frame.height > 1), None)
        if chosen is None:
            raise MlccError(
                f"{name} has no sheet with rows below a first row of names.",
                hint="write the names of the columns in the first row of a sheet",
            )
        frame = sheets[chosen]
        filled = [column for column in frame if column.null_count() < frame.height]
        self._frame = frame.select([column.name for column in filled]).slice(1)
        names = [str(column[0] or "") for column in filled]
        self._refuse_title(chosen, names)
        unique_names(names, name)
        self._found: list[ReadNote] = []
        if len(sheets) > 1:
            others = ", ".join(repr(sheet) for sheet in sheets if sheet != chosen)
            self._found.append(ReadNote(f"sheet {chosen!r} is read, and not {others}"))
        self.schema = pa.schema([(column, pa.string()) for column in names])

    def _refuse_title(self, sheet: str, names: Sequence[str]) -> None:
        for number, column in enumerate(names, 1):
            if not column:
                raise MlccError(
                    f"{self._name}, sheet {sheet!r}: column {number} has no name in the first row.",
                    hint="write a name for each column there, and nothing above the names",
                )

    def notes(self) -> Sequence[ReadNote]:
        return [*super().notes(), *self._found]

    def batches(self, columns: Sequence[str], limit: int | None = None) -> Iterator[TableBatch]:
        import polars as pl

        frame = self._frame.with_row_index("", 2)
        whole = frame.filter(
            pl.any_horizontal(pl.col(name).fill_null("") != "" for name in frame.columns[1:])
        )
        if len(whole) < len(frame) and limit is None:
            text = "rows in which every cell is empty are not read"
            self._found.append(ReadNote(text, len(frame) - len(whole)))
        at = [1 + self.schema.names.index(column) for column in columns]
        newest = pl.CompatLevel.newest()
        for start in range(0, len(whole), limit or BATCH_ROWS):
            piece = whole.slice(start, limit or BATCH_ROWS)
            values = [piece.to_series(index).fill_null("").rechunk() for index in at]
            arrays = [column.to_arrow(compat_level=newest) for column in values]
            rows = pa.RecordBatch.from_arrays(arrays, list(columns))
            yield TableBatch(piece.to_series(0).to_list(), rows)


def _sheets(opened: OpenFile) -> dict[str, pl.DataFrame]:
    """Read all sheets as text.

    Raises:
        MlccError: the package that reads Excel is missing, or the file is damaged.
    """
    require_package("fastexcel", purpose="Reading Excel", install=install_command("mlcc[xlsx]"))
    import fastexcel
    import polars as pl

    try:
        return pl.read_excel(
            io.BytesIO(opened.file.read()),
            sheet_id=0,
            engine="calamine",
            has_header=False,
            infer_schema_length=0,
            drop_empty_rows=False,
            drop_empty_cols=False,
            raise_if_empty=False,
        )
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise MlccError(
            f"{opened.name} is not a whole Excel file ({reason}).",
            hint="save it again as .xlsx or CSV",
        ) from None
