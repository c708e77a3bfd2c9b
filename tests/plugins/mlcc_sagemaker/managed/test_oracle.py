"""The SageMaker SDK's own evaluators are asked for the same; what they send must agree.

They send a pipeline, whose definition holds the arguments of each ``CreateTrainingJob``.
"""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest

from tests.aws_account.services.foundations import NOVA
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN
from tests.plugins.mlcc_sagemaker.managed.conftest import (
    ROWS,
    RUN,
    evaluate,
    make_spec,
    scorer,
)

pytest.importorskip("sagemaker.train")

# Warnings of the SDK and its libraries are about themselves; ours are silenced by nobody.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:::sagemaker", "ignore:::omegaconf", "ignore:::antlr4"),
    pytest.mark.filterwarnings("ignore:::pydantic", "ignore:::botocore"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

OUTPUT = f"s3://{BUCKET}/demo/evaluate"
NAME = "demo-eval-0badcafe-1"
BASE = "demo-eval-0badcafe-2"

DIFFERENCES = {
    "TrainingJobName": "ours follows from what is asked, so that it is found again; theirs is made "
    "by the pipeline",
    "Tags": "ours are on the job and say project and kind besides; theirs are on the pipeline",
    "MlflowConfig": "ours is the job's, only for a server that is configured, under the project's "
    "name; theirs is the pipeline's",
}
"""What may differ, and why; everything else must be equal."""

NAMED_BY_PIPELINE = {
    "name": "ours is the job's name; theirs has the number of the pipeline's execution",
    "inference_data_s3_path": "ours names the job that made the replies; theirs names the step",
}
"""Hyperparameters of a judge for which the pipeline fills in its own names."""


@pytest.fixture
def sdk(tuned, tmp_path, monkeypatch):
    """The account in which the SDK looks at no role, and leaves its temporary files to us."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("SAGEMAKER_VALIDATE_ROLE", "false")
    tuned.app = tuned.mlflow.add_app("tracking", "data", tuned.role)
    return tuned


def package(account):
    return account.jobs[RUN].record["OutputModelPackageArn"]


def steps(account, kind, base, **more):
    """The steps that the SDK's evaluator puts into its pipeline, by name: their arguments."""
    from sagemaker.train import evaluate as sdk

    evaluator = {
        "benchmark": sdk.BenchMarkEvaluator,
        "scorer": sdk.CustomScorerEvaluator,
        "judge": sdk.LLMAsJudgeEvaluator,
    }[kind](
        model=QWEN if base else package(account),
        s3_output_path=OUTPUT,
        mlflow_resource_arn=account.app,
        role=account.role,
        region="us-east-1",
        evaluate_base_model=not base,
        **more,
    )
    evaluator.evaluate()
    text = account.log.only("CreatePipeline").params["PipelineDefinition"]
    found = json.loads(text)["Steps"]
    return {step["Name"]: step["Arguments"] for step in found if step["Type"] == "Training"}


def ours(account, context, platform, spec):
    """What we send for a spec, with the job that comes before it."""
    account.log.clear()
    evaluate(platform, context, spec, NAME)
    return [dict(call.params) for call in account.log.calls("CreateTrainingJob")]


def comparable(request):
    return {key: value for key, value in request.items() if key not in DIFFERENCES}


@pytest.mark.parametrize("base", [False, True], ids=["tuned", "base"])
@pytest.mark.parametrize("parts", [None, ["anatomy", "virology"]])
def test_a_benchmark(sdk, context, platform, base, parts):
    from sagemaker.train.evaluate import get_benchmarks

    text = f"mmlu:{','.join(parts)}" if parts else "mmlu"
    (mine,) = ours(sdk, context, platform, make_spec("benchmark", base=base, benchmark=text))
    theirs = steps(sdk, "benchmark", base, benchmark=get_benchmarks().MMLU, subtasks=parts)
    step = "EvaluateBaseModel" if base else "EvaluateCustomModel"
    assert comparable(mine) == comparable(theirs[step])


def test_the_base_model_beside_a_tuned_one(sdk, context, platform):
    """Their one pipeline has a job for each model, ours are two evaluations."""
    (mine,) = ours(sdk, context, platform, make_spec("scorer", base=True))
    theirs = steps(sdk, "scorer", False, evaluator="prime_math", dataset=ROWS)
    assert theirs.keys() == {"EvaluateBaseModel", "EvaluateCustomModel"}
    assert comparable(mine) == comparable(theirs["EvaluateBaseModel"])


@pytest.mark.parametrize("base", [False, True], ids=["tuned", "base"])
@pytest.mark.parametrize("function", [False, True], ids=["built-in", "function"])
def test_a_scorer(sdk, context, platform, base, function):
    value = sdk.reward_arn if function else "prime_code"
    spec = make_spec("scorer", base=base, evaluator=scorer(value))
    (mine,) = ours(sdk, context, platform, spec)
    evaluator = mine["ServerlessJobConfig"].get("EvaluatorArn", value)
    theirs = steps(sdk, "scorer", base, evaluator=evaluator, dataset=ROWS)
    step = "EvaluateBaseModel" if base else "EvaluateCustomModel"
    assert comparable(mine) == comparable(theirs[step])


@pytest.mark.parametrize("base", [False, True], ids=["tuned", "base"])
def test_a_judge(sdk, context, platform, base):
    metrics = ("Correctness", "Harmfulness")
    spec = make_spec("judge", base=base, metrics=metrics)
    replies, judge = ours(sdk, context, platform, spec)
    more = {"evaluator_model": NOVA, "dataset": ROWS, "builtin_metrics": list(metrics)}
    theirs = steps(sdk, "judge", base, **more)
    model = "Base" if base else "Custom"
    asked, judged = theirs[f"Evaluate{model}InferenceModel"], theirs[f"Evaluate{model}ModelMetrics"]
    assert comparable(replies) == comparable(asked)
    given, known = judge["HyperParameters"], judged["HyperParameters"]
    assert given["name"] == NAME
    values = known["inference_data_s3_path"]["Std:Join"]["Values"]
    path = [f"{NAME}-replies" if "TrainingJobName" in str(one) else one for one in values]
    path[0] = OUTPUT
    assert given["inference_data_s3_path"] == "".join(path)
    for request in (judge, judged):
        for name in NAMED_BY_PIPELINE:
            request["HyperParameters"].pop(name)
    assert comparable(judge) == comparable(judged)


def test_benchmarks_are_those_of_the_sdk(account):
    from sagemaker.train.evaluate.benchmark_evaluator import _BENCHMARK_CONFIG

    from mlcc_sagemaker.managed.benchmarks import BENCHMARKS

    theirs = {kind.value: config for kind, config in _BENCHMARK_CONFIG.items()}
    assert theirs.keys() - BENCHMARKS.keys() == {"mmmu", "llm_judge"}
    for name, benchmark in BENCHMARKS.items():
        config = theirs[name]
        assert [benchmark.metric] == config["metrics"]
        assert benchmark.strategy == config["strategy"]
        assert bool(benchmark.parts) is config["subtask_available"]
        if config["subtasks"]:
            assert list(benchmark.parts) == config["subtasks"]


def test_built_in_scorers_are_those_of_the_sdk(account):
    from sagemaker.train.evaluate import get_builtin_metrics

    from mlcc_sagemaker.managed.check import BUILT_IN

    assert [one.value for one in get_builtin_metrics()] == list(BUILT_IN)


class Execution:
    """A pipeline's execution as the SDK's reader of results sees it."""

    s3_output_path = OUTPUT

    def __init__(self, **steps):
        self._pipeline_execution = self
        self._steps = steps

    def get_all_steps(self):
        for step, job in self._steps.items():
            arn = f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{job}"
            training_job = SimpleNamespace(arn=arn)
            yield SimpleNamespace(
                step_name=step, metadata=SimpleNamespace(training_job=training_job)
            )


def shown(capsys):
    return re.sub(r"\s+", " ", capsys.readouterr().out)


@pytest.mark.parametrize("kind", ["benchmark", "scorer"])
def test_the_sdk_reads_the_results_of_the_account(sdk, context, platform, kind, capsys):
    from sagemaker.train.common_utils.show_results_utils import _show_benchmark_results

    for name, base in ((NAME, False), (BASE, True)):
        evaluate(platform, context, make_spec(kind, base=base), name)
    _show_benchmark_results(Execution(EvaluateCustomModel=NAME, EvaluateBaseModel=BASE))
    text = shown(capsys)
    metric, mine, others = {
        "benchmark": ("accuracy", "62.50%", "50.00%"),
        "scorer": ("prime_math", "100.00%", "0.00%"),
    }[kind]
    assert f"{metric} │ {mine}" in text
    assert f"{metric} │ {others}" in text


def test_the_sdk_reads_the_judgements_of_the_account(sdk, context, platform, capsys):
    from sagemaker.train.common_utils.show_results_utils import _show_llmaj_results

    for name, base in ((NAME, False), (BASE, True)):
        evaluate(platform, context, make_spec("judge", base=base), name)
    _show_llmaj_results(
        Execution(EvaluateCustomModelMetrics=NAME, EvaluateBaseModelMetrics=BASE), limit=2
    )
    text = shown(capsys)
    assert "100.0% (4 wins)" in text
    assert "Correctness │ 100.0% │ 50.0% │ +50.0%" in text
    assert "Model Response: yes" in text
