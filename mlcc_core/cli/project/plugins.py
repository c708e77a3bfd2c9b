"""``mlcc plugins``: the installed plugins, their distributions, and why some were left out."""

from __future__ import annotations

import click

from mlcc_core.cli.console import Console, common_options
from mlcc_core.loader.manager import build_manager


@click.command("plugins")
@common_options
@click.pass_obj
def command(console: Console) -> None:
    """List techniques, sources, platforms and other plugins.

    MLCC_DISABLE_PLUGINS=NAME,KIND:NAME,… leaves plugins out.
    """
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
