"""Options about the dataset, shared by ``tune``, ``check`` and ``evaluate``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from mlcc_core.actions.requests import TAKE

F = TypeVar("F", bound=Callable[..., Any])


def dataset_options(function: F) -> F:
    """Add what decides which rows of a dataset are taken, and how they are converted."""
    function = conversion_options(function)
    for option in (
        click.option(
            TAKE.flag,
            type=int,
            metavar=TAKE.metavar,
            help=TAKE.help + ".",
        ),
        click.option(
            "--validation",
            metavar="ROWS",
            help="Rows held out of training: auto, none, a fraction (0.1), a number, or a URI.",
        ),
    ):
        function = option(function)
    return function


def conversion_options(function: F) -> F:
    """Add ``--column-map`` and what else decides how a dataset is converted."""
    for option in (
        click.option(
            "--from-messages",
            is_flag=True,
            help="Make prompt and completion out of a messages column.",
        ),
        click.option(
            "--extract-prompt",
            is_flag=True,
            help="Make the messages that chosen and rejected share the prompt.",
        ),
        click.option(
            "--on-misfit",
            type=click.Choice(["fail", "skip"]),
            default="fail",
            help="Rows that flattening would damage: stop, or leave out and list them.",
        ),
        click.option(
            "--no-transform",
            is_flag=True,
            help="Disable auto-flatten: halt if chat-format data is found.",
        ),
        click.option(
            "--column-map",
            metavar="MAP",
            help=(
                'Rename columns, "question:prompt,answer:completion"; join columns of text, '
                '"instruction+input:prompt"; leave one out, "id:-". A name with one of , : + = '
                "stands in quotes, '\"Name, with signs\":prompt'; target=source reads the same."
            ),
        ),
    ):
        function = option(function)
    return function
