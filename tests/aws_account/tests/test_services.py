"""The other services: packages, MLflow, Lambda, IAM, and those that moto serves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.aws_account.permissions.policies import Need

pytestmark = pytest.mark.slow

ALLOW_READS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"},
            {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"},
        ],
    }
)
TEMPLATE = {
    "Parameters": {"Name": {"Type": "String"}},
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "Name"}}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "made",
                "AssumeRolePolicyDocument": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "sagemaker.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ]
                },
                "Policies": [{"PolicyName": "reads", "PolicyDocument": json.loads(ALLOW_READS)}],
            },
        },
    },
    "Outputs": {"Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
}


def decisions(aws, role, actions, *resources):
    results = aws.client("iam").simulate_principal_policy(
        PolicySourceArn=role, ActionNames=actions, ResourceArns=list(resources)
    )
    return [row["EvalDecision"] for row in results["EvaluationResults"]]


def test_packages_are_versions_of_a_group(aws):
    sagemaker = aws.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="group")
    with pytest.raises(ClientError, match="already exists"):
        sagemaker.create_model_package_group(ModelPackageGroupName="group")
    arns = [
        sagemaker.create_model_package(
            ModelPackageGroupName="group", ModelPackageDescription=f"version {number}"
        )["ModelPackageArn"]
        for number in (1, 2)
    ]
    assert [arn.split("/")[-2:] for arn in arns] == [["group", "1"], ["group", "2"]]
    described = sagemaker.describe_model_package(ModelPackageName=arns[1])
    assert described["ModelPackageVersion"] == 2
    sagemaker.update_model_package(ModelPackageArn=arns[1], ModelApprovalStatus="Approved")
    rows = sagemaker.list_model_packages(ModelPackageGroupName="group", SortOrder="Ascending")
    states = [row["ModelApprovalStatus"] for row in rows["ModelPackageSummaryList"]]
    assert states == ["PendingManualApproval", "Approved"]
    with pytest.raises(ClientError, match="still contains"):
        sagemaker.delete_model_package_group(ModelPackageGroupName="group")
    for arn in arns:
        sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName="group")
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.describe_model_package_group(ModelPackageGroupName="group")


def test_tracking_is_there_when_it_is_put_there(aws):
    sagemaker = aws.client("sagemaker")
    assert sagemaker.list_mlflow_apps()["Summaries"] == []
    assert sagemaker.list_mlflow_tracking_servers()["TrackingServerSummaries"] == []
    app = aws.mlflow.add_app("app", "data", aws.role)
    server = aws.mlflow.add_server("server", "data", aws.role)
    assert [row["Arn"] for row in sagemaker.list_mlflow_apps(Status="Created")["Summaries"]] == [
        app
    ]
    assert sagemaker.describe_mlflow_app(Arn=app)["Status"] == "Created"
    assert sagemaker.create_presigned_mlflow_app_url(Arn=app)["AuthorizedUrl"].startswith("https")
    described = sagemaker.describe_mlflow_tracking_server(TrackingServerName="server")
    assert described["TrackingServerArn"] == server
    url = sagemaker.create_presigned_mlflow_tracking_server_url(TrackingServerName="server")
    assert url["AuthorizedUrl"].startswith(described["TrackingServerUrl"])
    sagemaker.delete_mlflow_app(Arn=app)
    sagemaker.delete_mlflow_tracking_server(TrackingServerName="server")
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_mlflow_app(Arn=app)


def test_a_function_of_the_test_is_a_lambda_function(aws):
    def handler(event, context):
        return {"statusCode": 200, "body": json.dumps([row["id"] for row in event])}

    arn = aws.functions.add("reward", handler)
    client = aws.client("lambda")
    for name in ("reward", arn, f"{arn}:$LATEST"):
        answer = client.invoke(FunctionName=name, Payload=json.dumps([{"id": "a"}]))
        assert json.loads(answer["Payload"].read()) == {"statusCode": 200, "body": '["a"]'}
    assert client.get_function(FunctionName=arn)["Configuration"]["FunctionArn"] == arn
    assert client.get_function_configuration(FunctionName="reward")["State"] == "Active"
    assert "lambda:Invoke" in [call.name for call in aws.log.writing()]


def test_a_function_that_raises_answers_as_lambda_does(aws):
    def handler(event, context):
        raise KeyError("reference_answer")

    aws.functions.add("reward", handler)
    answer = aws.client("lambda").invoke(FunctionName="reward", Payload=b"[]")
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    failure = json.loads(answer["Payload"].read())
    assert failure["errorType"] == "KeyError"
    assert "reference_answer" in failure["errorMessage"]


def test_an_unknown_function_is_not_found(aws):
    client = aws.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="nobody"):
        client.invoke(FunctionName="nobody", Payload=b"[]")
    with pytest.raises(ClientError):
        client.get_function(FunctionName="nobody")


def test_the_simulation_reads_the_roles_policies(aws):
    role = aws.identity.add_role("reader", ALLOW_READS)
    actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    assert decisions(aws, role, actions, "arn:aws:s3:::data/key") == [
        "allowed",
        "implicitDeny",
        "explicitDeny",
    ]
    assert decisions(aws, role, ["s3:GetObject"], "arn:aws:s3:::other/key") == ["implicitDeny"]
    assert decisions(aws, aws.role, ["ec2:CreateNetworkInterface"]) == ["allowed"]
    aws.identity.denied.add("ec2:CreateNetworkInterface")
    assert decisions(aws, aws.role, ["ec2:CreateNetworkInterface"]) == ["explicitDeny"]
    with pytest.raises(ClientError, match="cannot be found"):
        decisions(aws, role.replace("reader", "nobody"), ["s3:GetObject"])


def test_the_simulation_knows_nothing_of_what_a_condition_asks(aws):
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}
    condition = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
    policy = {"Version": "2012-10-17", "Statement": [{**read, "Condition": condition}]}
    role = aws.identity.add_role("reader", json.dumps(policy))
    results = aws.client("iam").simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=["arn:aws:s3:::data/key"],
    )["EvaluationResults"]
    assert [(row["EvalDecision"], row["MissingContextValues"]) for row in results] == [
        ("implicitDeny", ["aws:SourceVpc"]),
        ("implicitDeny", []),
    ]
    need = Need("s3:GetObject", "arn:aws:s3:::data/key", {"aws:SourceVpc": "vpc-1"})
    assert aws.identity.lacks(role, need) == ""
    assert aws.identity.lacks(role, Need(need.action, need.resource)) == (
        f"{role} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::data/key"
    )
    aws.account.client("iam").delete_role_policy(RoleName="reader", PolicyName="policy")
    assert decisions(aws, role, ["s3:GetObject"], "arn:aws:s3:::data/key") == ["implicitDeny"]


def test_a_stack_makes_a_bucket_and_a_role_that_the_account_knows(aws):
    stacks = aws.client("cloudformation")
    about = {"StackName": "stack", "ChangeSetName": "first"}
    stacks.create_change_set(
        **about,
        ChangeSetType="CREATE",
        TemplateBody=json.dumps(TEMPLATE),
        Parameters=[{"ParameterKey": "Name", "ParameterValue": "made-bucket"}],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stacks.get_waiter("change_set_create_complete").wait(**about, WaiterConfig={"Delay": 0})
    changes = stacks.describe_change_set(**about)["Changes"]
    assert {one["ResourceChange"]["Action"] for one in changes} == {"Add"}
    stacks.execute_change_set(**about)
    stacks.get_waiter("stack_create_complete").wait(StackName="stack", WaiterConfig={"Delay": 0})
    (made,) = stacks.describe_stacks(StackName="stack")["Stacks"]
    role = made["Outputs"][0]["OutputValue"]
    assert decisions(aws, role, ["s3:GetObject"], "arn:aws:s3:::data/key") == ["allowed"]
    assert aws.client("s3").head_bucket(Bucket="made-bucket")
    stacks.delete_stack(StackName="stack")
    with pytest.raises(ClientError):
        aws.client("s3").head_bucket(Bucket="made-bucket")


def readers(bucket):
    """A stack whose role and managed policy may read the bucket that its parameter names."""
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Ref": "Read"}}],
    }
    role = TEMPLATE["Resources"]["Role"]
    properties = {
        **role["Properties"],
        "Policies": [{"PolicyName": "reads", "PolicyDocument": document}],
    }
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    return {
        "TemplateBody": json.dumps(
            {
                "Parameters": {"Read": {"Type": "CommaDelimitedList"}},
                "Resources": {
                    "Role": {**role, "Properties": properties},
                    "Policy": policy,
                    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "kept"}},
                },
                "Outputs": {"Policy": {"Value": {"Ref": "Policy"}}},
            }
        ),
        "Parameters": [{"ParameterKey": "Read", "ParameterValue": f"arn:aws:s3:::{bucket}/*"}],
    }


def change(aws, kind, name, **planned):
    """Plan and execute a change set; the changes as listed."""
    stacks = aws.client("cloudformation")
    about = {"StackName": "stack", "ChangeSetName": name}
    stacks.create_change_set(
        **about, ChangeSetType=kind, Capabilities=["CAPABILITY_NAMED_IAM"], **planned
    )
    changes = [one["ResourceChange"] for one in stacks.describe_change_set(**about)["Changes"]]
    stacks.execute_change_set(**about)
    return [(one["Action"], one["LogicalResourceId"]) for one in changes]


def test_other_parameters_of_a_stack_change_what_refers_to_them(aws):
    change(aws, "CREATE", "first", **readers("one"))
    assert change(aws, "UPDATE", "second", **readers("two")) == [
        ("Modify", "Role"),
        ("Modify", "Policy"),
    ]
    role = "arn:aws:iam::123456789012:role/made"
    assert decisions(aws, role, ["s3:GetObject"], "arn:aws:s3:::one/k", "arn:aws:s3:::two/k") == [
        "implicitDeny",
        "allowed",
    ]
    (stack,) = aws.client("cloudformation").describe_stacks(StackName="stack")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    policy = stack["Outputs"][0]["OutputValue"]
    iam = aws.client("iam")
    version = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=policy, VersionId=version)["PolicyVersion"]
    assert document["Document"]["Statement"][0]["Resource"] == ["arn:aws:s3:::two/*"]


def test_a_stack_is_changed_time_and_again(aws):
    change(aws, "CREATE", "first", **readers("b0"))
    for number in range(1, 7):
        change(aws, "UPDATE", f"n{number}", **readers(f"b{number}"))
    role = "arn:aws:iam::123456789012:role/made"
    assert decisions(aws, role, ["s3:GetObject"], "arn:aws:s3:::b6/k") == ["allowed"]
    stacks = aws.client("cloudformation")
    about = {"StackName": "stack", "ChangeSetName": "same"}
    stacks.create_change_set(**about, ChangeSetType="UPDATE", **readers("b6"))
    same = stacks.describe_change_set(**about)
    assert (same["Status"], same.get("Changes", [])) == ("FAILED", [])
    with pytest.raises(ClientError, match="does not exist"):
        stacks.execute_change_set(StackName="stack", ChangeSetName="none-such")


def test_identity_secrets_logs_and_machines_are_motos(aws):
    assert aws.client("sts").get_caller_identity()["Account"] == "123456789012"
    secrets = aws.client("secretsmanager")
    secrets.create_secret(Name="token", SecretString="hf_secret")
    assert secrets.get_secret_value(SecretId="token")["SecretString"] == "hf_secret"
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="group")
    assert logs.describe_log_groups()["logGroups"]
    machines = aws.client("ec2").describe_instance_types(InstanceTypes=["g5.2xlarge"])
    assert machines["InstanceTypes"][0]["VCpuInfo"]["DefaultVCpus"] == 8


def test_large_objects_go_through_in_parts(aws, tmp_path):
    aws.bucket("data")
    path = tmp_path / "large"
    content = bytes(range(256)) * (1 << 16)
    path.write_bytes(content)
    s3 = aws.client("s3")
    s3.upload_file(str(path), "data", "large")
    assert s3.head_object(Bucket="data", Key="large")["ContentLength"] == len(content)
    s3.download_file("data", "large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == content
    assert len(aws.log.calls("UploadPart")) == 2


def test_a_bucket_answers_its_owner_and_encryption(aws):
    aws.bucket("data", {"key": b"body"})
    s3 = aws.client("s3")
    s3.put_bucket_encryption(
        Bucket="data",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
    )
    rules = s3.get_bucket_encryption(Bucket="data")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert s3.head_object(Bucket="data", Key="key", ChecksumMode="ENABLED")


def test_nothing_of_one_test_is_left_for_the_next(aws):
    aws.bucket("data")
    aws.hubs.publish("my-model", {})
    aws.functions.add("reward", lambda event, context: None)
    aws.inject("", "failed", times=None)
    aws.clear()
    assert [b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]] == [
        "jumpstart-cache-prod-us-east-1"
    ]
    with pytest.raises(ClientError, match="my-model"):
        aws.client("sagemaker").describe_hub_content(
            HubName="SageMakerPublicHub", HubContentType="Model", HubContentName="my-model"
        )
    with pytest.raises(ClientError, match="reward"):
        aws.client("lambda").invoke(FunctionName="reward")


def test_what_passes_the_endpoint_by_is_caught(aws):
    import urllib.error
    import urllib.request

    fresh = urllib.request.build_opener()  # the global one may be older than the environment
    with pytest.raises(urllib.error.URLError):
        fresh.open("https://sts.us-east-1.amazonaws.com", timeout=5)
    assert aws.trap.hosts == ["sts.us-east-1.amazonaws.com:443"]


def test_a_shell_gets_an_account_too():
    import subprocess
    import sys

    with subprocess.Popen(
        [sys.executable, "-m", "tests.aws_account"],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as shell:
        lines = [shell.stdout.readline() for _ in range(3)]
        while not shell.stdout.readline().startswith("# role"):
            pass
        shell.stdin.write("1 / 0\nprint(aws.jobs.all(), courses.STARTING.secondary)\n")
        shell.stdin.flush()
        assert shell.stdout.readline() == "[] Starting\n"
        shell.stdin.close()
        assert shell.wait(timeout=60) == 0
    assert lines[0].startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:")
