"""What the execution role may not read is copied to the tune bucket, and said to be."""

from __future__ import annotations

import json

import pytest

from mlcc_core.contract.options import Evaluator, EvaluatorKind
from mlcc_core.contract.source import DatasetFile, Listing
from mlcc_core.errors import MlccError, PlatformError
from tests.plugins.mlcc_sagemaker.conftest import (
    BUCKET,
    PROMPT,
    lines,
    make_context,
    make_order,
    reward,
    role_of,
    set_variable,
)

pytest.importorskip("sagemaker.core")
# moto has no bucket policies in its CloudFormation; cfn-lint looks at that resource.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy:UserWarning"),
]

MINE = "s3://my-bucket/train.jsonl"
TUNE = ("tune", "--poll-interval", "0.01", "--technique")
MEND = "To use it in place: set TUNE_DATASET_BUCKETS={} in do/config, then: mlcc bootstrap"


def trained_on(account):
    request = account.log.calls("CreateTrainingJob")[-1].params
    return request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]


def test_after_a_plain_bootstrap_any_bucket_of_ours_can_be_tuned_on(bootstrapped, account):
    ran = bootstrapped(*TUNE, "sft", "--dataset", MINE)
    assert ran.code == 0, ran
    name = role_of(account).rpartition("/")[2]
    assert ran.err.count(f"ℹ️  {MINE} is copied to the tune bucket, because the role {name} ") == 1
    assert f"may not read it (s3:GetObject). {MEND.format('my-bucket')}\n" in ran.err
    bucket, _, key = trained_on(account).removeprefix("s3://").partition("/")
    assert (bucket, key.split("/")[:2]) == (BUCKET, ["demo", "datasets"])
    [copy] = account.objects(bucket, key).values()
    assert [json.loads(line) for line in copy.splitlines()] == [
        json.loads(line) for line in lines("sft").splitlines()
    ]
    assert account.jobs.all()[-1].status == "Completed"
    assert bootstrapped("adapter", "add", "tuned", "--from-tune").code == 0
    assert account.trap.hosts == []


@pytest.mark.parametrize(
    ("technique", "training_type"),
    [*((t, "lora") for t in ("dpo", "rlvr", "rlaif")), ("sft", "full-rank")],
)
def test_every_technique_runs_with_bootstraps_role(bootstrapped, account, technique, training_type):
    flags = {
        "rlvr": ("--reward-function", account.functions.add("mlcc-reward", reward)),
        "rlaif": ("--reward-prompt", PROMPT),
    }
    words = (technique, "--dataset", f"s3://data/{technique}.jsonl", *flags.get(technique, ()))
    ran = bootstrapped(*TUNE, *words, "--training-type", training_type)
    assert ran.code == 0, ran
    assert account.jobs.all()[-1].status == "Completed"
    add = ("adapter", "add") if training_type == "lora" else ("add-ic",)
    added = bootstrapped(*add, "tuned", "--from-tune", technique)
    assert added.code == 0, added


def test_what_was_said_to_mend_it_mends_it(bootstrapped, account):
    assert bootstrapped(*TUNE, "sft", "--dataset", MINE).code == 0
    set_variable(bootstrapped, TUNE_DATASET_BUCKETS="my-bucket")
    early = bootstrapped(*TUNE, "sft", "--dataset", MINE, "--dry-run", "--force")
    assert "To use it in place: mlcc bootstrap\n" in early.out
    shown = bootstrapped("bootstrap", "--yes")
    assert "   Datasets: + arn:aws:s3:::my-bucket\n" in shown.err
    same = bootstrapped(*TUNE, "sft", "--dataset", MINE)
    assert (same.code, len(account.jobs.all())) == (0, 1)
    ran = bootstrapped(*TUNE, "sft", "--dataset", MINE, "--force")
    assert ran.code == 0, ran
    assert "is copied" not in ran.err
    assert trained_on(account) == MINE
    assert account.jobs.all()[-1].status == "Completed"


def test_a_dry_run_says_it_and_writes_nothing(bootstrapped, account):
    words = (*TUNE, "sft", "--dataset", MINE, "--dry-run")
    ran = bootstrapped(*words)
    assert ran.code == 0, ran
    assert "; waits for staging)" in ran.out
    assert ran.out.count(f"ℹ️  {MINE} is copied to the tune bucket, because the role") == 1
    [note] = json.loads(bootstrapped(*words, "--json").out)["plan"]["dataset"]["notes"]
    assert note.startswith(f"{MINE} is copied")
    assert account.log.writing() == []


def test_every_row_of_a_copy_is_validated(bootstrapped, account):
    bad = lines("sft", 40) + b'{"prompt": "no completion"}\n'
    account.account.client("s3").put_object(Bucket="my-bucket", Key="train.jsonl", Body=bad)
    ran = bootstrapped(*TUNE, "sft", "--dataset", MINE)
    assert ran.code == 1, ran
    assert "train.jsonl" in ran.err
    assert "line 41" in ran.err
    assert account.jobs.all() == []
    assert account.objects(BUCKET, "demo/datasets/") == {}


def test_what_lies_in_the_tune_bucket_stays_there(bootstrapped, account):
    s3 = account.account.client("s3")
    s3.put_object(Bucket=BUCKET, Key="mine/train.jsonl", Body=lines("sft"))
    uri = f"s3://{BUCKET}/mine/train.jsonl"
    assert bootstrapped(*TUNE, "sft", "--dataset", uri).code == 0
    assert trained_on(account) == uri
    assert account.log.calls("SimulatePrincipalPolicy") == []


