"""Addresses of the Hub's pages, as a browser shows them and people paste them."""

from __future__ import annotations

import re
from urllib.parse import unquote

ADDRESS = re.compile(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/", re.IGNORECASE)

ADDRESSES = tuple(
    f"{scheme}://{host}/"
    for scheme in ("https", "http")
    for host in ("huggingface.co", "www.huggingface.co", "hf.co")
)
"""The beginnings of all of them."""

OF_THIS_URI = re.compile(r"(?:config|split|file|revision)=")
"""Parts of a query that are ours; all others say how the page is shown."""

NO_DATASETS = ("spaces", "collections", "docs", "papers", "blog", "models", "settings", "learn")
"""First parts of addresses that are of other pages."""


def addresses(mirror: str | None) -> tuple[str, ...]:
    """Return the beginnings of all addresses of pages, those of a mirror of the Hub included."""
    return (*ADDRESSES, f"{mirror.rstrip('/')}/datasets/") if mirror else ADDRESSES


def as_uri(text: str, mirror: str = "") -> str:
    """Return the ``hf://`` URI that the address of a page means; any other text as it is.

    Args:
        text: as typed.
        mirror: an address at which the Hub is read, besides its own.

    Raises:
        ValueError: the page is not a dataset's, or shows none of its files.

    Example:
        >>> as_uri("https://huggingface.co/datasets/org/name/blob/main/train.csv")
        'hf://datasets/org/name@main/train.csv'
    """
    begin = ADDRESS.match(text)
    at = f"{mirror.rstrip('/')}/"
    if begin is None and not (mirror and text.lower().startswith(at.lower())):
        return text
    place, _, query = text[begin.end() if begin else len(at) :].partition("#")[0].partition("?")
    parts = [part for part in place.split("/") if part]
    if len(parts) < 3 or parts[0] != "datasets":
        raise ValueError(_other_page(parts))
    dataset, page = "/".join(parts[:3]), parts[3:]
    values = [pair for pair in query.split("&") if OF_THIS_URI.match(pair)]
    match page:
        case ["tree" | "blob" | "resolve" | "raw" | "blame" | "commit" | "commits", _, *_]:
            dataset += "@" + "/".join(page[1:])
        case ["viewer", *shown] | ["embed", "viewer", *shown]:
            keys = zip(("config", "split"), shown, strict=False)
            values += [f"{key}={value}" for key, value in keys]
        case [] | ["discussions", *_] | ["tree" | "commits"]:
            pass
        case _:
            name = unquote("/".join(parts[1:3]))
            raise ValueError(f"the page shows no files; the dataset itself is hf://{name}")
    return f"hf://{dataset}{'?' + '&'.join(values) if values else ''}"


def _other_page(parts: list[str]) -> str:
    if len(parts) >= 2 and parts[0] not in (*NO_DATASETS, "datasets"):
        name = unquote("/".join(parts[:2]))
        return f"it is the page of a model; a dataset of that name would be hf://{name}"
    return "it is not the page of a dataset, which begins with huggingface.co/datasets/org/name"
