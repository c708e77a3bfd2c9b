"""The model that a name means: a built-in one, a folder, or a repository of the Hub."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlcc_core import MlccError
from mlcc_core.helpers import close_matches
from mlcc_engine.hub.names import parse
from mlcc_engine.model import tiny
from mlcc_engine.model.model_folder import check_model_file, check_model_folder
from mlcc_engine.model.models import BUILT_IN
from mlcc_folders.model.addresses import check_no_address
from mlcc_folders.model.naming import FLAG, renamed

PATH_STARTS = (".", "/", "~")

HubIds = Callable[[str], str | None]
"""Gives the Hub id of a model of the catalog, as ``Context.hub_id`` does; ``None`` for others."""


def resolve_model(name: str, root: Path, hub_ids: HubIds, where: str = FLAG) -> str:
    """Give the engine's name of the model that a user calls ``name``; nothing is downloaded.

    Args:
        name: a built-in name, a path, a Hub id, or a name of the catalog.
        root: the project's folder.
        hub_ids: looks a name up in the catalog.
        where: the flag or variable that names the model, for messages.

    Returns:
        The name of a built-in model, an absolute path of a folder with a whole model, or a Hub id
        (also for a catalog id, when the catalog knows the Hub's name of it).

    Raises:
        MlccError: it is none of these.
    """
    if name in BUILT_IN:
        return name
    folder = find_path(name, root)
    if folder is not None:
        try:
            if folder.is_file():
                check_model_file(folder)
            check_model_folder(folder)
        except MlccError as error:
            hint = renamed(error.hint, where, root)
            raise type(error)(error.what, where=where, hint=hint) from None
        return str(folder)
    return hub_name(name, hub_ids, where, root)


def kept_name(name: str, root: Path) -> str:
    """Return the name of a model as a project keeps it: a folder by its whole path.

    Raises:
        MlccError: as :func:`resolve_model`.
    """
    return resolve_model(name, root, lambda name: None)


def hub_name(name: str, hub_ids: HubIds, where: str = FLAG, root: Path | None = None) -> str:
    """Return the Hub id for a name that is not a path.

    Args:
        name: as the user typed it.
        hub_ids: looks a name up in the catalog.
        where: the flag or variable that names the model.
        root: of the project; ``None`` for the current folder.

    Raises:
        MlccError: it can be none; for the address of a page, the id to pass in its place.
    """
    root = root or Path.cwd()
    check_no_address(name, where, root)
    if name.startswith(PATH_STARTS) or parse(name) is None:
        raise MlccError(
            f"Model {name!r} is neither a folder with a model nor a Hub id (org/name).",
            where=where,
            hint=renamed(f"pass {FLAG} {tiny.NAME}", where, root),
        )
    hub_id, at, revision = name.partition("@")
    if "/" in hub_id:
        return name
    if known := hub_ids(hub_id):
        return f"{known}{at}{revision}"
    if name not in BUILT_IN and (close := close_matches(name, BUILT_IN)):
        raise MlccError(
            f"There is no model {name!r}. Did you mean {close[0]!r}?",
            where=where,
            hint=renamed(f"pass {FLAG} {close[0]}", where, root),
        )
    return name


def find_path(text: str, root: Path) -> Path | None:
    """The existing file or folder that ``text`` names, absolute.

    A relative one is looked up in the current folder, then in the project's.
    """
    if not text or "\0" in text:
        return None
    path = Path(text).expanduser()
    for candidate in (path.absolute(), root.absolute() / path):
        try:
            if candidate.exists():
                return candidate.resolve()
        except OSError:
            continue
    return None
