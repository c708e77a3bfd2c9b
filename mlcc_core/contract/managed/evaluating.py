"""Managed evaluating: the part of a platform that runs evaluations as jobs of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlcc_core.contract.managed.spec import ManagedScores, ManagedSpec, ReportedEvaluation
from mlcc_core.contract.platform.values import Context, Request

if TYPE_CHECKING:
    from mlcc_core.contract.platform.runner import JobRunner


class ManagedEvaluating(ABC):
    """The part of a platform that runs evaluations as jobs.

    Its jobs are created, described, stopped and listed by the platform's own
    :class:`~mlcc_core.JobRunner`, under names that the core gives them, once each.
    """

    @abstractmethod
    def check(self, context: Context, spec: ManagedSpec) -> ManagedSpec:
        """Return the spec with everything filled in that the platform chooses by itself.

        It is called before anything is staged: ``spec.dataset`` waits.

        Raises:
            MlccError, Problems: an unknown benchmark, judge, metric or scorer (those that there are
                are listed), or a model or run that cannot be measured so.
        """

    def convert_row(self, spec: ManagedSpec, row: Mapping[str, object]) -> Mapping[str, object]:
        """Return a row of the dataset in the form that the evaluation reads.

        Args:
            spec: as :meth:`check` returned it.
            row: as it is staged for training: ``messages``, or a prompt with its columns.

        Raises:
            MlccError: the evaluation cannot read such a row.
        """
        return row

    def before(self, spec: ManagedSpec) -> ManagedSpec | None:
        """Return the job that has to complete before the one of ``spec``; ``None`` for none.

        A platform whose judge reads replies that another job made asks for that job here. It is
        built, proven, created and watched as any other, but has no scores; its name is then
        ``replies`` of the spec that waited for it.

        Args:
            spec: as :meth:`check` returned it.
        """
        return None

    @abstractmethod
    def build_request(self, context: Context, spec: ManagedSpec) -> Request:
        """Return the request for ``spec``, but for the job's name. Nothing is created.

        Raises:
            MlccError, Problems: everything that is wrong with the spec, at once.
        """

    @abstractmethod
    def read_spec(self, body: Mapping[str, object]) -> ReportedEvaluation:
        """Read what a request body asks for, from the body alone."""

    @abstractmethod
    def scores(self, context: Context, name: str, spec: ManagedSpec) -> ManagedScores:
        """Return the result of a job that completed.

        Args:
            context: the surroundings.
            name: of the job.
            spec: that it was created for.

        Raises:
            MlccError: its result cannot be understood.
            PlatformError: it cannot be read.
        """

    def reported(self, context: Context, name: str, runner: JobRunner) -> ReportedEvaluation | None:
        """Return what a job says about itself; ``None`` where the platform cannot tell."""
        return None
