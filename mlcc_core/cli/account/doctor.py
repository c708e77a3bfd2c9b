"""``mlcc doctor``: every prerequisite, the command that mends each missing one, what costs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from mlcc_core.cli.console import Console, common_options, hint_lines
from mlcc_core.cli.deploy.standing_text import standing_lines
from mlcc_core.cli.meant.letters import short
from mlcc_core.cli.options import platform_names

if TYPE_CHECKING:
    from mlcc_core.actions.account.doctor import Section

MARKS = {"ok": "✅", "warning": "⚠️ ", "missing": "❌"}


@click.command("doctor")
@click.option(
    *short("--platform"),
    metavar="NAME",
    shell_complete=platform_names,
    help="Look at this one alone.",
)
@common_options
@click.pass_obj
def command(console: Console, platform: str | None) -> int:
    """Check what is installed and usable, and what stands and costs, without side effects.

    Exit code 0 when the platform of the project, or the one that --platform names, is usable
    (outside a project, when any is), else 3.

    \b
    Examples:
      mlcc doctor
      mlcc doctor --platform local
      mlcc doctor --json
    """
    from mlcc_core.actions.account.doctor import doctor, is_usable
    from mlcc_core.errors import ExitCode

    sections = doctor(platform=platform)
    for section in sections:
        _show(console, section)
    console.document(
        {
            "sections": [
                {
                    "title": section.title,
                    "usable": section.usable,
                    "chosen": section.chosen,
                    "checks": [dataclasses.asdict(check) for check in section.checks],
                    **dataclasses.asdict(section.standing),
                }
                for section in sections
            ]
        }
    )
    return ExitCode.DONE if is_usable(sections, platform) else ExitCode.PLATFORM


def _show(console: Console, section: Section) -> None:
    verdict = ""
    if section.title.startswith("platform "):
        verdict = ": usable" if section.usable else ": not usable"
        verdict += " (this project's platform)" if section.chosen else ""
    console.result(f"📋 {section.title}{verdict}")
    for check in section.checks:
        console.result(f"   {MARKS[check.state]} {check.name}: {check.found}")
        if check.hint and check.state != "ok":
            for line in hint_lines(check.hint):
                console.result(f"      {line}")
    for line in standing_lines(section.standing):
        console.result(f"   {line}")
