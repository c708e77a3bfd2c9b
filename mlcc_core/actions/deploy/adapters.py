"""Adapters and whole models beside the base model: added, listed, removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlcc_core.actions.deploy.from_hub import fetch_adapter, remember_origin, with_origin
from mlcc_core.actions.deploy.weights import Kind, WeightsRequest, check_source, find_weights
from mlcc_core.actions.parts import require_serving
from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.values import Adapter
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import unknown_name


def add_adapter(session: Session, request: WeightsRequest) -> Adapter:
    """Put LoRA weights on the deployed base model.

    Raises:
        MlccError: the name does not fit or is taken, there are no such weights, or they belong
            to another base model.
    """
    serving = require_serving(session.platform)
    if request.from_hub is None:
        source = find_weights(session, "adapter", request)
        return serving.add_adapter(session.context, request.name, source)
    check_source("adapter", request)
    folder, origin = fetch_adapter(session, request.from_hub, request.hub)
    added = serving.add_adapter(session.context, request.name, str(folder))
    remember_origin(session.project, added, origin)
    return replace(added, source=origin)


def add_component(session: Session, request: WeightsRequest) -> Adapter:
    """Deploy a whole model beside the base model.

    Raises:
        MlccError: the name does not fit or is taken, or there is no such model.
    """
    source = find_weights(session, "model", request)
    return require_serving(session.platform).add_component(session.context, request.name, source)


def deployed(session: Session) -> Sequence[Adapter]:
    """Return the adapters and components that are deployed beside the base model."""
    found = require_serving(session.platform).deployed(session.context)
    return with_origin(session.project, found)


def remove_adapter(session: Session, name: str) -> None:
    """Take an adapter down.

    Raises:
        MlccError: none of that name is deployed.
    """
    require_deployed(session, name, None)
    require_serving(session.platform).remove_adapter(session.context, name)


def require_deployed(session: Session, name: str, kind: Kind | None) -> Adapter:
    """Return the deployed adapter or component of that name.

    Raises:
        MlccError: there is none, or it is of the other kind.
    """
    deployed: Sequence[Adapter] = require_serving(session.platform).deployed(session.context)
    found = next((item for item in deployed if item.name == name), None)
    if found is None:
        noun = {"adapter": "adapter", "model": "inference component", None: "adapter"}[kind]
        names = [item.name for item in deployed if kind in (None, item.kind)]
        raise unknown_name(noun, name, names, hint="./do/adapter list")
    if kind is not None and found.kind != kind:
        flag = "--adapter" if found.kind == "adapter" else "--ic"
        raise MlccError(
            f"{name!r} is deployed as {found.kind}, not as {kind}.",
            hint=f"./do/test {flag} {name}",
        )
    return found
