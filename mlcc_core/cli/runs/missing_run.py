"""The error for a run that a command needs and did not get."""

from __future__ import annotations

import click

from mlcc_core.errors import MlccError


def missing_run(error: click.UsageError) -> MlccError | None:
    """Return the error for a run that is missing; ``None`` for another error.

    Args:
        error: as click raised it.

    Example:
        ❌ RUN is missing, expected the name of a run, its beginning, or a technique.
    """
    if not isinstance(error, click.MissingParameter) or error.ctx is None or error.param is None:
        return None
    name = error.param.make_metavar(error.ctx)
    if isinstance(error.param, click.Option) or not name.startswith("RUN"):
        return None
    what = f"{name} is missing, expected the name of a run, its beginning, or a technique."
    return MlccError(what, hint="mlcc runs list")
