"""Models that an evaluation asks, found by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlcc_core import Context, MlccError, Output, Subject
from mlcc_core.helpers import restored_path
from mlcc_core.helpers.hints import hint_kind, path_word
from mlcc_engine.hub import cache
from mlcc_engine.hub.names import parse
from mlcc_engine.model.models import BUILT_IN
from mlcc_folders.answering.marks import mark_of, mark_of_adapter
from mlcc_folders.model.addresses import check_no_address
from mlcc_folders.model.models import PATH_STARTS, find_path, resolve_model
from mlcc_folders.model.naming import ARGUMENT, place_of
from mlcc_folders.model.ready import make_ready
from mlcc_folders.model.starts import find_start
from mlcc_folders.serving import deployment, serving


def find_subject(context: Context, text: str, default: str) -> Subject | None:
    """Return the model that a text names: what is deployed, a folder, or a model's name.

    Args:
        context: the surroundings.
        text: as the user wrote it.
        default: the base model of projects that name none.

    Raises:
        MlccError: it names something that cannot be asked.
    """
    if text in deployment.read(context.root).others:
        model, adapter = serving.loaded_for(context, text, default)
        if adapter is None:
            return replace(base_subject(context, model), title=text)
        return _adapted(context, text, model, Output("adapter", str(adapter)))
    folder = find_path(text.removeprefix("file://"), context.root)
    if folder is not None:
        start = find_start(context, str(folder), None, rebased(folder))
        if start.output.kind == "model":
            return replace(base_subject(context, str(folder)), title=text)
        return _adapted(context, text, start.model, start.output)
    if text in BUILT_IN or _is_hub_name(context, text):
        return base_subject(context, text)
    check_no_address(text, ARGUMENT, context.root)
    return None


def base_subject(context: Context, model: str) -> Subject:
    """Return a whole model, as it is.

    Raises:
        MlccError, PlatformError: there is none of that name, or it cannot be had.
    """
    make_ready(context, model)
    return Subject(model, model, mark_of(context, model))


def run_subject(context: Context, job: str, model: str, output: Output) -> Subject:
    """Return the output of a run.

    Raises:
        MlccError: it is gone, or was trained on another base.
    """
    path = restored_path(context.root, output.path)
    if not Path(path).is_dir():
        raise MlccError(f"The output of {job} is gone: {path}.", hint="mlcc runs list")
    if output.kind == "model":
        return replace(_of_folder(context, path), title=job, model=model)
    find_start(context, path, model, rebased(path))  # refuses another base
    return _adapted(context, job, model, Output("adapter", path))


def weights_of(context: Context, subject: Subject) -> Mapping[str, Any]:
    """Return the weights of a subject as the engine takes them."""
    if subject.output is not None and subject.output.kind == "model":
        return {"model": subject.output.path, "adapter": None}
    where = place_of(context, subject.model)
    model = resolve_model(subject.model, context.root, context.hub_id, where)
    adapter = None if subject.output is None else subject.output.path
    return {"model": model, "adapter": adapter}


@hint_kind("an adapter whose base is elsewhere, deployed on it")
def rebased(adapter: Path | str) -> str:
    """Return the commands after which an adapter can be asked as ``tuned``.

    ``FOLDER`` stands for the place of its base, which is not known.
    """
    return (
        "mlcc deploy --force-ic --model-data FOLDER && "
        f"mlcc adapter add tuned --weights {path_word(adapter)}   # FOLDER holds its base"
    )


def _adapted(context: Context, title: str, model: str, output: Output) -> Subject:
    """Return an adapter on its base."""
    make_ready(context, model)
    return Subject(title, model, mark_of_adapter(context, Path(output.path), model), output)


def _of_folder(context: Context, path: str) -> Subject:
    return Subject(path, path, mark_of(context, path), Output("model", path))


def _is_hub_name(context: Context, text: str) -> bool:
    """Return whether a text is surely meant as a model: any word could be one of the Hub."""
    name = parse(text)
    if name is None or text.startswith(PATH_STARTS):
        return False
    return "/" in name.id or context.hub_id(name.id) is not None or cache.find(name) is not None
