"""The models of a platform's own list, as far as the installed techniques can tune them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from mlcc_core.actions.project.catalog import find_catalog
from mlcc_core.catalog.rows import in_order
from mlcc_core.contract.platform.known_model import LiveModel
from mlcc_core.errors import MlccError, NotTrainedHere
from mlcc_core.project.hints import catalog_add

if TYPE_CHECKING:
    from mlcc_core.actions.session import Workspace
    from mlcc_core.contract.job import TrainingType
    from mlcc_core.contract.platform.platform import Platform


def live_models(workspace: Workspace) -> tuple[list[LiveModel], tuple[str, ...]]:
    """Return the models of the platform's list, and the ids of those that cannot be tuned here.

    Techniques that no installed plugin ships are left out of what a model can be tuned with.

    Raises:
        MlccError: no platform is named, or it keeps no list.
        PlatformError: the list cannot be read.
    """
    listed = _platform(workspace).live_models(workspace.context)
    found = [_tunable(model, workspace.plugins.techniques) for model in listed]
    kept = sorted((m for m in found if m.techniques), key=lambda model: model.id)
    return kept, tuple(sorted(model.id for model in found if not model.techniques))


def discover_models(workspace: Workspace) -> list[LiveModel]:
    """Return the models that the platform can tune now and the catalog does not have.

    Raises:
        MlccError, PlatformError: as :func:`live_models`; a catalog file is wrong.
    """
    catalog = find_catalog(workspace.plugins)
    return [model for model in live_models(workspace)[0] if catalog.find(model.id) is None]


def live_model(workspace: Workspace, model: str) -> LiveModel | None:
    """Return a model of the platform's list that can be tuned here; ``None`` for another.

    Raises:
        MlccError: no platform is named, or it keeps no list.
        PlatformError: the list cannot be read.
    """
    found = _platform(workspace).live_model(workspace.context, model)
    kept = None if found is None else _tunable(found, workspace.plugins.techniques)
    return kept if kept is not None and kept.techniques else None


def with_the_list(
    workspace: Workspace, error: MlccError, model: str, technique: str, training_type: TrainingType
) -> MlccError:
    """Return an error about a model of the catalog with what the platform's list says of it.

    It comes back as it was where the list does not have the model with this technique and training
    type, or cannot be read: that would be another matter.

    Args:
        workspace: with its platform.
        error: that the catalog raised.
        model: as the user named it.
        technique: that was asked for.
        training_type: likewise.
    """
    try:
        live = live_model(workspace, workspace.context.catalog_id(model))
    except MlccError:
        return error
    if live is None or training_type not in live.techniques.get(technique, ()):
        return error
    has = ", ".join(in_words(live.techniques))
    return NotTrainedHere(
        error.what,
        where=error.where,
        detail=(*error.detail, f"{live.place or 'The list of the platform'} has it: {has}."),
        hint=catalog_add(live.id),
    )


def in_words(techniques: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield each technique with its training types: ``"sft (lora, full-rank)"``."""
    for name, types in techniques.items():
        yield f"{name} ({', '.join(types)})"


def _platform(workspace: Workspace) -> Platform:
    if workspace.platform is None:
        raise MlccError("No platform is named.", where="--platform", hint="mlcc plugins")
    return workspace.platform


def _tunable(model: LiveModel, techniques: Iterable[str]) -> LiveModel:
    kept = {name: in_order(types) for name, types in model.techniques.items() if name in techniques}
    return dataclasses.replace(model, techniques={n: types for n, types in kept.items() if types})
