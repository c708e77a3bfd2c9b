"""Ask before money is spent."""

from __future__ import annotations

import sys

import click

from mlcc_core.errors import Interrupted, MlccError
from mlcc_core.platform import Platform


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
            hint="pass --yes to go ahead",
        )
    if not click.confirm(f"{what} on {platform.title} costs money. Go ahead?", err=True):
        raise Interrupted("Nothing was done.")
