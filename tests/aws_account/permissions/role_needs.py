"""The permissions of a role that SageMaker or Bedrock uses for jobs and for models.

Sources: "Prerequisites" of open-weight model customization and "How to use SageMaker AI execution
roles" in AWS's documentation. They list actions, not the moment each is taken, nor what becomes of
a job without one: here it fails, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.aws_account.account import ACCOUNT_ID, Account, Params, last_part
from tests.aws_account.hub.recipes import BUCKET
from tests.aws_account.permissions.policies import Need
from tests.aws_account.permissions.resources import sagemaker_arn

METRICS = {"cloudwatch:namespace": "/aws/sagemaker/TrainingJobs"}
SERVING_METRICS = {"cloudwatch:namespace": "/aws/sagemaker/Endpoints"}
IMAGE_ACTIONS = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
LOOKS_AT_NETWORKS = ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
MLFLOW_ACTIONS = ("GetExperimentByName", "CreateExperiment", "CreateRun", "LogBatch", "UpdateRun")


def to_train(region: str, request: Params) -> Iterator[Need]:
    """Read the model and its recipe, write a log and metrics, track the run."""
    config = request["ServerlessJobConfig"]
    yield from _hub_content(config["BaseModelArn"])
    if ":hub-content/" in config.get("EvaluatorArn", ""):
        yield from _hub_content(config["EvaluatorArn"])
    yield Need("s3:ListBucket", f"arn:aws:s3:::{BUCKET}")
    yield Need("s3:GetObject", f"arn:aws:s3:::{BUCKET}/recipes/recipe.yaml")
    yield from _logs(region, "TrainingJobs")
    yield Need("cloudwatch:PutMetricData", "*", METRICS)
    if mlflow := request.get("MlflowConfig"):
        yield from _mlflow(mlflow["MlflowResourceArn"])
    if network := request.get("VpcConfig"):
        yield from _network(region, network)


def to_train_on_instances(region: str, request: Params) -> Iterator[Need]:
    """Write a log and metrics, use the keys and the network that the request names."""
    yield from _logs(region, "TrainingJobs")
    yield Need("cloudwatch:PutMetricData", "*", METRICS)
    if key := request["OutputDataConfig"].get("KmsKeyId"):
        yield Need("kms:Encrypt", _key(region, key))
        yield Need("kms:GenerateDataKey", _key(region, key))
    if key := request.get("ResourceConfig", {}).get("VolumeKmsKeyId"):
        yield Need("kms:CreateGrant", _key(region, key))
    if network := request.get("VpcConfig"):
        yield from _network(region, network)


def to_pull(region: str, registry: str, repository: str) -> Iterator[Need]:
    """Pull an image of another account's registry."""
    image = f"arn:aws:ecr:{region}:{registry}:repository/{repository}"
    yield Need("ecr:GetAuthorizationToken")
    yield from (Need(f"ecr:{action}", image) for action in IMAGE_ACTIONS)


def _key(region: str, key: str) -> str:
    """The ARN of a KMS key that is given by ARN, id or alias."""
    if key.startswith("arn:"):
        return key
    name = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:aws:kms:{region}:{ACCOUNT_ID}:{name}"


def _hub_content(arn: str) -> Iterator[Need]:
    before, _, path = arn.partition(":hub-content/")
    yield Need("sagemaker:DescribeHubContent", f"{before}:hub/{path.partition('/')[0]}")
    yield Need("sagemaker:DescribeHubContent", arn)


def _mlflow(arn: str) -> Iterator[Need]:
    """A tracking server has an action for each of its operations, an app one for all."""
    if ":mlflow-app/" in arn:
        yield Need("sagemaker:DescribeMlflowApp", arn)
        yield Need("sagemaker:CallMlflowAppApi", arn)
        return
    yield Need("sagemaker:DescribeMlflowTrackingServer", arn)
    yield from (Need(f"sagemaker-mlflow:{action}", arn) for action in MLFLOW_ACTIONS)


