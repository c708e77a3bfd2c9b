"""The Hub's models pass the contract suite, with the real client against the stand-in."""

import pytest

from mlcc_core.testing.contracts import ModelHubContract
from mlcc_hf import HuggingFaceHub
from tests.plugins.mlcc_hf.hubs import access

TOKEN = "hf_GoodGoodGood"


class TestHub(ModelHubContract):
    @pytest.fixture
    def hub(self, hub):
        hub.users[TOKEN] = "alice"
        return HuggingFaceHub()

    @pytest.fixture
    def access(self, hub):
        return access(TOKEN)

    @pytest.fixture
    def repo(self):
        return "alice/tuned"

    @pytest.fixture
    def foreign_repo(self):
        return "bob/tuned"
