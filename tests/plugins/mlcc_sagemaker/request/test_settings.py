"""``--set`` on SageMaker: any hyperparameter of the recipe, in its published range, and listed."""

from __future__ import annotations

import json

import pytest

from mlcc_core.actions.tune.job.proof import differences
from mlcc_sagemaker.request.settings import SAID_BY
from tests.aws_account.hub.recipes import Recipe
from tests.plugins.mlcc_sagemaker.conftest import QWEN, make_order
from tests.plugins.mlcc_sagemaker.request.test_request import job, problems

GIVEN = {
    "weight_decay": 0.25,
    "lr_scheduler": "linear",
    "seed": 7,
    "merge_weights": False,
    "namespace": "7e3",
}


def test_settings_are_sent_as_the_sdk_sends_them_and_proved(account, context, platform):
    spec = make_order(account, settings=GIVEN)
    request = platform.runner.build_request(context, spec)
    sent = request.body["CreateTrainingJob"]["HyperParameters"]
    assert {name: sent[name] for name in GIVEN} == {n: str(v) for n, v in GIVEN.items()}
    assert sent["max_epochs"] == "3"
    assert differences(spec, platform.runner.read_spec(request.body)) == []
    read_back = json.loads(json.dumps(request.body))
    assert differences(spec, platform.runner.read_spec(read_back)) == []
    read_back["CreateTrainingJob"]["HyperParameters"]["merge_weights"] = "True"
    (found,) = differences(spec, platform.runner.read_spec(read_back))
    assert found == "merge_weights: asked False, found True"


def test_the_job_as_described_is_held_to_them(account, context, platform):
    spec = make_order(account, settings=GIVEN)
    platform.runner.submit(
        context, "demo-sft-0badcafe-1", platform.runner.build_request(context, spec)
    )
    reported = platform.runner.describe(context, "demo-sft-0badcafe-1").reported
    assert {name: reported.hyperparameters[name] for name in GIVEN} == GIVEN


def test_none_given_adds_nothing_to_the_body(account, context, platform):
    assert "types" not in platform.runner.build_request(context, make_order(account)).body


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"weight_decay": 2}, "weight_decay=2 cannot be used for SFT on {m}: expected a number f"),
        ({"weight_decay": "lots"}, "weight_decay=lots cannot be used for SFT on {m}: expected a"),
        ({"seed": 1.5}, "seed=1.5 cannot be used for SFT on {m}: expected an integer from 0 to "),
        ({"seed": True}, "seed=true cannot be used for SFT on {m}: expected an integer from 0"),
        ({"merge_weights": "no"}, "merge_weights=no cannot be used for SFT on {m}: expected true"),
        ({"lr_scheduler": "warp"}, "lr_scheduler=warp cannot be used for SFT on {m}: expected one"),
        ({"seed": None}, "seed=null cannot be used for SFT on {m}: expected an integer"),
        ({"lora_dropout": [0.1]}, "lora_dropout=[0.1] cannot be used for SFT on {m}: expected a "),
        ({"namespace": 1e5}, "namespace=100000.0 cannot be used for SFT on {m}: expected a text."),
        ({"namespace": "a;b"}, "namespace=a;b cannot be used: expected at most 2500 letters, "),
        ({"lr_schedular": 1}, "lr_schedular: the recipe of SFT on {m} has no such setting. Did"),
        ({"zork": 1}, "zork: the recipe of SFT on {m} has no such setting."),
    ],
)
def test_what_the_recipe_does_not_take(account, context, platform, settings, what):
    (problem,) = problems(platform, context, make_order(account, settings=settings))
    assert problem.what.startswith("--set " + what.replace("{m}", QWEN))
    assert problem.hint == f"mlcc tune --technique sft --model {QWEN} --list-settings"


@pytest.mark.parametrize("name", SAID_BY)
def test_what_the_request_says_elsewhere(account, context, platform, name):
    (problem,) = problems(platform, context, make_order(account, settings={name: "x"}))
    assert "is not for users to set" in problem.what
    assert SAID_BY[name] in problem.what


def test_a_close_name_is_never_one_that_is_refused(account, context, platform):
    (problem,) = problems(platform, context, make_order(account, settings={"data_pat": "x"}))
    assert "data_path" not in problem.what


def test_a_length_that_is_set_chooses_the_recipe(account, context, platform):
    sent = job(platform, context, make_order(account, settings={"dataset_max_len": 9_000}))
    assert sent["ServerlessJobConfig"]["SequenceLength"] == "16K"


def test_a_model_that_the_hub_cannot_have_is_the_users_mistake(mlcc):
    ran = mlcc("tune", "--technique", "sft", "--model", "no/model", "--list-settings")
    assert ran.code == 1
    assert "❌ --model: Model 'no/model' is not in SageMakerPublicHub of us-east-1." in ran.err


# --- as typed ----------------------------------------------------------------------------------


@pytest.mark.parametrize("training_type", ["lora", "full-rank"])
@pytest.mark.parametrize("technique", ["sft", "dpo", "rlvr", "rlaif"])
def test_all_are_listed_with_flag_type_default_and_range(mlcc, technique, training_type):
    words = ("tune", "--technique", technique, "--training-type", training_type, "--list-settings")
    listed = json.loads(mlcc(*words, "--json").out)["settings"]
    engine = "verl" if technique in ("rlvr", "rlaif") else "llmft"
    specs = Recipe(technique.upper(), training_type == "lora", engine).parameters()
    assert {each["name"] for each in listed} == specs.keys() - SAID_BY.keys()
    by_name = {each["name"]: each for each in listed}
    assert by_name["max_epochs"] == {
        "name": "max_epochs",
        "values": "an integer from 1 to 100",
        "default": "2",
        "of": "trainer",
        "help": "given by --epochs",
    }
    assert by_name["weight_decay"]["help"] == ""
    if training_type == "lora":
        assert by_name["lora_alpha"]["of"] == "lora"
    assert "learning_rate" in mlcc(*words).out


def test_a_list_needs_a_model_that_is_there(mlcc):
    words = ("tune", "--technique", "sft", "--list-settings", "--model")
    ran = mlcc(*words, "zork")
    assert (ran.code, ran.err.count("❌")) == (1, 1)
    assert "Model 'zork' is not in SageMakerPublicHub of us-east-1." in ran.err
    assert mlcc(*words, "huggingface-vlm-qwen3-5-4b").code == 0
    text = mlcc.config.read_text()
    mlcc.config.write_text(text.replace("MODEL_ID", "OTHER_ID"))
    ran = mlcc(*words[:-1])
    assert (ran.code, ran.err.count("❌")) == (1, 1)
    assert "--list-models" in ran.err


def test_a_setting_that_has_a_flag_is_told_the_flag(ready):
    words = ("tune", "--technique", "sft", "--dataset", "s3://data/sft.jsonl", "--dry-run")
    ran = ready(*words, "--set", "max_epochs=3", "--set", "seed=1")
    assert ran.code == 1
    assert "--set max_epochs has a flag of its own: expected --epochs 3." in ran.err
