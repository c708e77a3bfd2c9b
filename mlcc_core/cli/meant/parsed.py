"""A whole command line, parsed on trial."""

from __future__ import annotations

from collections.abc import Sequence

import click

from mlcc_core.errors import MlccError


def parses(program: click.Command, words: Sequence[str]) -> bool:
    """Return whether a command line, without the program's name, is one that mlcc takes.

    Nothing is called.

    Args:
        program: the group of all commands.
        words: the line.
    """
    from mlcc_core.cli.console import Console

    command, rest = program, list(words)
    settings = command.context_settings  # a command keeps the names of its help flag
    context = click.Context(command, info_name="mlcc", obj=Console(words), **settings)
    try:
        while isinstance(command, click.Group):
            known = {name for param in command.get_params(context) for name in param.opts}
            while rest and rest[0] in known:
                if rest.pop(0) in ("-h", "--help"):
                    return True
            if not rest:
                return command.invoke_without_command
            name, found, rest = command.resolve_command(context, rest)
            if found is None:
                return False
            command = found
            context = click.Context(command, info_name=name, parent=context)
        command.make_context(context.info_name, rest, parent=context.parent)
    except click.exceptions.Exit:
        return True  # --help
    except (click.ClickException, MlccError):
        return False
    return True
