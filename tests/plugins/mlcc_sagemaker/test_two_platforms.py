"""The same commands on this machine and on SageMaker; only places differ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.plugins.mlcc_sagemaker import rewards
from tests.plugins.mlcc_sagemaker.conftest import PROMPT, ROWS, lines, make_order
from tests.plugins.mlcc_sagemaker.test_whole_loop import deploy_and_ask

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")
pytest.importorskip("trl")

REWARDS = Path(rewards.__file__)
JUDGE = ("--judge-url", "http://127.0.0.1:9/v1")
"""On this machine a prompt's place is its file and the judge that reads it."""

COMMON = {
    "sft": ("--max-seq-length", "512", "--batch-size", "8"),
    "dpo": ("--max-seq-length", "512", "--batch-size", "16"),
    "rlvr": ("--max-prompt-length", "128", "--max-response-length", "128", "--batch-size", "128"),
    "rlaif": ("--max-prompt-length", "128", "--max-response-length", "128", "--batch-size", "128"),
}
ALL = ("--epochs", "1", "--learning-rate", "5e-5", "--lora-rank", "8", "--lora-alpha", "16")


def places(technique, account, folder):
    """What differs: dataset and evaluator, here and there."""
    here, there = [], []
    dataset = folder / f"{technique}.jsonl"
    dataset.write_bytes(lines(technique))
    here += ["--platform", "local", "--dataset", str(dataset)]
    there += ["--platform", "sagemaker", "--dataset", f"s3://data/{technique}.jsonl"]
    if technique == "rlvr":
        arn = account.functions.add("rewards", rewards.lambda_handler)
        here += ["--reward-function", str(REWARDS)]
        there += ["--reward-function", arn]
    if technique == "rlaif":
        prompt = folder / "judge.txt"
        prompt.write_text("Score: {reply}")
        here += ["--reward-prompt", str(prompt), *JUDGE]
        there += ["--reward-prompt", PROMPT]
    return here, there


@pytest.mark.slow
@pytest.mark.parametrize("technique", COMMON)
def test_one_command_for_both(ready, account, tmp_path, monkeypatch, technique):
    here, there = places(technique, account, tmp_path)
    words = ("tune", "--technique", technique, *ALL, *COMMON[technique], "--dry-run", "--json")
    remote = ready(*words, *there)
    assert remote.code == 0, remote
    monkeypatch.setenv("MODEL_ID", "mlcc-tiny")
    local = ready(*words, *here)
    assert local.code == 0, local
    plans = [json.loads(ran.out)["plan"] for ran in (local, remote)]
    assert [plan["platform"] for plan in plans] == ["local", "sagemaker"]
    for same in ("technique", "training_type"):
        assert plans[0][same] == plans[1][same]
    assert sorted(map(float, plans[0]["hyperparameters"].values())) == sorted(
        map(float, plans[1]["hyperparameters"].values())
    )
    for same in ("columns", "dropped", "strategies"):
        assert plans[0]["dataset"][same] == plans[1]["dataset"][same]


def test_the_same_reward_file_scores_on_both(account, context, platform):
    from mlcc_core.contract.rewards.reward import load_function, try_reward_function

    account.functions.add("reward", rewards.lambda_handler)
    rows = [ROWS["rlvr"]] * 3
    spec = make_order(account, "rlvr")
    remote = platform.runner.try_evaluator(
        context, spec, platform.runner.build_request(context, spec), rows
    )
    local = try_reward_function(load_function(str(REWARDS)), rows)
    assert remote == [line.replace(f"{REWARDS}:lambda_handler", "reward") for line in local]
    assert "from 0 to 1" in remote[0]
    assert platform.runner.why_untried(context, spec) == "Lambda bills each call"
    prompt = make_order(account, "rlaif")
    assert platform.runner.why_untried(context, prompt) == "the job alone asks its judge"


def test_a_dataset_of_this_machine_is_staged_to_s3(deployed, account, tmp_path):
    dataset = tmp_path / "train.jsonl"
    dataset.write_bytes(lines("sft"))
    words = ("tune", "--technique", "sft", "--dataset", str(dataset), "--poll-interval", "0.01")
    ran = deployed(*words)
    assert ran.code == 0, ran
    request = account.log.only("CreateTrainingJob").params
    job = request["TrainingJobName"]
    uri = request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    [staged] = account.objects(bucket, key).values()
    assert [json.loads(line) for line in staged.splitlines()] == [ROWS["sft"]] * 12
    deploy_and_ask(deployed, account, "sft", job, lora=True)
    again = deployed(*words, "--force")
    assert again.code == 0, again
    assert "Already staged, 12 rows" in again.err
