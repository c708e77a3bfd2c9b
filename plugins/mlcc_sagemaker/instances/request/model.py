"""The model that a job begins with, where the container finds it: the Hub, S3, or the engine."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mlcc_core import Context, Credential, MlccError, PlatformError
from mlcc_engine.hub import cache
from mlcc_engine.hub.look import Look, UnreachableError, look
from mlcc_engine.hub.names import HubName, parse
from mlcc_engine.model import contexts, tiny
from mlcc_engine.model.models import hub_id_of
from mlcc_folders.model.models import find_path, hub_name
from mlcc_sagemaker.aws.account import Role
from mlcc_sagemaker.aws.permissions import require_readable
from mlcc_sagemaker.aws.secret_store import read_secret, secret_name, stored
from mlcc_sagemaker.instances.request.listed import fingerprint_of
from mlcc_sagemaker.serving.weights import hints
from mlcc_sagemaker.serving.weights.artifacts import MODEL_CONFIG, Folder, find_whole, read_json

FLAG = "--model"

TOKEN = Credential("HF_TOKEN", "private and gated models of the Hugging Face Hub")
"""The token of the Hub, which ``mlcc secrets set`` stores."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model that a container can load.

    Attributes:
        name: as the engine calls it: ``mlcc-tiny``, a Hub id with the commit that it means now, or
            the URI of a folder in S3.
        channel: the URI of the folder that becomes a channel; ``None`` for any other model.
        context: tokens that it reads at once; ``None`` where that is not known.
        fingerprint: of a folder in S3, by its listing.
        secret: the name of the secret with the token that it takes; ``None`` for none.
    """

    name: str
    channel: str | None = None
    context: int | None = None
    fingerprint: str | None = None
    secret: str | None = None


def find_model(context: Context, name: str, role: Role | None, flag: str = FLAG) -> FoundModel:
    """Look a model up; nothing of it is downloaded.

    Args:
        context: the surroundings of the project.
        name: as the user typed it.
        role: that the job runs with; ``None`` where none is known.
        flag: that names it, for messages.

    Raises:
        MlccError: it is none that a container can load; a folder of this machine is none.
        PlatformError: it cannot be looked at, or the role may not read it.
    """
    if name.startswith("s3://"):
        return _in_bucket(context, name, role, flag)
    if name == tiny.NAME:
        return FoundModel(name, context=contexts.find_context(name))
    folder = find_path(name, context.root)
    if folder is not None and not _is_name(context, name):
        raise MlccError(
            f"{name!r} is on this machine, where a training job cannot read it.",
            where=flag,
            hint=hints.brought(str(folder), flag),
        )
    return _of_hub(context, hub_id_of(name) or hub_name(name, context.hub_id, flag), flag)


def _is_name(context: Context, name: str) -> bool:
    """Return whether a file happens to be called as a model of the catalog is."""
    return "/" not in name and context.hub_id(name) is not None


def _in_bucket(context: Context, uri: str, role: Role | None, flag: str) -> FoundModel:
    found = find_whole(context, uri, flag)
    if not isinstance(found, Folder):
        raise MlccError(
            f"{uri} is an archive: a training job reads a model's files as they are.",
            where=flag,
            hint=f"unpack it, then: {hints.brought('FOLDER', flag)}",
        )
    if role is not None:
        require_readable(context, role, f"{found.uri}{MODEL_CONFIG}", flag)
    config = next(file for file in found.files if Path(file.key).name == MODEL_CONFIG)
    length = contexts.of_document(read_json(context, found.bucket, config))
    return FoundModel(found.uri, found.uri, length, fingerprint_of(found))


def _of_hub(context: Context, name: str, flag: str) -> FoundModel:
    wanted = parse(name)
    if wanted is None:
        raise AssertionError("a name of the Hub was checked")
    secret = secret_name(TOKEN)
    try:
        seen = _look(context, wanted, flag)
    except (UnreachableError, ModuleNotFoundError):
        # The job asks the Hub by itself, from where it runs.
        folder = cache.find(wanted)
        commit = wanted.commit or (folder.name if folder else None)
        pinned = wanted if commit is None else HubName(wanted.id, commit)
        with suppress(PlatformError):  # who may not look it up can still train an open model
            return FoundModel(str(pinned), secret=secret if stored(context, secret) else None)
        return FoundModel(str(pinned))
    pinned = HubName(wanted.id, seen.commit)
    if not seen.closed:
        return FoundModel(str(pinned))
    if not stored(context, secret):
        raise MlccError(
            f"{wanted.id} is gated or private: the job needs a token of the Hub, and "
            f"Secrets Manager has none ({secret}).",
            where=flag,
            hint="mlcc secrets set",
        )
    return FoundModel(str(pinned), secret=secret)


def _look(context: Context, name: HubName, flag: str) -> Look:
    """Ask the Hub, with this machine's token, else with the one that jobs get.

    Raises:
        UnreachableError: it cannot be asked.
        MlccError: it has no such model, or does not show it.
    """
    try:
        return look(name)
    except MlccError as error:
        token = read_secret(context, TOKEN)
        if token is not None:
            return look(name, token)
        hint = error.hint and error.hint.replace("--model ", f"{flag} ")
        raise type(error)(error.what, where=flag, hint=hint) from None
