"""Serving: where models and adapters are deployed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from mlcc_core.contract.money.standing import Standing
from mlcc_core.contract.platform.values import Adapter, Context
from mlcc_core.errors import MlccError


class Serving(ABC):
    """The part of a platform that deploys the outputs of jobs; its answering asks them."""

    def deploy_notice(self, context: Context, model_data: str | None) -> Sequence[str]:
        """Describe what :meth:`deploy` would create, for the user to decide on.

        Nothing is created.
        """
        return ()

    @abstractmethod
    def deploy(
        self, context: Context, model_data: str | None, expires: float | None = None
    ) -> Sequence[str]:
        """Deploy the base model, or replace it by ``model_data``; lines for the user.

        Args:
            context: the surroundings, with the flags of the platform that were given.
            model_data: the model in place of the base model; ``None`` for that.
            expires: when the user wants it taken down, in seconds since 1970, UTC. A platform whose
                deployments cost money keeps it with the deployment, from its creation on, so that
                :meth:`standing` tells it on any machine; a later call changes it.
        """

    def deploy_to_notice(
        self, context: Context, destination: str, name: str, weights: str
    ) -> Sequence[str]:
        """Describe what :meth:`deploy_to` would create, for the user to decide on.

        Nothing is created. Arguments and errors are those of :meth:`deploy_to`.

        Returns:
            Lines; none where nothing would be created, because it stands or is on its way: the
            user is not asked then.
        """
        return (f"📋 {name} on {destination}: {weights}",)

    def deploy_to(self, context: Context, destination: str, name: str, weights: str) -> Adapter:
        """Deploy the output of a job to one of the platform's ``destinations``.

        The same weights under the same name are deployed once, whatever was cut off before. From
        then on :meth:`deployed` lists it, the platform's answering asks it by its name, and
        :meth:`undeploy` removes it.

        Args:
            context: the surroundings, with the flags of the platform that were given.
            destination: one of the platform's ``destinations``.
            name: that it gets.
            weights: path or URI of the output of a job: a model, or an adapter that is merged.

        Raises:
            MlccError: the name is taken by other weights, they are missing, or the destination
                does not take such a model.
            PlatformError: it was not deployed.
        """
        raise MlccError(
            "This platform has no further destinations.", where="--to", hint="mlcc deploy --help"
        )

    def undeploy_notice(self, context: Context) -> Sequence[str]:
        """List what :meth:`undeploy` would remove, for the user to decide on.

        Returns:
            A line each ("adapter tuned-v1"); none where nothing is deployed: the user is not asked.
        """
        try:
            others = [f"{item.kind} {item.name}" for item in self.deployed(context)]
        except MlccError:
            others = []  # damaged deployments are removed like others
        return [*others, "whatever else this project deployed"]

    @abstractmethod
    def undeploy(self, context: Context) -> Sequence[str]:
        """Take down everything that this project deployed; lines for the user."""

    def standing(self, context: Context) -> Sequence[Standing]:
        """List what this project has deployed and what costs money while it stands.

        Orphans of the project are among it: what ``do/config`` does not name any more.

        Raises:
            PlatformError: the platform cannot be asked.
        """
        return ()

    def take_down(self, context: Context, name: str) -> Sequence[str]:
        """Take one thing down that :meth:`standing` lists, and all that is on it.

        Returns:
            Lines for the user; one that is gone already counts as taken down.

        Raises:
            MlccError: nothing of that name belongs to this project.
            PlatformError: it cannot be removed.
        """
        raise MlccError("This platform takes everything down at once.", hint="mlcc undeploy")

    @abstractmethod
    def deployed(self, context: Context) -> Sequence[Adapter]:
        """List the adapters and models beside the base model."""

    @abstractmethod
    def add_adapter(self, context: Context, name: str, weights: str) -> Adapter:
        """Deploy LoRA weights under ``name``.

        Raises:
            MlccError: the name is taken, the weights are missing, are not an adapter, or belong
                to another base model.
        """

    @abstractmethod
    def remove_adapter(self, context: Context, name: str) -> None:
        """Take an adapter (or model) down."""

    @abstractmethod
    def add_component(self, context: Context, name: str, model_data: str) -> Adapter:
        """Deploy a whole model as a new inference component under ``name``."""

    def holds(self, context: Context, name: str, weights: str) -> bool:
        """Return whether what is deployed under a name was made of these very weights.

        Override it to compare their content: the same weights may lie in two places.

        Raises:
            MlccError: there are no such weights.
        """
        found = (item for item in self.deployed(context) if item.name == name)
        return any(item.source == weights for item in found)

    def base_command(self, context: Context, model: str) -> str | None:
        """Return the command that deploys ``model``, where an adapter on it would not fit.

        It is printed before the command that adds such an adapter; nothing is done.

        Returns:
            ``None`` where the adapter can be added at once, or the platform cannot tell.
        """
        return None

    def update(self, context: Context, name: str, weights: str) -> Adapter:
        """Give a deployed adapter or model other weights, in place, under its name.

        Whatever fails, the weights that were deployed before stay so.

        Raises:
            MlccError: nothing of that name is deployed, the weights are missing, are of the other
                kind, or belong to another base model.
        """
        raise MlccError(
            "This platform does not replace weights in place.", hint=f"mlcc adapter remove {name}"
        )
