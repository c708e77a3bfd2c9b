"""Every operation of ``tune`` on instances fails in every way: right words, never a second job."""

from __future__ import annotations

import pytest

from tests.plugins.mlcc_sagemaker.instances.job import courses
from tests.plugins.mlcc_sagemaker.instances.job.conftest import TUNE
from tests.plugins.mlcc_sagemaker.test_faults import BODIES, PAID, WORDS, check, survives

pytest.importorskip("sagemaker.core")
pytestmark = pytest.mark.slow

USED = (
    *("sts:GetCallerIdentity", "iam:GetRole", "iam:SimulatePrincipalPolicy"),
    *("s3:HeadBucket", "s3:ListObjectsV2", "s3:GetObject", "s3:HeadObject", "s3:PutObject"),
    *("sagemaker:ListTrainingJobs", PAID, "sagemaker:DescribeTrainingJob"),
    *("logs:DescribeLogStreams", "logs:GetLogEvents", "pricing:GetProducts"),
    *("sagemaker:DescribeEndpoint", "sagemaker:DescribeInferenceComponent"),
    "sagemaker:ListInferenceComponents",
)
"""Operations of every ``tune``."""

GOING_ON = ("sagemaker:ListTags", PAID, "sagemaker:DescribeTrainingJob", "s3:ListObjectsV2")
"""Operations by which a job that was interrupted goes on."""

ALWAYS = {
    PAID: ("lost", "cut", "throttled", "denied"),
    "sagemaker:DescribeTrainingJob": ("page",),
    "sagemaker:ListTags": ("lost",),
    "logs:DescribeLogStreams": ("throttled",),
    "logs:GetLogEvents": ("empty",),
    "s3:PutObject": ("failed",),
}
"""Kinds of fault that an operation meets in every run; with ``--full`` all meet all. The other
operations are shared with serverless jobs, whose tests have them meet some."""


def pairs(operations, kinds=4):
    """Yield every operation with every kind of fault; mark ``full`` what not every run needs."""
    for operation in operations:
        always = ALWAYS.get(operation, ())[:kinds]
        for kind in WORDS:
            if operation in BODIES and kind in ("truncated", "empty"):
                continue
            yield pytest.param(operation, kind, marks=[] if kind in always else pytest.mark.full)


@pytest.fixture
def followed(aws):
    """The account, whose jobs only say what a container would print."""
    aws.containers.runs = False
    aws.jobs.course = courses.completes()
    return aws


@pytest.mark.parametrize(("operation", "kind"), [*pairs(USED)])
def test_a_fault_in_any_operation(project, followed, once, operation, kind):
    survives(followed, lambda: project(*TUNE), operation, kind)


@pytest.mark.parametrize(("operation", "kind"), [*pairs(GOING_ON, 1)])
def test_a_fault_while_an_interrupted_job_goes_on(project, followed, once, operation, kind):
    followed.jobs.course = courses.loses_an_instance()
    ran = project(*TUNE)
    assert ran.code == 3, ran
    assert "was interrupted: InternalServerError" in ran.err
    followed.jobs.course = courses.completes()
    followed.inject(operation, kind, seconds=0.05)
    check(project(*TUNE), kind, operation)
    followed.faults.clear()
    last = project(*TUNE)
    assert last.code == 0, last
    first, second = followed.jobs.all()
    assert second.name == f"{first.name}-c2"
    assert followed.trap.hosts == []


def test_the_list_of_operations_is_complete(project, followed):
    assert project(*TUNE).code == 0
    assert set(followed.log.names()) == set(USED)


def test_a_log_that_may_not_be_read_is_said_once(project, followed, once):
    followed.inject("logs:", "denied", times=None)
    ran = project(*TUNE)
    assert ran.code == 0, ran
    assert (ran.out + ran.err).count("The progress is not known: ") == 1
    assert "mlcc bootstrap" in ran.out + ran.err
