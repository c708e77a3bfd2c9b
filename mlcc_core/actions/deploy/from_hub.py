"""Adapters from a hub: fetched at one commit into the project, and remembered by their origin."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mlcc_core.actions.push.files import model_files
from mlcc_core.actions.push.hubs import hub_for
from mlcc_core.actions.session import Session
from mlcc_core.contract.model_hub import HubModel, ModelHub
from mlcc_core.contract.platform.values import Adapter
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import write_atomically
from mlcc_core.helpers.project_paths import stored_path
from mlcc_core.helpers.text import plural
from mlcc_core.project.project import Project

FLAG = "--from-hub"
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model"
SHORT = 7
"""Characters of a commit that people are shown."""


def fetch_adapter(session: Session, text: str, name: str | None = None) -> tuple[Path, str]:
    """Return the folder of an adapter of a hub, fetched unless it is here, and its origin.

    Args:
        session: the project.
        text: ``ORG/NAME``, with ``@REVISION`` for another than the newest.
        name: of the hub, where several are installed.

    Raises:
        MlccError: the hub has no such adapter, or it is something else.
        PlatformError: the hub cannot be reached, or the disk refuses.
    """
    repo, _, revision = text.partition("@")
    hub = hub_for(session, repo, FLAG, name)
    found = hub.find(session.access, repo, revision or None)
    if found is None:
        variable = hub.credential.variable if hub.credential else None
        raise MlccError(
            f"{hub.title} has no model {repo}, or it is private.",
            where=FLAG,
            hint=f"check the name; if it is private: export {variable}=<token>"
            if variable
            else "check the name",
        )
    names = _adapter_files(found)
    origin = f"hub {found.repo}@{found.revision[:SHORT]}"
    folder = _folder(session.project, hub, found)
    if not folder.is_dir():
        _fetch(session, hub, found, folder, names)
    return folder, origin


def _adapter_files(found: HubModel) -> list[str]:
    """Return the files of an adapter: weights in safetensors and configs, nothing that runs.

    Raises:
        MlccError: the repository is not an adapter.
    """
    names = model_files(found.files)
    weights = [name for name in names if name.startswith(WEIGHTS)]
    if CONFIG in names and weights:
        return names
    if CONFIG in found.files:
        raise MlccError(
            f"{found.repo} holds no weights in safetensors; others, which may run any code when "
            "they are loaded, are never fetched.",
            where=FLAG,
            hint="ask its author for adapter_model.safetensors",
        )
    whole = "a whole model" if "config.json" in found.files else "something else"
    hint = (
        f"mlcc deploy --force-ic --model-data {found.repo}"
        if "config.json" in found.files
        else None
    )
    raise MlccError(
        f"{found.repo} is {whole}, expected an adapter ({CONFIG} is not in it).",
        where=FLAG,
        hint=hint or f"see {found.address}",
    )


def _folder(project: Project, hub: ModelHub, found: HubModel) -> Path:
    name = f"{found.repo.replace('/', '--')}@{found.revision[:12]}"
    return project.state_folder / "hub" / hub.name / name


def _fetch(
    session: Session, hub: ModelHub, found: HubModel, folder: Path, names: Sequence[str]
) -> None:
    """Fetch files into a folder that appears whole; a fetch that was cut off is gone on with."""
    size = sum(found.files[name] or 0 for name in names)
    session.say(
        f"Downloading {plural(len(names), 'file')}, {size / 1e6:,.1f} MB, of {found.repo} at "
        f"{found.revision[:SHORT]} …"
    )
    partial = folder.with_name(f"{folder.name}.partial")
    with disk_errors(folder, doing="download the adapter"):
        session.project.make_state_folder()
        partial.mkdir(parents=True, exist_ok=True)
    hub.download(session.access, found, partial, names)
    with disk_errors(folder, doing="download the adapter"):
        try:
            partial.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
            shutil.rmtree(partial, ignore_errors=True)  # another process was faster


def remember_origin(project: Project, added: Adapter, origin: str) -> None:
    """Remember where an adapter came from, for as long as it has these weights."""
    with project.lock():
        known = _read(project)
        known[added.name] = {"source": _stored(project, added.source), "origin": origin}
        path = _file(project)
        with disk_errors(path):
            write_atomically(path, json.dumps(known, indent=1).encode())


def with_origin(project: Project, adapters: Sequence[Adapter]) -> list[Adapter]:
    """Return adapters, those from a hub with it as their source: ``hub ORG/NAME@abc1234``."""
    known = _read(project)

    def shown(adapter: Adapter) -> Adapter:
        entry = known.get(adapter.name) or {}
        same = entry.get("source") == _stored(project, adapter.source)
        return replace(adapter, source=entry["origin"]) if same and entry else adapter

    return [shown(adapter) for adapter in adapters]


def _stored(project: Project, source: str) -> str:
    return stored_path(project.root, source, state_only=True)


def _file(project: Project) -> Path:
    return project.state_folder / "hub" / "origins.json"


def _read(project: Project) -> dict[str, dict[str, str]]:
    """Return the origins by name; none where the file is missing or damaged: it is words alone."""
    try:
        found = json.loads(_file(project).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
