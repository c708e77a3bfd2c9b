"""An endpoint, the inference components on it, and models that Bedrock serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlcc_core import Serving

if TYPE_CHECKING:
    from mlcc_core import Adapter, Context, Standing


class EndpointServing(Serving):
    """Serves the base model and what is put beside it on one endpoint; others in Bedrock.

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

    def deploy_to_notice(
        self, context: Context, destination: str, name: str, weights: str
    ) -> Sequence[str]:
        from mlcc_sagemaker.bedrock.deploy import notice
        from mlcc_sagemaker.serving.flags import refuse_serving_flags

        refuse_serving_flags(context)
        return notice(context, name, weights)

    def deploy_to(self, context: Context, destination: str, name: str, weights: str) -> Adapter:
        from mlcc_sagemaker.bedrock.deploy import deploy_to

        return deploy_to(context, name, weights, self.look_seconds)

    def standing(self, context: Context) -> Sequence[Standing]:
        from mlcc_sagemaker.bedrock.standing import standing as imported
        from mlcc_sagemaker.serving.standing.listed import standing

        return [*standing(context), *imported(context)]

    def take_down(self, context: Context, name: str) -> Sequence[str]:
        from mlcc_sagemaker.bedrock.removal import take_down as remove_imported
        from mlcc_sagemaker.serving.standing.described import describe_endpoint
        from mlcc_sagemaker.serving.standing.taken_down import take_down

        removed: Sequence[str] = ()
        if describe_endpoint(context, name) is None:
            removed = remove_imported(context, name, self.look_seconds)
        return removed or take_down(context, name, self.look_seconds)

    def undeploy_notice(self, context: Context) -> Sequence[str]:
        from mlcc_sagemaker.bedrock.removal import undeploy_notice as imported
        from mlcc_sagemaker.serving.removal import undeploy_notice

        return [*undeploy_notice(context), *imported(context)]

    def undeploy(self, context: Context) -> Sequence[str]:
        from mlcc_sagemaker.bedrock.removal import undeploy as undeploy_imported
        from mlcc_sagemaker.serving.removal import undeploy

        removed = undeploy_imported(context, self.look_seconds)
        return [*removed, *undeploy(context, self.look_seconds)]

    def deployed(self, context: Context) -> Sequence[Adapter]:
        from mlcc_sagemaker.bedrock.models import deployed_models
        from mlcc_sagemaker.serving.components import deployed

        return [*deployed(context), *deployed_models(context)]

    def add_adapter(self, context: Context, name: str, weights: str) -> Adapter:
        from mlcc_sagemaker.serving.adapters import add_adapter

        return add_adapter(context, name, weights, self.look_seconds)

    def remove_adapter(self, context: Context, name: str) -> None:
        from mlcc_sagemaker.bedrock.models import forget_models, named_models
        from mlcc_sagemaker.bedrock.removal import remove_model
        from mlcc_sagemaker.serving.removal import remove_component

        if name in named_models(context):
            remove_model(context, name, self.look_seconds)
            forget_models(context, [name])
            return
        remove_component(context, name, self.look_seconds)

    def add_component(self, context: Context, name: str, model_data: str) -> Adapter:
        from mlcc_sagemaker.serving.whole import add_component

        return add_component(context, name, model_data, self.look_seconds)

    def holds(self, context: Context, name: str, weights: str) -> bool:
        from mlcc_sagemaker.bedrock.deploy import holds as imported_holds
        from mlcc_sagemaker.bedrock.models import named_models
        from mlcc_sagemaker.serving.updates import holds

        if name in named_models(context):
            return imported_holds(context, name, weights)
        return holds(context, name, weights)

    def base_command(self, context: Context, model: str) -> str | None:
        from mlcc_sagemaker.serving.endpoint import base_command

        return base_command(context, model)

    def update(self, context: Context, name: str, weights: str) -> Adapter:
        from mlcc_sagemaker.bedrock.models import cannot_change, named_models
        from mlcc_sagemaker.serving.updates import update

        if name in named_models(context):
            raise cannot_change(name)
        return update(context, name, weights, self.look_seconds)
