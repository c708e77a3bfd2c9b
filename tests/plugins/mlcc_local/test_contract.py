"""The platform of this machine keeps the contract of platforms."""

from typing import ClassVar

import pytest

from mlcc_core import TrainingSpec
from mlcc_core.testing.contracts import PlatformContract
from mlcc_local import plugin


class TestLocal(PlatformContract):
    """The suite trains for real; tests that only look at jobs take seconds."""

    patience = 200.0
    settings: ClassVar = {"weight_decay": 0.1}

    @pytest.fixture
    def platform(self):
        return plugin

    @pytest.fixture
    def spec(self):
        return TrainingSpec(
            project="contract",
            technique="sft",
            trainer="trl:SFTTrainer",
            model="mlcc-tiny",
            training_type="lora",
            hyperparameters={"num_train_epochs": 1, "lora_rank": 4},
            hyperparameter_flags={"num_train_epochs": "--epochs", "lora_rank": "--lora-rank"},
            trainer_settings={},
            dataset=None,
        )

    @pytest.mark.slow
    def test_settings_are_checked_while_rows_wait(self, runner, context, spec):
        super().test_settings_are_checked_while_rows_wait(runner, context, spec)

    @pytest.mark.slow
    def test_a_lora_job_from_the_spec_to_its_artifacts(self, runner, context, ready, job):
        super().test_a_lora_job_from_the_spec_to_its_artifacts(runner, context, ready, job)

    @pytest.mark.slow
    def test_a_full_rank_job_from_the_spec_to_its_artifacts(self, runner, context, ready, job):
        super().test_a_full_rank_job_from_the_spec_to_its_artifacts(runner, context, ready, job)

    @pytest.mark.slow
    def test_an_adapter_stands_until_it_is_removed(self, serving, context, adapter, named):
        super().test_an_adapter_stands_until_it_is_removed(serving, context, adapter, named)

    @pytest.mark.slow
    def test_an_adapter_is_updated_in_place(self, serving, context, adapter, named, tmp_path):
        super().test_an_adapter_is_updated_in_place(serving, context, adapter, named, tmp_path)

    @pytest.mark.slow
    def test_a_model_stands_until_it_is_removed(self, serving, context, model, named):
        super().test_a_model_stands_until_it_is_removed(serving, context, model, named)

    @pytest.mark.slow
    def test_every_prompt_is_answered_once(self, answering, context, subjects):
        super().test_every_prompt_is_answered_once(answering, context, subjects)

    @pytest.mark.slow
    def test_replies_do_not_depend_on_the_others(self, answering, context, subjects):
        super().test_replies_do_not_depend_on_the_others(answering, context, subjects)

    @pytest.mark.slow
    def test_log_probabilities_are_those_of_each_reply(self, answering, context, subjects):
        super().test_log_probabilities_are_those_of_each_reply(answering, context, subjects)

    # Exports of a folder are held to it in tests/libs/mlcc_folders/exporting, without a job.
    test_what_was_written_can_be_asked = None
