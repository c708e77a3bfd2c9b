"""The ``local`` platform: real training on this machine, with no account and no network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from mlcc_core import (
    Check,
    Context,
    Demo,
    Engine,
    EvaluatorKind,
    KnownModels,
    Option,
    Platform,
)
from mlcc_engine.engine import TRL
from mlcc_engine.model import tiny
from mlcc_engine.options.training import TRAINING_OPTIONS
from mlcc_folders import checks
from mlcc_folders.evaluator.files import EVALUATOR_OPTIONS
from mlcc_folders.evaluator.judges import JUDGE_OPTIONS
from mlcc_folders.folder_answering import FolderAnswering
from mlcc_folders.folder_exporting import FolderExporting
from mlcc_folders.folder_serving import FolderServing
from mlcc_folders.folder_store import FolderStore
from mlcc_folders.process_jobs import ENGINE
from mlcc_local.demo import material
from mlcc_local.job.runner import LocalJobs
from mlcc_local.request.scale import SCALE_OPTIONS
from mlcc_local.scripts.requests import LocalScripts

if TYPE_CHECKING:
    from pathlib import Path


class Local(Platform):
    """Trains with TRL and PEFT in a child process, on whatever device there is.

    Args:
        command: the program that trains; see :class:`mlcc_folders.process_jobs.ProcessJobs`.
    """

    name = "local"
    api_version = "2.0"
    title = "this machine"
    default = True
    trains_here = True
    default_model = tiny.NAME
    engines: ClassVar[tuple[Engine, ...]] = (TRL,)
    options: ClassVar[tuple[Option, ...]] = (
        *TRAINING_OPTIONS,
        *SCALE_OPTIONS,
        *JUDGE_OPTIONS,
        *EVALUATOR_OPTIONS,
    )
    evaluators: ClassVar[tuple[EvaluatorKind, ...]] = tuple(EvaluatorKind)
    takes_settings = True
    poll_interval = 1.0
    store = FolderStore()
    serving = FolderServing(tiny.NAME)
    answering = FolderAnswering(tiny.NAME)
    exporting = FolderExporting()
    scripts = LocalScripts()

    def __init__(self, command: Sequence[str] = ENGINE) -> None:
        self._runner = LocalJobs(command)

    @property
    def runner(self) -> LocalJobs:
        return self._runner

    @property
    def demo(self) -> Demo:
        return material()

    def model_note(self, model: str) -> str | None:
        return tiny.NOTE if model == tiny.NAME else None

    def model_name(self, name: str, root: Path) -> str:
        from mlcc_folders.model.models import kept_name

        return kept_name(name, root)

    def models(self, context: Context) -> KnownModels:
        from mlcc_folders.model.known import known_models

        return known_models(context)

    def checks(self, context: Context) -> Sequence[Check]:
        return checks.checks(context.root)
