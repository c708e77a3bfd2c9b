"""The two variables that say which cluster and which storage: read, and refused with what helps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mlcc_core import Context, MlccError, Setting

if TYPE_CHECKING:
    from mlcc_ray.storage import Storage

ADDRESS, STORAGE = "RAY_ADDRESS", "RAY_STORAGE"
PORT = 8265
"""The port at which a Ray cluster's dashboard takes jobs, unless it was told another one."""

EXAMPLE = f"http://127.0.0.1:{PORT}"

SETTINGS = (
    Setting(
        ADDRESS,
        f"The Ray cluster, where its dashboard is: http://HOST:{PORT}",
        required=True,
        example=f"http://HOST:{PORT}",
    ),
    Setting(
        STORAGE,
        "A folder that the cluster sees, too: file:///shared/folder or s3://bucket/prefix",
        required=True,
        example="file:///shared/folder",
    ),
)

SHARED = (
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION"),
    "HF_ENDPOINT",
)
"""Variables that say where ``s3://`` and the Hub are; credentials are the cluster's own. A value
with a user name in it is left out."""

SECRET_MARKS = ("@", "?", "#")
"""Parts of an address begin or end with them that may be secret: they are never shown."""

GCS = re.compile(r"(?:ray://)?(?P<host>[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?/?\Z")
"""Other addresses of a cluster, for drivers on its network: ``HOST:6379``, ``ray://HOST:10001``."""


def address_of(context: Context) -> str:
    """Return the address of the cluster's Jobs API, as the project's settings name it.

    Raises:
        MlccError: none is named, or one that takes no jobs.

    Example:
        ``http://10.0.0.7:8265``
    """
    return checked_address(context.settings.get(ADDRESS, "").strip())


def checked_address(text: str) -> str:
    """Return an address of a Jobs API without a slash at its end.

    Raises:
        MlccError: it is none; the hint is the address that is probably meant.
    """
    if not text:
        raise MlccError(
            f"No Ray cluster is named: expected {ADDRESS}=http://HOST:{PORT}.",
            where=ADDRESS,
            hint=_set(EXAMPLE),
        )
    if any(mark in text for mark in SECRET_MARKS):
        raise MlccError(
            f"{ADDRESS} holds a user name, a password or a token, which would be kept with every "
            f"job: expected http://HOST:{PORT}.",
            where=ADDRESS,
            hint=f"{_set(_bare(text))} RAY_AUTH_MODE=token RAY_AUTH_TOKEN=TOKEN",
        )
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(char.isspace() for char in text):
        raise MlccError(
            f"{text!r} is not where a Ray cluster takes jobs, expected the address of its "
            f"dashboard: http://HOST:{PORT}.",
            where=ADDRESS,
            hint=_set(_meant(text)),
        )
    return parts.geturl().rstrip("/")


def storage_of(context: Context) -> Storage:
    """Return the storage of the project's settings; nothing is read or written yet.

    Raises:
        MlccError: none is named, or none that a cluster can share.
    """
    from mlcc_ray.storage import open_storage

    uri = context.settings.get(STORAGE, "").strip()
    if not uri:
        raise MlccError(
            f"No storage is named that the cluster sees, too: expected {STORAGE}="
            "file:///shared/folder or s3://bucket/prefix.",
            where=STORAGE,
            hint=f"export {STORAGE}=file:///shared/mlcc",
        )
    return open_storage(uri, context.settings)


def shared_settings(settings: Mapping[str, str]) -> Mapping[str, str]:
    """Return the settings that a job on the cluster takes from this machine: no secret is one."""
    return {name: settings[name] for name in SHARED if "@" not in (settings.get(name) or "@")}


def _meant(text: str) -> str:
    """Return the address of the dashboard on the host that another kind of address names."""
    if text == "auto" or text == "local":
        return EXAMPLE
    match = GCS.match(text)
    return EXAMPLE if match is None else f"http://{match['host']}:{PORT}"


def _bare(text: str) -> str:
    """Return an address without the parts that may be secret."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for one that is not a port
    except ValueError:
        return EXAMPLE
    place = parts.netloc.rpartition("@")[2]
    if place and parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{place}{parts.path}".rstrip("/")
    return _meant(f"ray://{place}")


def _set(address: str) -> str:
    return f"export {ADDRESS}={address}"
