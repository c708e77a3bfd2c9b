"""The request of a job: what the engine is to train, and proof of what was asked.

A body has three parts, which :mod:`mlcc_folders.request.reported` reads. ``request`` is what the
engine reads, but for the job's name and output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from mlcc_core import (
    Context,
    DatasetRef,
    MlccError,
    Problems,
    Request,
    TrainingSpec,
    raise_all,
)
from mlcc_engine.engine import request_of
from mlcc_engine.options.hyperparameters import check_hyperparameters
from mlcc_engine.options.shape import check_shape
from mlcc_engine.options.training import check_settings, training_settings
from mlcc_folders.evaluator.files import FoundEvaluator
from mlcc_folders.model.models import resolve_model
from mlcc_folders.model.pinning import pinned
from mlcc_folders.request.asked import (
    evaluator_settings,
    find_asked_evaluator,
    model_notes,
)
from mlcc_local.request.scale import check_scale, scale_settings

T = TypeVar("T")


def build_request(context: Context, spec: TrainingSpec) -> Request:
    """Build the request for ``spec``.

    Args:
        context: its catalog gives Hub ids; a relative path is looked up in the current folder,
            then in the project's.
        spec: the job that is asked for.

    Raises:
        MlccError, Problems: everything that is wrong with the spec.
    """
    problems: list[MlccError] = []
    root = context.root

    def gather(step: Callable[[], T]) -> T | None:
        try:
            return step()
        except Problems as several:
            problems.extend(several.problems)
        except MlccError as error:
            problems.append(error)
        return None

    model = gather(lambda: pinned(resolve_model(spec.model, root, context.hub_id)))
    problems.extend(check_hyperparameters(spec, model))
    problems.extend(check_settings(spec))
    problems.extend(gather(lambda: list(check_shape(spec))) or ())
    problems.extend(check_scale(spec))
    evaluator = gather(lambda: find_asked_evaluator(spec, root))
    settings = gather(lambda: evaluator_settings(spec, context))
    scale = gather(lambda: scale_settings(spec))
    files = gather(lambda: _files(spec.dataset))
    raise_all(problems)
    fields = {**training_settings(spec), **(scale or {})}
    body = _body(spec, str(model), files or {}, fields, evaluator, settings or {})
    return Request(body, notes=tuple(model_notes(spec.model, str(model))))


def _files(dataset: DatasetRef | None) -> Mapping[str, str]:
    """Return the paths of the dataset's parts, by their fields of the request."""
    if dataset is None:
        return {}
    parts = {"dataset": dataset.uri, "validation": dataset.validation}
    return {field: _file(uri) for field, uri in parts.items() if uri is not None}


def _file(uri: str) -> str:
    path = Path(uri).expanduser().absolute()
    if not path.is_file():
        raise MlccError(f"The dataset {uri} is not a file.", where="--dataset")
    return str(path)


def _body(
    spec: TrainingSpec,
    model: str,
    files: Mapping[str, str],
    fields: Mapping[str, object],
    evaluator: FoundEvaluator | None,
    settings: Mapping[str, object],
) -> Mapping[str, object]:
    request = request_of(spec)
    asked = {path: request[field] for field, path in files.items()}
    request |= {"model": model, "platform": "local", **files, **fields}
    asked[model] = spec.model
    fingerprints = {"dataset": spec.dataset.fingerprint} if spec.dataset else {}
    if spec.evaluator is not None and evaluator is not None:
        asked[evaluator.value] = spec.evaluator.value
        fingerprints["evaluator"] = evaluator.sha256
        request["evaluator"] |= {"value": evaluator.value, "settings": dict(settings)}
    return {
        "request": request,
        "fingerprints": fingerprints,
        "asked": {found: typed for found, typed in asked.items() if found != typed},
    }
