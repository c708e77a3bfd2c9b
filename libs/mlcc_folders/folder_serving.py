"""The serving of a project's folder: models that are loaded when they are asked."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Adapter, Context, Serving
from mlcc_folders.serving import serving, updating


class FolderServing(Serving):
    """Keeps a list of what is deployed, in ``.mlcc``; there is no server, and nothing costs.

    Args:
        default_model: the base model of projects that name none.
    """

    def __init__(self, default_model: str) -> None:
        self.default_model = default_model

    def deploy(
        self, context: Context, model_data: str | None, expires: float | None = None
    ) -> Sequence[str]:
        return serving.deploy(context, model_data, self.default_model)

    def undeploy_notice(self, context: Context) -> Sequence[str]:
        return serving.undeploy_notice(context)

    def undeploy(self, context: Context) -> Sequence[str]:
        return serving.undeploy(context)

    def deployed(self, context: Context) -> Sequence[Adapter]:
        return serving.deployed(context, self.default_model)

    def add_adapter(self, context: Context, name: str, weights: str) -> Adapter:
        return serving.add_adapter(context, name, weights, self.default_model)

    def remove_adapter(self, context: Context, name: str) -> None:
        serving.remove(context, name)

    def add_component(self, context: Context, name: str, model_data: str) -> Adapter:
        return serving.add_component(context, name, model_data, self.default_model)

    def holds(self, context: Context, name: str, weights: str) -> bool:
        return updating.holds(context, name, weights)

    def base_command(self, context: Context, model: str) -> str | None:
        return serving.base_command(context, model, self.default_model)

    def update(self, context: Context, name: str, weights: str) -> Adapter:
        return updating.update(context, name, weights, self.default_model)
