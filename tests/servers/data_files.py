"""Botocore's data files, parsed once a test process instead of once a session of boto3."""

from __future__ import annotations

import pickle
from functools import cache
from typing import Any


@cache
def read_once() -> None:
    """Keep what botocore reads of its own files: parsing takes most of the time of a client."""
    from botocore.loaders import JSONFileLoader

    read = JSONFileLoader.load_file

    @cache
    def parsed(path: str) -> Any:
        return read(JSONFileLoader(), path)

    @cache
    def pickled(path: str) -> bytes:
        return pickle.dumps(parsed(path), protocol=5)

    def load_file(self: JSONFileLoader, path: str) -> Any:
        # S3's model is changed by whoever loads it, so that each needs a copy.
        return pickle.loads(pickled(path)) if path.endswith("service-2") else parsed(path)

    JSONFileLoader.load_file = load_file
