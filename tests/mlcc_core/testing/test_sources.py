"""The fake source keeps the contract; the built-in ones are held to it in ``tests/plugins``."""

import pytest

from mlcc_core.testing.contracts import SourceContract
from mlcc_core.testing.source import FakeSource

CONTENTS = {
    "data/part-0.jsonl": b'{"prompt": "a", "completion": "\xc3\xa4"}\r\n{"prompt": "b"}\n',
    "data/part-1.jsonl": b'{"prompt": "c"}\n' * 1000,
}


class TestFake(SourceContract):
    @pytest.fixture
    def source(self):
        self.fake = FakeSource(CONTENTS)
        return self.fake

    @pytest.fixture
    def contents(self):
        return CONTENTS

    @pytest.fixture
    def uri(self):
        return "memory://data/"

    @pytest.fixture
    def missing_uri(self):
        return "memory://nowhere/"

    def change(self, name, data):
        self.fake.files[name] = data
