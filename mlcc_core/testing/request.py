"""The requests of :class:`~mlcc_core.testing.platform.FakePlatform`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from mlcc_core.contract.job import ReportedSpec, TrainingSpec, TrainingType


def body_of(spec: TrainingSpec) -> dict[str, object]:
    """Return the body of the request for a spec."""
    body: dict[str, object] = {
        "trainer": spec.trainer,
        "model": spec.model,
        "training_type": spec.training_type,
        "hyperparameters": {**spec.trainer_settings, **spec.hyperparameters},
        "dataset": spec.dataset.uri if spec.dataset else "(waits for staging)",
    }
    if spec.dataset is not None and spec.dataset.validation is not None:
        body["validation"] = spec.dataset.validation
    if spec.start is not None:
        body["start"] = [spec.start.output.path, spec.start.fingerprint]
    if spec.evaluator is not None:
        body["evaluator"] = {
            "kind": spec.evaluator.kind.value,
            "argument": spec.evaluator_argument,
            "value": spec.evaluator.value,
        }
    return body


def spec_of(body: Mapping[str, object]) -> ReportedSpec:
    """Read what a body says."""
    dataset = str(body["dataset"])
    start, mark = cast("tuple[str | None, str | None]", body.get("start") or (None, None))
    evaluator = cast("Mapping[str, object] | None", body.get("evaluator"))
    return ReportedSpec(
        technique=str(body["trainer"]),
        model=str(body["model"]),
        training_type=cast("TrainingType", body["training_type"]),
        dataset=None if dataset.startswith("(") else dataset,
        evaluator=None if evaluator is None else str(evaluator["value"]),
        hyperparameters=dict(cast("Mapping[str, object]", body["hyperparameters"])),
        validation=cast("str | None", body.get("validation")),
        start=start,
        start_fingerprint=mark,
    )
