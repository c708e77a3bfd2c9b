"""The conversations of the platform in memory keep the contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcc_core import ChatSession, Context, Output, Subject
from mlcc_core.testing.contracts import ChatContract
from mlcc_core.testing.parts.answering import FakeAnswering


class TestFakeChats(ChatContract):
    @pytest.fixture
    def session(self, tmp_path: Path) -> Iterator[ChatSession]:
        context = Context(root=tmp_path, project="demo")
        with FakeAnswering().open_chat(context, []) as session:
            yield session

    @pytest.fixture
    def subjects(self) -> tuple[Subject, Subject]:
        tuned = Subject("run-1", "fake-model", "b", Output("adapter", "/run-1"))
        return Subject("base", "fake-model", "a"), tuned
