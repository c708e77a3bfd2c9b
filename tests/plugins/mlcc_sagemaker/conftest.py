"""A project on the stand-in AWS account, with the role, bucket and endpoint that jobs take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from mlcc_core.contract.job import DatasetRef, TrainingSpec
from mlcc_core.contract.options import Evaluator, EvaluatorKind
from mlcc_core.contract.platform.values import Context
from mlcc_sagemaker import SageMaker
from mlcc_sagemaker.engine import SERVERLESS

if find_spec("sagemaker") is None:  # an extra that is not installed
    collect_ignore_glob = ["test_*.py"]

QWEN = "huggingface-reasoning-qwen3-06b"
LLAMA = "meta-textgeneration-llama-3-2-1b-instruct"
BUCKET = "mlcc-tune-123456789012-us-east-1"
DATA = "s3://data/train.jsonl"
ROWS = {
    "sft": {"prompt": "2 + 2 =", "completion": "4"},
    "dpo": {"prompt": "2 + 2 =", "chosen": "4", "rejected": "5"},
    "rlvr": {"prompt": [{"role": "user", "content": "2 + 2 ="}], "reference_answer": "4"},
    "rlaif": {"prompt": [{"role": "user", "content": "2 + 2 ="}], "reference_answer": "4"},
}
PROMPT = "s3://data/judge.txt"


def reward(event, context):
    """A reward function that keeps the contract."""
    scores = [
        {
            "id": row["id"],
            "aggregate_reward_score": float(
                row["messages"][-1]["content"] == row["reference_answer"]
            ),
        }
        for row in event
    ]
    return {"statusCode": 200, "body": json.dumps(scores)}


def lines(technique: str, rows: int = 12) -> bytes:
    return (json.dumps(ROWS[technique]) + "\n").encode() * rows


@pytest.fixture
def account(aws):
    """The account of a user who has run ``bootstrap``, with a dataset and evaluators."""
    return furnished(aws)


def furnished(aws):
    """Put into an account what :func:`account` promises."""
    aws.bucket(BUCKET)
    objects = {f"{technique}.jsonl": lines(technique) for technique in ROWS}
    aws.bucket("data", {"train.jsonl": lines("sft"), "judge.txt": b"Score: {reply}", **objects})
    aws.reward_arn = aws.functions.add("reward", reward)
    aws.log.clear()
    return aws


@pytest.fixture
def platform():
    return SageMaker(look_seconds=0.01)


def make_context(
    root: Path,
    account,
    settings: Mapping[str, str] | None = None,
    project: str = "demo",
    **more,
) -> Context:
    return Context(
        root=root,
        project=project,
        settings={
            **account.environment,
            "ROLE_ARN": account.role,
            "TUNE_S3_BUCKET": BUCKET,
            "MODEL_ID": QWEN,
            **(settings or {}),
        },
        **more,
    )


@pytest.fixture
def context(account, tmp_path):
    said: list[str] = []
    context = make_context(tmp_path, account, say=said.append)
    object.__setattr__(context, "said", said)
    return context


EVALUATOR_KINDS = {"rlvr": EvaluatorKind.FUNCTION, "rlaif": EvaluatorKind.PROMPT}


def make_order(account, technique: str = "sft", **changes) -> TrainingSpec:
    """A spec as the orchestrator makes it, with the technique's own recipe."""
    from importlib import import_module

    plugin = import_module(f"mlcc_{technique}").plugin
    recipe = plugin.mlcc_trainer("sagemaker_serverless")
    names = recipe.names(SERVERLESS, (option.key for option in plugin.options))
    evaluator = None
    if technique in EVALUATOR_KINDS:
        value = account.reward_arn if technique == "rlvr" else PROMPT
        flag = "--reward-function" if technique == "rlvr" else "--reward-prompt"
        evaluator = Evaluator(EVALUATOR_KINDS[technique], value, flag, {}, flag)
    given = {"max_epochs": 3, "learning_rate": 5e-05}
    return TrainingSpec(
        **{
            "project": "demo",
            "technique": technique,
            "trainer": recipe.trainer,
            "model": QWEN,
            "training_type": "lora",
            "hyperparameters": given,
            "hyperparameter_flags": {
                name: "--" + key.replace("_", "-") for key, name in names.items()
            },
            "trainer_settings": recipe.settings,
            "dataset": DatasetRef(DATA, "f1", 12),
            "evaluator": evaluator,
            "evaluator_argument": recipe.evaluator_argument,
            **changes,
        }
    )