def place(platform, context, uri=MINE):
    name = uri.rpartition("/")[2]
    return platform.store.reads_in_place(
        context, Listing(uri, (DatasetFile(name, uri, 1, "f"),), "x")
    )


@pytest.mark.parametrize(
    ("denied", "words"),
    [
        ({"s3:GetObject"}, "(s3:GetObject). To use it in place: allow that role s3:GetObject on "),
        ({"s3:ListBucket"}, "may not read it (s3:ListBucket)."),
        (set(), None),
    ],
)
def test_both_permissions_are_needed(account, context, platform, denied, words):
    account.bucket("my-bucket")
    account.identity.denied |= denied
    found = place(platform, context)
    if words is None:
        assert (found.uri, found.note) == (MINE, None)
    else:
        assert found.uri is None
        assert words in found.note
    assert account.log.writing() == []


@pytest.mark.parametrize("kind", ["denied", "failed"])
def test_where_iam_cannot_be_asked_only_named_buckets_stay(account, platform, tmp_path, kind):
    account.bucket("my-bucket")
    account.inject("iam:SimulatePrincipalPolicy", kind, times=None)
    context = make_context(tmp_path, account)
    found = place(platform, context)
    assert found.uri is None
    assert "because IAM cannot say whether the role SageMakerExecution may read it." in found.note
    named = make_context(tmp_path, account, {"TUNE_DATASET_BUCKETS": "other, my-bucket"})
    assert place(platform, named).uri == MINE
    own = f"s3://{BUCKET}/train.jsonl"
    assert place(platform, context, own).uri == own


def test_where_it_depends_iam_cannot_say(account, platform, tmp_path):
    account.bucket("my-bucket")
    condition = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    role = account.identity.add_role("from-the-vpc", policy)
    context = make_context(tmp_path, account, {"ROLE_ARN": role})
    found = place(platform, context)
    assert "because IAM cannot say whether the role from-the-vpc may read it." in found.note
    assert platform.runner.build_request(context, make_order(account, "rlvr")).warnings == ()


def test_a_bucket_of_another_region_is_copied(account, context, platform):
    account.account.client("s3").create_bucket(
        Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    found = place(platform, context, "s3://far-away/train.jsonl")
    assert found.uri is None
    assert found.note.endswith("because it is in eu-west-1 and jobs run in us-east-1.")


def test_without_role_or_bucket_nobody_is_asked(account, platform, tmp_path):
    for name in ("ROLE_ARN", "TUNE_S3_BUCKET"):
        context = make_context(tmp_path, account, {name: ""})
        assert place(platform, context).uri == MINE
    assert account.log.calls() == []


# --- evaluators ----------------------------------------------------------------------------


def test_a_reward_prompt_is_copied_too(bootstrapped, account):
    words = (*TUNE, "rlaif", "--dataset", "s3://data/rlaif.jsonl", "--reward-prompt", PROMPT)
    planned = bootstrapped(*words, "--dry-run")
    assert f"ℹ️  The reward prompt {PROMPT} is copied to the tune bucket, because" in planned.out
    assert '"RewardPrompt": {' in planned.out
    assert account.log.writing() == []
    ran = bootstrapped(*words)
    assert ran.code == 0, ran
    assert f"may not read it (s3:GetObject). {MEND.format('data')}\n" in ran.err
    [(key, text)] = account.objects(BUCKET, "demo/reward-prompts/").items()
    assert text == account.objects("data", "judge.txt")["judge.txt"]
    document = account.log.only("ImportHubContent").params["HubContentDocument"]
    content = json.loads(json.loads(document)["JsonContent"])
    assert content["Reference"] == f"s3://{BUCKET}/{key}"
    assert account.jobs.all()[-1].status == "Completed"
    again = bootstrapped(*words, "--force")
    assert again.code == 0, again
    assert len(account.log.calls("ImportHubContent")) == 1


def test_a_prompt_that_changes_between_plan_and_job(bootstrapped, account, context, platform):
    own = make_context(context.root, account, {"ROLE_ARN": role_of(account)})
    request = platform.runner.build_request(own, make_order(account, "rlaif"))
    account.account.client("s3").put_object(Bucket="data", Key="judge.txt", Body=b"Be kind.")
    with pytest.raises(PlatformError, match=f"{PROMPT} has changed since the job was planned"):
        platform.runner.submit(own, "demo-rlaif-00000000-1", request)
    assert account.jobs.all() == []
    assert account.objects(BUCKET, "demo/reward-prompts/") == {}


def test_a_registered_prompt_that_the_role_may_not_read(bootstrapped, account, context, platform):
    arn = account.hubs.register("clarity", PROMPT, "RewardPrompt")
    evaluator = Evaluator(EvaluatorKind.PROMPT, arn, "--reward-prompt", {}, "--reward-prompt")
    own = make_context(context.root, account, {"ROLE_ARN": role_of(account)})
    with pytest.raises(MlccError) as caught:
        platform.runner.build_request(own, make_order(account, "rlaif", evaluator=evaluator))
    assert f"{arn} refers to the reward prompt {PROMPT}, and the role" in caught.value.what
    assert caught.value.hint == f"pass --reward-prompt {PROMPT}   # jobs get a copy of it"
    platform.runner.build_request(context, make_order(account, "rlaif", evaluator=evaluator))
