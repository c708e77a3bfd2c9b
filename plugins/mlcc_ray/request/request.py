"""The request of a job: what the engine is to train, and all that is brought along for it.

A body has the parts that :mod:`mlcc_folders.request.reported` reads, and further ones:

* ``request``: what the engine reads, but for the job's name and output, and with ``ray``, the
  workers and what each takes;
* ``uploads``: folders of this machine, by their paths in the storage;
* ``files``: the files that the request names, each with its path here and its checksum;
* ``places``: the outputs that are gone on from as they were named, by their places there;
* ``code``, ``packages``: what the job imports from this machine, and what Ray installs for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

from mlcc_core import (
    Context,
    DatasetRef,
    MlccError,
    PlatformError,
    ReportedSpec,
    Request,
    TrainingSpec,
    attempt,
    raise_all,
)
from mlcc_core.helpers import disk_errors
from mlcc_engine.engine import request_of
from mlcc_engine.options.hyperparameters import check_hyperparameters
from mlcc_engine.options.scale import PROCESSES, QUANTIZE, check_quantize
from mlcc_engine.options.shape import check_shape
from mlcc_engine.options.training import check_settings, training_settings
from mlcc_folders.request import reported
from mlcc_folders.request.asked import model_notes
from mlcc_ray.code.packages import code_of, packages_of
from mlcc_ray.code.requirements import find_requirements
from mlcc_ray.request.evaluator import SentEvaluator, send_evaluator
from mlcc_ray.request.folders import Folders, find_folders
from mlcc_ray.request.share import Share, find_share
from mlcc_ray.settings import storage_of

T = TypeVar("T")

RAY = "ray"
"""The part of the engine's request that is for the cluster's side alone."""


def build_request(context: Context, spec: TrainingSpec) -> Request:
    """Build the request for ``spec``; the cluster is asked for its nodes, nothing is created.

    Args:
        context: the surroundings of the project.
        spec: the job that is asked for.

    Raises:
        MlccError, Problems: everything that is wrong with the spec.
    """
    problems: list[MlccError] = []

    def step(look: Callable[[], T]) -> T | None:
        return attempt(look, problems)

    storage = step(lambda: storage_of(context))
    folders = step(lambda: find_folders(context, spec, storage)) if storage else None
    problems.extend(check_hyperparameters(spec, folders.model if folders else None))
    problems.extend(check_settings(spec))
    problems.extend(step(lambda: list(check_shape(spec))) or ())
    if spec.options.get(QUANTIZE) is not None:
        problems.extend(check_quantize(spec))
    evaluator = step(lambda: send_evaluator(context, spec))
    requirements = step(lambda: find_requirements(spec.options))
    code = step(lambda: code_of(packages_of(spec, requirements.names if requirements else ())))
    share = step(lambda: find_share(context, spec.options))
    if storage is not None and spec.dataset is not None:
        problems.extend(_misplaced(spec.dataset, storage.uri))
    raise_all(problems)
    if folders is None or requirements is None or code is None or share is None:
        raise AssertionError("what is wrong was told")
    body = {
        **_body(spec, folders, share, evaluator),
        "uploads": dict(folders.uploads),
        "files": _files(evaluator),
        "code": code.document(),
        "packages": list(requirements.lines),
    }
    warnings = (*(evaluator.warnings if evaluator else ()), *share.warnings)
    return Request(body, tuple(model_notes(spec.model, folders.model)), warnings)


def read_spec(body: Mapping[str, object]) -> ReportedSpec:
    """Read what a request body says."""
    found = reported.read_spec(body)
    places = cast("Mapping[str, str]", body.get("places") or {})
    return replace(found, start=places.get(found.start, found.start) if found.start else None)


def require_no_gaps(request: Request) -> None:
    """Refuse a request that still waits for its dataset.

    Raises:
        PlatformError: it was built for a dry run.
    """
    asked = cast("Mapping[str, object]", request.body["request"])
    if not asked.get("dataset"):
        raise PlatformError("The request waits for its dataset and cannot be sent.")


def _misplaced(dataset: DatasetRef, storage: str) -> Iterator[MlccError]:
    """Yield an error for each part of a dataset that the cluster does not see."""
    for uri in (dataset.uri, dataset.validation):
        if uri is not None and not uri.startswith(f"{storage}/"):
            yield MlccError(
                f"The dataset {uri} is not in the storage {storage}.", where="--dataset"
            )


def _files(evaluator: SentEvaluator | None) -> Mapping[str, Mapping[str, str]]:
    """Return the files that are sent, by name: path and checksum.

    Raises:
        PlatformError: one cannot be read.
    """
    found = {}
    for name, path in sorted((evaluator.sources if evaluator else {}).items()):
        with disk_errors(doing=f"read {path}"):
            checksum = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        found[name] = {"path": path, "sha256": checksum}
    return found


def _body(
    spec: TrainingSpec, folders: Folders, share: Share, evaluator: SentEvaluator | None
) -> dict[str, Any]:
    request: dict[str, Any] = {**request_of(spec), **training_settings(spec)}
    request |= {"platform": RAY, "model": folders.model, RAY: share.document}
    if share.workers > 1:
        request[PROCESSES] = share.workers
    if spec.options.get(QUANTIZE):
        request[QUANTIZE] = spec.options[QUANTIZE]
    asked = {folders.model: spec.model}
    fingerprints = {"dataset": spec.dataset.fingerprint} if spec.dataset else {}
    if spec.evaluator is not None and evaluator is not None:
        asked[evaluator.value] = spec.evaluator.value
        fingerprints["evaluator"] = evaluator.sha256
        settings = dict(evaluator.settings)
        request["evaluator"] |= {"value": evaluator.value, "settings": settings}
    places = {}
    if spec.start is not None and folders.start is not None:
        request["start"]["path"] = folders.start
        places[folders.start] = spec.start.output.path
    return {
        "request": request,
        "fingerprints": fingerprints,
        "asked": {found: typed for found, typed in asked.items() if found != typed},
        "places": places,
    }
