"""The session of the project, for commands that plugins bring."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import click

from mlcc_core.actions.session import Session, open_session
from mlcc_core.cli.confirm import confirm, read_secret
from mlcc_core.cli.console import Console

P = ParamSpec("P")
R = TypeVar("R")


def pass_session(function: Callable[Concatenate[Session, P], R]) -> Callable[P, R]:
    """Give a command of a plugin the session of the project it is called in.

    The session has the project, the plugins and the platform that the project names. Outside of a
    project the command ends with the error that mlcc's own commands end with.

    Example:
        >>> @click.command("cost")
        ... @pass_session
        ... def command(session):
        ...     click.echo(f"{session.project.root}: {session.platform.title}")
    """

    @wraps(function)
    def call(*arguments: P.args, **keywords: P.kwargs) -> R:
        console = click.get_current_context().find_object(Console) or Console()
        session = open_session(say=console.note, confirm=confirm, read_secret=read_secret)
        return function(session, *arguments, **keywords)

    return call
