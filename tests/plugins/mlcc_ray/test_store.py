"""The data store keeps its contract in a shared folder and in a bucket."""

from __future__ import annotations

import os

import pytest

from mlcc_core import Context
from mlcc_core.errors import PlatformError
from mlcc_core.testing.contracts import StoreContract
from mlcc_ray import plugin


class TestFolder(StoreContract):
    @pytest.fixture
    def store(self):
        return plugin.store

    @pytest.fixture
    def context(self, tmp_path, shared):
        root = tmp_path / "project"
        root.mkdir()
        return Context(root=root, project="demo", settings={"RAY_STORAGE": shared.as_uri()})

    def test_a_dataset_that_is_gone_is_one_line(self, store, context, shared):
        with pytest.raises(PlatformError, match="is gone"):
            store.open_staged(context, f"{shared.as_uri()}/staged/none.jsonl")
        with pytest.raises(PlatformError, match="is not in the storage"):
            store.open_staged(context, "file:///elsewhere/a.jsonl")


class TestBucket(StoreContract):
    @pytest.fixture
    def store(self):
        return plugin.store

    @pytest.fixture
    def context(self, tmp_path, s3):
        s3.bucket("shared")
        root = tmp_path / "project"
        root.mkdir()
        settings = {**os.environ, "RAY_STORAGE": "s3://shared/mlcc"}
        return Context(root=root, project="demo", settings=settings)
