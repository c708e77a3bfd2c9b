"""The commit of the Hub that a name means now: part of a plan, so that a job is of one commit."""

from __future__ import annotations

from pathlib import Path

from mlcc_core import MlccError
from mlcc_engine.hub import cache
from mlcc_engine.hub.look import UnreachableError, look
from mlcc_engine.hub.names import HubName, parse
from mlcc_engine.model.models import BUILT_IN
from mlcc_folders.model.naming import FLAG, renamed


def pinned(model: str, where: str = FLAG, root: Path | None = None) -> str:
    """Return a model of the Hub with the commit that its name means now; others as they are.

    Where the Hub cannot be asked, the commit is the one that is on this machine; without one, the
    name is returned as it is, and whatever needs the model says why it cannot be had.

    Args:
        model: as :func:`mlcc_folders.model.models.resolve_model` calls it.
        where: the flag or variable that names it, for messages.
        root: of the project; ``None`` for the current folder.

    Raises:
        MlccError: the Hub has no such model or revision, or its licence has to be accepted.
    """
    name = parse(model)
    if model in BUILT_IN or name is None or name.commit is not None:
        return model
    commit = _commit(name, where, root or Path.cwd())
    return model if commit is None else str(HubName(name.id, commit))


def commit_in(model: str) -> str | None:
    """Return the commit in the name of a model of the Hub."""
    name = parse(model)
    return None if name is None else name.commit


def _commit(name: HubName, where: str, root: Path) -> str | None:
    try:
        return look(name).commit
    except (UnreachableError, ModuleNotFoundError):
        folder = cache.find(name)
        return None if folder is None else folder.name
    except MlccError as error:
        hint = renamed(error.hint, where, root)
        raise type(error)(error.what, where=where, hint=hint) from None
