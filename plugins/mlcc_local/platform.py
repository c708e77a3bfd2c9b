"""The ``local`` platform: real training on this machine, with no account and no network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from mlcc_core import Check, Context, Demo, Engine, EvaluatorKind, Option, Platform
from mlcc_engine.engine import TRL
from mlcc_engine.model import tiny
from mlcc_engine.smollm2 import model as smollm2
from mlcc_folders import checks
from mlcc_folders.folder_serving import FolderServing
from mlcc_folders.folder_store import FolderStore
from mlcc_folders.process_jobs import ENGINE
from mlcc_local.demo import material
from mlcc_local.request.evaluators import EVALUATOR_OPTIONS
from mlcc_local.request.judges import JUDGE_OPTIONS
from mlcc_local.request.scale import SCALE_OPTIONS
from mlcc_local.request.settings import TRAINING_OPTIONS
from mlcc_local.runner import LocalJobs


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

    def __init__(self, command: Sequence[str] = ENGINE) -> None:
        self._runner = LocalJobs(command)

    @property
    def runner(self) -> LocalJobs:
        return self._runner

    @property
    def demo(self) -> Demo:
        return material()

    def model_note(self, model: str) -> str | None:
        if model != tiny.NAME:
            return None
        return (
            f"{tiny.NAME} is a toy that knows nothing. A real model that fits a laptop: "
            f"mlcc init . --model {smollm2.NAME}   # or ORG/NAME of the Hugging Face Hub"
        )

    def checks(self, context: Context) -> Sequence[Check]:
        return checks.checks(context.root)
