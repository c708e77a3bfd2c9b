"""``mlcc catalog``: the supported models, listed, shown and checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.meant.group import Group
from mlcc_core.cli.options import platform_option
from mlcc_core.cli.project.catalog_live import add, diff, show_discovered
from mlcc_core.cli.project.model_documents import as_json
from mlcc_core.contract.job import TRAINING_TYPES
from mlcc_core.helpers.text import plural

if TYPE_CHECKING:
    from mlcc_core.catalog.lookup import Catalog
    from mlcc_core.catalog.model import CatalogModel


@click.group("catalog", cls=Group)
def command() -> None:
    """List and check the supported models.

    Models come from the file or folder that MLCC_CATALOG names, the project's catalog/, plugins,
    and mlcc itself; the first that describes a model decides.

    \b
    Examples:
      mlcc catalog list
      mlcc catalog show Qwen/Qwen3-8B
      mlcc catalog diff
    """


@command.command("list")
@click.option("--discover", is_flag=True, help="What the platform can tune and the catalog lacks.")
@platform_option
@common_options
@click.pass_obj
def list_models(console: Console, discover: bool, platform: str | None) -> None:
    """List the supported models and their techniques.

    With --discover the platform's own list is read, for this account and region: shown are the
    models that can be tuned there and that the catalog does not have.

    \b
    Examples:
      mlcc catalog list
      mlcc catalog list --discover
      mlcc catalog list --json
    """
    from mlcc_core.actions.project.catalog import find_catalog

    if discover:
        show_discovered(console, platform)
    else:
        print_models(console, find_catalog())


command.add_command(diff)
command.add_command(add)


@command.command("show")
@click.argument("model")
@common_options
@click.pass_obj
def show(console: Console, model: str) -> None:
    """Show one MODEL, named by its id or its Hub id.

    \b
    Examples:
      mlcc catalog show Qwen/Qwen3-8B
    """
    from mlcc_core.actions.project.catalog import find_catalog

    found = find_catalog().model(model)
    console.document(as_json(found))
    console.result(f"{found.name}")
    facts = {
        "Model id": found.id,
        "Hub id": found.hub_id or "–",
        "Family": f"{found.provider} {found.family}, {found.size}",
        "Vision-language": "yes" if found.vision_language else "no",
        "Licence": "has to be accepted" if found.eula else "needs no acceptance",
        "Described in": str(found.file),
        **({"Source": found.source} if found.source else {}),
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
    """Check catalog files, or the whole catalog.

    Without FILE that is the catalog as this folder sees it. Beyond the rules of a file, every
    technique that is installed is asked whether it knows the dataset formats that are named for
    it.

    \b
    Examples:
      mlcc catalog validate
      mlcc catalog validate catalog/my-models.toml
    """
    from mlcc_core.actions.project.catalog import CatalogRequest, validate_catalog

    found = validate_catalog(CatalogRequest(files))
    warnings = list(found.warnings)
    console.document({"files": found.files, "models": found.models, "warnings": warnings})
    for file, count in found.files.items():
        console.result(f"✅ {file}: {plural(count, 'model')}")
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


def _techniques(model: CatalogModel) -> Iterator[str]:
    for name, support in model.techniques.items():
        everything = set(support.training_types) == set(TRAINING_TYPES)
        only = "" if everything else f" ({', '.join(support.training_types)})"
        yield name.upper() + only
