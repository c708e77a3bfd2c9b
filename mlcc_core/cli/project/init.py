"""``mlcc init``: a new project."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.options import platform_option
from mlcc_core.errors import MlccError

SHOWN = ("PROJECT_NAME", "PLATFORM", "MODEL_ID", "AWS_REGION")
"""Variables of do/config that are shown: the file may hold anything, secrets included."""


@click.command("init")
@click.argument("folder", metavar="DIR", required=False)
@platform_option
@click.option("--model", metavar="ID", help="MODEL_ID: the model to customize and deploy.")
@click.option("--name", metavar="NAME", help="PROJECT_NAME; by default made from DIR.")
@click.option("--region", metavar="REGION", help="AWS_REGION.")
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

    Run again in a project, it writes only what is missing or given here.
    """
    from mlcc_core.loader.manager import build_manager
    from mlcc_core.project.new_project import create_project

    if update:
        given = {"--platform": platform, "--model": model, "--name": name, "--region": region}
        _update(console, folder or ".", [flag for flag, value in given.items() if value])
        return
    if folder is None:
        raise click.MissingParameter(
            ctx=click.get_current_context(), param_hint="'DIR'", param_type="argument"
        )
    if not folder.strip():
        raise MlccError("DIR is empty, expected a folder.", where="DIR", hint="mlcc init .")
    plugins = build_manager()
    made = create_project(
        Path(folder), plugins, platform=platform, model=model, name=name, region=region
    )
    known = made.project.config().known()
    settings = {key: known[key] for key in SHOWN if known.get(key)}
    verb = "is up to date" if made.existed else "is a new project"
    console.result(f"✅ {made.project.root} {verb}")
    for key, value in settings.items():
        console.result(f"   {key}={value}")
    chosen = plugins.platforms.get(settings.get("PLATFORM", ""))
    note = chosen.model_note(settings.get("MODEL_ID", "")) if chosen is not None else None
    if note is not None:
        console.note(f"ℹ️  {note}")
    console.result("📋 Next steps:")
    if made.project.root != Path.cwd():
        console.result(f"   cd {shlex.quote(folder)}")
    console.result("   ./do/tune --technique <technique> --dataset <source>")
    console.result("   ./do/tune --help")
    console.document({"root": str(made.project.root), "existed": made.existed, **settings})


def _update(console: Console, folder: str, given: list[str]) -> None:
    """Add the scripts that the project lacks.

    Raises:
        MlccError: flags were given that change settings; the folder is not in a project.
    """
    from mlcc_core.project.new_project import update_project

    if given:
        raise MlccError(
            f"{', '.join(given)} cannot go with --update, which changes no setting.",
            where="--update",
            hint=f"mlcc init {shlex.quote(folder)} {given[0]} VALUE",
        )
    made = update_project(Path(folder))
    scripts = ", ".join(f"do/{command}" for command in made.added)
    console.result(
        f"✅ {made.project.root}: " + (f"added {scripts}" if scripts else "has every script")
    )
    console.document({"root": str(made.project.root), "added": list(made.added)})
