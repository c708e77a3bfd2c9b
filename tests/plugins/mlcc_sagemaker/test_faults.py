"""Every operation that ``tune`` uses fails in every way: right words, right exit code, one job."""

from __future__ import annotations

import pytest

from tests.plugins.mlcc_sagemaker.conftest import lines
from tests.plugins.mlcc_sagemaker.test_whole_loop import tune

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")

ROOMS = {
    "identity": ("sts:GetCallerIdentity", "iam:GetRole", "iam:SimulatePrincipalPolicy"),
    "storage": ("s3:HeadBucket", "s3:ListObjectsV2", "s3:GetObject"),
    "model": ("sagemaker:DescribeHubContent", "sagemaker:DescribeEndpoint"),
    "tracking": ("sagemaker:ListMlflowApps", "sagemaker:ListMlflowTrackingServers"),
    "packages": ("sagemaker:DescribeModelPackageGroup", "sagemaker:CreateModelPackageGroup"),
    "job": ("sagemaker:ListTrainingJobs", "sagemaker:DescribeTrainingJob"),
    "paid": ("sagemaker:CreateTrainingJob",),
    "next": ("sagemaker:DescribeInferenceComponent", "sagemaker:ListInferenceComponents"),
}
"""Operations of every ``tune``, those of one subject together."""
STAGED = {"upload": ("s3:PutObject", "s3:ListMultipartUploads")}
REWARDED = {
    "function": ("lambda:GetFunctionConfiguration", "lambda:Invoke", "s3:HeadObject"),
    "hub": ("sagemaker:DescribeHub", "sagemaker:CreateHub", "sagemaker:ImportHubContent"),
}
WORDS = {
    "throttled": "throttle",
    "expired": "have expired",
    "denied": "denied",
    "failed": "AWS answered",
    "lost": "closed",
    "cut": "",
    "truncated": "cut short",
    "empty": "cut short",
    "page": "cut short",
    "refused": "closed",
    "slow": "",
}


def check(ran, kind, operation):
    assert "Traceback" not in ran.out + ran.err, ran
    assert ran.code in (0, 3), ran
    if ran.code:
        # Answers to HEAD have no body, so that S3 cannot say what is wrong.
        assert WORDS[kind] in ran.err or operation.startswith("s3:Head"), ran
        assert "❌" in ran.err
        assert "bug in mlcc" not in ran.err, ran
        if kind == "denied" and operation.startswith("sagemaker:"):
            assert operation in ran.err
            assert "mlcc bootstrap" in ran.err


def survives(account, again, operation, kind, after=0):
    """One fault; then, without it, the very same command leads to the one job."""
    fault = account.inject(operation, kind, after=after, seconds=0.05)
    check(again(), kind, operation)
    assert fault.struck == 1, f"{operation} was not called"
    account.faults.clear()
    last = again()
    assert last.code == 0, last
    assert len(account.jobs.all()) == 1
    assert account.trap.hosts == []


BODIES = ("s3:GetObject",)
"""Operations that answer with any bytes: what is left of them looks whole."""
PAID = "sagemaker:CreateTrainingJob"
"""The operation that must meet every kind of fault in every run."""
EACH = 3
"""Kinds of fault that every other operation meets; it meets all with ``--full``."""


def pairs(rooms, kinds=tuple(WORDS), first=0):
    """Yield every operation with every kind of fault; mark ``full`` what not every run needs.

    Rooms take turns with the kinds: the first room has the first three, the next room the next
    three, and so on. So every operation meets three kinds, and every kind all of a room.
    """
    for number, operations in enumerate(rooms.values(), start=first):
        chosen = {kinds[(EACH * number + step) % len(kinds)] for step in range(EACH)}
        for operation in operations:
            for kind in kinds:
                if operation in BODIES and kind in ("truncated", "empty"):
                    continue
                always = kind in chosen or operation == PAID
                yield pytest.param(operation, kind, marks=[] if always else pytest.mark.full)


@pytest.mark.parametrize(("operation", "kind"), [*pairs(ROOMS)])
def test_a_fault_in_any_operation(ready, account, once, operation, kind):
    survives(account, lambda: tune(ready, account, "sft"), operation, kind)


@pytest.mark.parametrize(("operation", "kind"), [*pairs(STAGED, first=len(ROOMS))])
def test_a_fault_while_staging(ready, account, once, operation, kind):
    account.bucket("raw", {"a/1.jsonl": lines("sft"), "a/2.jsonl": lines("sft")})

    def again():
        words = ("--dataset", "s3://raw/a/", "--poll-interval", "0.01")
        return ready("tune", "--technique", "sft", *words)

    survives(account, again, operation, kind)


AROUND = ("lost", "cut", "page", "throttled", "failed", "denied")


@pytest.mark.parametrize(("operation", "kind"), [*pairs(REWARDED, AROUND)])
def test_a_fault_around_a_reward_function(ready, account, once, operation, kind):
    survives(account, lambda: tune(ready, account, "rlvr"), operation, kind)


def test_the_pairs_of_each_run_cover_operations_and_kinds():
    every = [*pairs(ROOMS), *pairs(STAGED, first=len(ROOMS)), *pairs(REWARDED, AROUND)]
    met = {pair.values for pair in every if not pair.marks}
    everything = {**ROOMS, **STAGED, **REWARDED}
    for operations in everything.values():
        for operation in operations:
            assert len([kind for kind in WORDS if (operation, kind) in met]) >= EACH, operation
    for kind in WORDS:
        assert any(
            all((operation, kind) in met for operation in operations)
            for room, operations in everything.items()
            if room != "paid"
        ), kind


@pytest.mark.parametrize("kind", ["lost", "throttled", "failed", "expired"])
def test_watching_survives_what_passes(ready, account, once, kind):
    account.inject("sagemaker:DescribeTrainingJob", kind, times=3, after=3)
    ran = tune(ready, account, "sft")
    assert ran.code == 0, ran
    assert "trying again" in ran.err, ran.err
    assert len(account.jobs.all()) == 1


def test_watching_ends_where_looking_is_forbidden(ready, account, once):
    account.inject("sagemaker:DescribeTrainingJob", "denied", times=None, after=3)
    ran = tune(ready, account, "sft")
    assert ran.code == 3, ran
    assert "sagemaker:DescribeTrainingJob" in ran.err
    assert "mlcc bootstrap" in ran.err
    assert "it is not affected" in ran.err


def test_a_lost_answer_is_followed_by_botocores_retry(ready, account):
    account.inject("sagemaker:CreateTrainingJob", "lost")
    ran = tune(ready, account, "sft")
    assert ran.code == 0, ran
    calls = account.log.calls("CreateTrainingJob")
    assert [call.error for call in calls][-1] == "ResourceInUse"
    assert len(account.jobs.all()) == 1


def test_the_list_of_operations_is_complete(ready, account):
    for technique in ("sft", "rlvr"):
        assert tune(ready, account, technique).code == 0
    used = set(account.log.names())
    rooms = {**ROOMS, **STAGED, **REWARDED}
    assert used <= {operation for operations in rooms.values() for operation in operations}


def test_creating_is_given_up_after_five_tries(ready, account):
    from mlcc_aws.sessions import forget_credentials

    forget_credentials()
    fault = account.inject("sagemaker:CreateTrainingJob", "refused", times=None)
    ran = tune(ready, account, "sft")
    assert ran.code == 3, ran
    assert fault.struck == 5
    assert account.jobs.all() == []
