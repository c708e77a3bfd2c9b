"""The names of models, whichever a project or an adapter uses for one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from mlcc_core import Context, MlccError
from mlcc_engine.hub.names import HubName, parse
from mlcc_folders.model.models import find_path, hub_name
from mlcc_sagemaker.serving.weights import hints

IN_S3 = "s3://"

FOLDER = re.compile(r"[/~]|\.{1,2}(/|\Z)")
"""The beginning of a path."""


@dataclass(frozen=True, slots=True)
class OwnBase:
    """A base model that the hub of SageMaker does not host; one of the two is given.

    Attributes:
        hub: its repository on the Hugging Face Hub.
        uri: the prefix in S3 below which it lies, or the archive.
    """

    hub: HubName | None = None
    uri: str = ""

    def __str__(self) -> str:
        return self.uri or str(self.hub)


def own_base(context: Context, model: str) -> OwnBase | None:
    """Return a model by its own name; ``None`` for a name that a hub of SageMaker may have.

    Args:
        context: the surroundings of the project.
        model: the catalog's id, or the name as it is: ``org/name``, ``org/name@revision``,
            ``s3://bucket/prefix``.

    Raises:
        MlccError: it is a folder on this machine.
    """
    if model.startswith(IN_S3):
        return OwnBase(uri=model)
    if FOLDER.match(model):
        raise MlccError(
            f"{model!r} is a folder on this machine, expected a model of the Hub (ORG/NAME) or in "
            "S3.",
            where="MODEL_ID",
            hint=hints.copied_folder(context, model),
        )
    name = parse(model) if "/" in model else None
    return None if name is None else OwnBase(hub=name)


def checked_name(name: str, root: Path) -> str:
    """Return a model's name as it is, where it may be one of a hub, of the catalog or in S3.

    Args:
        name: as it was typed for a new project.
        root: of the project.

    Raises:
        MlccError: it is a path on this machine, an address, or no name at all.
    """
    if name.startswith(IN_S3):
        return name
    folder = find_path(name, root)
    if folder is not None and ("/" in name or FOLDER.match(name)):
        raise MlccError(
            f"{name!r} is a folder on this machine, expected a model of the Hub (ORG/NAME) or in "
            "S3.",
            where="--model",
            hint=hints.brought(str(folder), "--model"),
        )
    hub_name(name, lambda name: None, root=root)
    return name


def same_model(context: Context, one: str, other: str) -> bool:
    """Return whether two names mean the same model: ids of catalog and Hub, prefixes in S3.

    Example:
        >>> same_model(context, "s3://models/base", "s3://models/base/")
        True
    """
    return _plain(context, one) == _plain(context, other)


def contradicts(context: Context, trained_on: str, serves: str) -> bool:
    """Return whether an adapter's base is another model than the one that is deployed.

    Names that cannot be compared contradict nothing: a path on the machine that trained, a Hub id
    beside a copy in S3. Repositories of one name count as one model, since the same weights are
    published by several owners.

    Args:
        context: the surroundings of the project.
        trained_on: ``base_model_name_or_path`` of the adapter.
        serves: the name of the model that is deployed.
    """
    if not trained_on or not serves or FOLDER.match(trained_on):
        return False
    one, other = _plain(context, trained_on), _plain(context, serves)
    if one == other or one.startswith(IN_S3) != other.startswith(IN_S3):
        return False
    if one.startswith(IN_S3):  # either may be the folder below the prefix that was named
        return not (f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/"))
    if "/" in one:
        return one.rpartition("/")[2] not in _repositories(context, serves)
    return True


def _repositories(context: Context, model: str) -> set[str]:
    """Return the names of a model's repositories on the Hub, without their owners."""
    names = (_plain(context, model), (context.hub_id(model) or "").casefold())
    return {name.rpartition("/")[2] for name in names if name}


def _plain(context: Context, name: str) -> str:
    known = context.catalog_id(name)
    if known.startswith(IN_S3):
        return known.rstrip("/")
    return known.partition("@")[0].casefold()
