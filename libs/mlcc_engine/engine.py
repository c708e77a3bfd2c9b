"""The engine ``trl`` as techniques and platforms know it; importing this imports nothing heavy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mlcc_core import Engine, ReportedSpec, TrainingSpec
from mlcc_engine.options.elsewhere import DECIDES, SETTINGS

TRL = Engine(
    "trl",
    {
        "epochs": "num_train_epochs",
        "learning_rate": "learning_rate",
        "max_seq_length": "max_length",
        "batch_size": "train_batch_size",
        "lora_rank": "lora_rank",
        "lora_alpha": "lora_alpha",
        "seed": "seed",
    },
    tester="mlcc_engine.recipes.tester:TESTER",
    settings=SETTINGS,
    decides=DECIDES,
)
"""Trainers of TRL, or of a third party, on whatever device there is."""

PACKAGES = {
    "torch": "2.6",
    "transformers": "4.56",
    "trl": "1.0",
    "peft": "0.17",
    "accelerate": "1.4",
    "safetensors": "0.5",
    "datasets": "4.7",
}
"""Libraries that training imports, and their oldest versions that work: the extra ``local``."""

FIELD_BY_HYPERPARAMETER: Mapping[str, tuple[str, str]] = {
    "lora_rank": ("lora", "r"),
    "lora_alpha": ("lora", "lora_alpha"),
    "train_batch_size": ("hyperparameters", "global_batch_size"),
}
"""Part of the request, and name in it, of hyperparameters that are not the trainer's own."""

OF_THE_REQUEST = ("seed",)
"""Hyperparameters that are fields of the request itself."""

HYPERPARAMETER_BY_FIELD: Mapping[tuple[str, str], str] = {
    field: name for name, field in FIELD_BY_HYPERPARAMETER.items()
}


def request_of(spec: TrainingSpec) -> dict[str, Any]:
    """Return the request for a spec, without the job's name and output.

    Model, dataset and evaluator are as in the spec: a platform that finds them under other names
    puts those in their place. See :class:`mlcc_engine.request.Request` for the fields.
    """
    request: dict[str, Any] = {
        "technique": spec.technique,
        "trainer": spec.trainer,
        "model": spec.model,
        "training_type": spec.training_type,
        "dataset": None if spec.dataset is None else spec.dataset.uri,
        "row_form": spec.rows,
        "callbacks": list(spec.callbacks),
        "hyperparameters": {},
        "lora": {},
        "settings": dict(spec.trainer_settings),
        "evaluator": None,
    }
    for name, value in spec.hyperparameters.items():
        part, inner = FIELD_BY_HYPERPARAMETER.get(name, ("hyperparameters", name))
        if name in OF_THE_REQUEST:
            request[name] = value
        else:
            request[part][inner] = value
    if spec.settings:
        request["user_settings"] = dict(spec.settings)
    if spec.dataset is not None and spec.dataset.rows is not None:
        request["rows"] = spec.dataset.rows
    if spec.dataset is not None and spec.dataset.take is not None:
        request["take"] = spec.dataset.take
    if spec.dataset is not None and spec.dataset.validation is not None:
        request["validation"] = spec.dataset.validation
    if spec.start is not None:
        request["start"] = {
            "kind": spec.start.output.kind,
            "path": spec.start.output.path,
            "fingerprint": spec.start.fingerprint,
            "lineage": [asdict(ancestor) for ancestor in spec.start.lineage],
        }
    if spec.evaluator is not None:
        request["evaluator"] = {
            "kind": spec.evaluator.kind.name.lower(),
            "value": spec.evaluator.value,
            "argument": spec.evaluator_argument,
            "settings": dict(spec.evaluator.settings),
        }
    return request


def reported_by(request: Mapping[str, Any]) -> ReportedSpec:
    """Read what a request asks for, under the names that a spec has.

    Raises:
        KeyError: it lacks a field.
    """
    evaluator = request.get("evaluator")
    start = request.get("start") or {}
    hyperparameters = {
        HYPERPARAMETER_BY_FIELD.get((part, inner), inner): value
        for part in ("settings", "hyperparameters", "lora", "user_settings")
        for inner, value in (request.get(part) or {}).items()
    }
    hyperparameters |= {name: request[name] for name in OF_THE_REQUEST if name in request}
    return ReportedSpec(
        technique=str(request["trainer"]),
        model=str(request["model"]),
        training_type=request["training_type"],
        dataset=request.get("dataset"),
        evaluator=evaluator["value"] if evaluator else None,
        hyperparameters=hyperparameters,
        extra={"rows": request["row_form"]} if request.get("row_form") == "as-is" else {},
        validation=request.get("validation"),
        start=start.get("path"),
        start_fingerprint=start.get("fingerprint"),
    )


def numbers_of(version: str) -> tuple[int, ...]:
    """Return the numbers of a version: enough to compare releases.

    A vendor's build of a release is one, though its name is that of a pre-release by the rules of
    PEP 440: ``2.6.0a0+nv25.01`` is 2.6.0. A text without numbers gives none.

    Example:
        >>> numbers_of("2.13.0+cpu")
        (2, 13, 0)
    """
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in match[0].split(".")) if match else ()