@pytest.fixture
def mlcc(account, tmp_path, monkeypatch, capsys):
    """Runs ``mlcc`` in a project of this account; returns exit code, stdout and stderr."""
    from mlcc_core.cli.main import run
    from tests.plugins.mlcc_sagemaker.installed import make_installable

    folder = make_installable(tmp_path / "site")
    if folder is not None:
        monkeypatch.syspath_prepend(str(folder))
    account.changes.looks = 0
    project = tmp_path / "project"

    def command(*words: str) -> Ran:
        capsys.readouterr()
        code = run(words)
        out, err = capsys.readouterr()
        return Ran(int(code), out, err)

    made = command(
        *("init", str(project), "--platform", "sagemaker", "--model", QWEN, "--name", "demo"),
    )
    assert made.code == 0, made
    monkeypatch.setenv("MLCC_PROJECT", str(project))
    config = project / "do" / "config"
    with config.open("a") as file:
        file.write(f"export ROLE_ARN={account.role}\nexport TUNE_S3_BUCKET={BUCKET}\n")
    command.project = project
    command.config = config
    return command


@pytest.fixture
def bootstrapped(mlcc, account):
    """A project whose role and bucket a plain ``mlcc bootstrap`` made, and its base deployed."""
    s3 = account.account.client("s3")
    s3.delete_bucket(Bucket=BUCKET)
    account.bucket("my-bucket", {"train.jsonl": lines("sft")})
    set_variable(mlcc, ROLE_ARN="", TUNE_S3_BUCKET="")
    for words in (("bootstrap", "--yes"), ("deploy", "--yes")):
        ran = mlcc(*words)
        assert ran.code == 0, ran
    account.log.clear()
    return mlcc


def set_variable(mlcc, **values):
    kept = [
        line
        for line in mlcc.config.read_text().splitlines()
        if not any(line.startswith(f"export {name}=") for name in values)
    ]
    kept += [f"export {name}={value}" for name, value in values.items() if value]
    mlcc.config.write_text("\n".join(kept) + "\n")


def role_of(account, resource="ExecutionRole"):
    roles = account.account.client("iam").list_roles()["Roles"]
    return next(r["Arn"] for r in roles if r["RoleName"].startswith(f"mlcc-tune-{resource}"))


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def ready(mlcc, account):
    """The project with an endpoint in service, made by hand: all that ``tune`` looks at."""
    sagemaker = account.client("sagemaker")
    variant = {"VariantName": "v", "InstanceType": "ml.g5.2xlarge", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(
        EndpointConfigName="by-hand",
        ProductionVariants=[variant],
        ExecutionRoleArn=account.role,
    )
    sagemaker.create_endpoint(EndpointName="demo-endpoint", EndpointConfigName="by-hand")
    account.log.clear()
    return mlcc


@pytest.fixture
def deployed(mlcc, account):
    """The project with its base model deployed."""
    ran = mlcc("deploy", "--yes")
    assert ran.code == 0, ran
    account.log.clear()
    return mlcc


@pytest.fixture
def served(account, context, platform):
    """The base model in service, an adapter and a model in S3."""
    from tests.aws_account.training import outputs
    from tests.plugins.mlcc_sagemaker.artifacts import put

    put(account, "out/adapter/", outputs.adapter(QWEN, under="checkpoints/hf/"))
    put(account, "out/model/", outputs.full_model(QWEN, "checkpoints/hf_merged/"))
    account.changes.looks = 1
    platform.serving.deploy(context, None)
    account.log.clear()
    return account


@pytest.fixture
def in_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The Hub id of a model of the catalog whose tokenizer lies where downloads are kept."""
    from huggingface_hub import constants

    from mlcc_core.catalog.lookup import load_catalog
    from tests.plugins.mlcc_local.trained import train

    hub_id = load_catalog().find(QWEN).hub_id
    cache, commit = tmp_path / "hf-cache", "0" * 40
    kept = cache / f"models--{hub_id.replace('/', '--')}"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text(commit)
    train(kept / "snapshots" / commit)
    monkeypatch.setenv("HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    return hub_id
