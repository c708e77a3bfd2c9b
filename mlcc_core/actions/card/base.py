"""The base model of a run, as others know it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core.actions.card.lora import CONFIG
from mlcc_core.actions.runs.job import job_of
from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.known_model import KnownModel
from mlcc_core.errors import MlccError
from mlcc_core.project.records import RunRecord

BASE_RECORD = "base_model.json"
"""Tells beside an adapter which base it was trained on."""


@dataclass(frozen=True, slots=True)
class Base:
    """A base model.

    Attributes:
        id: on a hub, or in the catalog; ``None`` for a folder, which others do not have.
        name: for people.
        on_hub: a hub can have a model of that id, with its organisation.
        licence: as its hub names it, or the platform; ``None`` where neither names one.
    """

    id: str | None
    name: str
    on_hub: bool
    licence: str | None = None


def base_of(session: Session, record: RunRecord, licence: str | None = None) -> Base:
    """Return the base model that a run began with.

    Its name on a hub is the one that the catalog has, the output, or the platform.

    Args:
        session: the project.
        record: of the run.
        licence: as a hub names it; by default as the platform does.
    """
    model = job_of(session, record).model
    name = model.partition("@")[0]
    path = Path(model).expanduser()
    own = path.is_absolute() or "://" in model or (session.project.root / path).is_dir()
    known = None if own else _known(session, record, name)
    hub_id = session.context.hub_id(name) or _hub_id_beside(session, record)
    if hub_id is None and known is not None:
        hub_id = known.hub_id
    if licence is None:
        also = _known(session, record, hub_id) if hub_id and known is None else known
        licence = None if also is None else also.licence
    if hub_id is not None:
        return Base(hub_id, hub_id, True, licence)
    if own:
        return Base(None, path.name, False, licence)
    return Base(name, name, _on_hub(session, name), licence)


def _on_hub(session: Session, name: str) -> bool:
    return any(hub.fits(name) for hub in session.plugins.model_hubs.values())


def _known(session: Session, record: RunRecord, name: str) -> KnownModel | None:
    """Return a model that the run's platform knows under a name, or under an id of a hub."""
    with suppress(MlccError):  # a card says less where this cannot be told
        models = session.plugins.platform(record.platform).models(session.context).models
        named = [model for model in models if name in (model.name, model.hub_id)]
        return max(named, key=lambda model: model.licence is not None, default=None)
    return None


def _hub_id_beside(session: Session, record: RunRecord) -> str | None:
    """Return the id on a hub that the output itself tells of its base, where it lies here."""
    if record.output is None:
        return None
    folder = Path(record.output.path)
    told = _document(folder / BASE_RECORD)
    found = (
        told.get("hub_id") if told else _document(folder / CONFIG).get("base_model_name_or_path")
    )
    if not isinstance(found, str) or (session.project.root / found).exists():
        return None
    return found if _on_hub(session, found) else None


def _document(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
