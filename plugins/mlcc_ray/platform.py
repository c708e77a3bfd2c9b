"""The ``ray`` platform: its names and options, and its parts.

Ray itself is imported when a cluster is asked, and not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from mlcc_core import Engine, EvaluatorKind, Option, Platform, Setting
from mlcc_engine.engine import TRL
from mlcc_engine.model import tiny
from mlcc_engine.options.scale import QUANTIZE_OPTION
from mlcc_engine.options.training import TRAINING_OPTIONS
from mlcc_folders.evaluator.files import EVALUATOR_OPTIONS
from mlcc_folders.evaluator.judges import JUDGE_OPTIONS
from mlcc_folders.folder_answering import FolderAnswering
from mlcc_folders.folder_exporting import FolderExporting
from mlcc_folders.folder_serving import FolderServing
from mlcc_ray.options import PACKAGES, RESOURCES, WORKERS
from mlcc_ray.runner import RayJobs
from mlcc_ray.settings import SETTINGS
from mlcc_ray.store import RayStore

if TYPE_CHECKING:
    from pathlib import Path

    from mlcc_core import Check, Context


class Ray(Platform):
    """Trains as jobs of a Ray cluster; what they leave is fetched, and served by this machine."""

    name = "ray"
    api_version = "2.0"
    title = "a Ray cluster"
    default_model = tiny.NAME
    engines: ClassVar[tuple[Engine, ...]] = (TRL,)
    options: ClassVar[tuple[Option, ...]] = (
        WORKERS,
        RESOURCES,
        PACKAGES,
        *TRAINING_OPTIONS,
        QUANTIZE_OPTION,
        *JUDGE_OPTIONS,
        *EVALUATOR_OPTIONS,
    )
    settings: ClassVar[tuple[Setting, ...]] = SETTINGS
    evaluators: ClassVar[tuple[EvaluatorKind, ...]] = tuple(EvaluatorKind)
    takes_settings = True
    poll_interval = 2.0
    serving = FolderServing(tiny.NAME)
    answering = FolderAnswering(tiny.NAME)
    exporting = FolderExporting()

    def __init__(self) -> None:
        self._store = RayStore()
        self._runner = RayJobs()

    @property
    def store(self) -> RayStore:
        return self._store

    @property
    def runner(self) -> RayJobs:
        return self._runner

    def model_note(self, model: str) -> str | None:
        return tiny.NOTE if model == tiny.NAME else None

    def model_name(self, name: str, root: Path) -> str:
        from mlcc_folders.model.models import kept_name

        return kept_name(name, root)

    def checks(self, context: Context) -> Sequence[Check]:
        from mlcc_ray.checks import checks

        return list(checks(context))
