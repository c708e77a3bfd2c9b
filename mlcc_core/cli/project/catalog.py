"""``mlcc catalog``: the supported models, listed, shown and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.contract.job import TRAINING_TYPES
from mlcc_core.contract.technique import TargetModel
from mlcc_core.errors import MlccError, raise_all
from mlcc_core.helpers.names import unknown_name
from mlcc_core.loader.manager import Plugins, build_manager

if TYPE_CHECKING:
    from mlcc_core.catalog.lookup import Catalog, CatalogModel, TechniqueSupport


@click.group("catalog")
def command() -> None:
    """List and check the supported models.

    Models come from the file or folder that MLCC_CATALOG names, the project's catalog/, plugins,
    and mlcc itself; the first that describes a model decides.
    """


@command.command("list")
@common_options
@click.pass_obj
def list_models(console: Console) -> None:
    """List the supported models and their techniques."""
    print_models(console, load_here(build_manager()))


@command.command("show")
@click.argument("model")
@common_options
@click.pass_obj
def show(console: Console, model: str) -> None:
    """Show one MODEL, named by its id or its Hub id."""
    found = load_here(build_manager()).model(model)
    console.document(as_json(found))
    console.result(f"{found.name}")
    facts = {
        "Model id": found.id,
        "Hub id": found.hub_id or "–",
        "Family": f"{found.provider} {found.family}, {found.size}",
        "Vision-language": "yes" if found.vision_language else "no",
        "Licence": "has to be accepted" if found.eula else "needs no acceptance",
        "Described in": str(found.file),
    }
    for label, value in facts.items():
        console.result(f"  {label + ':':17}{value}")
    console.result()
    console.table(
        ("Technique", "Training types", "Dataset format"),
        [
            (name.upper(), ", ".join(support.training_types), support.dataset_format)
            for name, support in found.techniques.items()
        ],
    )


@command.command("validate")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]…")
@common_options
@click.pass_obj
def validate(console: Console, files: tuple[Path, ...]) -> None:
    """Check catalog files; without FILE, the whole catalog as this folder sees it.

    Beyond the rules of a file, every technique that is installed is asked whether it knows the
    dataset formats that are named for it.
    """
    from mlcc_core.catalog.files import read_files

    plugins = build_manager()
    if files:
        models = [model for file in read_files(files) for model in file.models]
    else:
        models = list(load_here(plugins).models)
    raise_all(unknown_formats(models, plugins))
    warnings = list(unknown_techniques(models, plugins))
    per_file = {str(file): 0 for file in files}
    for model in models:
        per_file[str(model.file)] = per_file.get(str(model.file), 0) + 1
    console.document({"files": per_file, "models": len(models), "warnings": warnings})
    for file, count in per_file.items():
        console.result(f"✅ {file}: {count} model{'s' if count != 1 else ''}")
    for warning in warnings:
        console.note(f"⚠️  {warning}")


def print_models(console: Console, catalog: Catalog) -> None:
    """Print the Supported Model Catalog, as a table or (``--json``) as a document."""
    console.document({"models": [as_json(model) for model in catalog.models]})
    console.result("📋 Supported Model Catalog")
    console.result()
    console.table(
        ("Family", "Size", "Model id", "Techniques"),
        [
            (f"{m.provider} {m.family}", m.size, m.id, ", ".join(_techniques(m)))
            for m in catalog.models
        ],
    )
    console.result()
    types = " and ".join(TRAINING_TYPES)
    console.result(
        f"{len(catalog.models)} models, {len(catalog.families)} families. "
        f"Training types: {types}, unless said otherwise."
    )


def load_here(plugins: Plugins) -> Catalog:
    """The catalog as the current folder sees it, in a project or not."""
    from mlcc_core.catalog.lookup import load_catalog
    from mlcc_core.project.project import Project

    try:
        root = Project.find().root
    except MlccError:
        root = None
    return load_catalog(plugins, root)


def as_json(model: CatalogModel) -> Mapping[str, object]:
    """A model in a ``--json`` document."""
    return {
        "id": model.id,
        "hub_id": model.hub_id,
        "name": model.name,
        "provider": model.provider,
        "family": model.family,
        "size": model.size,
        "vision_language": model.vision_language,
        "eula": model.eula,
        "techniques": {
            name: {
                "training_types": list(support.training_types),
                "dataset_format": support.dataset_format,
            }
            for name, support in model.techniques.items()
        },
        "file": str(model.file),
    }


def unknown_formats(models: Iterable[CatalogModel], plugins: Plugins) -> Iterator[MlccError]:
    """An error for each dataset format that its technique, if installed, does not know."""
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


def unknown_techniques(models: Iterable[CatalogModel], plugins: Plugins) -> Iterator[str]:
    """A line for each technique of the catalog that no installed plugin ships."""
    counts: dict[str, int] = {}
    for _, technique, _ in _combinations(models):
        counts[technique] = counts.get(technique, 0) + 1
    for technique, count in counts.items():
        if technique not in plugins.techniques:
            said = unknown_name("technique", technique, plugins.techniques).what
            yield f"{said} No plugin ships it; the catalog names it for {count} of its models."


def _combinations(
    models: Iterable[CatalogModel],
) -> Iterator[tuple[CatalogModel, str, TechniqueSupport]]:
    for model in models:
        for technique, support in model.techniques.items():
            yield model, technique, support


def _techniques(model: CatalogModel) -> Iterator[str]:
    for name, support in model.techniques.items():
        everything = set(support.training_types) == set(TRAINING_TYPES)
        only = "" if everything else f" ({', '.join(support.training_types)})"
        yield name.upper() + only
