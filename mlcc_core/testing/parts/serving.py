"""The serving of a platform in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlcc_core.contract.money.charge import Charge
from mlcc_core.contract.money.standing import Standing
from mlcc_core.contract.platform.serving import Serving
from mlcc_core.contract.platform.values import Adapter, Context
from mlcc_core.errors import MlccError
from mlcc_core.testing.faults import Faults

ENDPOINT = "fake-endpoint"
"""The name of the deployment that ``do/config`` names."""


class FakeServing(Faults, Serving):
    """Keeps a list of what is deployed.

    Attributes:
        artifacts: what can be deployed: URI to ``adapter`` or ``model``.
        adapters: what is deployed, by name.
        model_data: what replaced the base model.
        expires: when the deployment is to be taken down.
        stands: everything that stands, by name; a test puts orphans in.
        hourly: the price of an hour, in US dollars; ``None`` where none is published.
    """

    def __init__(self) -> None:
        super().__init__()
        self.artifacts: dict[str, str] = {}
        self.adapters: dict[str, Adapter] = {}
        self.model_data: str | None = None
        self.expires: float | None = None
        self.stands: dict[str, Standing] = {}
        self.hourly: float | None = 2.0

    def deploy(
        self, context: Context, model_data: str | None, expires: float | None = None
    ) -> Sequence[str]:
        with self.call("deploy"):
            if model_data is not None:
                self._expect(model_data, "model")
            self.model_data = model_data
            self.expires = self.expires if expires is None else expires
            charge = Charge("fake endpoint", "hour", price=self.hourly, by_the_hour=True)
            self.stands[ENDPOINT] = Standing(
                ENDPOINT, "endpoint", "InService", charges=(charge,), expires=self.expires
            )
            return [f"Deployed {model_data or 'the base model'}."]

    def deploy_to(self, context: Context, destination: str, name: str, weights: str) -> Adapter:
        with self.call(f"deploy_to {destination}"):
            there = self.adapters.get(name)
            if there is not None and there.source == weights:
                return there
            if weights not in self.artifacts:
                raise MlccError(f"{weights} holds nothing, expected a model or an adapter.")
            return self._add(Adapter(name, "model", weights, destination))

    def undeploy_notice(self, context: Context) -> Sequence[str]:
        lines = super().undeploy_notice(context)
        base = [f"the base model (from {self.model_data})"] if self.model_data else []
        return [*base, *lines]

    def undeploy(self, context: Context) -> Sequence[str]:
        with self.call("undeploy"):
            gone = [f"Removed {name}." for name in self.adapters]
            self._empty()
            return gone

    def standing(self, context: Context) -> Sequence[Standing]:
        with self.call("standing"):
            return [
                replace(thing, holds=tuple(self.adapters)) if thing.current else thing
                for thing in self.stands.values()
            ]

    def take_down(self, context: Context, name: str) -> Sequence[str]:
        with self.call(f"take_down {name}"):
            if name == ENDPOINT:
                self._empty()
            elif self.stands.pop(name, None) is None:
                return [f"{name} is gone already."]
            return [f"Took down {name}."]

    def _empty(self) -> None:
        self.adapters.clear()
        self.stands.pop(ENDPOINT, None)
        self.model_data = self.expires = None

    def deployed(self, context: Context) -> Sequence[Adapter]:
        with self.call("deployed"):
            return tuple(self.adapters.values())

    def add_adapter(self, context: Context, name: str, weights: str) -> Adapter:
        with self.call("add_adapter"):
            self._expect(weights, "adapter")
            return self._add(Adapter(name, "adapter", weights, "InService"))

    def remove_adapter(self, context: Context, name: str) -> None:
        with self.call("remove_adapter"):
            self._deployed(name)
            del self.adapters[name]

    def add_component(self, context: Context, name: str, model_data: str) -> Adapter:
        with self.call("add_component"):
            self._expect(model_data, "model")
            return self._add(Adapter(name, "model", model_data, "InService"))

    def update(self, context: Context, name: str, weights: str) -> Adapter:
        with self.call("update"):
            self._deployed(name)
            self._expect(weights, self.adapters[name].kind)
            self.adapters[name] = replace(self.adapters[name], source=weights)
            return self.adapters[name]

    def _add(self, adapter: Adapter) -> Adapter:
        if adapter.name in self.adapters:
            raise MlccError(f"The name {adapter.name!r} is taken.", hint="mlcc adapter list")
        self.adapters[adapter.name] = adapter
        return adapter

    def _expect(self, uri: str, kind: str) -> None:
        found = self.artifacts.get(uri, "nothing")
        if found != kind:
            raise MlccError(f"{uri} holds {found}, expected an {kind}.")

    def _deployed(self, name: str) -> None:
        if name not in self.adapters:
            raise MlccError(f"Nothing named {name!r} is deployed.", hint="mlcc adapter list")
