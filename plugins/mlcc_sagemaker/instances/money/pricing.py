"""Prices of jobs on instances; those of endpoints and judges are shared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlcc_sagemaker.parts.pricing import AwsPricing

if TYPE_CHECKING:
    from mlcc_core import Charge, Context, JobState, Request, ScriptSpec, TokenAmount, TrainingSpec
    from mlcc_sagemaker.instances.runner import InstanceJobs


class InstancePricing(AwsPricing):
    """Prices of hours of instances, from AWS's price list, or the user's own.

    Args:
        runner: remembers what the service said of a job.
    """

    def __init__(self, runner: InstanceJobs) -> None:
        self._runner = runner

    def of_job(
        self, context: Context, spec: TrainingSpec, request: Request, tokens: TokenAmount | None
    ) -> Sequence[Charge]:
        from mlcc_sagemaker.instances.money.before import job_charges

        return job_charges(context, request, spec.options)

    def of_script(self, context: Context, spec: ScriptSpec, request: Request) -> Sequence[Charge]:
        from mlcc_sagemaker.instances.money.before import job_charges

        return job_charges(context, request, spec.options)

    def spent(self, context: Context, state: JobState) -> Sequence[Charge]:
        from mlcc_sagemaker.instances.money.after import spent_charges

        return spent_charges(context, state.name, self._runner.known(state.name))
