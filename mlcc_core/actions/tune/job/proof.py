"""Proof before money: the request, and later the job, must say what the plan says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from mlcc_core.contract.job import Claims, Order
from mlcc_core.errors import MlccError
from mlcc_core.project.records import as_json

if TYPE_CHECKING:
    from pydantic import JsonValue


def differences(order: Order, claims: Claims) -> list[str]:
    """List where a request or job departs from the order, one line each; empty: it is the order."""
    return [
        f"{what}: asked {_text(asked)}, found {_text(found)}"
        for what, asked, found in _pairs(order, claims)
        if asked != found
    ]


def changed_claims(sent: Claims, described: Claims) -> list[str]:
    """List where a job as described departs from the request as sent, one line each.

    Both are compared as JSON: the request may have been read back from its record.
    """
    pairs = _json_pairs(as_json(asdict(sent)), as_json(asdict(described)))
    return [
        f"{what}: sent {_text(asked)}, found {_text(found)}"
        for what, asked, found in pairs
        if asked != found
    ]


def prove(order: Order, claims: Claims) -> None:
    """Refuse a request that would train something else than the order says.

    Raises:
        MlccError: it departs from the order; nothing has been submitted.
    """
    wrong = differences(order, claims)
    if wrong:
        raise MlccError(
            "The request does not say what was planned; nothing was submitted.",
            detail=wrong,
            hint="mlcc plugins   # report this to the authors of the platform and technique",
        )


def _pairs(order: Order, claims: Claims) -> Iterator[tuple[str, object, object]]:
    yield "technique", order.trainer, claims.technique
    yield "model", order.model, claims.model
    yield "training type", order.training_type, claims.training_type
    yield "dataset", order.dataset.uri if order.dataset else None, claims.dataset
    yield "evaluator", order.evaluator.value if order.evaluator else None, claims.evaluator
    for name, value in {**order.trainer_settings, **order.hyperparameters}.items():
        yield name, value, claims.hyperparameters.get(name)


def _json_pairs(
    one: Mapping[str, JsonValue], other: Mapping[str, JsonValue]
) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    for name in dict.fromkeys((*one, *other)):
        left, right = one.get(name), other.get(name)
        if isinstance(left, dict) and isinstance(right, dict):
            yield from _json_pairs(left, right)
        else:
            yield name.replace("_", " "), left, right


def _text(value: object) -> str:
    return "nothing" if value is None else repr(value)
