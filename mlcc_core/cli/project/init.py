"""``mlcc init``: a new project."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlcc_core.cli.confirm import can_ask
from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import platform_option

if TYPE_CHECKING:
    from mlcc_core.actions.project.init import InitResult


NEXT = (
    "./do/tune YOUR_DATA.csv",
    "# or .jsonl, .parquet, .xlsx, a folder, an address: it shows what it would do, and asks",
    "./do/tune --help",
)
"""The way on from a new project."""


@click.command("init")
@click.argument("folder", metavar="DIR", required=False)
@platform_option
@click.option(*short("--model"), metavar="ID", help="MODEL_ID: the model to customize and deploy.")
@click.option("--name", metavar="NAME", help="PROJECT_NAME; by default made from DIR.")
@click.option("--region", metavar="REGION", help="The value of AWS_REGION in do/config.")
@click.option(
    "--update", is_flag=True, help="Only add the scripts that a project lacks; DIR is the current."
)
@common_options
@click.pass_obj
def command(
    console: Console,
    folder: str | None,
    platform: str | None,
    model: str | None,
    name: str | None,
    region: str | None,
    update: bool,
) -> None:
    """Make DIR a project: do/config, and a script for every command.

    On a terminal it asks for what is not given: DIR, platform, model. With --model it asks for
    DIR alone, and in a script or pipe for nothing.

    Run again in a project, it writes only the missing parts and the given settings.

    \b
    Examples:
      mlcc init my-project
      mlcc init my-project -m HuggingFaceTB/SmolLM2-135M-Instruct
      mlcc init . --platform local
      mlcc init --update
    """
    from mlcc_core.actions.project.init import InitRequest, init_project
    from mlcc_core.loader.manager import build_manager

    request = None if folder is None else InitRequest(folder, platform, model, name, region, update)
    if update:
        request = request or InitRequest(".", platform, model, name, region, update)
        _show_added(console, init_project(replace(request, folder=request.folder or ".")))
        return
    plugins = build_manager()
    if can_ask(console):
        from mlcc_core.cli.project.init_asked import with_answers

        unnamed = InitRequest("", platform, model, name, region)
        request = with_answers(console, plugins, request or unnamed)
    if request is None:
        raise click.MissingParameter(
            ctx=click.get_current_context(), param_hint="'DIR'", param_type="argument"
        )
    _show_project(console, str(request.folder), init_project(request, plugins))


def _show_project(console: Console, folder: str, made: InitResult) -> None:
    """Show a project, its settings and the way on."""
    root = made.project.root
    console.result(f"✅ {root} {'is up to date' if made.existed else 'is a new project'}")
    for key, value in made.settings.items():
        console.result(f"   {key}={value}")
    if made.note is not None:
        console.note(f"ℹ️  {made.note}")
    console.result("📋 Next steps:")
    if root != Path.cwd():
        console.result(f"   cd {shlex.quote(folder)}")
    if made.needed:
        console.result(f"   # give {' and '.join(made.needed)} a value in do/config")
    for line in NEXT:
        console.result(f"   {line}")
    console.document({"root": str(root), "existed": made.existed, **made.settings})


def _show_added(console: Console, made: InitResult) -> None:
    """Show the scripts that an update added."""
    scripts = ", ".join(f"do/{command}" for command in made.added)
    console.result(
        f"✅ {made.project.root}: " + (f"added {scripts}" if scripts else "has every script")
    )
    console.document({"root": str(made.project.root), "added": list(made.added)})
