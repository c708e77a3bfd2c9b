"""The forms of an ``hf://`` URI, and the addresses of the Hub that other tools write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from mlcc_core import MlccError
from mlcc_core.helpers import split_query
from mlcc_hf.web import as_uri

QUERY_KEYS = ("file", "config", "split", "revision")

REPOSITORY = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9_][\w.-]{0,95}/[A-Za-z0-9_][\w.-]{0,95}\Z", re.A)
"""The Hub's rule for names: letters, digits, ``-_.``, without ``--`` and ``..``."""

URI_FORM = "hf://org/name[/split][?config=name][&split=name][&file=pattern][&revision=sha]"

PARQUET = "refs/convert/parquet"
"""The revision in which the Hub keeps copies of a dataset in Parquet, by config and split."""

ALIASES = {"~parquet": PARQUET}
"""Other names of revisions, as Polars and DuckDB know them."""


@dataclass(frozen=True, slots=True)
class HubUri:
    """A parsed URI.

    Attributes:
        text: as it was given.
        repository: ``org/name``.
        path: what follows it: a split, a folder, a folder and a split, a file, or a pattern of
            files; or "".
        file: the ``?file=`` pattern.
        config: the ``config=`` name.
        split: the ``split=`` name.
        revision: branch, tag or commit.
    """

    text: str
    repository: str
    path: str = ""
    file: str | None = None
    config: str | None = None
    split: str | None = None
    revision: str | None = None

    def with_parts(self, **parts: str) -> str:
        """Return this dataset's URI with other parts, for hints; an empty part is left out.

        Args:
            parts: ``path``, ``file``, ``config``, ``split`` or ``revision``.
        """
        path = parts.get("path", self.path).replace("%", "%25").replace("?", "%3F")
        values = {key: parts.get(key, getattr(self, key)) for key in QUERY_KEYS}
        query = "&".join(
            f"{key}={value.replace('%', '%25').replace('&', '%26')}"
            for key, value in values.items()
            if value
        )
        return f"hf://{self.repository}{'/' + path if path else ''}{'?' + query if query else ''}"


def parse(text: str, mirror: str = "") -> HubUri:
    """Take an address of a dataset of the Hub apart.

    Besides ``hf://org/name``: ``hf://datasets/org/name@revision/path``, as the Hub's own file
    system, Polars and DuckDB have it, and the address of a page of the Hub's web site, or of a
    mirror of it.

    Raises:
        MlccError: it has none of these forms.
    """
    try:
        place, values = split_query(as_uri(text, mirror), QUERY_KEYS)
    except ValueError as error:
        raise _malformed(text, str(error)) from None
    parts = [unquote(part) for part in place.removeprefix("hf://").split("/") if part]
    if parts and parts[0] in ("models", "spaces", "buckets", "kernels"):
        raise _malformed(text, f"it names one of the Hub's {parts[0]}, not a dataset")
    if parts and parts[0] == "datasets":
        parts = parts[1:]
    if len(parts) < 2:
        raise _malformed(text, "it must name a dataset by organisation (or user) and name")
    name, at, pinned = parts[1].partition("@")
    repository = f"{parts[0]}/{name}"
    if not REPOSITORY.match(repository):
        raise _malformed(text, f"{repository!r} is not a dataset name that the Hub knows")
    path = parts[2:]
    if pinned == "refs":
        pinned, path = "/".join([pinned, *path[:2]]), path[2:]
    revision = values.get("revision")
    if at:
        if not pinned or revision not in (None, pinned):
            raise _malformed(text, "it must name one revision")
        revision = pinned
    return HubUri(
        text=text,
        repository=repository,
        path="/".join(path),
        file=values.get("file"),
        config=values.get("config"),
        split=values.get("split"),
        revision=ALIASES.get(revision or "", revision),
    )


def file_uri(repository: str, commit: str, name: str) -> str:
    """The URI of one file at one commit, as the Hub's own file system writes it."""
    return f"hf://datasets/{repository}@{commit}/{quote(name)}"


def _malformed(text: str, problem: str) -> MlccError:
    return MlccError(
        f"Dataset URI {text!r} cannot be read: {problem}.",
        where="--dataset",
        hint=f"use {URI_FORM}",
    )
