"""The names that plugin authors use; each is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcc_core.errors import JobError as JobError
    from mlcc_core.errors import MlccError as MlccError
    from mlcc_core.errors import PassingError as PassingError
    from mlcc_core.errors import PlatformError as PlatformError
    from mlcc_core.errors import Problems as Problems
    from mlcc_core.hookspecs import hookimpl as hookimpl
    from mlcc_core.job import Claims as Claims
    from mlcc_core.job import DatasetRef as DatasetRef
    from mlcc_core.job import Job as Job
    from mlcc_core.job import JobState as JobState
    from mlcc_core.job import Order as Order
    from mlcc_core.job import Output as Output
    from mlcc_core.job import Progress as Progress
    from mlcc_core.manager import build_manager as build_manager
    from mlcc_core.options import Evaluator as Evaluator
    from mlcc_core.options import EvaluatorArg as EvaluatorArg
    from mlcc_core.options import EvaluatorKind as EvaluatorKind
    from mlcc_core.options import Option as Option
    from mlcc_core.platform import Adapter as Adapter
    from mlcc_core.platform import Check as Check
    from mlcc_core.platform import Context as Context
    from mlcc_core.platform import Demo as Demo
    from mlcc_core.platform import JobNotFound as JobNotFound
    from mlcc_core.platform import Placement as Placement
    from mlcc_core.platform import Platform as Platform
    from mlcc_core.platform import Request as Request
    from mlcc_core.platform import Sink as Sink
    from mlcc_core.platform import Staged as Staged
    from mlcc_core.source import Access as Access
    from mlcc_core.source import Credential as Credential
    from mlcc_core.source import DatasetFile as DatasetFile
    from mlcc_core.source import Listing as Listing
    from mlcc_core.source import Source as Source
    from mlcc_core.technique import Column as Column
    from mlcc_core.technique import DatasetSchema as DatasetSchema
    from mlcc_core.technique import FlattenRules as FlattenRules
    from mlcc_core.technique import Recipe as Recipe
    from mlcc_core.technique import TargetModel as TargetModel
    from mlcc_core.technique import Technique as Technique
    from mlcc_core.technique import choose_format as choose_format
    from mlcc_core.tokens import RowTokens as RowTokens
    from mlcc_core.tokens import TokenCounter as TokenCounter

_HOME = {
    "errors": ("JobError", "MlccError", "PassingError", "PlatformError", "Problems"),
    "hookspecs": ("hookimpl",),
    "job": ("Claims", "DatasetRef", "Job", "JobState", "Order", "Output", "Progress"),
    "manager": ("build_manager",),
    "options": ("Evaluator", "EvaluatorArg", "EvaluatorKind", "Option"),
    "platform": (
        *("Adapter", "Check", "Context", "Demo", "JobNotFound"),
        *("Placement", "Platform", "Request", "Sink", "Staged"),
    ),
    "source": ("Access", "Credential", "DatasetFile", "Listing", "Source"),
    "technique": (
        *("Column", "DatasetSchema", "FlattenRules", "Recipe"),
        *("TargetModel", "Technique", "choose_format"),
    ),
    "tokens": ("RowTokens", "TokenCounter"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE_OF)  # noqa: PLE0605 - computed from the one list of homes
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'mlcc_core' has no attribute {name!r}")
    return getattr(import_module(f"mlcc_core.{_MODULE_OF[name]}"), name)
