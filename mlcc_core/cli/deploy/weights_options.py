"""``NAME --from-tune [RUN|TECHNIQUE]``: a name, and an option whose value may be left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from mlcc_core.actions.deploy.weights import WeightsRequest

F = TypeVar("F", bound=Callable[..., Any])

LATEST = "*latest*"
"""The value of ``--from-tune`` without a word; no run or technique can be called so."""


def named_weights(flag: str, text: str) -> Callable[[F], F]:
    """Add the argument NAME, ``--from-tune [RUN|TECHNIQUE]``, and ``flag`` for other weights.

    Args:
        flag: ``--weights``.
        text: its help text.
    """

    def add(function: F) -> F:
        for option in (
            click.option(flag, "weights", metavar="URI", help=text),
            click.option(
                "--from-tune",
                metavar="[RUN|TECHNIQUE]",
                is_flag=False,
                flag_value=LATEST,
                help="The latest tune output, that of a run, or of a technique.",
            ),
            click.argument("name", required=False, metavar="NAME"),
        ):
            function = option(function)
        return function

    return add


def adapter_weights(function: F) -> F:
    """Add NAME and all that names an adapter's weights: ``--weights``, ``--from-hub`` and more."""
    for option in (
        click.option("--hub", metavar="NAME", help="Which hub, where several are installed."),
        click.option(
            "--from-hub", metavar="ORG/NAME[@REVISION]", help="An adapter of a hub of models."
        ),
        named_weights("--weights", "Adapter weights: a folder, an archive, or a URI."),
    ):
        function = option(function)
    return function


def weights_request(
    name: str | None = None,
    weights: str | None = None,
    from_tune: str | None = None,
    from_hub: str | None = None,
    hub: str | None = None,
) -> WeightsRequest:
    """Return the request that parsed options mean.

    In ``--from-tune NAME`` the word is the name, as no other word is left to be it.

    Raises:
        click.MissingParameter: there is no name.
    """
    from mlcc_core.actions.deploy.weights import WeightsRequest

    if name is None and from_tune not in (None, LATEST):
        name, from_tune = from_tune, LATEST
    if name is None:
        raise click.MissingParameter(
            ctx=click.get_current_context(), param_hint="'NAME'", param_type="argument"
        )
    return WeightsRequest(name, weights, True if from_tune == LATEST else from_tune, from_hub, hub)
