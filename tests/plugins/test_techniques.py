import pytest

from mlcc_core.testing.contracts import TechniqueContract
from mlcc_core.testing.technique import FakeTechnique
from mlcc_dpo import plugin as dpo
from mlcc_rlaif import plugin as rlaif
from mlcc_rlvr import plugin as rlvr
from mlcc_sft import plugin as sft


class TestFake(TechniqueContract):
    platforms = ("fake",)
    formats = ("default", "converse")

    @pytest.fixture
    def technique(self):
        return FakeTechnique()


class TestSft(TechniqueContract):
    platforms = ("local",)
    formats = ("default", "converse")

    @pytest.fixture
    def technique(self):
        return sft


class TestDpo(TechniqueContract):
    platforms = ("local",)

    @pytest.fixture
    def technique(self):
        return dpo


class TestRlaif(TechniqueContract):
    platforms = ("local",)

    @pytest.fixture
    def technique(self):
        return rlaif


class TestRlvr(TechniqueContract):
    platforms = ("local",)

    @pytest.fixture
    def technique(self):
        return rlvr
