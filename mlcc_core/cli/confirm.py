"""Ask before money is spent or an account is changed; ask for what must not be seen."""

from __future__ import annotations

import sys

import click

from mlcc_core.cli.console import Console
from mlcc_core.contract.platform import Platform
from mlcc_core.errors import Interrupted, MlccError


def confirm_cost(platform: Platform, what: str, assume_yes: bool) -> None:
    """Ask, on a terminal, before ``what`` on a platform that costs money.

    Raises:
        MlccError: there is no terminal to ask on and ``--yes`` was not given.
        Interrupted: the answer was no.
    """
    if assume_yes or not platform.costs_money:
        return
    if not sys.stdin.isatty():
        raise MlccError(
            f"{what} on {platform.title} costs money, and there is no terminal to ask on.",
            hint=_with_yes(),
        )
    if not click.confirm(f"{what} on {platform.title} costs money. Go ahead?", err=True):
        raise Interrupted("Nothing was done.")


def confirm(question: str) -> bool:
    """The user's yes or no.

    Raises:
        MlccError: there is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        raise MlccError(f"{question} There is no terminal to ask on.", hint=_with_yes())
    return click.confirm(question, err=True)


def _with_yes() -> str:
    console = click.get_current_context().find_object(Console) or Console()
    return console.command_with("--yes")


def read_secret(prompt: str) -> str:
    """A value typed without being shown, or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    value: str = click.prompt(prompt, hide_input=True, err=True, default="", show_default=False)
    return value.strip()
