import pytest

from mlcc_core.testing.contracts import TechniqueContract
from mlcc_core.testing.technique import FakeTechnique
from mlcc_dpo import plugin as dpo
from mlcc_rlaif import plugin as rlaif
from mlcc_rlvr import plugin as rlvr
from mlcc_sft import plugin as sft


class TestFake(TechniqueContract):
    engines = ("fake",)
    formats = ("default", "converse")

    @pytest.fixture
    def technique(self):
        return FakeTechnique()


class OurContract(TechniqueContract):
    engines = ("trl",)

    @pytest.mark.slow
    def test_trainers_take_what_recipes_give(self, technique, bound, testers):
        super().test_trainers_take_what_recipes_give(technique, bound, testers)

    @pytest.mark.slow
    def test_it_trains_one_step(self, bound, schemas, testers, tmp_path):
        super().test_it_trains_one_step(bound, schemas, testers, tmp_path)


class TestSft(OurContract):
    formats = ("default", "converse")

    @pytest.fixture
    def technique(self):
        return sft


class TestDpo(OurContract):
    @pytest.fixture
    def technique(self):
        return dpo


class TestRlaif(OurContract):
    @pytest.fixture
    def technique(self):
        return rlaif


class TestRlvr(OurContract):
    @pytest.fixture
    def technique(self):
        return rlvr
