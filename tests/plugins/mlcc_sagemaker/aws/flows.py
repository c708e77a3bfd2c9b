"""The product from one end to the other: commands that together take every permission.

A new feature that calls AWS adds the commands that do so: a line each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.aws_account.training import courses
from tests.aws_account.training.courses import Course
from tests.plugins.mlcc_sagemaker.conftest import LLAMA
from tests.plugins.mlcc_sagemaker.instances.job.courses import loses_an_instance

DONE = courses.at_once()


@dataclass(frozen=True)
class Step:
    """A command as it is typed, without ``mlcc``.

    Attributes:
        line: its words; ``{reward}`` stands for a function's ARN, ``{dpo}`` for what the job of
            that technique left, ``{whole}`` for a whole model.
        code: its exit code.
        typed: what is typed, or piped in.
        course: how a job goes that it creates.
        variables: of the environment; ``{server}`` and ``{app}`` stand for ARNs of MLflow.
    """

    line: str
    code: int = 0
    typed: str = ""
    course: Course = DONE
    variables: Mapping[str, str] = field(default_factory=dict)


TUNE = "tune --poll-interval 0.01 --technique"
MANAGED = "evaluate --managed --poll-interval 0.01"
TOKEN = "hf_secretsecretsecret"
SCORED = "--dataset s3://data/rlvr.jsonl --reward-function {reward}"
NETWORK = "--subnets subnet-0a1b2c3d --security-groups sg-0a1b2c3d"
IMPORT = "deploy --to bedrock --model-data {whole} --name imported --yes"
ASK_IMPORTED = (
    "evaluate imported --against base --technique sft --dataset s3://data/sums.jsonl --samples 3 "
    "--metric exact_match"
)
SUMS = "--dataset s3://data/sums.jsonl --validation 20"
JOBS = f"{TUNE} sft {SUMS} --platform sagemaker_jobs --model mlcc-tiny --instance-type ml.g5.xlarge"
LOST = Step(f"{JOBS} --force", code=3, course=loses_an_instance())
"""A job on an instance that dies."""
TOKEN_OF_HUB = "container token"
"""Stands for the container of a job that reads the token of the Hub."""

OWN = "deploy --yes --instance-type ml.g6.2xlarge"

FLOWS: tuple[Step, ...] = (
    Step("doctor"),
    # the token for private datasets, stored, removed, and restored while it can be
    Step("secrets set", typed=TOKEN),
    Step("secrets check"),
    Step("secrets remove"),
    Step("secrets set", typed=TOKEN),
    Step("tune --technique sft --dataset hf://org/sums --dry-run"),
    Step("catalog diff"),
    # jobs: of each technique, with data in place and staged, LoRA and full-rank
    Step(f"{TUNE} sft {SUMS} --dry-run"),
    Step(f"{TUNE} sft {SUMS}"),
    Step(f"{TUNE} dpo --dataset dpo.jsonl --training-type full-rank"),
    Step(f"{TUNE} rlvr {SCORED}"),
    Step(f"{TUNE} rlaif --dataset s3://data/rlaif.jsonl --reward-prompt s3://data/judge.txt"),
    # jobs that tell an MLflow server, or an app, how they go
    Step(f"{TUNE} sft {SUMS} --force", variables={"MLFLOW_RESOURCE_ARN": "{app}"}),
    Step(f"{TUNE} sft {SUMS} --force", variables={"MLFLOW_RESOURCE_ARN": "{server}"}),
    # a job in networks of the user's own, whose end a topic is told, until that is removed
    Step(f"{TUNE} sft {SUMS} --force {NETWORK} --notify {{topic}}"),
    Step("aws events remove-targets --rule {rule} --ids {rule}-sns-target"),
    Step("aws events delete-rule --name {rule}"),
    # a job that goes on from another one
    Step(f"{TUNE} rlvr {SCORED} --from-tune sft --force"),
    # evaluations as jobs
    Step(f"{MANAGED} sft --benchmark mmlu"),
    Step(f"{MANAGED} sft --judge {{judge}}"),
    Step(f"{MANAGED} rlvr --metric reward --dataset s3://data/other.jsonl"),
    # an upload in several parts that a wrong row ends
    Step(f"{TUNE} sft --dataset large.jsonl --force", code=1),
    # a job that is looked at and stopped
    Step(f"{TUNE} rlvr {SCORED} --force --no-wait", course=courses.runs_on()),
    Step("tune --status"),
    Step("logs rlvr"),
    Step("stop rlvr"),
    Step("runs list"),
    # the base model, what is put beside it, and what is asked
    Step("deploy --yes"),
    Step("adapter add tuned --from-tune sft"),
    Step("add-ic whole --from-tune dpo"),
    Step("adapter list"),
    Step("test --adapter tuned --prompt Hello"),
    Step("chat tuned", typed="Hello\n"),
    Step("evaluate sft --metric exact_match"),
    Step("evaluate sft --metric judge --judge whole"),
    Step("export sft --to exported --form adapter --prompts 0"),
    # a model that Bedrock imports through the user's networks, beside them
    Step(f"{IMPORT} {NETWORK}"),
    Step("adapter list"),
    Step("chat imported", typed="Hello\n"),
    Step(ASK_IMPORTED),
    Step("adapter update tuned --from-tune sft"),
    Step("adapter remove tuned"),
    Step("deploy --force-ic --model-data {dpo} --yes"),
    Step("undeploy --yes"),
    # an endpoint that expires
    Step("deploy --yes --expires 1m"),
    Step("runs list"),
    Step("undeploy --expired"),
    # a model that is gated: its weights are in another bucket of AWS's
    Step("deploy --yes", variables={"MODEL_ID": LLAMA, "ACCEPT_EULA": "true"}),
    # a job on instances that is cut off, goes on, and is removed; its container reads the token
    LOST,
    Step(JOBS),
    Step("runs remove sft --yes"),
    Step(TOKEN_OF_HUB),
    Step("undeploy --yes"),
    # a model of the user's own, in S3: deployed, changed in place, an adapter put on it
    Step(f"{OWN} --network-isolation", variables={"MODEL_ID": "{whole}"}),
    Step(f"{OWN} --max-lora-rank 256", variables={"MODEL_ID": "{whole}"}),
    Step("adapter add other --weights {other}", variables={"MODEL_ID": "{whole}"}),
    Step("undeploy --yes", variables={"MODEL_ID": "{whole}"}),
)
