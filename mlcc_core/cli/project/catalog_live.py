"""``mlcc catalog diff`` and ``add``, and ``list --discover``: the platform's own list of models."""

from __future__ import annotations

import dataclasses
import shlex
from typing import TYPE_CHECKING

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import platform_option
from mlcc_core.cli.project.model_documents import as_json
from mlcc_core.errors import ExitCode
from mlcc_core.helpers.text import plural
from mlcc_core.project.hints import catalog_add

if TYPE_CHECKING:
    from mlcc_core.actions.project.catalog_diff import CatalogDiff, CatalogDifference

SAME = "same"

INDENT = " " * 9
"""Before what is said of a model, below its id: ids are long, and a table of them too wide."""

LICENCE = {True: "to be accepted", False: "needs no acceptance", None: "not told"}


@click.command("diff")
@click.option("--require", type=click.Choice([SAME]), help="End with exit code 4 if they differ.")
@platform_option
@common_options
@click.pass_context
def diff(context: click.Context, require: str | None, platform: str | None) -> None:
    """Compare the catalog with the platform's own list.

    The list is read for this account and region. Shown are models that are new there, gone, or
    changed: techniques, training types, licence. For each that is new or changed, a catalog
    file is printed that goes into the project's catalog/; `mlcc catalog add MODEL` writes it.

    The region is the platform's (for sagemaker: AWS_REGION=us-west-2 mlcc catalog diff). The exit
    code is 0, also if they differ; 4 then with --require same; 3 if the list cannot be read.

    \b
    Examples:
      mlcc catalog diff
      mlcc catalog diff --require same
    """
    from mlcc_core.actions.project.catalog_diff import diff_catalog
    from mlcc_core.actions.session import open_workspace

    console = context.ensure_object(Console)
    workspace = open_workspace(say=console.note, platform=platform)
    found = diff_catalog(workspace)
    console.document(dataclasses.asdict(found))
    _show(console, found)
    if require == SAME and found.differences:
        context.exit(ExitCode.UNMET)


@click.command("add")
@click.argument("model")
@click.option("--replace", is_flag=True, help="Write over the row that is in the project.")
@platform_option
@common_options
@click.pass_obj
def add(console: Console, model: str, replace: bool, platform: str | None) -> None:
    """Add a row for MODEL to the project's catalog/.

    The row says what the platform's own list has now. MODEL is an id of `mlcc catalog list
    --discover` or `mlcc catalog diff`. The provider, the size and the id on the Hub can be
    edited in the file, where the list does not tell them.

    \b
    Examples:
      mlcc catalog add huggingface-llm-qwen2-5-7b-instruct
    """
    from mlcc_core.actions.project.catalog_add import AddRowRequest, add_to_catalog
    from mlcc_core.actions.session import open_session

    session = open_session(say=console.note, platform=platform)
    added = add_to_catalog(session, AddRowRequest(model, replace))
    console.document({"model": as_json(added.model), "row": added.row})
    console.result(f"✅ {added.model.file}")
    console.result()
    console.result(added.row.rstrip(), whole=True)
    console.result()
    console.result(f"mlcc catalog show {shlex.quote(added.model.id)}")


def show_discovered(console: Console, platform: str | None) -> None:
    """Show the models of the platform's list that the catalog lacks."""
    from mlcc_core.actions.project.live_models import discover_models, in_words
    from mlcc_core.actions.session import open_workspace

    workspace = open_workspace(say=console.note, platform=platform)
    found = discover_models(workspace)
    console.document({"discovered": [dataclasses.asdict(model) for model in found]})
    if not found:
        console.result("✅ The catalog has every model that the platform can tune.")
        return
    for model in found:
        console.result(model.id)
        console.result(f"{INDENT}{model.name}; licence: {LICENCE[model.licence]}")
        for words in in_words(model.techniques):
            console.result(f"{INDENT}{words}")
    console.result()
    console.result(
        f"{plural(len(found), 'model')} of {found[0].place or 'the platform'}. To add one:"
    )
    console.result(catalog_add(found[0].id))


def _show(console: Console, found: CatalogDiff) -> None:
    if not found.differences:
        console.result(f"✅ The catalog and {found.place} say the same of {found.same} models.")
    else:
        for each in found.differences:
            console.result(f"{each.state:{len(INDENT)}}{each.model}")
            for change in each.changes:
                console.result(f"{INDENT}{change}")
        console.result()
        counts = ", ".join(_counts(found))
        console.result(f"{found.place}: {counts}, {plural(found.same, 'model')} the same.")
    if found.left_out:
        console.result(
            f"Left out, for techniques that no plugin ships: {', '.join(found.left_out)}"
        )
    for each in found.differences:
        _show_row(console, each)


def _counts(found: CatalogDiff) -> list[str]:
    states = [each.state for each in found.differences]
    return [f"{states.count(state)} {state}" for state in dict.fromkeys(states)]


def _show_row(console: Console, difference: CatalogDifference) -> None:
    if difference.row is None:
        return
    console.result()
    console.result(f"# catalog/{difference.model}.toml   # or: {catalog_add(difference.model)}")
    console.result(difference.row.rstrip(), whole=True)
