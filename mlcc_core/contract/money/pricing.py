"""Pricing: the part of a platform that says what things cost before they are begun."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlcc_core.contract.money.charge import Charge, TokenAmount
from mlcc_core.contract.platform.values import Context, Request

if TYPE_CHECKING:
    from mlcc_core.contract.job import JobState, TrainingSpec
    from mlcc_core.contract.managed.spec import ManagedSpec
    from mlcc_core.contract.platform.answering import AskingPlan
    from mlcc_core.contract.script.spec import ScriptSpec


class Pricing(ABC):  # noqa: B024 - every method has a default
    """The part of a platform that prices its work.

    Each method returns a charge for everything that costs; one without a price where none is
    published and the user named none. By default nothing costs anything.

    Nothing is created. Where a price list cannot be asked, the charge has no price, is
    ``maybe_published``, and its note says why; nothing is raised.
    """

    def of_job(
        self, context: Context, spec: TrainingSpec, request: Request, tokens: TokenAmount | None
    ) -> Sequence[Charge]:
        """Price a training job.

        Args:
            context: the surroundings.
            spec: the job.
            request: as the runner made it of ``spec``.
            tokens: of the rows to train on; ``None`` where they could not be counted.
        """
        return ()

    def of_deployment(self, context: Context, model_data: str | None) -> Sequence[Charge]:
        """Price what ``deploy`` would create, by the hour.

        Args:
            context: the surroundings.
            model_data: the model in place of the base model; ``None`` for that.
        """
        return ()

    def of_script(self, context: Context, spec: ScriptSpec, request: Request) -> Sequence[Charge]:
        """Price a job that runs a script of the user's.

        Args:
            context: the surroundings.
            spec: the script.
            request: that would be sent.
        """
        return ()

    def of_destination(
        self, context: Context, destination: str, name: str, weights: str
    ) -> Sequence[Charge]:
        """Price what ``deploy --to`` would create, with the arguments of ``Serving.deploy_to``."""
        return ()

    def of_answers(self, context: Context, plan: AskingPlan, judge: str | None) -> Sequence[Charge]:
        """Price an evaluation that asks what is deployed, and a judge where there is one.

        Args:
            context: the surroundings.
            plan: what is to be asked; stored answers are left out.
            judge: as the user named it.
        """
        return ()

    def of_evaluation(
        self, context: Context, spec: ManagedSpec, request: Request, tokens: TokenAmount | None
    ) -> Sequence[Charge]:
        """Price an evaluation that the platform runs as a job.

        Args:
            context: the surroundings.
            spec: the evaluation.
            request: that would be sent.
            tokens: of its rows; ``None`` where they could not be counted, or it brings its own.
        """
        return ()

    def spent_on_evaluation(
        self, context: Context, spec: ManagedSpec, state: JobState
    ) -> Sequence[Charge]:
        """Price what a job that evaluates has used up, by the platform's own count.

        Args:
            context: the surroundings.
            spec: the evaluation.
            state: of the job, as the runner described it.

        Returns:
            Nothing where the platform does not tell.
        """
        return ()

    def spent(self, context: Context, state: JobState) -> Sequence[Charge]:
        """Price what a training job has used up, by the platform's own count.

        Args:
            context: the surroundings, with the options that the job was given.
            state: of the job, as the runner described it.

        Returns:
            Nothing where the platform does not tell.
        """
        return ()
