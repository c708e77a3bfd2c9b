"""``models``: every model that is known here, of the platform and of the catalog."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcc_core.actions.project.catalog import find_catalog
from mlcc_core.contract.platform.known_model import KnownModel, KnownModels

if TYPE_CHECKING:
    from mlcc_core.actions.session import Workspace
    from mlcc_core.catalog.model import CatalogModel

CATALOG = "catalog"
"""The place of a model that the catalog alone knows."""

UNITS = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


@dataclass(frozen=True)
class ModelsRequest:
    """One call of ``models``.

    Attributes:
        fits: leave out what is not known to fit into the memory that there is.
    """

    fits: bool = False


def known_models(workspace: Workspace, request: ModelsRequest | None = None) -> KnownModels:
    """Return the models that the platform and the catalog know, the smallest first.

    Args:
        workspace: with its platform, if it has one.
        request: which of them.

    Raises:
        MlccError, Problems: a catalog file is wrong.
    """
    platform = workspace.platform
    found = KnownModels() if platform is None else platform.models(workspace.context)
    models: Iterable[KnownModel] = _merged(found.models, find_catalog(workspace.plugins).models)
    if request is not None and request.fits:
        models = [model for model in models if model.fits]
    return dataclasses.replace(found, models=tuple(sorted(models, key=_by_size)))


def _merged(known: Iterable[KnownModel], supported: Iterable[CatalogModel]) -> Iterator[KnownModel]:
    """Yield what the platform knows with ids of the catalog, then what the catalog alone knows."""
    entries = {entry.hub_id.casefold(): entry for entry in supported if entry.hub_id}
    met = set()
    for model in known:
        entry = entries.get((model.hub_id or "").casefold())
        if entry is None:
            yield model
            continue
        met.add(entry.id)
        yield dataclasses.replace(
            model,
            catalog_id=entry.id,
            size=model.size or entry.size,
            licence=model.licence or _licence(entry),
        )
    for entry in supported:
        if entry.id not in met:
            yield KnownModel(
                name=entry.hub_id or entry.id,
                place=CATALOG,
                size=entry.size,
                licence=_licence(entry),
                hub_id=entry.hub_id,
                catalog_id=entry.id,
            )


def _licence(entry: CatalogModel) -> str | None:
    """The catalog does not name licences; it knows those that have to be accepted."""
    return "to be accepted" if entry.eula else None


def parameters_of(model: KnownModel) -> float | None:
    """Return the parameters of a model, counted or as its size says; ``None`` if not known."""
    if model.parameters is not None:
        return model.parameters
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMBT])", model.size or "")
    return None if match is None else float(match[1]) * UNITS[match[2]]


def _by_size(model: KnownModel) -> tuple[float, str]:
    size = parameters_of(model)
    return math.inf if size is None else size, model.name.casefold()
