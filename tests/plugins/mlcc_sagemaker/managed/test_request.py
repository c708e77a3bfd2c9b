"""The requests of evaluations, in full, and what they and their jobs say of themselves."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlcc_core.contract.managed.spec import ReportedEvaluation
from mlcc_core.errors import MlccError, PlatformError, Problems
from tests.aws_account.services.foundations import NOVA
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, LLAMA, QWEN, make_context
from tests.plugins.mlcc_sagemaker.managed.conftest import (
    ROWS,
    RUN,
    evaluate,
    make_spec,
    scorer,
)

pytest.importorskip("sagemaker.core")

NAME = "demo-eval-0badcafe-1"
HUB = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model"
ACCOUNT = "arn:aws:sagemaker:us-east-1:123456789012"
OUTPUT = f"s3://{BUCKET}/demo/evaluate"
RECIPE = {
    "max_new_tokens": "8192",
    "temperature": "0",
    "top_k": "-1",
    "top_p": "1.0",
    "aggregation": "",
    "postprocessing": "False",
    "max_model_len": "12000",
}
DATA = [
    {
        "ChannelName": "train",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": ROWS}},
    }
]


def sent(account, kind, evaluation_type, given, **more):
    """The whole request of an evaluation of the run."""
    config = {
        "BaseModelArn": f"{HUB}/{QWEN}/1.0.0",
        "AcceptEula": True,
        "JobType": "Evaluation",
        "EvaluationType": evaluation_type,
        **more,
    }
    tags = {
        "sagemaker-sdk:jumpstart-model-id": QWEN,
        "sagemaker-sdk:jumpstart-hub-name": "SageMakerPublicHub",
        "mlcc:project": "demo",
        "mlcc:evaluation": kind,
    }
    return {
        "RoleArn": account.role,
        "OutputDataConfig": {"S3OutputPath": OUTPUT, "CompressionType": "NONE"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
        "HyperParameters": given,
        "ServerlessJobConfig": config,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        "ModelPackageConfig": {
            "ModelPackageGroupArn": f"{ACCOUNT}:model-package-group/mlcc-demo",
            "SourceModelPackageArn": f"{ACCOUNT}:model-package/mlcc-demo/1",
        },
    }


def requests(account):
    return [dict(call.params) for call in account.log.calls("CreateTrainingJob")]


def test_a_benchmark(tuned, context, platform):
    evaluate(platform, context, make_spec("benchmark", benchmark="mmlu:anatomy,virology"), NAME)
    given = {
        **RECIPE,
        "task": "mmlu",
        "strategy": "zs_cot",
        "evaluation_metric": "accuracy",
        "subtask": "anatomy,virology",
    }
    expected = sent(tuned, "benchmark", "BenchmarkEvaluation", given)
    assert requests(tuned) == [{"TrainingJobName": NAME, **expected}]
    assert [call.name for call in tuned.log.writing()] == ["sagemaker:CreateTrainingJob"]


def test_a_base_model_has_no_package(tuned, context, platform):
    evaluate(platform, context, make_spec("benchmark", base=True), NAME)
    (request,) = requests(tuned)
    assert "ModelPackageConfig" not in request
    assert "subtask" not in request["HyperParameters"]


def test_a_built_in_scorer(tuned, context, platform):
    evaluate(platform, context, make_spec("scorer"), NAME)
    given = {
        **RECIPE,
        "task": "gen_qa",
        "strategy": "gen_qa",
        "evaluation_metric": "all",
        "preset_reward_function": "prime_math",
    }
    expected = sent(tuned, "scorer", "CustomScorerEvaluation", given)
    assert requests(tuned) == [{"TrainingJobName": NAME, **expected, "InputDataConfig": DATA}]


def test_a_function_is_registered_as_for_training(tuned, context, platform):
    evaluate(platform, context, make_spec("scorer", evaluator=scorer(tuned.reward_arn)), NAME)
    names = [call.operation for call in tuned.log.writing()]
    assert names == ["CreateHub", "ImportHubContent", "CreateTrainingJob"]
    (request,) = requests(tuned)
    arn = request["ServerlessJobConfig"]["EvaluatorArn"]
    assert arn.startswith(f"{ACCOUNT}:hub-content/")
    given = {
        **RECIPE,
        "task": "gen_qa",
        "strategy": "gen_qa",
        "evaluation_metric": "all",
        "postprocessing": "True",
        "aggregation": "mean",
    }
    expected = sent(tuned, "scorer", "CustomScorerEvaluation", given, EvaluatorArn=arn)
    assert request == {"TrainingJobName": NAME, **expected, "InputDataConfig": DATA}


def test_a_judge_reads_what_another_job_made(tuned, context, platform):
    evaluate(platform, context, make_spec("judge", metrics=("Relevance",)), NAME)
    replies, judge = requests(tuned)
    given = {"name": "CustomInference", "task": "inference_only"}
    expected = sent(tuned, "replies", "BenchmarkEvaluation", given)
    name = f"{NAME}-replies"
    assert replies == {"TrainingJobName": name, **expected, "InputDataConfig": DATA}
    made = f"{OUTPUT}/{name}/output/output/CustomInference/eval_results/inference_output.jsonl"
    given = {
        "name": NAME,
        "judge_model_id": NOVA,
        "inference_data_s3_path": made,
        "output_path": OUTPUT,
        "llmaj_metrics": '["Relevance"]',
        "max_new_tokens": "8192",
        "temperature": "0",
        "top_k": "-1",
        "top_p": "1.0",
    }
    expected = sent(tuned, "judge", "LLMAJEvaluation", given)
    assert judge == {"TrainingJobName": NAME, **expected}


def test_mlflow_and_the_key_are_those_of_training(tuned, tmp_path, platform):
    app = tuned.mlflow.add_app("tracking", "data", tuned.role)
    context = make_context(tmp_path, tuned, {"TUNE_KMS_KEY_ID": "alias/ours"})
    body = platform.managed.build_request(context, make_spec("benchmark")).body
    job = body["CreateTrainingJob"]
    assert job["MlflowConfig"] == {"MlflowResourceArn": app, "MlflowExperimentName": "demo"}
    assert job["OutputDataConfig"]["KmsKeyId"] == "alias/ours"


SAID = {
    "benchmark": {"benchmark": "mmlu"},
    "scorer": {"evaluator": "prime_math", "dataset": ROWS},
    "judge": {"judge": NOVA, "metrics": ("Relevance",), "replies": "before-1"},
    "replies": {"dataset": ROWS},
}


@pytest.mark.parametrize("base", [False, True], ids=["tuned", "base"])
@pytest.mark.parametrize("kind", SAID)
def test_a_request_and_its_job_say_what_was_asked(tuned, context, platform, kind, base):
    more = {"metrics": ("Relevance",), "replies": "before-1"} if kind == "judge" else {}
    spec = make_spec(kind, base=base, model="qwen3-0.6b", **more)
    object.__setattr__(context, "catalog_id", lambda name: QWEN)
    request = platform.managed.build_request(context, spec)
    said = platform.managed.read_spec(request.body)
    run = None if base else RUN
    assert said == ReportedEvaluation(kind, "qwen3-0.6b", run, **SAID[kind])
    tuned.jobs.course = courses.runs_on()
    platform.runner.submit(context, NAME, request)
    assert platform.managed.reported(context, NAME, platform.runner) == said
    # The service may add hyperparameters of its own, but not measure anything else.
    record = tuned.jobs[NAME].record
    record["HyperParameters"] = {**record["HyperParameters"], "seed": "1", "subtask": ""}
    assert platform.managed.reported(context, NAME, platform.runner) == said
    other = {**record["ServerlessJobConfig"], "BaseModelArn": f"{HUB}/other/1.0.0"}
    record["ServerlessJobConfig"] = other
    assert platform.managed.reported(context, NAME, platform.runner).model == "other"


def test_a_job_that_measures_less_is_noticed(tuned, context, platform):
    evaluate(platform, context, make_spec("benchmark"), NAME)
    record = tuned.jobs[NAME].record
    record["HyperParameters"] = {**record["HyperParameters"], "subtask": "anatomy"}
    said = platform.managed.reported(context, NAME, platform.runner)
    assert said.benchmark == "mmlu:anatomy"


def test_a_function_counts_with_its_code(tuned, context, platform, monkeypatch):
    spec = make_spec("scorer", evaluator=scorer(tuned.reward_arn))
    configured = tuned.functions.get_function_configuration
    monkeypatch.setattr(
        tuned.functions,
        "get_function_configuration",
        lambda params: {**configured(params), "CodeSha256": "abc"},
    )
    body = platform.managed.build_request(context, spec).body
    said = platform.managed.read_spec(body)
    assert said.evaluator == tuned.reward_arn
    assert said.extra == {"evaluator_checksum": "abc"}
    waits = replace(spec, dataset=None)
    waiting = platform.managed.read_spec(platform.managed.build_request(context, waits).body)
    assert (waiting.extra, waiting.dataset) == (said.extra, None)


def test_a_job_of_another_process_is_not_judged_by_its_names(tuned, context, platform):
    from mlcc_sagemaker import SageMaker

    evaluate(platform, context, make_spec("benchmark"), NAME)
    other = SageMaker()
    assert other.managed.reported(context, NAME, other.runner) is None


@pytest.mark.parametrize(("kind", "gap"), [("scorer", "dataset"), ("judge", "replies")])
def test_a_plan_that_waits_is_not_sent(tuned, context, platform, kind, gap):
    spec = platform.managed.check(context, make_spec(kind, **{gap: None}))
    request = platform.managed.build_request(context, spec)
    assert "(waits for staging)" in json.dumps(request.body)
    assert getattr(platform.managed.read_spec(request.body), gap) is None
    with pytest.raises(PlatformError, match="waits"):
        platform.runner.submit(context, NAME, request)
    assert requests(tuned) == []


def test_everything_that_is_wrong_is_said_at_once(tuned, tmp_path, platform):
    context = make_context(tmp_path, tuned, {"ROLE_ARN": "", "TUNE_S3_BUCKET": ""})
    spec = make_spec("benchmark", base=True, model=LLAMA)
    with pytest.raises(Problems) as caught:
        platform.managed.build_request(context, spec)
    assert [problem.what for problem in caught.value.problems] == [
        "role: no execution role is set",
        "bucket: no tune bucket is set",
        f"Model '{LLAMA}' has a licence that has to be accepted first.",
    ]
    assert caught.value.exit_code == 1


def test_a_model_without_an_evaluation_recipe(tuned, context, platform):
    tuned.hubs.publish("bare", {"RecipeCollection": []})
    with pytest.raises(MlccError) as caught:
        platform.managed.build_request(context, make_spec("scorer", base=True, model="bare"))
    assert caught.value.what == (
        "SageMaker does not evaluate bare: its entry in SageMakerPublicHub has no evaluation "
        "recipe."
    )


def test_flags_of_the_run_hold_for_its_evaluation_too(tuned, context, platform):
    options = {
        "tag": ("team=research",),
        "kms_key": "alias/mine",
        "subnets": "subnet-0123456789abcdef0",
        "security_groups": "sg-0123456789abcdef0",
        "stop_after": "1h",
    }
    spec = platform.managed.check(context, make_spec("benchmark", options=options))
    job = platform.managed.build_request(context, spec).body["CreateTrainingJob"]
    assert {"Key": "team", "Value": "research"} in job["Tags"]
    assert job["OutputDataConfig"]["KmsKeyId"] == "alias/mine"
    assert job["VpcConfig"] == {
        "SecurityGroupIds": ["sg-0123456789abcdef0"],
        "Subnets": ["subnet-0123456789abcdef0"],
    }
    most = job["StoppingCondition"]["MaxRuntimeInSeconds"]
    assert most > 3600, "the limit was that of the training"
    wrong = make_spec("benchmark", options={"kms_key": "no key"})
    checked = platform.managed.check(context, wrong)
    with pytest.raises(MlccError, match="'no key' is not a KMS key"):
        platform.managed.build_request(context, checked)
