"""Adapters and whole models beside the base model: added, updated, listed, removed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from mlcc_core.actions.deploy.from_hub import remember_origin, with_origin
from mlcc_core.actions.deploy.weights import (
    Kind,
    Weights,
    WeightsRequest,
    find_weights,
    named_from_tune,
    repeated,
)
from mlcc_core.actions.parts import require_serving
from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.values import Adapter
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import unknown_name


@dataclass(frozen=True, slots=True)
class Added(Adapter):
    """An adapter or a model that was added or updated.

    Attributes:
        run: the run whose output its weights are; ``None`` for other weights.
        changed: it was deployed with other weights before, or not at all.
    """

    run: str | None = None
    changed: bool = True


NOUNS = {"adapter": "adapter", "model": "inference component", None: "adapter"}


def add_adapter(session: Session, request: WeightsRequest) -> Added:
    """Put LoRA weights on the deployed base model; the same ones twice change nothing.

    Raises:
        MlccError: the name does not fit or other weights have it, there are no such weights, or
            they belong to another base model.
    """
    return _add(session, "adapter", request)


def add_component(session: Session, request: WeightsRequest) -> Added:
    """Deploy a whole model beside the base model; the same one twice changes nothing.

    Raises:
        MlccError: the name does not fit or another model has it, or there is no such model.
    """
    return _add(session, "model", request)


def update_adapter(session: Session, request: WeightsRequest) -> Added:
    """Give a deployed adapter other weights, in place; if that fails, it keeps those it has.

    Raises:
        MlccError: none of that name is deployed, there are no such weights, or they belong to
            another base model.
    """
    return _update(session, "adapter", request)


def update_component(session: Session, request: WeightsRequest) -> Added:
    """Give a deployed model other weights, in place; if that fails, it keeps those it has.

    Raises:
        MlccError: none of that name is deployed, or there is no such model.
    """
    return _update(session, "model", request)


def _add(session: Session, kind: Kind, request: WeightsRequest) -> Added:
    with named_from_tune(kind, request):
        return _add_found(session, kind, request)


def _add_found(session: Session, kind: Kind, request: WeightsRequest) -> Added:
    weights = find_weights(session, kind, request)
    serving, context = require_serving(session.platform), session.context
    there = _find(session, request.name)
    if there is None:
        add = serving.add_adapter if kind == "adapter" else serving.add_component
        return _added(session, add(context, request.name, weights.path), weights)
    if there.kind == kind and serving.holds(context, request.name, weights.path):
        return _added(session, there, weights, changed=False)
    raise MlccError(
        f"The name {request.name!r} is taken by the {NOUNS[there.kind]} made of {there.source}.",
        where="NAME",
        hint=repeated(kind, request, update=True) if there.kind == kind else "./do/adapter list",
    )


def _update(session: Session, kind: Kind, request: WeightsRequest) -> Added:
    with named_from_tune(kind, request):
        return _update_found(session, kind, request)


def _update_found(session: Session, kind: Kind, request: WeightsRequest) -> Added:
    weights = find_weights(session, kind, request, update=True)
    serving, context = require_serving(session.platform), session.context
    there = _find(session, request.name)
    if there is None:
        names = [item.name for item in deployed(session) if item.kind == kind]
        hint = repeated(kind, request, update=False)
        raise unknown_name(NOUNS[kind], request.name, names, hint=hint)
    if there.kind != kind:
        raise MlccError(
            f"{request.name!r} is deployed as {there.kind}, not as {kind}.",
            where="NAME",
            hint="./do/adapter list",
        )
    if serving.holds(context, request.name, weights.path):
        return _added(session, there, weights, changed=False)
    return _added(session, serving.update(context, request.name, weights.path), weights)


def _added(session: Session, item: Adapter, weights: Weights, *, changed: bool = True) -> Added:
    if weights.origin is not None and changed:
        remember_origin(session.project, item, weights.origin)
    source = weights.origin or item.source
    return Added(item.name, item.kind, source, item.status, weights.run, changed)


def _find(session: Session, name: str) -> Adapter | None:
    return next((item for item in deployed(session) if item.name == name), None)


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
    found = _find(session, name)
    if found is None:
        names = [item.name for item in deployed(session) if kind in (None, item.kind)]
        none = f"./do/add-ic {shlex.quote(name)} --from-tune   # deploys a model under this name"
        hint = none if kind == "model" and not names else "./do/adapter list"
        raise unknown_name(NOUNS[kind], name, names, hint=hint)
    if kind is not None and found.kind != kind:
        flag = "--adapter" if found.kind == "adapter" else "--ic"
        raise MlccError(
            f"{name!r} is deployed as {found.kind}, not as {kind}.",
            hint=f"./do/test {flag} {name}",
        )
    return found
