"""The output of an earlier run on this machine, looked at before a job goes on from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlcc_core import Ancestor, Context, MlccError, Output, Start
from mlcc_core.helpers import restored_path, stored_path
from mlcc_engine.base import bases, fingerprint
from mlcc_engine.base.fingerprint import Likeness
from mlcc_engine.hub.names import parse
from mlcc_engine.model.model_folder import ADAPTER_CONFIG, CONFIG, check_model_folder
from mlcc_engine.model.models import BUILT_IN, default_cache
from mlcc_engine.start import content, lineage
from mlcc_folders.model.models import PATH_STARTS, find_path, resolve_model
from mlcc_folders.model.origin import place_of, record_of
from mlcc_folders.serving.weights import adapter_config, check_adapter

NAMED = "pass --model FOLDER   # the model that it was trained on"


def find_start(context: Context, path: str, model: str | None, hint: str = NAMED) -> Start:
    """Look at an output in a folder; arguments and errors as of ``JobRunner.find_start``.

    Args:
        context: the surroundings.
        path: of the folder.
        model: the base model, where the user named it.
        hint: of errors about a base that is gone, or another one.
    """
    folder = _folder(path, context.root)
    if (folder / ADAPTER_CONFIG).is_file():
        check_adapter(folder)
        base = model or _base_of(folder, context.root, hint)
        _check_base(context, folder, base, hint)
        return _start(context.root, folder, Output("adapter", str(folder)), base)
    if (folder / CONFIG).is_file():
        check_model_folder(folder)
        stored = stored_path(context.root, str(folder), state_only=True)
        return _start(context.root, folder, Output("model", str(folder)), stored)
    raise MlccError(
        f"{folder} holds neither a LoRA adapter nor a model, expected {ADAPTER_CONFIG} or {CONFIG}."
    )


def _folder(path: str, root: Path) -> Path:
    found = find_path(path.removeprefix("file://"), root)
    if found is None:
        raise MlccError(f"{path!r} is not on this machine, or is gone; expected a folder.")
    if not found.is_dir():
        raise MlccError(f"{path!r} is a file, expected the folder of an adapter or a model.")
    return found


def _start(root: Path, folder: Path, output: Output, model: str) -> Start:
    mark = content.fingerprint_of(folder, output.kind)
    written = lineage.read(folder)
    before = written.ancestors if written else ()
    own = Ancestor(
        output.kind,
        output.path,
        mark,
        None if written is None else written.job,
        None if written is None else written.technique,
    )
    known = (replace(each, path=place_of(root, each.job) or each.path) for each in before)
    return Start(output, model, mark, (*known, own))


def _base_of(folder: Path, root: Path, hint: str) -> str:
    """Return the base that an adapter names, by the first of its names that can be had.

    Raises:
        MlccError: it is gone, or named nowhere.
    """
    record = record_of(folder, root) or {}
    names = list(_names_of(folder, root, record))
    for name in names:
        if Path(name).is_dir():
            return stored_path(root, name, state_only=True)
        if name in BUILT_IN or (not name.startswith(PATH_STARTS) and parse(name)):
            return name
    if names:
        named = f"is gone: {names[0]}"
    elif record.get("folder"):
        named = f"was a folder {record['folder']!r}, and this project does not know where it is"
    else:
        named = "is named nowhere"
    raise MlccError(f"The base model of the adapter {folder} {named}.", hint=hint)


def _names_of(folder: Path, root: Path, record: Mapping[str, Any]) -> Iterator[str]:
    named = adapter_config(folder).get("base_model_name_or_path")
    named = None if record.get("folder") else named  # a mere name, which could be one of the Hub
    for name in (record.get("asked"), record.get("hub_id"), named):
        if isinstance(name, str) and name:
            yield restored_path(root, str(Path(name).expanduser()) if name[0] == "~" else name)


def _check_base(context: Context, folder: Path, base: str, hint: str) -> None:
    """Refuse a base that the adapter was not trained on, where the weights of both are known.

    Raises:
        MlccError: it has other weights.
    """
    model = resolve_model(base, context.root, context.hub_id)
    record = bases.read(folder) or {}
    found = fingerprint.find(model, default_cache())
    likeness = fingerprint.compare(record.get("fingerprint"), found)
    if likeness is Likeness.OTHER:
        raise MlccError(
            f"The adapter {folder} was trained on other weights than those of {base}.",
            hint=hint,
        )
