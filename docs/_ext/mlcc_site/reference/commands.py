"""Every command with its arguments and options, as click knows them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from mlcc_core.cli.console import Console
from mlcc_core.cli.main import mlcc
from mlcc_core.cli.sections import SectionedCommand
from mlcc_core.project.commands import COMMANDS
from mlcc_site.reference.text import cell, code, escape, table

KEPT = "\b"
"""The mark of a paragraph whose lines click keeps as they are."""


def markdown() -> str:
    """Return all commands, each under a heading of its own."""
    top = click.Context(mlcc, info_name="mlcc", obj=Console([]))
    overview = table(
        ("command", "does", "script of a project"),
        (
            (
                f"[`mlcc {name}`](#mlcc-{name})",
                cell(known.help),
                code(f"do/{name}") if known.script else "",
            )
            for name, known in COMMANDS.items()
        ),
    )
    everywhere = table(("option", "does"), option_rows(mlcc.get_params(top), top))
    sections = [part for name in COMMANDS for part in section(name, top, level=2)]
    return "\n".join([overview, "Before the command:\n", everywhere, *sections])


def section(name: str, parent: click.Context, level: int) -> Iterator[str]:
    """Yield the parts about one command, and about those below it."""
    command = below(parent.command, parent, name)
    context = click.Context(command, info_name=name, parent=parent)
    yield f"{'#' * level} mlcc {' '.join(context.command_path.split()[1:])}\n"
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"```text\n{usage}\n```\n"
    yield help_text(command.help or "")
    for heading, rows in options(command, context):
        yield f"**{escape(heading)}**\n"
        yield table(("option", "does"), rows)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            yield from section(inner, context, level + 1)


def below(group: click.Command, context: click.Context, name: str) -> click.Command:
    """Return a command of a group.

    Raises:
        LookupError: it has none of that name.
    """
    found = group.get_command(context, name) if isinstance(group, click.Group) else None
    if found is None:
        raise LookupError(name)
    return found


def options(
    command: click.Command, context: click.Context
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the options under the headings of ``--help``."""
    left = {param.name or "": param for param in command.get_params(context)}
    sections = command.sections if isinstance(command, SectionedCommand) else {}
    for heading, keys in sections.items():
        rows = list(option_rows([left.pop(key) for key in keys if key in left], context))
        if rows:
            yield heading, rows
    rows = list(option_rows(list(left.values()), context))
    if rows:
        yield "Options", rows


def option_rows(params: list[click.Parameter], context: click.Context) -> Iterator[tuple[str, str]]:
    """Yield names and help of the options among ``params`` that are not hidden."""
    for param in params:
        record = param.get_help_record(context) if isinstance(param, click.Option) else None
        if record is not None:
            names, help_of_it = record
            yield code(names), cell(help_of_it)


def help_text(text: str) -> str:
    """Return the help of a command as Markdown: paragraphs, and examples as code."""
    parts = []
    for paragraph in textwrap.dedent("    " + text if text[:1] != " " else text).split("\n\n"):
        lines = [line for line in textwrap.dedent(paragraph).splitlines() if line.strip()]
        if lines and lines[0].strip() == KEPT:
            parts.append(kept(lines[1:]))
        elif lines:
            parts.append(escape(" ".join(line.strip() for line in lines)) + "\n")
    return "\n".join(parts)


def kept(lines: list[str]) -> str:
    """Return lines that stay lines: a heading, and what is indented below it as code."""
    title = lines[0].strip() if lines[0].strip().endswith(":") else ""
    body = textwrap.dedent("\n".join(lines[1:] if title else lines))
    language = "sh" if title == "Examples:" else "text"
    return f"{title}\n\n```{language}\n{body}\n```\n"
