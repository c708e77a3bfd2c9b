"""Prices of jobs, endpoints and judges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlcc_core import Pricing

if TYPE_CHECKING:
    from mlcc_core import (
        Charge,
        Context,
        JobState,
        ManagedSpec,
        Request,
        TokenAmount,
        TrainingSpec,
    )


class AwsPricing(Pricing):
    """Prices from AWS's price list, or the user's own.

    Asking what is deployed costs nothing beyond the endpoint's hours, judges included: they are
    components or endpoints of the account.
    """

    def of_job(
        self, context: Context, spec: TrainingSpec, request: Request, tokens: TokenAmount | None
    ) -> Sequence[Charge]:
        from mlcc_sagemaker.money.jobs import training_charges

        return tuple(training_charges(context, spec.model, request, tokens, spec.options))

    def of_deployment(self, context: Context, model_data: str | None) -> Sequence[Charge]:
        from mlcc_sagemaker.money.deployment import deployment_charges

        return deployment_charges(context)

    def of_destination(
        self, context: Context, destination: str, name: str, weights: str
    ) -> Sequence[Charge]:
        from mlcc_sagemaker.bedrock.deploy import charges

        return charges(context, weights)

    def of_evaluation(
        self, context: Context, spec: ManagedSpec, request: Request, tokens: TokenAmount | None
    ) -> Sequence[Charge]:
        from mlcc_sagemaker.money.jobs import evaluation_charges

        return tuple(evaluation_charges(context, spec.model, request, tokens))

    def spent_on_evaluation(
        self, context: Context, spec: ManagedSpec, state: JobState
    ) -> Sequence[Charge]:
        from mlcc_sagemaker.money.spent import evaluation_spent

        return evaluation_spent(state)

    def spent(self, context: Context, state: JobState) -> Sequence[Charge]:
        from mlcc_sagemaker.money.spent import spent_charges

        return spent_charges(context, state)
