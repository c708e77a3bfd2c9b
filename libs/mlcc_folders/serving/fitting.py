"""The fit of an adapter and the deployed base: by weights where both are known, else by name."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers.hints import hint_kind
from mlcc_engine.base import fingerprint, lora_shapes
from mlcc_engine.base.fingerprint import Likeness
from mlcc_engine.hub.names import parse
from mlcc_engine.model.models import BUILT_IN, default_cache
from mlcc_folders.serving.deployment import Deployed


class Fit(Enum):
    """The ways in which an adapter and a base go together."""

    FITS = "fits"
    BY_SHAPE = "was trained on a model of another name, but of the same shape"
    WEIGHTS = "was trained on other weights"
    NAME = "was trained on another model"


@dataclass(frozen=True, slots=True)
class Base:
    """The model that adapters are put on.

    Attributes:
        name: the built-in name, an absolute path or a Hub id.
        fingerprint: of its weights; ``None`` while they are not on this machine.
    """

    name: str
    fingerprint: Mapping[str, Any] | None = None


def find_base(name: str, before: Mapping[str, Any] | None = None) -> Base:
    """Return a base with its fingerprint, as its weights are now.

    Args:
        name: of the base.
        before: its fingerprint when it was last seen, for weights that are not on this machine.
    """
    found = fingerprint.find(name, default_cache())
    return Base(name, before if found is None else found)


def same_base(one: Base, other: Base) -> bool:
    """Return whether two bases are one model, by weights where both are known, else by name."""
    likeness = fingerprint.compare(one.fingerprint, other.fingerprint)
    if likeness is Likeness.UNKNOWN:
        return _same_name(one.name, other.name)
    return likeness is Likeness.SAME


def judge(other: Deployed, base: Base) -> Fit:
    """Return how what is deployed fits the base; a whole model needs none."""
    if other.kind == "model":
        return Fit.FITS
    record = other.record or {}
    likeness = fingerprint.compare(record.get("fingerprint"), base.fingerprint)
    if likeness is Likeness.SAME:
        return Fit.FITS
    if likeness is Likeness.OTHER:
        return Fit.WEIGHTS
    names = {name for name in (other.base, record.get("hub_id"), record.get("asked")) if name}
    if not names or any(_same_name(name, base.name) for name in names):
        return Fit.FITS
    place = fingerprint.place(base.name, default_cache())
    if place is not None and lora_shapes.fit(Path(other.path), place):
        return Fit.BY_SHAPE
    return Fit.NAME


def misfit(other: Deployed, base: Base, fit: Fit, *, added: bool, where: str | None) -> MlccError:
    """Return the error for an adapter that does not fit.

    Args:
        other: the adapter.
        base: that is deployed.
        fit: as :func:`judge` has it.
        added: it is deployed already, and can be removed.
        where: the flag that named it.
    """
    named = f"Adapter {other.name}" if added else other.source
    trained_on = other.base or "a model that it does not name"
    if fit is Fit.WEIGHTS:
        what = (
            f"{named} was trained on other weights than those of {base.name}, which is deployed "
            f"(it names {trained_on})."
        )
    else:
        what = f"{named} was trained on {trained_on}, but {base.name} is deployed."
    return MlccError(what, where=where, hint=_mend(other, base, added=added))


def in_words(other: Deployed, fit: Fit) -> str:
    """Return what to tell of an adapter beside a base that was deployed: a warning, in one line."""
    if fit is Fit.BY_SHAPE:
        return (
            f"⚠️  Adapter {other.name} was trained on {other.base}, a model of another name and "
            "of the same shape: it can be asked, its replies may be poor."
        )
    trained_on = "other weights" if fit is Fit.WEIGHTS else other.base
    return (
        f"⚠️  Adapter {other.name} was trained on {trained_on} and does not fit it; "
        f"remove it: mlcc adapter remove {other.name}"
    )


@hint_kind("another model, deployed")
def deployed(model: str) -> str:
    """Return the command that deploys a model in place of the one that is deployed."""
    return f"mlcc deploy --force-ic --model-data {shlex.quote(model)}"


def _mend(other: Deployed, base: Base, *, added: bool) -> str:
    """The command that deploys what the adapter was trained on, if that can be had."""
    record = other.record or {}
    for name in (record.get("asked"), record.get("hub_id"), other.base):
        if isinstance(name, str) and not _same_name(name, base.name) and _can_be_had(name, record):
            return deployed(name)
    return f"mlcc adapter remove {other.name}" if added else "mlcc adapter list"


def _can_be_had(name: str, record: Mapping[str, Any]) -> bool:
    """False for a path that is gone, or whose weights have changed since."""
    now = fingerprint.find(name, default_cache())
    if fingerprint.compare(record.get("fingerprint"), now) is Likeness.OTHER:
        return False
    return Path(name).is_dir() or name in BUILT_IN or (parse(name) is not None and "/" in name)


def _same_name(one: str, other: str) -> bool:
    names = [parse(name) for name in (one, other)]
    if all(names) and len({name.id for name in names if name}) == 1:
        return True  # of two revisions, weights tell more than names
    return one == other or Path(one).expanduser().resolve() == Path(other).resolve()
