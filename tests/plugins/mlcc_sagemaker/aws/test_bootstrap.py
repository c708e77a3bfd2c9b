"""The account is prepared by one stack: shown, asked for, repeatable, removable."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mlcc_core.errors import Interrupted, MlccError, PlatformError
from mlcc_sagemaker.aws.stack_policies import TEMPLATE
from tests.aws_account.permissions.policies import Need
from tests.plugins.mlcc_sagemaker.conftest import make_context

# moto has no bucket policies in its CloudFormation; cfn-lint looks at that resource.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy:UserWarning")

ACTION = re.compile(
    r'"((?:sagemaker|bedrock|s3|lambda|logs|iam|sts|secretsmanager):[A-Z][A-Za-z]+)'
)

BUCKET = "mlcc-tune-123456789012-us-east-1"


class User:
    """Answers questions and keeps what was said and saved."""

    def __init__(self, answer=True):
        self.answer, self.said, self.saved, self.asked = answer, [], {}, []

    def confirm(self, question):
        self.asked.append(question)
        return self.answer

    def context(self, aws, root: Path, **settings):
        return make_context(
            root, aws, settings, say=self.said.append, confirm=self.confirm, save=self.saved.update
        )


@pytest.fixture
def user():
    return User()


def boot(platform, context, action="create", yes=False):
    return platform.account.bootstrap(context, action, yes)


def test_role_and_bucket_are_made_and_written_down(aws, platform, user, tmp_path):
    lines = boot(platform, user.context(aws, tmp_path))
    assert lines[0] == "✅ The stack mlcc-tune is ready in us-east-1."
    assert user.asked == ["Make these changes to the account?"]
    assert any("AWS::IAM::Role" in line and "Add" in line for line in user.said)
    assert user.saved["TUNE_S3_BUCKET"] == BUCKET
    assert BUCKET in {bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]}
    name = user.saved["ROLE_ARN"].rpartition("/")[2]
    role = aws.client("iam").get_role(RoleName=name)["Role"]
    assert role["Arn"] == user.saved["ROLE_ARN"]


def test_who_runs_it_is_told_how_to_be_let(aws, platform, user, tmp_path):
    lines = boot(platform, user.context(aws, tmp_path))
    arns = [p["Arn"] for p in aws.account.client("iam").list_policies(Scope="Local")["Policies"]]
    told = [line.split() for line in lines if "aws iam" in line]
    assert sorted(words[-1] for words in told) == sorted(arns)
    assert {" ".join(words[:-1]) for words in told} == {
        "aws iam attach-user-policy --user-name NAME --policy-arn"
    }


def test_more_buckets_than_a_policy_holds_are_refused_before_anything(aws, platform, tmp_path):
    named = [f"bucket-of-a-rather-long-name-number-{number:03}" for number in range(200)]
    user = User()
    with pytest.raises(MlccError) as caught:
        boot(platform, user.context(aws, tmp_path, TUNE_DATASET_BUCKETS=",".join(named)))
    assert caught.value.where == "TUNE_DATASET_BUCKETS"
    fitting = int(re.search(r"names 200, of which (\d+) fit: ", caught.value.what)[1])
    assert "mlcc bootstrap" in caught.value.hint
    assert aws.log.writing() == []
    boot(platform, user.context(aws, tmp_path, TUNE_DATASET_BUCKETS=",".join(named[:fitting])))
    assert user.saved["TUNE_S3_BUCKET"] == BUCKET


def test_bedrock_reads_with_a_role_of_its_own(aws, platform, user, tmp_path):
    boot(platform, user.context(aws, tmp_path))
    arn = user.saved["IMPORT_ROLE_ARN"]
    assert arn != user.saved["ROLE_ARN"]
    assert aws.identity.trusts(arn, "bedrock.amazonaws.com")
    assert not aws.identity.trusts(arn, "sagemaker.amazonaws.com")
    policies = aws.identity.inline(arn)
    assert sorted(policies) == ["network", "weights"]
    [statement] = policies["weights"]["Statement"]
    assert sorted(statement["Action"]) == ["s3:GetObject", "s3:ListBucket"]


def test_what_it_made_passes_the_checks(aws, platform, user, tmp_path):
    boot(platform, user.context(aws, tmp_path))
    checks = platform.checks(user.context(aws, tmp_path, **user.saved))
    states = {check.name: check.state for check in checks}
    assert (states["role"], states["bucket"]) == ("ok", "ok")


def test_nothing_happens_without_a_yes(aws, platform, tmp_path):
    user = User(answer=False)
    with pytest.raises(Interrupted, match="Nothing was changed"):
        boot(platform, user.context(aws, tmp_path))
    assert user.saved == {}
    assert BUCKET not in {b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]}
    assert (
        aws.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE"])[
            "StackSummaries"
        ]
        == []
    )
    boot(platform, User().context(aws, tmp_path))


def change_sets(aws):
    """What is left of plans: change sets that wait to be executed, and stacks without anything."""
    formation = aws.client("cloudformation")
    stacks = [s["StackName"] for s in formation.describe_stacks()["Stacks"]]
    return stacks, [
        summary["ChangeSetName"]
        for name in stacks
        for summary in formation.list_change_sets(StackName=name)["Summaries"]
        if summary.get("ExecutionStatus") != "EXECUTE_COMPLETE"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("ending", [MlccError("no terminal"), KeyboardInterrupt()])
def test_nothing_is_left_where_nobody_can_be_asked(aws, platform, tmp_path, ending):
    class Nobody(User):
        def confirm(self, question):
            raise ending

    with pytest.raises(type(ending)):
        boot(platform, Nobody().context(aws, tmp_path))
    assert len(aws.log.calls("DeleteChangeSet")) == 1
    assert change_sets(aws) == ([], [])
    boot(platform, User().context(aws, tmp_path))


def test_without_a_terminal_the_command_refuses(mlcc, account):
    ran = mlcc("bootstrap")
    assert ran.code == 1, ran
    assert ran.err.splitlines()[-1] == "   mlcc bootstrap --yes"
    assert change_sets(account) == ([], [])


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation", ["CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DescribeStacks"]
)
@pytest.mark.parametrize("kind", ["denied", "page", "empty"])
def test_a_plan_that_fails_leaves_nothing(aws, platform, tmp_path, operation, kind, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    fault = aws.inject(f"cloudformation:{operation}", kind)
    with pytest.raises(PlatformError):
        boot(platform, User().context(aws, tmp_path, AWS_MAX_ATTEMPTS="1"))
    assert fault.struck == 1
    if operation != "ExecuteChangeSet" or kind == "denied":
        assert change_sets(aws) == ([], [])
    boot(platform, User().context(aws, tmp_path))


def test_waiting_is_told_at_once(aws, platform, user, tmp_path):
    aws.stacks.looks = 3
    boot(platform, user.context(aws, tmp_path), yes=True)
    waits = [line for line in user.said if line.startswith("⏳")]
    assert waits == ["⏳ Changing the stack mlcc-tune: CREATE_IN_PROGRESS, 0 s"]


@pytest.mark.slow
@pytest.mark.parametrize("missing", [{"RoleArn"}, {"RoleArn", "BucketName", "DataPolicyArn"}])
def test_a_stack_without_its_outputs_is_told(aws, platform, user, tmp_path, missing):
    aws.stacks.without_outputs = frozenset(missing)
    with pytest.raises(PlatformError, match="has no output RoleArn") as caught:
        boot(platform, user.context(aws, tmp_path), yes=True)
    assert caught.value.hint.startswith("mlcc bootstrap remove && mlcc bootstrap")
    assert user.saved == {}
    aws.stacks.clear()
    boot(platform, user.context(aws, tmp_path), "remove", yes=True)
    boot(platform, user.context(aws, tmp_path), yes=True)
    assert user.saved["TUNE_S3_BUCKET"] == BUCKET


def test_yes_beforehand_asks_nothing(aws, platform, tmp_path):
    user = User(answer=False)
    boot(platform, user.context(aws, tmp_path), yes=True)
    assert user.asked == []
    assert user.saved["TUNE_S3_BUCKET"] == BUCKET


def test_running_again_finds_it_as_it_should_be(aws, platform, user, tmp_path):
    boot(platform, user.context(aws, tmp_path))
    first = dict(user.saved)
    user.saved.clear()
    boot(platform, user.context(aws, tmp_path), yes=True)
    assert user.saved == first


def test_functions_and_buckets_that_are_named_are_let_in(aws, platform, user, tmp_path):
    function = "arn:aws:lambda:us-east-1:123456789012:function:math-verifier"
    settings = {"TUNE_REWARD_FUNCTIONS": function, "TUNE_DATASET_BUCKETS": "my-bucket, other"}
    boot(platform, user.context(aws, tmp_path, **settings), yes=True)
    statements = role_statements(aws, user.saved["ROLE_ARN"])
    assert statements["RewardFunctions"]["Resource"] == [function]
    assert "arn:aws:s3:::my-bucket/*" in statements["Datasets"]["Resource"]
    assert "arn:aws:s3:::other" in statements["Datasets"]["Resource"]
    judges = statements["JudgeModels"]["Resource"]
    assert "arn:aws:bedrock:us-east-1::foundation-model/openai.gpt-oss-120b-1:0" in judges
    wide = {sid for sid, s in statements.items() if s["Resource"] == "*"}
    assert wide == {"JudgesOfEvaluations", "Login", "Metrics", "Networks"}


def role_statements(aws, arn):
    """What the role may do, by statement, as IAM has it."""
    iam, name = aws.client("iam"), arn.rpartition("/")[2]
    return {
        statement["Sid"]: statement
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        for statement in iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"][
            "Statement"
        ]
    }


@pytest.mark.slow
def test_another_bucket_is_let_in_by_running_it_again(aws, platform, user, tmp_path):
    boot(platform, user.context(aws, tmp_path))
    role, objects = user.saved["ROLE_ARN"], "arn:aws:s3:::my-bucket/*"
    before = role_statements(aws, role)
    assert objects not in before["Datasets"]["Resource"]
    row = Need("s3:GetObject", "arn:aws:s3:::my-bucket/train.jsonl")
    assert aws.identity.lacks(role, row) != ""
    user.said.clear()
    context = user.context(aws, tmp_path, TUNE_DATASET_BUCKETS="my-bucket")
    lines = boot(platform, context)
    assert lines[0] == "✅ The stack mlcc-tune is ready in us-east-1."
    assert user.said == [
        "📋 Changes to the stack mlcc-tune in us-east-1:",
        "   Modify  AWS::IAM::Role           ExecutionRole",
        "   Modify  AWS::IAM::Role           ImportRole",
        "   Modify  AWS::IAM::ManagedPolicy  DataPolicy",
        "   Datasets: + arn:aws:s3:::my-bucket",
        f"   Datasets: + {objects}",
    ]
    assert user.saved["ROLE_ARN"] == role
    after = role_statements(aws, role)
    assert set(after["Datasets"]["Resource"]) - set(before["Datasets"]["Resource"]) == {
        "arn:aws:s3:::my-bucket",
        objects,
    }
    assert aws.identity.lacks(role, row, Need("s3:ListBucket", "arn:aws:s3:::my-bucket")) == ""
    user.said.clear()
    asked = len(user.asked)
    assert boot(platform, context)[0] == ("✅ The stack mlcc-tune is as it should be in us-east-1.")
    assert (user.said, len(user.asked)) == ([], asked)
    assert role_statements(aws, role) == after
    boot(platform, user.context(aws, tmp_path))
    assert "   Datasets: - arn:aws:s3:::my-bucket" in user.said
    assert role_statements(aws, role) == before


def test_removing_keeps_the_bucket_and_coming_back_finds_it(aws, platform, user, tmp_path):
    boot(platform, user.context(aws, tmp_path))
    lines = boot(platform, user.context(aws, tmp_path), "remove")
    assert lines[0] == "✅ Removed the stack mlcc-tune."
    assert f"aws s3 rb s3://{BUCKET} --force" in lines[1]
    assert boot(platform, user.context(aws, tmp_path), "remove") == [
        "ℹ️  There is no stack mlcc-tune in us-east-1."
    ]


@pytest.mark.slow
def test_a_bucket_that_outlived_its_stack_is_not_made_again(aws, platform, user, tmp_path):
    aws.bucket(BUCKET)
    boot(platform, user.context(aws, tmp_path))
    planned = aws.log.only("CreateChangeSet").params["Parameters"]
    assert {"ParameterKey": "CreateBucket", "ParameterValue": "false"} in planned
    assert user.saved["TUNE_S3_BUCKET"] == BUCKET
    assert not any("AWS::S3::Bucket" in line for line in user.said)
    user.said.clear()
    boot(platform, user.context(aws, tmp_path))
    assert user.said == []
    boot(platform, user.context(aws, tmp_path, TUNE_DATASET_BUCKETS="more"))
    assert "   Datasets: + arn:aws:s3:::more" in user.said
    assert not any("CreateBucket" in line for line in user.said)


def test_access_that_is_denied(aws, platform, user, tmp_path):
    aws.inject("cloudformation:CreateChangeSet", "denied", times=None)
    with pytest.raises(PlatformError) as caught:
        boot(platform, user.context(aws, tmp_path))
    assert "cloudformation:CreateChangeSet" in caught.value.what


def test_the_users_policy_has_every_action_that_we_name():
    """Errors name the action that is missing; what bootstrap provides must have it."""
    cfn_yaml = pytest.importorskip("cfnlint.decode.cfn_yaml")
    allowed = set()
    for resource in cfn_yaml.load(str(TEMPLATE))["Resources"].values():
        if resource["Type"] != "AWS::IAM::ManagedPolicy":
            continue
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            allowed.update([actions] if isinstance(actions, str) else actions)
    named = {
        action
        for path in TEMPLATE.parent.rglob("*.py")
        if path.name != "bootstrap.py"
        for action in ACTION.findall(path.read_text())
    }
    assert named - allowed == set()


def test_the_bucket_is_private_encrypted_versioned_and_kept():
    """Read from the template: moto makes a plain bucket of it."""
    cfn_yaml = pytest.importorskip("cfnlint.decode.cfn_yaml")
    bucket = cfn_yaml.load(str(TEMPLATE))["Resources"]["TuneBucket"]
    properties = bucket["Properties"]
    assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    [rule] = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert properties["VersioningConfiguration"]["Status"] == "Enabled"
    rules = properties["LifecycleConfiguration"]["Rules"]
    assert {"DaysAfterInitiation": 1} in [r.get("AbortIncompleteMultipartUpload") for r in rules]


@pytest.mark.slow
def test_the_template_passes_the_linter():
    pytest.importorskip("cfnlint")
    program = "from cfnlint import core; from cfnlint.runner.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(TEMPLATE)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (ran.returncode, ran.stdout) == (0, "")
