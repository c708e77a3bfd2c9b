"""The path, and the parts of a query, that a path or ``file:`` URI means."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from mlcc_core import MlccError
from mlcc_core.helpers import split_query

FLAG = "--dataset"

QUERY_KEYS = ("file", "config", "split")

PAIR = re.compile(r"\?(?=\w+=)")


def locate(uri: str) -> tuple[str, Mapping[str, str]]:
    """Return the path that a URI means, and the values of its query.

    A file that is really called so comes first: names may hold a question mark.

    Raises:
        MlccError: an empty path, what no file is called, a query that is none.
    """
    if not uri:
        raise MlccError(
            "The dataset path is empty.",
            where=FLAG,
            hint="pass a file or folder: --dataset train.jsonl",
        )
    literal = path_of(uri)
    if "?" not in uri or os.path.lexists(literal):
        return literal, {}
    marks = [match.start() for match in PAIR.finditer(uri)]
    existing = (at for at in marks if at and os.path.lexists(path_of(uri[:at])))
    stated = (at for at in marks if uri[at + 1 :].startswith(QUERY_KEYS))
    begin = next(existing, None) or next(stated, None)
    if begin is None:
        return literal, {}
    _, values = split_query(uri[begin:], QUERY_KEYS)
    return path_of(uri[:begin]), values


def path_of(text: str) -> str:
    """The path that a path or ``file:`` URI names.

    Raises:
        MlccError: the URI names another machine, or what no file is called.
    """
    _check_name(text, text)
    path = _path_of(text)
    _check_name(path, text)
    return path


def _check_name(name: str, text: str) -> None:
    """Refuse what the system takes for no file's name; ``text`` is what was typed."""
    what = "a NUL character" if "\0" in name else None
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        what = "half of a surrogate pair"
    if what is not None:
        raise MlccError(
            f"The dataset path {text!r} holds {what}, which no file name has.", where=FLAG
        )


def _path_of(text: str) -> str:
    if text.startswith("file:"):
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise MlccError(
                f"{text!r} cannot be read as a file URI: {error}.",
                where=FLAG,
                hint="use three slashes: file:///path/to/data.jsonl",
            ) from None
        if parts.netloc not in ("", "localhost"):
            raise MlccError(
                f"{text!r} names the host {parts.netloc!r}; file URIs mean this machine only.",
                where=FLAG,
                hint=f"use three slashes: file:///{parts.netloc}{parts.path}",
            )
        # urlsplit takes a literal ? or # of a name for its own; a path has neither.
        return unquote(text.removeprefix("file:").removeprefix("//").removeprefix(parts.netloc))
    return os.path.expanduser(text) if text.startswith("~") else text  # noqa: PTH111 - pathlib raises for unknown users
