"""``catalog diff``: the catalog beside a platform's own list of models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mlcc_core.actions.project.catalog import find_catalog
from mlcc_core.actions.project.live_models import in_words, live_models
from mlcc_core.catalog.rows import as_toml, in_order, row_of, today
from mlcc_core.contract.platform.known_model import LiveModel

if TYPE_CHECKING:
    from mlcc_core.actions.session import Workspace
    from mlcc_core.catalog.model import CatalogModel

DiffState = Literal["new", "gone", "changed"]


@dataclass(frozen=True, slots=True)
class CatalogDifference:
    """A model of which catalog and platform do not say the same.

    Attributes:
        model: its id.
        name: for people.
        state: ``new`` is only in the platform's list, ``gone`` only in the catalog.
        changes: the platform's list beside the catalog: ``"+ dpo (lora)"``, ``"- rlvr (lora)"``,
            ``"+ licence"``; for a new model everything, for one that is gone nothing.
        row: a catalog file with what the platform's list says; ``None`` for one that is gone.
    """

    model: str
    name: str
    state: DiffState
    changes: tuple[str, ...]
    row: str | None


@dataclass(frozen=True, slots=True)
class CatalogDiff:
    """The catalog compared with a platform's own list.

    Attributes:
        platform: its name.
        place: the list, for people.
        differences: new, changed and gone models, in this order.
        same: models of which both say the same.
        left_out: models of the list that no installed technique can tune, by id.
    """

    platform: str
    place: str
    differences: tuple[CatalogDifference, ...]
    same: int
    left_out: tuple[str, ...] = ()


def diff_catalog(workspace: Workspace) -> CatalogDiff:
    """Compare the catalog with the platform's own list.

    Raises:
        MlccError, PlatformError: as :func:`live_models`; a catalog file is wrong.
    """
    catalog = find_catalog(workspace.plugins)
    live, left_out = live_models(workspace)
    ids = {model.id.casefold() for model in live}
    found = [_difference(model, catalog.find(model.id)) for model in live]
    gone = [
        CatalogDifference(model.id, model.name, "gone", (), None)
        for model in catalog.models
        if model.id.casefold() not in ids
    ]
    told = [each for each in found if each is not None]
    by_state = [each for state in ("new", "changed") for each in told if each.state == state]
    platform = workspace.platform
    name = platform.name if platform is not None else ""
    place = next((model.place for model in live if model.place), f"the list of {name}")
    return CatalogDiff(name, place, (*by_state, *gone), len(found) - len(told), left_out)


def _difference(live: LiveModel, known: CatalogModel | None) -> CatalogDifference | None:
    row = as_toml(row_of(live, known, today(), Path()))
    if known is None:
        licence = ["+ licence"] if live.licence else []
        changes = (*(f"+ {words}" for words in in_words(live.techniques)), *licence)
        return CatalogDifference(live.id, live.name, "new", changes, row)
    changes = tuple(_changes(live, known))
    if not changes:
        return None
    return CatalogDifference(known.id, known.name, "changed", changes, row)


def _changes(live: LiveModel, known: CatalogModel) -> Iterator[str]:
    had = {name: support.training_types for name, support in known.techniques.items()}
    for name in dict.fromkeys([*had, *live.techniques]):
        before, now = had.get(name, ()), live.techniques.get(name, ())
        for sign, types in (("+", set(now) - set(before)), ("-", set(before) - set(now))):
            if types:
                yield f"{sign} {name} ({', '.join(in_order(tuple(types)))})"
    for word, told, said in (
        ("licence", live.licence, known.eula),
        ("images", live.vision_language, known.vision_language),
    ):
        if told is not None and told != said:
            yield f"{'+' if told else '-'} {word}"
