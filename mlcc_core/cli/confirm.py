"""Ask the user: for a yes, for an answer, for a value that must not be seen."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from mlcc_core.cli.console import Console
from mlcc_core.cli.waiting.spinner import hushed
from mlcc_core.errors import Interrupted, MlccError

ANSWERS = {"y": True, "yes": True, "n": False, "no": False, "": False}
"""Answers to a question for a yes; Enter alone is a no."""


def confirm(question: str) -> bool:
    """Return True for the user's yes.

    Raises:
        MlccError: there is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        raise MlccError(f"{question} There is no terminal to ask on.", hint=_with_yes())
    while True:
        with _interrupts():
            typed: str = click.prompt(f"{question} [y/N]", default="", show_default=False, err=True)
        if typed.strip().lower() in ANSWERS:
            return ANSWERS[typed.strip().lower()]
        click.echo(f"❌ {typed.strip()!r} is not an answer, expected y or n.", err=True)


def can_ask(console: Console) -> bool:
    """Return whether the user can be asked: a terminal is there, and no document is wanted."""
    asks = console.asks and not console.json
    return asks and sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, default: str) -> str:
    """Return what the user types in answer to a question; Enter alone takes the default.

    Raises:
        Interrupted: the user ended the question.
    """
    with _interrupts():
        answer: str = click.prompt(question, default=default, err=True)
    return answer.strip()


def _with_yes() -> str:
    console = click.get_current_context().find_object(Console) or Console()
    return console.command_with("--yes")


def read_secret(prompt: str) -> str:
    """Return a value typed without being shown, or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    with _interrupts():
        value: str = click.prompt(prompt, hide_input=True, err=True, default="", show_default=False)
    return value.strip()


@contextmanager
def _interrupts() -> Iterator[None]:
    """Turn click's word for a Ctrl-C into ours: a plugin that asks is not to blame for it.

    Raises:
        Interrupted: the user ended the question.
    """
    # Libraries in Rust take Ctrl-C over, so that a read goes on after it until Enter is pressed.
    with suppress(ValueError):  # outside the main thread
        signal.siginterrupt(signal.SIGINT, True)
    try:
        with hushed():
            yield
    except click.Abort:
        click.echo(err=True)  # the question has not ended its line
        raise Interrupted("Interrupted.") from None
