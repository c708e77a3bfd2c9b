"""Helpers of the tests of the Hub's source."""

from __future__ import annotations

import os

import pytest

from mlcc_core import Access, Listing, MlccError
from mlcc_hf import plugin as source

ROW = b'{"prompt": "a", "completion": "b"}\n'

TWO_CONFIGS = b"""---
configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/test-*
- config_name: socratic
  data_files: socratic/*
---
# Data
"""


def access(token: str | None = None) -> Access:
    return Access(dict(os.environ), lambda credential: token)


def listing(uri: str, token: str | None = None) -> Listing:
    return source.list(uri, access(token))


def names(uri: str) -> list[str]:
    return [file.name for file in listing(uri).files]


def refused(uri: str, token: str | None = None, exit_code: int = 1) -> MlccError:
    with pytest.raises(MlccError) as raised:
        listing(uri, token)
    assert raised.value.exit_code == exit_code
    assert "\n" not in raised.value.what
    assert raised.value.hint
    assert token is None or token not in repr(raised.value.as_json())
    return raised.value


def read(uri: str, token: str | None = None) -> bytes:
    (file,) = listing(uri, token).files
    with source.open(file, access(token)) as opened:
        return opened.read()
