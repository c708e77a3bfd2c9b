"""What is asked of SageMaker: every problem at once, ranges from the recipe, nothing created."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlcc_core.actions.tune.job.proof import differences
from mlcc_core.contract.options import Evaluator, EvaluatorKind
from mlcc_core.errors import MlccError, PlatformError, Problems
from tests.aws_account.hub.recipes import BUCKET as CACHE
from tests.plugins.mlcc_sagemaker.conftest import LLAMA, PROMPT, QWEN, make_context, make_order

VLM = "huggingface-vlm-qwen3-5-4b"


def problems(platform, context, spec):
    with pytest.raises(MlccError) as caught:
        platform.runner.build_request(context, spec)
    error = caught.value
    return list(error.problems) if isinstance(error, Problems) else [error]


def job(platform, context, spec):
    return platform.runner.build_request(context, spec).body["CreateTrainingJob"]


def test_everything_that_is_wrong_is_said_at_once(account, platform, tmp_path):
    context = make_context(tmp_path, account, {"ROLE_ARN": "", "TUNE_S3_BUCKET": "Not_A_Bucket"})
    spec = make_order(
        account,
        model=LLAMA,
        hyperparameters={"max_epochs": 1000, "lora_rank": 17, "max_prompt_length": 10},
    )
    whats = [problem.what for problem in problems(platform, context, spec)]
    assert whats == [
        "role: no execution role is set",
        (
            "'Not_A_Bucket' is not a bucket's name, expected 3 to 63 lower-case letters, digits, "
            "dots and hyphens."
        ),
        f"--epochs 1000 is out of range for SFT on {LLAMA}: expected an integer from 1 to 100.",
        f"--lora-rank 17 is out of range for SFT on {LLAMA}: expected one of 8, 16, 32, 64, 128.",
        (
            f"max_prompt_length cannot be set for SFT on {LLAMA}: its recipe has no "
            "'max_prompt_length'."
        ),
        f"Model '{LLAMA}' has a licence that has to be accepted first.",
    ]


def test_two_calls_tell_all_about_a_model(account, context, platform):
    platform.runner.build_request(context, make_order(account))
    names = account.log.names()
    assert names.count("sagemaker:DescribeHubContent") == 1
    assert names.count("s3:GetObject") == 1
    assert account.log.writing() == []


def test_a_value_of_the_wrong_type(account, context, platform):
    spec = make_order(account, hyperparameters={"max_epochs": 2.5, "learning_rate": "high"})
    first, second = problems(platform, context, spec)
    assert "expected an integer from 1 to 100" in first.what
    assert "expected a number from 5e-07 to 0.0001" in second.what
    assert second.where == "--learning-rate"


def test_a_licence_is_accepted_by_flag_or_setting(account, context, platform, tmp_path):
    spec = make_order(account, model=LLAMA)
    [problem] = problems(platform, context, spec)
    assert problem.hint == "read it, then pass --accept-eula"
    assert "eula.txt" in problem.detail[0]
    accepted = job(platform, context, replace(spec, options={"accept_eula": True}))
    assert accepted["ServerlessJobConfig"]["AcceptEula"] is True
    context = make_context(tmp_path, account, {"ACCEPT_EULA": "true"})
    body = platform.runner.build_request(context, spec).body
    assert platform.runner.read_spec(body).extra == {"accept_eula": True}


@pytest.mark.parametrize(
    ("tokens", "sent"), [(4096, None), (8192, None), (8193, "16K"), (16384, "16K")]
)
def test_a_longer_recipe_is_asked_for_when_it_is_needed(account, context, platform, tokens, sent):
    spec = make_order(account, hyperparameters={"dataset_max_len": tokens})
    config = job(platform, context, spec)["ServerlessJobConfig"]
    assert config.get("SequenceLength") == sent


def test_a_sequence_longer_than_every_recipe(account, context, platform):
    spec = make_order(account, hyperparameters={"dataset_max_len": 20_000})
    whats = " ".join(problem.what for problem in problems(platform, context, spec))
    assert "expected an integer from 512 to 16384" in whats


def test_prompt_and_reply_share_a_sequence(account, context, platform):
    spec = make_order(
        account, "rlvr", hyperparameters={"max_prompt_length": 8000, "max_response_length": 500}
    )
    [problem] = problems(platform, context, spec)
    assert "8500 tokens are more than the 8192" in problem.what
    assert problem.where == "--max-prompt-length and --max-response-length"


def test_a_recipe_without_the_hyperparameter(account, context, platform):
    spec = make_order(account, model=VLM, hyperparameters={"dataset_max_len": 1024})
    [problem] = problems(platform, context, spec)
    assert problem.what.startswith("--max-seq-length cannot be set for SFT on")


def test_a_technique_or_training_type_that_the_hub_does_not_have(account, context, platform):
    [problem] = problems(platform, context, make_order(account, "dpo", model=VLM))
    assert problem.what.startswith("Technique not supported for this model")
    assert problem.detail == ("It has: RLAIF, RLVR, SFT",)
    model = "huggingface-llm-qwen2-5-72b-instruct"
    spec = make_order(account, "dpo", model=model, training_type="full-rank")
    [problem] = problems(platform, context, spec)
    assert problem.what.startswith("Training type not supported for this model")
    assert problem.hint == "pass --training-type lora"


def test_a_model_that_the_hub_does_not_have(account, context, platform):
    [problem] = problems(platform, context, make_order(account, model="no-such-model"))
    assert "'no-such-model' is not in SageMakerPublicHub of us-east-1" in problem.what


def test_a_model_by_its_hub_id(account, platform, tmp_path):
    context = make_context(tmp_path, account, catalog_id={"Qwen/Qwen3-0.6B": QWEN}.__getitem__)
    body = platform.runner.build_request(context, make_order(account, model="Qwen/Qwen3-0.6B")).body
    assert f"/Model/{QWEN}/" in body["CreateTrainingJob"]["ServerlessJobConfig"]["BaseModelArn"]
    assert platform.runner.read_spec(body).model == "Qwen/Qwen3-0.6B"


def test_flags_beat_settings(account, context, platform):
    role = "arn:aws:iam::123456789012:role/other"
    options = {"role": role, "output_bucket": "elsewhere"}
    asked = job(platform, context, make_order(account, options=options))
    assert asked["RoleArn"] == role
    assert asked["OutputDataConfig"] == {"S3OutputPath": "s3://elsewhere/demo/tune/sft/"}


def test_a_role_that_is_none(account, context, platform):
    [problem] = problems(platform, context, make_order(account, options={"role": "me"}))
    assert problem.where == "--role"
    assert "arn:aws:iam::<account>:role/<name>" in problem.what


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("rewards.py:score", "is a file on this machine"),
        ("gsm8k", "is not a Lambda function's ARN"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:f", "is in eu-west-1, the job in"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f:live", "names a version or alias"),
        ("arn:aws:lambda:us-east-1:123456789012:function:absent", "does not exist"),
    ],
)
def test_a_reward_function_that_cannot_be(account, context, platform, value, words):
    evaluator = Evaluator(
        EvaluatorKind.FUNCTION, value, "--reward-function", {}, "--reward-function"
    )
    [problem] = problems(platform, context, make_order(account, "rlvr", evaluator=evaluator))
    assert words in problem.what
    assert problem.where == "--reward-function"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("judge.txt", "is not in S3"),
        ("s3://data/absent.txt", "does not exist"),
        ("s3://data/empty.txt", "is empty"),
        ("s3://data/utf16.txt", "is not UTF-8 text"),
        ("s3://data/binary.txt", "is binary"),
        ("s3://data/long.txt", "is larger than 1 MiB"),
    ],
)
def test_a_reward_prompt_that_cannot_be(account, context, platform, value, words):
    s3 = account.account.client("s3")
    s3.put_object(Bucket="data", Key="empty.txt", Body=b" \n")
    s3.put_object(Bucket="data", Key="utf16.txt", Body=b"\xff\xfe\x00")
    s3.put_object(Bucket="data", Key="binary.txt", Body=b"P\0K")
    s3.put_object(Bucket="data", Key="long.txt", Body=b"a" * ((1 << 20) + 1))
    evaluator = Evaluator(EvaluatorKind.PROMPT, value, "reward_model", {}, "--rubric")
    [problem] = problems(platform, context, make_order(account, "rlaif", evaluator=evaluator))
    assert words in problem.what
    assert problem.where == "column 'reward_model'"
    assert problem.hint.startswith("pass --rubric s3://")


def test_an_evaluator_by_its_own_arn(account, context, platform):
    arn = "arn:aws:sagemaker:us-east-1:123456789012:hub-content/HUB/JsonDoc/mine/2.0.0"
    evaluator = Evaluator(EvaluatorKind.FUNCTION, arn, "--reward-function", {}, "--reward-function")
    body = platform.runner.build_request(
        context, make_order(account, "rlvr", evaluator=evaluator)
    ).body
    assert body["CreateTrainingJob"]["ServerlessJobConfig"]["EvaluatorArn"] == arn
    assert "Evaluator" not in body["creates"]
    assert platform.runner.read_spec(body).evaluator == arn


def test_an_evaluator_follows_from_what_it_refers_to(account, context, platform):
    spec = make_order(account, "rlvr")
    first = platform.runner.build_request(context, spec).body
    assert platform.runner.build_request(context, spec).body == first
    other = account.functions.add("other", lambda event, context: None)
    changed = replace(spec, evaluator=replace(spec.evaluator, value=other))
    second = platform.runner.build_request(context, changed).body
    assert first["creates"]["Evaluator"] != second["creates"]["Evaluator"]


def test_the_content_of_an_evaluator_is_part_of_the_plan(account, context, platform):
    spec = make_order(account, "rlaif")
    before = platform.runner.read_spec(platform.runner.build_request(context, spec).body)
    account.account.client("s3").put_object(Bucket="data", Key="judge.txt", Body=b"Be strict.")
    after = platform.runner.read_spec(platform.runner.build_request(context, spec).body)
    assert before.evaluator == after.evaluator == PROMPT
    assert before.extra != after.extra


def test_judges_are_those_of_the_region(account, context, platform, tmp_path):
    def with_judge(name):
        spec = make_order(account, "rlaif")
        return replace(spec, evaluator=replace(spec.evaluator, settings={"judge_model": name}))

    large = "qwen.qwen3-235b-a22b-2507-v1:0"
    [problem] = problems(platform, context, with_judge(large))
    assert f"'{large}' cannot be used in us-east-1: only in us-west-2" in problem.what
    assert "openai.gpt-oss-120b-1:0" in problem.detail[0]
    [problem] = problems(platform, context, with_judge("gpt-9"))
    assert "no judge that SageMaker takes" in problem.what
    named = job(platform, context, with_judge("qwen.qwen3-32b-v1:0"))
    assert named["HyperParameters"]["judge_model_id"] == "bedrock/qwen.qwen3-32b-v1:0"


def test_a_request_for_a_dry_run_is_never_sent(account, context, platform):
    request = platform.runner.build_request(context, make_order(account, dataset=None))
    with pytest.raises(PlatformError, match="waits for its dataset"):
        platform.runner.submit(context, "demo-sft-00000000-1", request)
    assert account.log.writing() == []


def channels(job):
    return {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
        for channel in job["InputDataConfig"]
    }


def test_held_out_rows_are_a_channel_of_their_own(account, context, platform):
    spec = make_order(account)
    data = spec.dataset.uri
    held_out = replace(spec, dataset=replace(spec.dataset, validation="s3://b/held-out.jsonl"))
    body = platform.runner.build_request(context, held_out).body
    assert channels(body["CreateTrainingJob"]) == {
        "train": data,
        "validation": "s3://b/held-out.jsonl",
    }
    assert differences(held_out, platform.runner.read_spec(body)) == []
    without = platform.runner.build_request(context, spec).body
    assert channels(without["CreateTrainingJob"]) == {"train": data}
    assert differences(spec, platform.runner.read_spec(without)) == []
    (found,) = differences(held_out, platform.runner.read_spec(without))
    assert found == "held-out rows: asked 's3://b/held-out.jsonl', found nothing"
    (found,) = differences(spec, platform.runner.read_spec(body))
    assert found == "held-out rows: asked nothing, found 's3://b/held-out.jsonl'"


def test_a_dry_run_shows_the_channel_that_waits(account, context, platform):
    spec = make_order(account, dataset=None, holds_out=True)
    request = platform.runner.build_request(context, spec)
    waits = "(waits for staging)"
    assert channels(request.body["CreateTrainingJob"]) == {"train": waits, "validation": waits}
    reported = platform.runner.read_spec(request.body)
    assert (reported.dataset, reported.validation) == (None, None)
    with pytest.raises(PlatformError, match="waits for its dataset"):
        platform.runner.submit(context, "demo-sft-00000000-1", request)


def test_an_unknown_channel_is_noticed(account, context, platform):
    spec = make_order(account)
    body = platform.runner.build_request(context, spec).body
    (train,) = body["CreateTrainingJob"]["InputDataConfig"]
    body["CreateTrainingJob"]["InputDataConfig"].append({**train, "ChannelName": "test"})
    (found,) = differences(spec, platform.runner.read_spec(body))
    assert found.startswith("dataset: asked")


def test_the_hub_cannot_be_read(account, context, platform):
    account.inject("sagemaker:DescribeHubContent", "denied", times=None)
    [problem] = problems(platform, context, make_order(account))
    assert "the permission sagemaker:DescribeHubContent is missing" in problem.what
    assert problem.hint == "mlcc bootstrap"
    assert isinstance(problem, PlatformError)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b""])
def test_a_recipe_that_is_no_json_object(account, context, platform, body):
    s3 = account.account.client("s3")
    for key in account.objects(CACHE, "recipes/"):
        s3.put_object(Bucket=CACHE, Key=key, Body=body)
    [problem] = problems(platform, context, make_order(account))
    assert problem.what.endswith("are not a JSON object.")


def test_mlflow_that_is_there_is_used(account, context, platform, tmp_path):
    assert "MlflowConfig" not in job(platform, context, make_order(account))
    app = account.mlflow.add_app("one", "data", account.role)
    config = job(platform, context, make_order(account))["MlflowConfig"]
    assert config == {"MlflowResourceArn": app, "MlflowExperimentName": "demo"}
    account.mlflow.add_app("two", "data", account.role)
    assert "MlflowConfig" not in job(platform, context, make_order(account))
    context = make_context(tmp_path, account, {"MLFLOW_RESOURCE_ARN": app})
    assert job(platform, context, make_order(account))["MlflowConfig"]["MlflowResourceArn"] == app
