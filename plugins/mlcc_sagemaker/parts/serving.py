"""An endpoint, and the inference components on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlcc_core import Serving

if TYPE_CHECKING:
    from mlcc_core import Adapter, Context, Standing


class EndpointServing(Serving):
    """Serves the base model and what is put beside it on one endpoint.

    Args:
        look_seconds: between two looks at what is on its way.
    """

    def __init__(self, look_seconds: float) -> None:
        self.look_seconds = look_seconds

    def deploy_notice(self, context: Context, model_data: str | None) -> Sequence[str]:
        from mlcc_sagemaker.serving.endpoint import notice

        return notice(context, model_data)

    def deploy(
        self, context: Context, model_data: str | None, expires: float | None = None
    ) -> Sequence[str]:
        from mlcc_sagemaker.serving.endpoint import deploy

        return deploy(context, model_data, self.look_seconds, expires)

    def standing(self, context: Context) -> Sequence[Standing]:
        from mlcc_sagemaker.serving.standing.listed import standing

        return standing(context)

    def take_down(self, context: Context, name: str) -> Sequence[str]:
        from mlcc_sagemaker.serving.standing.taken_down import take_down

        return take_down(context, name, self.look_seconds)

    def undeploy_notice(self, context: Context) -> Sequence[str]:
        from mlcc_sagemaker.serving.removal import undeploy_notice

        return undeploy_notice(context)

    def undeploy(self, context: Context) -> Sequence[str]:
        from mlcc_sagemaker.serving.removal import undeploy

        return undeploy(context, self.look_seconds)

    def deployed(self, context: Context) -> Sequence[Adapter]:
        from mlcc_sagemaker.serving.components import deployed

        return deployed(context)

    def add_adapter(self, context: Context, name: str, weights: str) -> Adapter:
        from mlcc_sagemaker.serving.adapters import add_adapter

        return add_adapter(context, name, weights, self.look_seconds)

    def remove_adapter(self, context: Context, name: str) -> None:
        from mlcc_sagemaker.serving.removal import remove_component

        remove_component(context, name, self.look_seconds)

    def add_component(self, context: Context, name: str, model_data: str) -> Adapter:
        from mlcc_sagemaker.serving.whole import add_component

        return add_component(context, name, model_data, self.look_seconds)

    def holds(self, context: Context, name: str, weights: str) -> bool:
        from mlcc_sagemaker.serving.updates import holds

        return holds(context, name, weights)

    def base_command(self, context: Context, model: str) -> str | None:
        from mlcc_sagemaker.serving.endpoint import base_command

        return base_command(context, model)

    def update(self, context: Context, name: str, weights: str) -> Adapter:
        from mlcc_sagemaker.serving.updates import update

        return update(context, name, weights, self.look_seconds)
