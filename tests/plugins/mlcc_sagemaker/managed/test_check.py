"""What is refused before anything is staged, in one line that lists what there is."""

from __future__ import annotations

import pytest

from mlcc_core.contract.options import EvaluatorKind
from mlcc_core.errors import MlccError, Problems
from mlcc_sagemaker.managed.benchmarks import BENCHMARKS
from mlcc_sagemaker.managed.metrics import CHOSEN, JUDGED
from tests.aws_account.hub.recipes import BUCKET as CACHE
from tests.aws_account.services.foundations import EVALUATION, JUDGES_KEY, NOVA, RETIRED, SONNET
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import PROMPT, make_context
from tests.plugins.mlcc_sagemaker.managed.conftest import RUN, make_spec, scorer, train

pytest.importorskip("sagemaker.core")

MATH = "algebra, counting_and_probability, geometry, intermediate_algebra, number_theory, "


def refused(platform, context, spec):
    with pytest.raises(MlccError) as caught:
        platform.managed.check(context, spec)
    return caught.value


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        (
            "hellaswag",
            f"SageMaker has no benchmark 'hellaswag', expected one of {', '.join(BENCHMARKS)}.",
            "pass --benchmark mmlu",
        ),
        (
            "gpqa:diamond",
            "The benchmark 'gpqa' has no parts, and 'diamond' was asked for.",
            "pass --benchmark gpqa",
        ),
        (
            "math:algebra,topology,knots",
            (
                "The benchmark 'math' has no part topology, knots, expected some of "
                f"{MATH}prealgebra, precalculus."
            ),
            "pass --benchmark math:algebra",
        ),
    ],
)
def test_an_unknown_benchmark(tuned, context, platform, text, what, hint):
    error = refused(platform, context, make_spec("benchmark", benchmark=text))
    assert (error.what, error.hint, error.where) == (what, hint, "--benchmark")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("MMLU", "mmlu"),
        ("mmlu:all", "mmlu"),
        ("mmlu:", "mmlu"),
        ("bbh: snarks ,navigate,snarks", "bbh:snarks,navigate"),
    ],
)
def test_a_benchmark_is_written_in_one_way(tuned, context, platform, text, known):
    made = platform.managed.check(context, make_spec("benchmark", benchmark=text))
    assert made.benchmark == known


def test_an_unknown_scorer(tuned, context, platform):
    expected = (
        "expected one of prime_math, prime_code, or "
        "arn:aws:lambda:<region>:<account>:function:<name>"
    )
    error = refused(platform, context, make_spec("scorer", evaluator=scorer("rouge")))
    assert error.what == f"Unknown scorer 'rouge', {expected}."
    assert (error.where, error.hint) == ("--metric", "pass --metric prime_math")
    prompt = scorer(PROMPT, EvaluatorKind.PROMPT)
    error = refused(platform, context, make_spec("scorer", evaluator=prompt))
    assert error.what == f"The reward prompt {PROMPT} does not score replies here, {expected}."
    error = refused(platform, context, make_spec("scorer", evaluator=None))
    assert error.what == f"No scorer is named, {expected}."


def test_an_unknown_judge_or_metric(tuned, context, platform):
    error = refused(platform, context, make_spec("judge", judge="gpt-9"))
    listed = ", ".join(EVALUATION)
    assert error.what == f"'gpt-9' does not judge in us-east-1, expected one of {listed}."
    assert error.hint == f"pass --judge {NOVA}"
    error = refused(platform, context, make_spec("judge", judge=None))
    assert error.what == f"No judge is named, expected one of {listed}."
    error = refused(platform, context, make_spec("judge", metrics=("Wit", "Builtin.Coherence")))
    assert error.what == (
        f"A judge of SageMaker has no metric wit, expected some of {', '.join(JUDGED)}."
    )
    error = refused(platform, context, make_spec("benchmark", metrics=("Coherence",)))
    assert error.what == "A benchmark brings its own metric, and Coherence was asked for."


