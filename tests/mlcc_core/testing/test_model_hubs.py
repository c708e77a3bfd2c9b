"""The fake hub of models passes the contract suite."""

import pytest

from mlcc_core.testing.contracts import ModelHubContract
from mlcc_core.testing.model_hub import FakeModelHub


class TestFake(ModelHubContract):
    """Held to the contract."""

    @pytest.fixture
    def hub(self):
        hub = FakeModelHub()
        hub.forbidden.add("others")
        return hub

    @pytest.fixture
    def repo(self):
        return "me/tuned"

    @pytest.fixture
    def foreign_repo(self):
        return "others/tuned"
