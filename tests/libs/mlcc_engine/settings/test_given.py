"""Settings that users give: checked against the trainer, LoRA and the model, and then used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from mlcc_core.errors import MlccError, Problems
from mlcc_engine.model import models, skeleton
from mlcc_engine.options.scale import BATCH, SAMPLES
from mlcc_engine.settings import given
from mlcc_engine.settings.listing import listed
from mlcc_engine.train.trainers import Trainer
from tests.libs.mlcc_engine.settings.asking import asked
from tests.libs.mlcc_engine.trainings import FACTS, Train, Trained, losses

pytestmark = pytest.mark.slow

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
BRIEF = {"num_train_epochs": 3, "learning_rate": 1e-3}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"weight_dcay": 0.1}, "Did you mean 'weight_decay'?"),
        ({"weight_decay": -1}, "--set weight_decay=-1 cannot be used: expected a number of at"),
        ({"weight_decay": "much"}, "--set weight_decay=much cannot be used: expected a number"),
        ({"lora_dropout": 1}, "expected a number from 0 below 1"),
        ({"lr_scheduler_type": "cosin"}, "Did you mean 'cosine'"),
        ({"max_grad_norm": True}, "--set max_grad_norm=true cannot be used: expected a number"),
        ({"warmup_ratio": 0.1}, "--set warmup_ratio does not exist here: it is warmup_steps"),
        ({"max_prompt_length": 5}, "it is --max-seq-length"),
        ({"output_dir": "x"}, "--set output_dir is not for users to set: mlcc keeps the output"),
        ({"save_steps": 5}, "mlcc keeps the output itself"),
        ({"per_device_train_batch_size": 2}, "use --batch-size"),
        ({"report_to": "wandb"}, "mlcc logs the training itself"),
        ({"r": 8}, "use --lora-rank"),
        ({"init_lora_weights": "pissa"}, "cannot be pissa: it changes the base's own weights"),
        ({"lr_scheduler_kwargs": "{"}, "expected a JSON object or null"),
        ({"optim": "adamw_torch", "warmup_steps": "ten"}, "expected a number of at least 0"),
    ],
)
def test_a_bad_setting_is_one_line(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(MlccError) as caught:
        given.check(asked(settings))
    assert words in caught.value.what
    assert "\n" not in caught.value.what
    assert caught.value.hint == "mlcc tune --technique sft --list-settings"


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Problems) as caught:
        given.check(asked({"weight_decay": -1, "bogus": 1, "seed": 3}))
    assert len(caught.value.problems) == 3


def test_lora_settings_mean_nothing_to_full_rank() -> None:
    with pytest.raises(MlccError, match="only applies when --training-type is lora"):
        given.check(asked({"lora_dropout": 0.1}, training_type="full-rank"))


def test_what_the_config_itself_refuses_is_one_line() -> None:
    with pytest.raises(MlccError, match="refuses its settings") as caught:
        given.check(asked({"activation_offloading": True, "dataloader_prefetch_factor": 2}))
    assert "\n" not in caught.value.what


def test_dropout_that_the_trainer_turns_off() -> None:
    with pytest.raises(MlccError, match="expected --set disable_dropout=false"):
        given.check(asked({"lora_dropout": 0.1}, trainer="trl:DPOTrainer"))
    given.check(asked({"lora_dropout": 0.1, "disable_dropout": False}, trainer="trl:DPOTrainer"))


def test_settings_of_several_processes() -> None:
    given.check(asked({"num_generations": 4}, trainer="trl:GRPOTrainer", processes=2))


def test_the_batches_that_are_assumed_without_importing_are_the_configs_own() -> None:
    fields = Trainer("trl:GRPOTrainer").fields
    assert (fields["per_device_train_batch_size"], fields["num_generations"]) == (BATCH, SAMPLES)
    assert Trainer("trl:SFTTrainer").fields["per_device_train_batch_size"] == BATCH


def test_settings_reach_the_config_and_lora() -> None:
    found = given.resolved(
        asked({"weight_decay": 1, "target_modules": "q_proj,v_proj", "use_rslora": True})
    )
    assert found.hyperparameters == {"weight_decay": 1.0}
    assert found.lora == {"target_modules": ["q_proj", "v_proj"], "use_rslora": True}
    assert found.user_settings == {}
    assert given.resolved(found) == found


@pytest.mark.parametrize(
    ("lora", "words"),
    [
        ({"target_modules": ["q_proj", "qq"]}, "the model has no module 'qq'; it has down_proj"),
        ({"target_modules": ".*nothing"}, "the model has no module '.*nothing'"),
        ({"modules_to_save": ["head"]}, "the model has no module 'head'; it has"),
        ({"layers_to_transform": [0, 99]}, "the model has no layer 99: expected 0 to 1"),
    ],
)
def test_modules_that_the_model_lacks(lora: dict[str, Any], words: str, cache: Path) -> None:
    with pytest.raises(MlccError) as caught:
        skeleton.as_trained(models.locate("mlcc-tiny", cache), "lora", lora)
    assert words in caught.value.what


def test_everything_that_can_be_set_is_listed() -> None:
    found = {each.name: each for each in listed("trl:GRPOTrainer", {"temperature": 0.7}, "lora")}
    for name in [
        "lr_scheduler_type",
        "weight_decay",
        "lora_dropout",
        "target_modules",
        "neftune_noise_alpha",
        "num_generations",
        "beta",
        "temperature",
    ]:
        assert name in found
    assert found["temperature"].default == "0.7"
    assert (found["lora_dropout"].of, found["beta"].of) == ("lora", "trainer")
    assert found["target_modules"].default == "all-linear"
    assert "Weight decay" in found["weight_decay"].help
    for name in ["seed", "output_dir", "learning_rate", "r", "report_to", "warmup_ratio"]:
        assert name not in found
    assert all(each.of == "trainer" for each in listed("trl:GRPOTrainer", {}, "full-rank"))


def weights(trained: Trained) -> dict[str, Any]:
    return load_file(trained.output / "adapter_model.safetensors")


def equal(one: Trained, other: Trained) -> bool:
    first, second = weights(one), weights(other)
    return first.keys() == second.keys() and all((first[k] == second[k]).all() for k in first)


@pytest.fixture(scope="module")
def plain(train: Train) -> Trained:
    return train(PAIRS, hyperparameters=BRIEF)


def test_the_same_seed_gives_the_same_weights(train: Train, plain: Trained) -> None:
    assert equal(plain, train(PAIRS, hyperparameters=BRIEF))
    assert not equal(plain, train(PAIRS, hyperparameters=BRIEF, seed=1))


def test_a_schedule_is_followed(train: Train, plain: Trained) -> None:
    settings = {"lr_scheduler_type": "constant"}
    steady = train(PAIRS, hyperparameters=BRIEF, user_settings=settings)
    assert losses(steady)[0] == losses(plain)[0]
    assert losses(steady)[-1] < losses(plain)[-1]  # its rate did not fall


@pytest.mark.parametrize("settings", [{"weight_decay": 0.5}, {"lora_dropout": 0.5}])
def test_a_setting_changes_the_weights(
    settings: dict[str, Any], train: Train, plain: Trained
) -> None:
    assert not equal(plain, train(PAIRS, hyperparameters=BRIEF, user_settings=settings))


def test_modules_and_steps_are_those_that_were_set(train: Train) -> None:
    settings = {"target_modules": "q_proj", "max_steps": 2, "use_rslora": True}
    trained = train(PAIRS, hyperparameters=BRIEF, user_settings=settings)
    assert {name.split(".")[-3] for name in weights(trained)} == {"q_proj"}
    assert trained.progress[-1]["step"] == trained.progress[-1]["steps"] == 2


def test_settings_of_several_processes_are_checked_by_one() -> None:
    given.check(asked({"weight_decay": 0.5}, processes=2))
