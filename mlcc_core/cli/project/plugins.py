"""``mlcc plugins``: the installed plugins, their distributions, and why some were left out."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.cli.meant.group import Group
from mlcc_core.errors import ExitCode
from mlcc_core.loader.manager import build_manager

MARKS = MappingProxyType({"ok": "✅", "warning": "⚠️ ", "failed": "❌"})


@click.group("plugins", cls=Group, invoke_without_command=True)
@common_options
@click.pass_context
def command(context: click.Context) -> None:
    """List techniques, sources, platforms, metrics, commands and other plugins.

    MLCC_DISABLE_PLUGINS=NAME,KIND:NAME,… leaves plugins out.

    \b
    Examples:
      mlcc plugins
      mlcc plugins new technique my_technique
      mlcc plugins check sft
    """
    if context.invoked_subcommand is None:
        show_plugins(context.ensure_object(Console))


@command.command("new")
@click.argument("kind", metavar="technique|source|platform|metric|model_hub")
@click.argument("name")
@click.option("--folder", metavar="DIR", default=".", help="Where to; by default here.")
@common_options
@click.pass_obj
def new(console: Console, kind: str, name: str, folder: str) -> None:
    """Write a distribution with a plugin that works, to begin from.

    \b
    Examples:
      mlcc plugins new technique my_technique
      mlcc plugins new metric my_metric --folder ~/plugins
    """
    from mlcc_core.actions.plugins.new import NewPluginRequest, new_plugin

    made = new_plugin(NewPluginRequest(kind, name, folder))
    console.result(f"✅ {made.folder}: {', '.join(made.files)}")
    console.result("📋 Next steps:")
    for step in made.next_steps:
        console.result(f"   {step}")
    console.document(
        {
            "folder": str(made.folder),
            "files": list(made.files),
            "next_steps": list(made.next_steps),
        }
    )


@command.command("check")
@click.argument("name")
@common_options
@click.pass_obj
def check(console: Console, name: str) -> int:
    """Check an installed plugin: its import, version, flags, answers to an example, output.

    \b
    Examples:
      mlcc plugins check sft
    """
    from mlcc_core.actions.plugins.check import check_plugin

    checks = check_plugin(name)
    for found in checks:
        console.result(f"{MARKS[found.state]} {found.name}: {found.found}")
        if found.hint and found.state != "ok":
            console.result(f"   {found.hint}")
    ok = all(found.state != "failed" for found in checks)
    console.document({"ok": ok, "checks": [dataclasses.asdict(found) for found in checks]})
    return ExitCode.DONE if ok else ExitCode.INPUT


def show_plugins(console: Console) -> None:
    """Show every plugin in whatever state."""
    plugins = build_manager()
    console.document(
        {
            "plugins": [
                {
                    "kind": record.kind,
                    "name": record.name,
                    "distribution": record.origin.distribution,
                    "version": record.origin.version,
                    "origin": record.origin.value,
                    "state": record.state,
                    "reason": record.reason,
                }
                for record in plugins.records
            ],
            "warnings": plugins.warnings,
        }
    )
    console.table(
        ("Kind", "Name", "Distribution", "Version", "Origin", "State"),
        [
            (
                record.kind,
                record.name,
                record.origin.distribution,
                record.origin.version,
                record.origin.value,
                f"{record.state}: {record.reason}" if record.reason else record.state,
            )
            for record in plugins.records
        ],
    )
    for warning in plugins.warnings:
        console.note(f"⚠️  {warning}")
