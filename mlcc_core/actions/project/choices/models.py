"""The models that a new project can choose from: those that fit the memory that there is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlcc_core.actions.models import known_models, parameters_of
from mlcc_core.actions.project.catalog import find_catalog
from mlcc_core.actions.session import Workspace
from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.contract.platform.known_model import KnownModel, KnownModels
    from mlcc_core.contract.platform.platform import Platform
    from mlcc_core.loader.manager import Plugins

SHOWN = 6
"""Models that are shown, at most."""

SHARE = 0.75
"""Of the free memory, that a model's weights may take so that the rest of a training has room."""

HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?(@[\w./-]+)?\Z")
"""``ORG/NAME``, perhaps with ``@REVISION``; a few old models have no ``ORG``."""

PATH = re.compile(r"(\.{0,2}|~)/")
"""The beginning of an answer that is a folder."""


@dataclass(frozen=True)
class ModelChoice:
    """A model that can be chosen.

    Attributes:
        name: the value of ``--model``.
        size: for people: ``135M``; empty where it is not known.
        remarks: what it needs, and what to know of it, each in a few words.
        serious: nothing has to be said against it: it can be the default.
    """

    name: str
    size: str
    remarks: tuple[str, ...]
    serious: bool


@dataclass(frozen=True)
class ModelChoices:
    """The models of a platform.

    Attributes:
        models: a few, the default one first.
        names: of all that are known, in any case.
        free_memory: bytes that a training may use; ``None`` where that is not known.
    """

    models: tuple[ModelChoice, ...]
    names: tuple[str, ...]
    free_memory: int | None


def model_choices(plugins: Plugins, platform: Platform) -> ModelChoices:
    """Return the models that a platform can train with the memory that it has, small ones first.

    A model whose files are not here is judged by its weights alone, which its size tells.

    Args:
        plugins: the installed plugins.
        platform: the project's.

    Raises:
        MlccError, Problems: a catalog file is wrong.
    """
    found = known_models(Workspace(None, plugins, platform, say=lambda line: None))
    models = [model for model in found.models if _is_tunable(model, platform)]
    shown = [_choice(model, found) for model in models if _fits(model, found)]
    first = sorted(shown, key=lambda choice: not choice.serious)[:1]
    rest = [choice for choice in shown if choice not in first]
    return ModelChoices(
        (*first, *rest)[:SHOWN], tuple(model.name for model in models), found.free_memory
    )


def check_model(
    answer: str, known: ModelChoices, plugins: Plugins, platform: Platform, root: Path
) -> str:
    """Return the model that an answer names.

    Args:
        answer: a number of the list (from 1), a name, or a folder.
        known: the list.
        plugins: the installed plugins.
        platform: the project's.
        root: of the project.

    Raises:
        MlccError: it names none; it says what was expected.
    """
    if answer.isdecimal():
        if 1 <= int(answer) <= len(known.models):
            return known.models[int(answer) - 1].name
        raise MlccError(f"{answer} is not in the list, expected 1 to {len(known.models)}.")
    by_name = {name.casefold(): name for name in known.names}
    if found := by_name.get(answer.casefold()):
        return found
    if PATH.match(answer) and not platform.insists_on_catalog:
        return platform.model_name(_folder(answer), root)
    named = platform.model_name(answer, root)
    if platform.insists_on_catalog:
        find_catalog(plugins).model(named)
        return named
    like = [name for name in known.names if answer.casefold() in name.casefold()]
    if like:
        shown = ", ".join(like[:SHOWN]) + (", …" if len(like) > SHOWN else "")
        raise MlccError(f"{answer!r} is not the whole name of a model, expected one like {shown}.")
    if not (HUB_NAME.match(named) or PATH.match(named)):
        raise MlccError(
            f"{answer!r} is not the name of a model, expected a number of the list, ORG/NAME of "
            "the Hub, or a folder."
        )
    return named


def _folder(answer: str) -> str:
    folder = Path(answer).expanduser()
    if not (folder / "config.json").is_file():
        raise MlccError(f"{answer} is not the folder of a model: it has no config.json.")
    return str(folder.resolve())


def _is_tunable(model: KnownModel, platform: Platform) -> bool:
    return model.catalog_id is not None or not platform.insists_on_catalog


def _fits(model: KnownModel, found: KnownModels) -> bool:
    if found.free_memory is None:
        return True
    if model.memory:
        return bool(model.fits)
    least = _least(model, found)
    return least is not None and least <= SHARE * found.free_memory


def _least(model: KnownModel, found: KnownModels) -> float | None:
    """Return the bytes that the weights take alone, where the size is known."""
    size = parameters_of(model)
    return None if size is None or found.weight_bytes is None else size * found.weight_bytes


def _choice(model: KnownModel, found: KnownModels) -> ModelChoice:
    note = (model.note or "").partition(". ")[0].removeprefix(f"{model.name} is ")
    said = (note,) if note else ()
    return ModelChoice(
        model.name,
        model.size or size_text(model.parameters),
        (*_remarks(model, found), *said),
        serious=model.note is None,
    )


def _remarks(model: KnownModel, found: KnownModels) -> Iterator[str]:
    ways: Iterable[str] = (way for way in model.fits if way in model.memory)
    least = _least(model, found)
    if way := next(iter(ways), None):
        rows = model.batches[way]
        yield f"needs up to {gigabytes(model.memory[way])}"
        if rows < found.batch:
            yield f"with --batch-size {rows}"
    elif least is not None and found.free_memory is not None:
        yield f"its weights alone take {gigabytes(least)}"
    if "to download" in model.place:
        yield model.place.partition("(")[2].rstrip(")")
    if model.licence == "to be accepted":
        yield "licence to be accepted"


def gigabytes(size: float) -> str:
    """Return a number of bytes for people: ``2.4 GB``."""
    return f"{size / 1e9:.1f} GB"


def size_text(parameters: int | None) -> str:
    """Return a number of parameters for people: ``135M``; empty where it is not known."""
    for unit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if parameters is not None and parameters >= unit:
            return f"{parameters / unit:.3g}{letter}"
    return ""