def test_a_judge_past_its_life(tuned, context, platform):
    error = refused(platform, context, make_spec("judge", judge=RETIRED))
    assert error.what == (
        f"--judge '{RETIRED}' cannot be used in us-east-1: Bedrock does not serve it there."
    )
    assert error.detail == ("Its life ended on 2026-09-10.",)
    tuned.foundations.end(NOVA, days=30)
    platform.managed.check(context, make_spec("judge"))
    tuned.foundations.models.remove(NOVA)
    error = refused(platform, context, make_spec("judge"))
    assert error.what.startswith(f"--judge '{NOVA}' cannot be used in us-east-1: ")


def test_a_judge_as_it_is_sent(tuned, context, platform):
    made = platform.managed.check(context, make_spec("judge", judge=f"bedrock/{SONNET}"))
    assert (made.judge, made.metrics) == (SONNET, CHOSEN)
    metrics = ("builtin.followinginstructions", "HELPFULNESS", "helpfulness")
    made = platform.managed.check(context, make_spec("judge", metrics=metrics))
    assert made.metrics == ("FollowingInstructions", "Helpfulness")


@pytest.mark.parametrize("body", [None, b"[]", b"{", b'{"supported_judge_models": []}'])
def test_judges_that_cannot_be_listed_are_warned_of(tuned, context, platform, body):
    s3 = tuned.account.client("s3")
    s3.delete_object(Bucket=CACHE, Key=JUDGES_KEY)
    if body is not None:
        s3.put_object(Bucket=CACHE, Key=JUDGES_KEY, Body=body)
    tuned.inject("bedrock:GetFoundationModel", "denied", times=2)
    spec = platform.managed.check(context, make_spec("judge"))
    first, second = platform.managed.build_request(context, spec).warnings
    assert first.startswith("The judges of us-east-1 cannot be listed: ")
    assert second.startswith(f"Bedrock did not say that it serves the judge {NOVA} in us-east-1: ")
    assert "bedrock:GetFoundationModel" in second


def test_a_region_without_evaluations(tuned, tmp_path, platform, monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "eu-north-1")
    context = make_context(tmp_path, tuned, {"AWS_REGION": "eu-north-1"})
    error = refused(platform, context, make_spec("benchmark", base=True, benchmark="chess"))
    assert isinstance(error, Problems)
    region, benchmark = error.problems
    assert region.what.startswith("SageMaker runs no evaluations of open-weight models in eu-north")
    assert (region.where, region.hint) == ("AWS_REGION", "export AWS_REGION=us-east-1")
    assert "chess" in benchmark.what


@pytest.mark.parametrize("training_type", ["lora", "full-rank"])
def test_adapters_and_whole_models_are_evaluated(tuned, context, platform, training_type):
    train(tuned, context, platform, "demo-sft-0badcafe-2", training_type)
    spec = make_spec("benchmark", job="demo-sft-0badcafe-2")
    job = platform.managed.build_request(context, spec).body["CreateTrainingJob"]
    package = tuned.jobs["demo-sft-0badcafe-2"].record["OutputModelPackageArn"]
    assert job["ModelPackageConfig"]["SourceModelPackageArn"] == package


def test_a_run_that_cannot_be_measured(tuned, context, platform):
    tuned.jobs.course = courses.fails("AlgorithmError: no")
    spec = make_spec("benchmark", job="demo-sft-0badcafe-9")
    assert "SageMaker does not know the run demo-sft-0badcafe-9" in (
        refused(platform, context, spec).what
    )
    package = tuned.jobs[RUN].record["OutputModelPackageArn"]
    tuned.client("sagemaker").delete_model_package(ModelPackageName=package)
    error = refused(platform, context, make_spec("benchmark"))
    assert error.what == f"The model package {package} of the run {RUN} does not exist any more."
    del tuned.jobs[RUN].record["OutputModelPackageArn"]
    error = refused(platform, context, make_spec("benchmark"))
    assert error.what == f"The run {RUN} left no model package, by which SageMaker evaluates."
    tuned.jobs[RUN].status = courses.STOPPED.status
    error = refused(platform, context, make_spec("benchmark"))
    assert error.what == f"The run {RUN} is stopped, expected one that completed."
    assert error.hint == "mlcc runs   # shows the runs that completed"
