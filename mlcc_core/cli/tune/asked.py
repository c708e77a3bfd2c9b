"""Guesses of ``tune`` where technique or columns are not named: shown and asked, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcc_core.actions.guess.guess import guess
from mlcc_core.actions.guess.suggested import suggested
from mlcc_core.actions.guess.words import unnamed
from mlcc_core.actions.tune.cost import draft_lines
from mlcc_core.cli.confirm import can_ask, confirm
from mlcc_core.cli.data.guess_text import fit_lines
from mlcc_core.errors import Interrupted, MlccError, Problems

if TYPE_CHECKING:
    from mlcc_core.actions.guess.fit import Fit
    from mlcc_core.actions.session import Session
    from mlcc_core.actions.tune.plan.request import TuneRequest
    from mlcc_core.cli.console import Console


def with_technique(console: Console, session: Session, request: TuneRequest) -> TuneRequest:
    """Return the request with the technique that the dataset fits, after a yes.

    Raises:
        MlccError: no technique fits, several fit alike, or there is no terminal to ask on; the
            hint is the whole command.
        Interrupted: the answer was no.
    """
    found = guess(session, request)
    if len(found.best) != 1 or not can_ask(console):
        raise unnamed(found)
    return _confirmed(console, session, found.best[0])


def with_columns(
    console: Console, session: Session, request: TuneRequest, error: MlccError
) -> TuneRequest:
    """Return the request with the columns that the hint of its error names, after a yes.

    Args:
        console: the terminal.
        session: that the error was met in.
        request: with a technique.
        error: raised again where its hint names no other columns, where those keep no row, or
            where there is no terminal to ask on: then its hint is the whole command.

    Raises:
        MlccError: ``error``.
        Interrupted: the answer was no.
    """
    alone = not isinstance(error, Problems)
    if not (alone and can_ask(console) and suggested(request, error.hint)):
        raise error
    fits = guess(session, request).fits
    if not fits or not fits[0].changes:
        raise error
    return _confirmed(console, session, fits[0])


def _confirmed(console: Console, session: Session, fit: Fit[TuneRequest]) -> TuneRequest:
    for line in (*fit_lines(fit), *draft_lines(session, fit.request)):
        console.note(line)
    if not confirm("Go ahead?"):
        raise Interrupted("Nothing was done.")
    return fit.request
