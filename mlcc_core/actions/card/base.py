"""The base model of a run, as others know it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlcc_core.actions.runs.job import job_of
from mlcc_core.actions.session import Session
from mlcc_core.project.records import RunRecord


@dataclass(frozen=True, slots=True)
class Base:
    """A base model.

    Attributes:
        id: on a hub, or in the catalog; ``None`` for a folder, which others do not have.
        name: for people.
        on_hub: a hub can have a model of that id, with its organisation.
        licence: as its hub names it; ``None`` where that was not asked, or names none.
    """

    id: str | None
    name: str
    on_hub: bool
    licence: str | None = None


def base_of(session: Session, record: RunRecord, licence: str | None = None) -> Base:
    """Return the base model that a run began with."""
    model = job_of(session, record).model
    hub_id = session.context.hub_id(model)
    if hub_id is not None:
        return Base(hub_id, hub_id, True, licence)
    path = Path(model).expanduser()
    if path.is_absolute() or "://" in model or (session.project.root / path).is_dir():
        return Base(None, Path(model).name, False)
    name = model.partition("@")[0]
    on_hub = any(hub.fits(name) for hub in session.plugins.model_hubs.values())
    return Base(name, name, on_hub, licence)
