"""Proof before money: the request, and later the job, must say what the plan says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from mlcc_core.contract.job import ReportedSpec, TrainingSpec
from mlcc_core.errors import MlccError
from mlcc_core.project.records import as_json

if TYPE_CHECKING:
    from pydantic import JsonValue


def differences(spec: TrainingSpec, reported: ReportedSpec) -> list[str]:
    """List where a request or job departs from the spec, one line each; empty: it follows it."""
    return [
        f"{what}: asked {_text(asked)}, found {_text(found)}"
        for what, asked, found in _pairs(spec, reported)
        if asked != found
    ]


def changed_spec(sent: ReportedSpec, described: ReportedSpec) -> list[str]:
    """List where a job as described departs from the request as sent, one line each.

    Both are compared as JSON: the request may have been read back from its record.
    """
    pairs = _json_pairs(as_json(asdict(sent)), as_json(asdict(described)))
    return [
        f"{what}: sent {_text(asked)}, found {_text(found)}"
        for what, asked, found in pairs
        if asked != found
    ]


def prove(spec: TrainingSpec, reported: ReportedSpec) -> None:
    """Refuse a request that would train something else than the spec says.

    Raises:
        MlccError: it departs from the spec; nothing has been submitted.
    """
    wrong = differences(spec, reported)
    if wrong:
        raise MlccError(
            "The request does not say what was planned; nothing was submitted.",
            detail=wrong,
            hint="mlcc plugins   # report this to the authors of the platform and technique",
        )


def _pairs(spec: TrainingSpec, reported: ReportedSpec) -> Iterator[tuple[str, object, object]]:
    yield "technique", spec.trainer, reported.technique
    yield "model", spec.model, reported.model
    yield "training type", spec.training_type, reported.training_type
    yield "dataset", spec.dataset.uri if spec.dataset else None, reported.dataset
    yield "held-out rows", spec.dataset.validation if spec.dataset else None, reported.validation
    yield "evaluator", spec.evaluator.value if spec.evaluator else None, reported.evaluator
    start = spec.start
    yield "start", start.output.path if start else None, reported.start
    yield "content of the start", start.fingerprint if start else None, reported.start_fingerprint
    for name, value in {**spec.trainer_settings, **spec.hyperparameters}.items():
        yield name, value, reported.hyperparameters.get(name)


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
