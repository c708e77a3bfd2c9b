"""What each permission of the stack is for: a command that fails, or warns, without it.

A new action of the template has its line here, in the scene whose state its command begins with.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.plugins.mlcc_sagemaker.aws.flows import (
    ASK_IMPORTED,
    IMPORT,
    JOBS,
    MANAGED,
    NETWORK,
    SCORED,
    TOKEN,
    TOKEN_OF_HUB,
    TUNE,
    Step,
)

FAILS, WARNS, NOTES = "❌", "⚠️", "ℹ️"
UNPRICED = "How many a judge reads and writes"
"""Begins the line under a 💰 that says why there is no price."""


@dataclass(frozen=True)
class Lack:
    """One action of one statement that is taken away.

    Attributes:
        action: ``Sid action``.
        step: the command that misses it.
        mark: of the line that names it.
        fails: the command fails; else it does without, and the line is a warning or a note.
    """

    action: str
    step: Step
    mark: str = FAILS
    fails: bool = True


def lack(action: str, line: str, mark: str = FAILS, typed: str = "") -> Lack:
    return Lack(action, Step(line, typed=typed), mark, mark == FAILS)


DRY = f"{TUNE} sft --dataset s3://data/sft.jsonl --dry-run"
SFT = f"{TUNE} sft --dataset s3://data/sft.jsonl"
LOCAL = f"{TUNE} dpo --dataset dpo.jsonl"
PRIVATE = f"{TUNE} sft --dataset hf://org/sums --dry-run --force"
RLVR = f"{TUNE} rlvr {SCORED}"
RLAIF = f"{TUNE} rlaif --dataset s3://data/rlaif.jsonl --reward-prompt s3://data/judge.txt"
TOLD = f"{SFT} --notify {{topic}}"

SPARED = (
    "TuneBucket s3:AbortMultipartUpload",
    "TuneBucketUploads s3:ListBucketMultipartUploads",
    "Tune sagemaker:DescribeMlflowTrackingServer",
    "ImportRole iam:GetRole",
)
"""Commands do as well without these, and say no word: the bucket's own rule removes the parts of
uploads that were cut off after a day, the console's address is told for the MLflow server's, and
Bedrock itself refuses a role that it cannot take."""

PRINTED = ("Rules events:RemoveTargets", "Rules events:DeleteRule")
"""The commands take these that end notifications, which mlcc prints for the user to run: who may
make a rule that stays may take it down."""

FRESH = (
    lack("Role iam:GetRole", "doctor", WARNS),
    lack("Role iam:SimulatePrincipalPolicy", f"{RLVR} --dry-run", WARNS),
    lack("Hub sagemaker:DescribeHubContent", DRY),
    lack("Hub sagemaker:ListHubContents", "catalog diff"),
    lack("Prices pricing:GetProducts", f"{RLAIF} --dry-run", UNPRICED),
    lack("Judges bedrock:GetFoundationModel", f"{RLAIF} --dry-run", WARNS),
    lack("Look sagemaker:ListEndpoints", "undeploy --expired"),
    lack("Look sagemaker:ListMlflowApps", DRY, WARNS),
    lack("Look sagemaker:ListMlflowTrackingServers", DRY, WARNS),
    lack("Look sagemaker:ListTrainingJobs", SFT),
    lack("Deploy sagemaker:DescribeEndpoint", DRY, WARNS),
    lack("Datasets s3:GetObject", DRY),
    lack("Datasets s3:ListBucket", DRY),
    lack("Recipes s3:GetObject", DRY),
    lack("RewardFunctions lambda:GetFunctionConfiguration", f"{RLVR} --dry-run", WARNS),
    lack("RewardFunctions lambda:InvokeFunction", RLVR),
    lack("TuneBucket s3:PutObject", LOCAL),
    lack("Tune sagemaker:DescribeModelPackageGroup", SFT),
    lack("Tune sagemaker:CreateModelPackageGroup", SFT),
    lack("Tune sagemaker:AddTags", SFT),
    lack("Tune sagemaker:CreateTrainingJob", SFT),
    lack("RoleOfJobsAndEndpoints iam:PassRole", SFT),
    lack("Topics sns:GetTopicAttributes", TOLD),
    lack("RulesThatThereAre events:ListRules", TOLD),
    lack("Rules events:PutRule", TOLD),
    lack("TopicsOfRules events:PutTargets", TOLD),
    lack("Hub sagemaker:DescribeHub", RLVR),
    lack("Tune sagemaker:CreateHub", RLVR),
    lack("Tune sagemaker:ImportHubContent", RLVR),
    lack("Import bedrock:ListImportedModels", "undeploy --orphans", NOTES),
    lack("Import bedrock:CreateModelImportJob", IMPORT),
    lack("Import bedrock:ListModelImportJobs", IMPORT),
    lack("ImportedModels bedrock:GetImportedModel", IMPORT),
    lack("ImportedModels bedrock:GetModelImportJob", IMPORT),
    lack("ImportedModels bedrock:TagResource", IMPORT),
    lack("RoleOfImports iam:PassRole", IMPORT),
    lack("Secrets secretsmanager:DescribeSecret", "secrets set", typed=TOKEN),
    lack("Secrets secretsmanager:CreateSecret", "secrets set", typed=TOKEN),
)
"""Without anything that was made."""

TUNED = (
    lack("Tune sagemaker:DescribeTrainingJob", "stop sft"),
    lack("Tune sagemaker:StopTrainingJob", "stop sft"),
    lack("Logs logs:DescribeLogStreams", "logs sft"),
    lack("Logs logs:GetLogEvents", "logs sft"),
    Lack("Secrets secretsmanager:GetSecretValue", Step(PRIVATE), NOTES),
    lack("Secrets secretsmanager:PutSecretValue", "secrets set", typed=TOKEN),
    lack("Secrets secretsmanager:DeleteSecret", "secrets remove"),
    lack("Deploy sagemaker:DescribeEndpointConfig", "deploy --yes"),
    lack("Deploy sagemaker:CreateEndpointConfig", "deploy --yes"),
    lack("Deploy sagemaker:AddTags", "deploy --yes"),
    lack("Deploy sagemaker:CreateEndpoint", "deploy --yes"),
    lack("Deploy sagemaker:DescribeModel", "deploy --yes"),
    lack("Deploy sagemaker:CreateModel", "deploy --yes"),
    lack("Deploy sagemaker:DescribeInferenceComponent", "deploy --yes"),
    lack("Deploy sagemaker:CreateInferenceComponent", "deploy --yes"),
)
"""A job that runs on, and a secret."""

DEPLOYED = (
    lack("Secrets secretsmanager:RestoreSecret", "secrets set", typed=TOKEN),
    lack("Tune sagemaker:DescribeModelPackage", f"{MANAGED} sft --benchmark mmlu"),
    lack("Deploy sagemaker:ListTags", "undeploy --expired"),
    lack("Look sagemaker:ListInferenceComponents", "adapter list"),
    lack("Deploy sagemaker:InvokeEndpoint", "evaluate sft --metric exact_match"),
    lack("Deploy sagemaker:InvokeEndpointWithResponseStream", "chat tuned", NOTES, "Hello"),
    lack("Deploy sagemaker:UpdateInferenceComponent", "adapter update tuned --weights {other}"),
    lack("Deploy sagemaker:DeleteInferenceComponent", "adapter remove tuned"),
    lack("Deploy sagemaker:DeleteEndpoint", "undeploy --yes"),
    lack("Look sagemaker:ListModels", "undeploy --yes"),
    lack("Deploy sagemaker:DeleteModel", "undeploy --yes"),
    lack("Deploy sagemaker:DeleteEndpointConfig", "undeploy --yes"),
)
"""The base, an adapter of a job that is over, and a secret that was removed."""

CUT_OFF = (lack("Tune sagemaker:ListTags", JOBS),)
"""A job on an instance that died."""

ON_INSTANCES = (lack("OutputsOfJobs s3:DeleteObject", "runs remove sft --yes"),)
"""A job on instances that is over."""

IMPORTED = (
    lack("ImportedModels bedrock:InvokeModel", ASK_IMPORTED),
    lack("ImportedModels bedrock:InvokeModelWithResponseStream", "chat imported", NOTES, "Hello"),
    lack("ImportedModels bedrock:ListTagsForResource", "adapter remove imported"),
    lack("ImportedModels bedrock:DeleteImportedModel", "adapter remove imported"),
)
"""A model that Bedrock imported, beside the base."""

APP, SERVER = {"MLFLOW_RESOURCE_ARN": "{app}"}, {"MLFLOW_RESOURCE_ARN": "{server}"}

NETWORKED = f"{SFT} --force {NETWORK}"
JUDGED = f"{MANAGED} sft --judge {{judge}} --force"

OF_ROLE = (
    lack("JudgesOfEvaluations bedrock:CreateEvaluationJob", JUDGED),
    lack("JudgesOfEvaluations bedrock:GetEvaluationJob", JUDGED),
    *(
        lack(f"{sid} {action}", f"{SFT} --force")
        for sid, actions in {
            "TuneBucket": ("s3:PutObject",),
            "Datasets": ("s3:GetObject", "s3:ListBucket"),
            "ModelsAndRecipesOfSageMaker": ("s3:GetObject", "s3:ListBucket"),
            "Hub": ("sagemaker:DescribeHubContent",),
            "ModelPackages": (
                "sagemaker:CreateModelPackage",
                "sagemaker:DescribeModelPackage",
                "sagemaker:UpdateModelPackage",
                "sagemaker:DescribeModelPackageGroup",
                "sagemaker:AddTags",
            ),
            "Logs": (
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ),
            "Metrics": ("cloudwatch:PutMetricData",),
        }.items()
        for action in actions
    ),
    *(
        lack(f"NetworkInterfaces ec2:{verb}NetworkInterface{more}", NETWORKED)
        for verb in ("Create", "Delete")
        for more in ("", "Permission")
    ),
    *(
        lack(f"Networks ec2:Describe{networks}", NETWORKED)
        for networks in ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    ),
    Lack("Mlflow sagemaker:CallMlflowAppApi", Step(f"{SFT} --force", variables=APP)),
    Lack("Mlflow sagemaker:DescribeMlflowApp", Step(f"{SFT} --force", variables=APP)),
    Lack("Mlflow sagemaker-mlflow:*", Step(f"{SFT} --force", variables=SERVER)),
    Lack(
        "Mlflow sagemaker:DescribeMlflowTrackingServer",
        Step(f"{SFT} --force", variables=SERVER),
    ),
    lack("TokenOfHub secretsmanager:GetSecretValue", TOKEN_OF_HUB, WARNS),
    lack("RewardFunctions lambda:InvokeFunction", f"{RLVR} --force"),
    lack("RewardFunctions lambda:GetFunction", f"{RLVR} --force"),
    lack("JudgeModels bedrock:InvokeModel", f"{RLAIF} --force"),
    lack("JudgeModels bedrock:InvokeModelWithResponseStream", f"{RLAIF} --force"),
    *(
        lack(action, "deploy --yes")
        for action in (
            "Login ecr:GetAuthorizationToken",
            "Images ecr:BatchCheckLayerAvailability",
            "Images ecr:BatchGetImage",
            "Images ecr:GetDownloadUrlForLayer",
        )
    ),
)
"""Of the role that jobs and endpoints have: they fail, and say why."""

OF_IMPORT_ROLE = (
    lack("Weights s3:GetObject", IMPORT),
    lack("Weights s3:ListBucket", IMPORT),
    *(
        lack(f"Networks ec2:Describe{networks}", f"{IMPORT} {NETWORK}")
        for networks in ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    ),
    *(
        lack(action, f"{IMPORT} {NETWORK}")
        for action in (
            "NewInterfaces ec2:CreateNetworkInterface",
            "PlacesOfInterfaces ec2:CreateNetworkInterface",
            "InterfacesOfImports ec2:CreateNetworkInterfacePermission",
            "InterfacesOfImports ec2:DeleteNetworkInterface",
            "InterfacesOfImports ec2:DeleteNetworkInterfacePermission",
            "TagsOfInterfaces ec2:CreateTags",
        )
    ),
)
"""Of the role that Bedrock reads weights with: imports fail, and say why."""
