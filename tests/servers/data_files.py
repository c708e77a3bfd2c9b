"""Botocore's data files, read once a test process instead of once a session of boto3."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def read_once() -> None:
    """Keep what botocore reads of its own files: parsing them takes most of the time of a client."""
    from botocore.loaders import JSONFileLoader

    read = JSONFileLoader.load_file

    @cache
    def kept(path: str) -> Any:
        return read(JSONFileLoader(), path)

    JSONFileLoader.load_file = lambda self, path: kept(path)
