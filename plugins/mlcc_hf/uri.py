"""The forms of an ``hf://`` URI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from mlcc_core import MlccError
from mlcc_core.helpers import split_query

QUERY_KEYS = ("file", "config", "revision")

REPOSITORY = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9_][\w.-]{0,95}/[A-Za-z0-9_][\w.-]{0,95}\Z", re.A)
"""The Hub's rule for names: letters, digits, ``-_.``, without ``--`` and ``..``."""

URI_FORM = "hf://org/name[/split][?file=pattern][&config=name][&revision=sha]"


@dataclass(frozen=True, slots=True)
class HubUri:
    """A parsed URI.

    Attributes:
        text: as it was given.
        repository: ``org/name``.
        path: what follows it: a split, a folder, a folder and a split, or a file; or "".
        file: the ``?file=`` pattern.
        config: the ``config=`` name.
        revision: branch, tag or commit.
    """

    text: str
    repository: str
    path: str = ""
    file: str | None = None
    config: str | None = None
    revision: str | None = None

    def with_parts(self, **parts: str) -> str:
        """This dataset's URI with other ``path``, ``config`` or ``revision``, for hints."""
        path = parts.get("path", self.path)
        values = {key: parts.get(key, getattr(self, key)) for key in QUERY_KEYS}
        query = "&".join(f"{key}={value}" for key, value in values.items() if value)
        return f"hf://{self.repository}{'/' + path if path else ''}{'?' + query if query else ''}"


def parse(text: str) -> HubUri:
    """Take an ``hf://`` URI apart; ``hf://datasets/org/name@revision/path`` is understood too.

    Raises:
        MlccError: it has not this form.
    """
    place, values = split_query(text, QUERY_KEYS)
    parts = [part for part in place.removeprefix("hf://").split("/") if part]
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
    revision = values.get("revision")
    if at:
        if not pinned or revision not in (None, pinned):
            raise _malformed(text, "it must name one revision")
        revision = unquote(pinned)
    return HubUri(
        text=text,
        repository=repository,
        path="/".join(unquote(part) for part in parts[2:]),
        file=values.get("file"),
        config=values.get("config"),
        revision=revision,
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