def _network(region: str, config: Params) -> Iterator[Need]:
    """Put network interfaces into the subnets of a VPC, and take them out again."""
    place = f"arn:aws:ec2:{region}:{ACCOUNT_ID}"
    interface = f"{place}:network-interface/eni-0a1b2c3d"
    yield from (Need(f"ec2:Describe{what}") for what in LOOKS_AT_NETWORKS)
    yield Need("ec2:CreateNetworkInterface", interface)
    for subnet in config["Subnets"]:
        yield Need("ec2:CreateNetworkInterface", f"{place}:subnet/{subnet}")
    for group in config["SecurityGroupIds"]:
        yield Need("ec2:CreateNetworkInterface", f"{place}:security-group/{group}")
    yield Need("ec2:CreateNetworkInterfacePermission", interface)
    yield Need("ec2:DeleteNetworkInterfacePermission", interface)
    yield Need("ec2:DeleteNetworkInterface", interface)


def to_import(region: str, job: Params) -> Iterator[Need]:
    """Put interfaces into the network of an import: Bedrock's page vpc-custom-model-import.html."""
    config = job.get("vpcConfig")
    if not config:
        return
    place = f"arn:aws:ec2:{region}:{ACCOUNT_ID}"
    interface = f"{place}:network-interface/eni-0a1b2c3d"
    tags = {"BedrockManaged": "true", "BedrockModelImportJobArn": job["jobArn"]}
    asked = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    tagged = {f"ec2:ResourceTag/{name}": value for name, value in tags.items()}
    yield from (Need(f"ec2:Describe{what}") for what in LOOKS_AT_NETWORKS)
    yield Need("ec2:CreateNetworkInterface", interface, asked)
    for subnet in config["subnetIds"]:
        yield Need("ec2:CreateNetworkInterface", f"{place}:subnet/{subnet}")
    for group in config["securityGroupIds"]:
        yield Need("ec2:CreateNetworkInterface", f"{place}:security-group/{group}")
    yield Need("ec2:CreateTags", interface, {"ec2:CreateAction": "CreateNetworkInterface"})
    yield Need("ec2:CreateNetworkInterfacePermission", interface, tagged)
    yield Need("ec2:DeleteNetworkInterfacePermission", interface, tagged)
    yield Need("ec2:DeleteNetworkInterface", interface, tagged)


def to_score(region: str, source: str, judge: str) -> Iterator[Need]:
    """Invoke the reward function or the judge.

    Args:
        region: of the account.
        source: the function's ARN, or the URI of a reward prompt, or "".
        judge: the hyperparameter that names it, or "": ``bedrock/openai.gpt-oss-120b-1:0`` for
            training, ``openai.gpt-oss-120b-1:0`` for an evaluation.
    """
    if source.startswith("arn:aws:lambda:"):
        yield Need("lambda:InvokeFunction", source)
        yield Need("lambda:GetFunction", source)
    elif judge:
        model = f"foundation-model/{judge.removeprefix('bedrock/')}"
        arn = f"arn:aws:bedrock:{region}::{model}"
        yield Need("bedrock:InvokeModel", arn)
        yield Need("bedrock:InvokeModelWithResponseStream", arn)


def to_register(account: Account, group: str) -> Iterator[Need]:
    """Add the output to its model package group."""
    package = sagemaker_arn(account.region, "model-package", f"{last_part(group)}/1")
    yield Need("sagemaker:DescribeModelPackageGroup", group)
    yield Need("sagemaker:CreateModelPackage", group)
    yield Need("sagemaker:CreateModelPackage", package)
    yield Need("sagemaker:DescribeModelPackage", package)
    yield Need("sagemaker:UpdateModelPackage", package)
    yield Need("sagemaker:AddTags", package)


def to_serve(region: str) -> Iterator[Need]:
    """Pull the image, write a log and metrics."""
    yield from to_pull(region, "763104351884", "djl-inference")
    yield from _logs(region, "Endpoints")
    yield Need("cloudwatch:PutMetricData", "*", SERVING_METRICS)


def _logs(region: str, group: str) -> Iterator[Need]:
    arn = f"arn:aws:logs:{region}:{ACCOUNT_ID}:log-group:/aws/sagemaker/{group}"
    yield Need("logs:CreateLogGroup", arn)
    yield Need("logs:CreateLogStream", f"{arn}:log-stream:one")
    yield Need("logs:DescribeLogStreams", arn)
    yield Need("logs:PutLogEvents", f"{arn}:log-stream:one")
