import io

import pytest

from mlcc_core import MlccError, TargetModel, build_manager
from mlcc_core.staging import DatasetError, stage
from mlcc_core.testing.contracts import TechniqueContract
from mlcc_core.testing.technique import FakeTechnique
from mlcc_dpo import plugin as dpo
from mlcc_rlaif import plugin as rlaif
from mlcc_rlvr import plugin as rlvr
from mlcc_sft import plugin as sft
from tests.mlcc_core.staging.datasets import jsonl, make_job, staged


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


ASKED = [{"role": "user", "content": "2 + 2"}]
ANSWERED = [*ASKED, {"role": "assistant", "content": "4"}]


@pytest.mark.parametrize("technique", [rlvr, rlaif])
def test_a_prompt_to_sample_from_does_not_end_with_the_assistant(technique):
    (schema,) = build_manager([technique]).technique(technique.name).dataset_forms(TargetModel("m"))
    rows = [{"prompt": said, "reward_model": "judge"} for said in (ASKED, ANSWERED, "2 + 2")]
    found, report = staged(make_job(jsonl(*rows), schema, on_misfit="skip"))
    assert [row["prompt"][-1]["role"] for row in found] == ["user", "user"]
    assert report.ledger.skipped == 1


def test_chosen_and_rejected_should_differ():
    (schema,) = build_manager([dpo]).technique("dpo").dataset_forms(TargetModel("m"))
    rows = [{"prompt": "p", "chosen": "a", "rejected": reply} for reply in "ab"]
    job = make_job(jsonl(*rows), schema)
    (warning,) = stage(job, io.BytesIO()).warnings
    assert warning.startswith("1 row of 2 with the same in 'chosen' and 'rejected'")
    with pytest.raises(MlccError, match="the same in the only row"):
        staged(make_job(jsonl(*rows[:1]), schema))


@pytest.mark.parametrize("technique", [rlvr, rlaif])
def test_roles_of_a_prompt_exist(technique):
    (schema,) = build_manager([technique]).technique(technique.name).dataset_forms(TargetModel("m"))
    talk = [{"role": "narrator", "content": "Once."}, {"role": "user", "content": "And then?"}]
    row = {"prompt": talk, "reward_model": "r"}
    with pytest.raises(DatasetError, match="message 1 with the role 'narrator'"):
        staged(make_job(jsonl(row), schema))
