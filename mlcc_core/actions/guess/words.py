"""A guess in words: the error for a technique that is not named, the note for one that is found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from mlcc_core.actions.guess.fit import Fit
from mlcc_core.actions.guess.guess import Guess
from mlcc_core.actions.requests import CheckRequest, DatasetRequest
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import listed
from mlcc_core.staging.results.row_errors import shorten

R = TypeVar("R", bound=DatasetRequest)

COLUMNS_SHOWN = 12
"""Columns that a message names."""

LONGEST_NAME = 60
"""Characters of a column's name that it shows."""


def unnamed(found: Guess[R]) -> MlccError:
    """Return the error for a technique that is not named: what fits, and the whole command.

    Args:
        found: for a request without a technique.
    """
    error = None if found.fits else _of_the_dataset(found)
    if error is not None:
        return error
    verb, hint = _verdict(found)
    columns = f"the columns of {found.dataset} ({_listed(found.columns)})"
    return MlccError(
        f"--technique is missing: {columns} {verb}.",
        where="--technique",
        hint=hint,
        detail=_lines(found),
    )


def _verdict(found: Guess[R]) -> tuple[str, str]:
    """Return what the columns do, and the command to go on with."""
    names = [fit.technique for fit in found.best]
    if names:
        first, *others = names
        command = found.best[0].request.command_line()
        if others:
            alike = f"fit {listed(names)} alike"
            return alike, f"{command}   # or --technique {' or '.join(others)}"
        return f"fit {first} best" if len(found.fits) > 1 else f"fit {first}", command
    if found.wrong_rows:
        first = found.wrong_rows[0].technique
        command = CheckRequest(first, found.request.dataset, found.request.model).command_line()
        return f"fit {first}, but none of the first rows does", command
    return "fit none", "mlcc plugins   # lists the techniques"


def checked_as(fit: Fit[CheckRequest]) -> str:
    """Return the note about a technique that was not named and is certain."""
    return f"Checked for technique {fit.technique!r}, the only one that the columns fit as they are"


def _of_the_dataset(found: Guess[R]) -> MlccError | None:
    """Return what every technique finds wrong: then it is the dataset's, with what mends it."""
    errors = [misfit.error for misfit in found.misfits]
    first = errors[0] if errors else None
    if first is None or any(error.what != first.what for error in errors):
        return None
    same_hint = all(error.hint == first.hint for error in errors)
    return MlccError(first.what, where=first.where, hint=first.hint if same_hint else None)


def _listed(columns: Sequence[str]) -> str:
    more = len(columns) - COLUMNS_SHOWN
    shown = ", ".join(shorten(name, LONGEST_NAME) for name in columns[:COLUMNS_SHOWN]) or "none"
    return f"{shown} and {more} more" if more > 0 else shown


def _lines(found: Guess[R]) -> Iterator[str]:
    """Yield a line for each technique, those that fit first; whole commands where several tie."""
    tied = found.best if len(found.best) > 1 else ()
    for fit in found.fits:
        columns = " ".join(fit.flags) or ", ".join(fit.columns)
        yield f"{fit.technique}: {fit.request.command_line() if fit in tied else columns}"
    for misfit in found.misfits:
        yield f"{misfit.technique}: {misfit.reason}"
