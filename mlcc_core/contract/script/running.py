"""Script running: the part of a platform that runs users' own scripts as jobs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlcc_core.contract.platform.values import Context, Request
from mlcc_core.contract.script.spec import ReportedScript, ScriptSpec

if TYPE_CHECKING:
    from mlcc_core.contract.platform.runner import JobRunner


class ScriptRunner(ABC):
    """The part of a platform that runs scripts of users.

    Their jobs are created, described, stopped and listed by the platform's own
    :class:`~mlcc_core.JobRunner`, under names that the core gives them, once each.

    A script is run with ``--NAME VALUE`` for each hyperparameter, and finds its surroundings in the
    variables that SageMaker's containers set: ``SM_MODEL_DIR`` (what it leaves there is kept),
    ``SM_CHANNEL_TRAIN`` (the folder of the channel ``train``), ``SM_HPS`` and others.
    """

    @abstractmethod
    def build_request(self, context: Context, spec: ScriptSpec) -> Request:
        """Return the request for ``spec``, but for the job's name. Nothing is created.

        Raises:
            MlccError, Problems: everything that is wrong with the spec, at once.
        """

    @abstractmethod
    def read_spec(self, body: Mapping[str, object]) -> ReportedScript:
        """Read what a request body asks for, from the body alone."""

    def reported(self, context: Context, name: str, runner: JobRunner) -> ReportedScript | None:
        """Return what a job says about itself; ``None`` where the platform cannot tell."""
        return None
