"""The model that a job begins with, or the earlier output that it goes on from."""

from __future__ import annotations

import dataclasses

from mlcc_core.actions.project.live_models import with_the_list
from mlcc_core.actions.runs.find import LIST
from mlcc_core.actions.runs.finished import find_tuned
from mlcc_core.actions.session import Session
from mlcc_core.actions.siblings import shares_outputs
from mlcc_core.actions.tune.plan.choices import check_training_type
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.contract.job import Ancestor, Start, TrainingType
from mlcc_core.contract.technique.schema import TargetModel
from mlcc_core.errors import MlccError, NotTrainedHere, PlatformError
from mlcc_core.loader.bound_hooks import BoundTechnique
from mlcc_core.project.records import RunRecord

TUNE, WEIGHTS = "--from-tune", "--from-weights"


def find_start(session: Session, request: TuneRequest, training_type: TrainingType) -> Start | None:
    """Return the output that the job goes on from; ``None`` where none is asked for.

    Raises:
        MlccError: there is no such output, it cannot be gone on from, or another flag contradicts.
        PlatformError: it cannot be looked at.
    """
    if not request.goes_on:
        return None
    if request.from_tune is None:
        path = str(request.from_weights)
        start = _looked_at(session, request, WEIGHTS, path, request.model)
    elif request.from_weights is None:
        start = _of_run(session, request, request.from_tune)
    else:
        raise MlccError(
            f"{TUNE} and {WEIGHTS} exclude each other: expected one start.",
            where=WEIGHTS,
            hint=f"{request.command_line(from_weights=None)}   # without {WEIGHTS}",
        )
    _check_flags(session, request, start, training_type)
    return start


def _of_run(session: Session, request: TuneRequest, text: str) -> Start:
    tuned = find_tuned(session, text, TUNE)
    record, platform = tuned.record, session.platform
    if record is not None and not shares_outputs(session.plugins, platform, record.platform):
        raise MlccError(
            f"The run {record.job} was trained on platform {record.platform!r}, and its output "
            f"is not on {platform.title}.",
            where=TUNE,
            hint=request.command_line(platform=record.platform),
        )
    start = _looked_at(session, request, TUNE, tuned.output.path, None)
    return start if record is None else dataclasses.replace(start, lineage=_lineage(record, start))


def _lineage(record: RunRecord, start: Start) -> tuple[Ancestor, ...]:
    """Return the runs before a start, as the record of the run that made it tells them."""
    kind, path = start.output.kind, start.output.path
    own = Ancestor(kind, path, start.fingerprint, record.job, record.technique)
    return (*record.lineage, own)


def _looked_at(
    session: Session, request: TuneRequest, flag: str, path: str, model: str | None
) -> Start:
    platform = session.platform
    try:
        start = platform.runner.find_start(session.context, path, model)
    except PlatformError:
        raise
    except MlccError as error:
        error.where = flag
        if flag == TUNE:
            error.hint = f"{LIST}   # name another run"
        error.hint = error.hint or f"{LIST}   # for {TUNE} RUN, or name another folder"
        raise
    if start is None:
        without = {flag.removeprefix("--").replace("-", "_"): None}
        raise MlccError(
            f"Platform {platform.name!r} cannot go on from an earlier output: its jobs begin with "
            "a model as it is.",
            where=flag,
            hint=f"{request.command_line(**without)}   # without {flag}",
        )
    return start


def _check_flags(
    session: Session, request: TuneRequest, start: Start, training_type: TrainingType
) -> None:
    name = session.context.catalog_id
    if request.model is not None and name(request.model) != name(start.model):
        raise MlccError(
            f"--model {request.model} is not the model of the start, which is {start.model}.",
            where="--model",
            hint=f"{request.command_line(model=None)}   # without --model",
        )
    if start.output.kind == "adapter" and training_type != "lora":
        raise MlccError(
            f"--training-type {training_type} cannot go on from a LoRA adapter, expected lora.",
            where="--training-type",
            hint=request.command_line(training_type="lora"),
        )


def target_model(
    session: Session, request: TuneRequest, technique: BoundTechnique, start: Start | None = None
) -> TargetModel:
    """Return the model to customise, with the dataset format that the catalog names for it.

    Args:
        session: the project and its platform.
        request: as typed.
        technique: its hooks.
        start: brings its model, where the job goes on from one.

    Raises:
        MlccError: no model is named, or the platform insists on the catalog, which does not
            have the model, or not with this technique and training type.
    """
    from mlcc_core.catalog.lookup import load_catalog

    if request.model is not None and not request.model.strip():
        raise MlccError(
            "--model is empty, expected a model.",
            where="--model",
            hint=f"{request.command_line(model=None)}   # without --model",
        )
    name = start.model if start else request.model or session.model
    if not name:
        raise MlccError(
            "No model is named: neither --model nor MODEL_ID is set.",
            where="--model",
            hint=f"{request.command_line(model='MODEL')}   # see: mlcc catalog list",
        )
    catalog = load_catalog(session.plugins, session.project.root)
    entry = catalog.find(name)
    if session.platform.insists_on_catalog:
        training_type = check_training_type(request)
        try:
            entry = catalog.require(name, technique.name, training_type)
        except NotTrainedHere as error:
            raise with_the_list(session, error, name, technique.name, training_type) from None
    return TargetModel(name, entry.dataset_format(technique.name) if entry else "default")
