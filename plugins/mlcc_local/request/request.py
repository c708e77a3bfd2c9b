"""The request of a job: what the engine is to train, and proof of what was asked.

A body has three parts. ``request`` is what the engine reads, but for the job's name and output.
``fingerprints`` change with the content of the files that it names. ``asked`` maps what the
request needed in another form (a path made absolute, a Hub id) to the form that was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

from mlcc_core import (
    Context,
    DatasetRef,
    EvaluatorKind,
    MlccError,
    Problems,
    ReportedSpec,
    Request,
    TrainingSpec,
    raise_all,
)
from mlcc_engine.engine import reported_by, request_of
from mlcc_engine.hub.names import SHOWN_DIGITS
from mlcc_engine.model import tiny
from mlcc_engine.options.hyperparameters import check_hyperparameters
from mlcc_engine.options.shape import check_shape
from mlcc_engine.options.training import check_settings, training_settings
from mlcc_folders.evaluator.files import FoundEvaluator, find_evaluator, limits
from mlcc_folders.evaluator.judges import find_judge
from mlcc_folders.model.models import resolve_model
from mlcc_folders.model.pinning import commit_in, pinned
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
    evaluator = gather(lambda: _evaluator(spec, root))
    settings = gather(lambda: _settings(spec, context))
    scale = gather(lambda: scale_settings(spec))
    files = gather(lambda: _files(spec.dataset))
    raise_all(problems)
    fields = {**training_settings(spec), **(scale or {})}
    body = _body(spec, str(model), files or {}, fields, evaluator, settings or {})
    return Request(body, notes=tuple(_notes(spec.model, str(model))))


def _notes(asked: str, model: str) -> Iterator[str]:
    """Yield what a user should know of the model that is trained."""
    if model == tiny.NAME:
        yield tiny.NOTE
    commit = commit_in(model)
    if commit is not None and commit not in asked:
        yield f"{asked} is taken as it is now on the Hub: commit {commit[:SHOWN_DIGITS]}."


def _evaluator(spec: TrainingSpec, root: Path) -> FoundEvaluator | None:
    if spec.evaluator is None:
        return None
    if spec.evaluator_argument is None:
        raise MlccError(
            f"The recipe of technique {spec.technique!r} for this platform does not say which "
            "argument of the trainer takes the evaluator.",
            hint="mlcc plugins",
        )
    return find_evaluator(spec.evaluator, root)


def _settings(spec: TrainingSpec, context: Context) -> Mapping[str, object]:
    if spec.evaluator is None:
        return {}
    is_judge = spec.evaluator.kind is EvaluatorKind.PROMPT
    given = spec.evaluator.settings
    judge = find_judge(given, context.root, context.hub_id) if is_judge else {}
    return {**judge, **limits(spec.evaluator)}


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


def read_spec(body: Mapping[str, object]) -> ReportedSpec:
    """Read what a request body says."""
    request = cast("Mapping[str, Any]", body["request"])
    asked = cast("Mapping[str, str]", body.get("asked") or {})
    fingerprints = cast("Mapping[str, str]", body.get("fingerprints") or {})
    found = reported_by(request)
    checksum = {"evaluator_checksum": fingerprints["evaluator"]} if found.evaluator else {}
    commit = commit_in(found.model)
    revision = {} if commit is None else {"model_revision": commit}
    return replace(
        found,
        model=asked.get(found.model, found.model),
        dataset=asked.get(found.dataset, found.dataset) if found.dataset else None,
        validation=asked.get(found.validation, found.validation) if found.validation else None,
        evaluator=asked.get(found.evaluator, found.evaluator) if found.evaluator else None,
        extra={**checksum, **revision, **found.extra},
    )
