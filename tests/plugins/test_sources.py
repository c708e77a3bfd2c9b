"""Each source keeps the contract that every source must keep."""

from __future__ import annotations

import os

import pytest

import mlcc_file
import mlcc_hf
import mlcc_s3
from mlcc_core import Access
from mlcc_core.testing.contracts import SourceContract

CONTENTS = {
    "one.jsonl": b'{"prompt": "a", "completion": "b"}\n' * 1000,
    "two.jsonl": b'{"prompt": "c", "completion": "d"}\n',
}


class OurContract(SourceContract):
    @pytest.fixture
    def contents(self):
        return CONTENTS


class TestFile(OurContract):
    @pytest.fixture
    def source(self):
        return mlcc_file.plugin

    @pytest.fixture
    def uri(self, tmp_path):
        self.place = tmp_path / "data"
        self.place.mkdir()
        for name, data in CONTENTS.items():
            self.change(name, data)
        return str(self.place)

    @pytest.fixture
    def missing_uri(self, tmp_path):
        return str(tmp_path / "nothing.jsonl")

    def change(self, name, data):
        (self.place / name).write_bytes(data)


class TestS3(OurContract):
    @pytest.fixture
    def source(self):
        return mlcc_s3.plugin

    @pytest.fixture
    def access(self, s3):
        return Access(dict(os.environ), lambda credential: None)

    @pytest.fixture
    def uri(self, s3):
        objects = {f"data/{name}": data for name, data in CONTENTS.items()}
        self.client = s3.bucket("my-bucket", objects)
        return "s3://my-bucket/data"

    @pytest.fixture
    def missing_uri(self, s3):
        return "s3://no-such-bucket/data"

    def change(self, name, data):
        self.client.put_object(Bucket="my-bucket", Key=f"data/{name}", Body=data)


class TestHub(OurContract):
    @pytest.fixture
    def source(self):
        return mlcc_hf.plugin

    @pytest.fixture
    def access(self, hub):
        return Access(dict(os.environ), lambda credential: None)

    @pytest.fixture
    def uri(self, hub):
        self.repo = hub.add("org/data", CONTENTS)
        return "hf://org/data"

    @pytest.fixture
    def missing_uri(self, hub):
        return "hf://org/nothing"

    def change(self, name, data):
        self.repo.commit({**CONTENTS, name: data})
