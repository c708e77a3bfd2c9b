"""Every operation of an evaluation fails in every way, and its process is killed: one job."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mlcc_core.errors import MlccError, PlatformError
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import BUCKET
from tests.plugins.mlcc_sagemaker.managed.conftest import evaluate, make_spec, scorer

pytest.importorskip("sagemaker.core")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
NAME = "demo-eval-0badcafe-1"
KINDS = (
    *("throttled", "failed", "expired", "denied", "refused"),
    *("lost", "cut", "truncated", "empty", "page"),
)
PLANNED = (
    ("benchmark", "sagemaker:DescribeHubContent"),
    ("benchmark", "sagemaker:DescribeModelPackage"),
    ("benchmark", "sagemaker:DescribeTrainingJob"),
    ("benchmark", "s3:GetObject"),
    ("benchmark", "sagemaker:ListTrainingJobs"),
    ("benchmark", "sagemaker:CreateTrainingJob"),
    ("judge", "bedrock:GetFoundationModel"),
)
READ = ("sagemaker:DescribeTrainingJob", "s3:ListObjectsV2", "s3:GetObject")


def found_again(platform, context, spec, name=NAME):
    """Run an evaluation as the core does: a job that is there is not created again."""
    part = platform.managed
    spec = part.check(context, spec)
    if (first := part.before(spec)) is not None:
        found_again(platform, context, first, f"{name}-replies")
        spec = replace(spec, replies=f"{name}-replies")
    request = part.build_request(context, spec)
    if name not in platform.runner.list_jobs(context, name):
        platform.runner.submit(context, name, request)
    state = platform.runner.describe(context, name)
    assert state.status == "completed", state
    return spec


def survives(step, fault):
    """The step fails in one line, or not at all; then it leads to the end."""
    error = _error(step)
    assert fault.struck == 1
    if error is not None:
        assert isinstance(error, PlatformError), error.what
        assert "\n" not in error.what
        # The core finds the job that is there, so that it never shows this.
        assert error.hint or "exists already" in error.what
    return step()


def _error(step):
    try:
        step()
    except MlccError as error:
        return error
    return None


def evaluations(account):
    names = [job.name for job in account.jobs.all() if "-eval-" in job.name]
    assert len(names) == len(set(names))
    return names


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize(("kind", "operation"), PLANNED)
def test_a_fault_leads_to_one_job_a_step(tuned, context, platform, kind, operation):
    # A judge is looked up twice for each job, so that half of the faults are enough.
    faults = KINDS[::2] if kind == "judge" else KINDS
    for number, fault_kind in enumerate(faults):
        name = f"demo-eval-{number}"
        fault = tuned.inject(operation, fault_kind)
        survives(lambda n=name: found_again(platform, context, make_spec(kind), n), fault)
        tuned.faults.clear()
    steps = ("-replies", "") if kind == "judge" else ("",)
    assert evaluations(tuned) == [f"demo-eval-{n}{s}" for n in range(len(faults)) for s in steps]


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("operation", READ)
def test_a_fault_while_results_are_read(tuned, context, platform, operation):
    spec = evaluate(platform, context, make_spec("judge"))
    whole = platform.managed.scores(context, NAME, spec)
    assert len(whole.rows) == 4
    for kind in KINDS:
        # Of two files and lists, the second one: the first is as in the plan.
        fault = tuned.inject(operation, kind, after=operation.startswith("s3:"))
        again = survives(lambda: platform.managed.scores(context, NAME, spec), fault)
        assert again == whole
        tuned.faults.clear()


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("benchmark", "s3:PutObject"),
        ("scorer", "lambda:InvokeFunction"),
        ("judge", "bedrock:CreateEvaluationJob"),
        ("judge", "bedrock:InvokeModel"),
    ],
)
def test_a_permission_that_the_role_lacks(tuned, context, platform, kind, action):
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": action, "Resource": "*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    context.settings["ROLE_ARN"] = tuned.identity.add_role("narrow", document)
    more = {"evaluator": scorer(tuned.reward_arn)} if kind == "scorer" else {}
    spec = platform.managed.check(context, make_spec(kind, **more))
    if kind == "judge":
        evaluate(platform, context, platform.managed.before(spec), "before-1")
        spec = replace(spec, replies="before-1")
    request = platform.managed.build_request(context, spec)
    platform.runner.submit(context, NAME, request)
    state = platform.runner.describe(context, NAME)
    assert (state.status, state.fault) == ("failed", "permission")
    assert f"The permission {action} is missing." in state.reason
    assert "mlcc bootstrap" in state.reason


def test_an_evaluation_that_fails_stops_and_logs(tuned, context, platform):
    tuned.jobs.course = courses.fails("AlgorithmError: CUDA out of memory")
    request = platform.managed.build_request(context, make_spec("benchmark"))
    platform.runner.submit(context, NAME, request)
    while not (state := platform.runner.describe(context, NAME)).final:
        assert state.progress is None or state.progress.loss is None
    assert (state.status, state.fault) == ("failed", "platform")
    assert list(platform.runner.logs(context, NAME, follow=False)) == ["Training in progress"]
    with pytest.raises(MlccError, match="left no results"):
        platform.managed.scores(context, NAME, make_spec("benchmark"))
    tuned.jobs.course = courses.runs_on()
    platform.runner.submit(context, "demo-eval-2", request)
    platform.runner.stop(context, "demo-eval-2")
    while not (state := platform.runner.describe(context, "demo-eval-2")).final:
        pass
    assert state.status == "stopped"
    assert list(platform.runner.list_jobs(context, "demo-eval")) == ["demo-eval-2", NAME]


PROGRAM = """
import sys
from pathlib import Path
from types import SimpleNamespace
from mlcc_sagemaker import SageMaker
from tests.plugins.mlcc_sagemaker.conftest import make_context
from tests.plugins.mlcc_sagemaker.managed.conftest import make_spec
from tests.plugins.mlcc_sagemaker.managed.test_faults import found_again
import os
account = SimpleNamespace(environment=dict(os.environ), role=sys.argv[1])
context = make_context(Path(sys.argv[2]), account)
found_again(SageMaker(), context, make_spec("judge"), sys.argv[3])
"""
REQUESTS = 24
"""More than a whole evaluation makes, so that some are not killed at all."""


def test_killed_at_random(tuned, context, platform, tmp_path):
    paths = (ROOT, ROOT / "libs", ROOT / "plugins")
    environment = {**os.environ, "PYTHONPATH": ":".join(str(path) for path in paths)}
    tuned.inject("", "slow", times=None, seconds=0.02)
    killed = 0
    for attempt in range(2):
        name = f"demo-eval-{attempt}"
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, tuned.role, str(tmp_path), name],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        target = len(tuned.log.calls()) + random.Random(attempt).randint(4, REQUESTS)
        while process.poll() is None and len(tuned.log.calls()) < target:
            time.sleep(0.001)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        _, err = process.communicate(timeout=60)
        killed += process.returncode != 0
        assert "Traceback" not in err
        spec = found_again(platform, context, make_spec("judge"), name)
        assert platform.managed.scores(context, name, spec).scores[0].value == 1
        assert evaluations(tuned)[-2:] == [f"{name}-replies", name]
    assert killed
    assert len(evaluations(tuned)) == 4
    assert not [key for key in tuned.objects(BUCKET) if "BaseInference" in key]


def test_a_lost_answer_is_found_again_by_its_name(tuned, context, platform):
    """botocore asks again, and meets the first job."""
    tuned.inject("CreateTrainingJob", "lost")
    request = platform.managed.build_request(context, make_spec("benchmark"))
    with pytest.raises(PlatformError, match=f"A job named {NAME} exists already"):
        platform.runner.submit(context, NAME, request)
    said = platform.managed.reported(context, NAME, platform.runner)
    assert said == platform.managed.read_spec(request.body)
