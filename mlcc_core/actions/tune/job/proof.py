"""Proof before money: the request, and later the job, must say what the plan says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mlcc_core.contract.job import ReportedSpec, TrainingSpec
from mlcc_core.contract.managed.spec import ManagedSpec, ReportedEvaluation
from mlcc_core.contract.script.spec import ReportedScript, ScriptSpec
from mlcc_core.errors import MlccError
from mlcc_core.project.records import as_json

if TYPE_CHECKING:
    from pydantic import JsonValue


def differences(spec: TrainingSpec, reported: ReportedSpec) -> list[str]:
    """List where a request or job departs from the spec, one line each; empty: it follows it."""
    return _differing(_pairs(spec, reported))


def evaluation_differences(spec: ManagedSpec, reported: ReportedEvaluation) -> list[str]:
    """List where the request of a managed evaluation departs from its spec, one line each."""
    return _differing(_evaluation_pairs(spec, reported))


def script_differences(spec: ScriptSpec, reported: ReportedScript) -> list[str]:
    """List where the request of a script run departs from its spec, one line each."""
    return _differing(_script_pairs(spec, reported))


Reported = TypeVar("Reported", ReportedSpec, ReportedEvaluation, ReportedScript)


def changed_spec(sent: Reported, described: Reported) -> list[str]:
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
    _refuse(differences(spec, reported))


def prove_evaluation(spec: ManagedSpec, reported: ReportedEvaluation) -> None:
    """Refuse a request that would measure something else than the spec says.

    Raises:
        MlccError: it departs from the spec; nothing has been submitted.
    """
    _refuse(evaluation_differences(spec, reported))


def prove_script(spec: ScriptSpec, reported: ReportedScript) -> None:
    """Refuse a request that would run something else than the spec says.

    Raises:
        MlccError: it departs from the spec; nothing has been submitted.
    """
    _refuse(script_differences(spec, reported))


def _refuse(wrong: list[str]) -> None:
    if wrong:
        raise MlccError(
            "The request does not say what was planned; nothing was submitted.",
            detail=wrong,
            hint="mlcc plugins   # report this to the authors of the platform and technique",
        )


def _differing(pairs: Iterator[tuple[str, object, object]]) -> list[str]:
    return [
        f"{what}: asked {_text(asked)}, found {_text(found)}"
        for what, asked, found in pairs
        if asked != found
    ]


def _evaluation_pairs(
    spec: ManagedSpec, reported: ReportedEvaluation
) -> Iterator[tuple[str, object, object]]:
    yield "kind", spec.kind, reported.kind
    yield "model", spec.model, reported.model
    yield "run", spec.job, reported.job
    yield "benchmark", spec.benchmark, reported.benchmark
    yield "evaluator", spec.evaluator.value if spec.evaluator else None, reported.evaluator
    yield "judge", spec.judge, reported.judge
    yield "metrics", spec.metrics, tuple(reported.metrics)
    yield "replies", spec.replies, reported.replies
    if spec.replies is None or reported.dataset is not None:  # else they stand for the rows
        yield "dataset", spec.dataset.uri if spec.dataset else None, reported.dataset


def _script_pairs(
    spec: ScriptSpec, reported: ReportedScript
) -> Iterator[tuple[str, object, object]]:
    yield "script", Path(spec.script).name, reported.script
    yield "content of the script", spec.checksum, reported.checksum
    yield "requirements", spec.requirements_checksum, reported.requirements_checksum
    yield "hyperparameters", dict(spec.hyperparameters), dict(reported.hyperparameters)
    yield "inputs", dict(spec.inputs), dict(reported.inputs)


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
    for name, value in spec.trainer_arguments.items():
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
