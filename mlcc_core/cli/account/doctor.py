"""``mlcc doctor``: every prerequisite, and the command that mends each missing one."""

from __future__ import annotations

import dataclasses

import click

from mlcc_core.cli.console import Console, common_options, hint_lines

MARKS = {"ok": "✅", "warning": "⚠️ ", "missing": "❌"}


@click.command("doctor")
@common_options
@click.pass_obj
def command(console: Console) -> int:
    """Check what is installed and usable, without side effects.

    Exit code 0 when the platform of the project is usable (outside a project, when any is),
    else 3.
    """
    from mlcc_core.actions.account.doctor import doctor, is_usable
    from mlcc_core.errors import ExitCode

    sections = doctor()
    for section in sections:
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
    console.document(
        {
            "sections": [
                {
                    "title": section.title,
                    "usable": section.usable,
                    "chosen": section.chosen,
                    "checks": [dataclasses.asdict(check) for check in section.checks],
                }
                for section in sections
            ]
        }
    )
    return ExitCode.DONE if is_usable(sections) else ExitCode.PLATFORM
