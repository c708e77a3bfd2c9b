"""``catalog``: the supported models as the current folder sees them, and the check of the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.catalog.files import read_files
from mlcc_core.catalog.lookup import Catalog, load_catalog
from mlcc_core.catalog.model import CatalogModel, TechniqueSupport
from mlcc_core.contract.technique.schema import TargetModel
from mlcc_core.errors import MlccError, raise_all
from mlcc_core.helpers.names import unknown_name
from mlcc_core.loader.manager import Plugins, build_manager
from mlcc_core.project.project import Project


@dataclass(frozen=True)
class CatalogRequest:
    """One call of ``catalog validate``.

    Attributes:
        files: catalog files; empty for the whole catalog as the current folder sees it.
    """

    files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class CatalogCheck:
    """The result of ``catalog validate``: no errors, or it would have raised them.

    Attributes:
        files: the number of models by file.
        models: their sum.
        warnings: techniques that the catalog names and no installed plugin ships.
    """

    files: Mapping[str, int]
    models: int
    warnings: tuple[str, ...]


def find_catalog(plugins: Plugins | None = None) -> Catalog:
    """Return the catalog as the current folder sees it, in a project or not.

    Args:
        plugins: ``None`` loads the installed ones.

    Raises:
        MlccError, Problems: a catalog file is wrong.
    """
    try:
        root = Project.find().root
    except MlccError:
        root = None
    return load_catalog(plugins or build_manager(), root)


def validate_catalog(request: CatalogRequest, plugins: Plugins | None = None) -> CatalogCheck:
    """Check catalog files.

    Beyond the rules of a file, every technique that is installed is asked whether it knows the
    dataset formats that are named for it.

    Args:
        request: which files.
        plugins: ``None`` loads the installed ones.

    Raises:
        MlccError, Problems: everything that is wrong.
    """
    plugins = plugins or build_manager()
    if request.files:
        models = [model for file in read_files(request.files) for model in file.models]
    else:
        models = list(find_catalog(plugins).models)
    raise_all(_unknown_formats(models, plugins))
    per_file = {str(file): 0 for file in request.files}
    for model in models:
        per_file[str(model.file)] = per_file.get(str(model.file), 0) + 1
    return CatalogCheck(per_file, len(models), tuple(_unknown_techniques(models, plugins)))


def _unknown_formats(models: Iterable[CatalogModel], plugins: Plugins) -> Iterator[MlccError]:
    """Yield an error for each dataset format that its technique, if installed, does not know."""
    for model, technique, support in _combinations(models):
        if technique not in plugins.techniques:
            continue
        try:
            plugins.technique(technique).dataset_schema(
                TargetModel(model.id, support.dataset_format)
            )
        except MlccError as error:
            yield MlccError(
                f'{model.file}: model "{model.id}", dataset_formats.{technique}: {error.what}',
                where=str(model.file),
            )


def _unknown_techniques(models: Iterable[CatalogModel], plugins: Plugins) -> Iterator[str]:
    """Yield a line for each technique of the catalog that no installed plugin ships."""
    counts: dict[str, int] = {}
    for _, technique, _ in _combinations(models):
        counts[technique] = counts.get(technique, 0) + 1
    for technique, count in counts.items():
        if technique not in plugins.techniques:
            unknown = unknown_name("technique", technique, plugins.techniques).what
            yield f"{unknown} No plugin ships it; the catalog names it for {count} of its models."


def _combinations(
    models: Iterable[CatalogModel],
) -> Iterator[tuple[CatalogModel, str, TechniqueSupport]]:
    for model in models:
        for technique, support in model.techniques.items():
            yield model, technique, support
