"""The staging pipeline: any dataset in, one checked JSONL file out.

Order, always: download, column rename, detect chat format, flatten, validate types, write JSONL.
Each name is imported from its module when it is first asked for; nothing heavy is imported before.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcc_core.staging.model.column_map import parse_column_map as parse_column_map
    from mlcc_core.staging.model.report import CheckReport as CheckReport
    from mlcc_core.staging.model.report import ColumnSummary as ColumnSummary
    from mlcc_core.staging.model.report import EvaluatorValues as EvaluatorValues
    from mlcc_core.staging.model.report import FileColumns as FileColumns
    from mlcc_core.staging.model.report import FileLedger as FileLedger
    from mlcc_core.staging.model.report import Ledger as Ledger
    from mlcc_core.staging.model.report import NotReached as NotReached
    from mlcc_core.staging.model.report import StagingProgress as StagingProgress
    from mlcc_core.staging.model.report import StagingReport as StagingReport
    from mlcc_core.staging.model.report import TokenSummary as TokenSummary
    from mlcc_core.staging.model.request import Conversion as Conversion
    from mlcc_core.staging.model.request import DatasetJob as DatasetJob
    from mlcc_core.staging.model.row_error import ERRORS_KEPT as ERRORS_KEPT
    from mlcc_core.staging.model.row_error import ErrorKind as ErrorKind
    from mlcc_core.staging.model.row_error import RowError as RowError
    from mlcc_core.staging.results.row_errors import DatasetError as DatasetError
    from mlcc_core.staging.results.row_sample import RowSample as RowSample
    from mlcc_core.staging.results.row_sample import Sample as Sample
    from mlcc_core.staging.results.row_sample import file_sample as file_sample
    from mlcc_core.staging.run.checker import check as check
    from mlcc_core.staging.run.look.head import FirstRows as FirstRows
    from mlcc_core.staging.run.look.head import try_first_rows as try_first_rows
    from mlcc_core.staging.run.preview import DatasetPreview as DatasetPreview
    from mlcc_core.staging.run.preview import preview as preview
    from mlcc_core.staging.run.stager import stage as stage
    from mlcc_core.staging.run.stager import validate_in_place as validate_in_place

_HOME = {
    "model.column_map": ("parse_column_map",),
    "model.report": (
        *("CheckReport", "ColumnSummary", "EvaluatorValues", "FileColumns", "FileLedger"),
        *("Ledger", "NotReached", "StagingProgress", "StagingReport", "TokenSummary"),
    ),
    "model.request": ("Conversion", "DatasetJob"),
    "model.row_error": ("ERRORS_KEPT", "ErrorKind", "RowError"),
    "results.row_errors": ("DatasetError",),
    "results.row_sample": ("RowSample", "Sample", "file_sample"),
    "run.checker": ("check",),
    "run.look.head": ("FirstRows", "try_first_rows"),
    "run.preview": ("DatasetPreview", "preview"),
    "run.stager": ("stage", "validate_in_place"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE_OF)  # noqa: PLE0605 - computed from the one list of homes


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'mlcc_core.staging' has no attribute {name!r}")
    return getattr(import_module(f"mlcc_core.staging.{_MODULE_OF[name]}"), name)
