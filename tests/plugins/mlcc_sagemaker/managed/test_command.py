"""``mlcc evaluate --managed`` at the terminal: one kind of evaluation after the other."""

from __future__ import annotations

import json

import pytest

from tests.aws_account.services.foundations import NOVA
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import ROWS

MANAGED = ("evaluate", "--managed", "--json", "--poll-interval", "0.02")
BENCHMARK = (*MANAGED, "--benchmark", "mmlu:anatomy")


@pytest.fixture
def rows(tmp_path):
    """A file of questions that no run was trained on."""
    path = tmp_path / "questions.jsonl"
    questions = [{"prompt": f"{n} + 9 =", "completion": str(n + 9)} for n in range(40)]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in questions))
    return path


def sent(account):
    """Evaluations that were created, by whether they measure the run."""
    calls = [call.params for call in account.log.calls("CreateTrainingJob")]
    return [call for call in calls if call["ServerlessJobConfig"]["JobType"] == "Evaluation"]


def test_a_benchmark_is_one_job_a_model(mlcc, account, run):
    ran = mlcc(*BENCHMARK)
    assert ran.code == 0, ran
    tuned, base = sent(account)
    assert "SourceModelPackageArn" in tuned["ModelPackageConfig"]
    assert "ModelPackageConfig" not in base
    for job in (tuned, base):
        assert job["ServerlessJobConfig"]["EvaluationType"] == "BenchmarkEvaluation"
        assert (job["HyperParameters"]["task"], job["HyperParameters"]["subtask"]) == (
            *("mmlu", "anatomy"),
        )
    [found] = json.loads(ran.out)["evaluations"]
    assert found["job"] == run
    assert (found["metrics"][0]["mean"], found["metrics"][0]["against"]) == (0.625, 0.5)
    account.log.clear()
    again = mlcc(*BENCHMARK)
    assert again.code == 0, again
    assert sent(account) == []
    shown = mlcc("runs", "show", run)
    assert "benchmark mmlu:anatomy" in shown.out


def test_a_judge_reads_replies_that_were_made_once(mlcc, account, run, rows):
    judged = (*MANAGED, "--judge", NOVA, "--dataset", str(rows), "--technique", "sft")
    ran = mlcc(*judged, "--metric", "Correctness")
    assert ran.code == 0, ran
    kinds = [job["ServerlessJobConfig"]["EvaluationType"] for job in sent(account)]
    assert sorted(kinds) == ["BenchmarkEvaluation"] * 2 + ["LLMAJEvaluation"] * 2
    [found] = json.loads(ran.out)["evaluations"]
    assert found["settings"]["judge"] == NOVA
    assert found["metrics"][0]["rows"] == 40
    account.log.clear()
    ran = mlcc(*judged, "--metric", "Helpfulness")
    assert ran.code == 0, ran
    kinds = [job["ServerlessJobConfig"]["EvaluationType"] for job in sent(account)]
    assert kinds == ["LLMAJEvaluation"] * 2, "the replies were there"


def test_the_reward_function_of_the_run_scores(mlcc, account, rows):
    account.jobs.course = courses.at_once()
    tuned = mlcc(
        *("tune", "s3://data/rlvr.jsonl", "--technique", "rlvr"),
        *("--reward-function", account.reward_arn),
    )
    assert tuned.code == 0, tuned
    trained = account.log.only("CreateTrainingJob").params["ServerlessJobConfig"]["EvaluatorArn"]
    account.log.clear()
    path = rows.with_name("scored.jsonl")
    question = ROWS["rlvr"]["prompt"][0]
    path.write_text(
        "".join(
            json.dumps(
                {"prompt": [{**question, "content": f"{n} + 1 ="}], "reference_answer": str(n + 1)}
            )
            + "\n"
            for n in range(40)
        )
    )
    ran = mlcc(*MANAGED, "--metric", "reward", "--dataset", str(path))
    assert ran.code == 0, ran
    assert {job["ServerlessJobConfig"]["EvaluatorArn"] for job in sent(account)} == {trained}
    [found] = json.loads(ran.out)["evaluations"]
    assert found["settings"]["managed"] == "scorer"


def test_a_price_is_told_with_the_tokens_or_their_lack(mlcc, account, run, rows):
    words = ("evaluate", "--managed", "--judge", NOVA, "--dataset", str(rows))
    ran = mlcc(*words, "--technique", "sft", "--dry-run")
    assert ran.code == 0, ran
    assert "no price is published" in ran.out + ran.err
    refused = mlcc(*words, "--technique", "sft", "--max-cost", "5")
    assert refused.code == 1
    assert "❌ --max-cost 5 cannot be kept" in refused.err
    assert sent(account) == []


def test_a_job_that_another_process_began_is_proven(mlcc, account, run):
    account.jobs.course = courses.runs_on()
    begun = mlcc(*BENCHMARK, "--no-wait")
    assert begun.code == 0, begun
    job = next(each for each in account.jobs.all() if "-eval-" in each.name)
    job.request["HyperParameters"]["task"] = "gpqa"
    record = mlcc.project / ".mlcc" / "evaluation-jobs" / f"{job.name}.json"
    told = json.loads(record.read_text())
    record.write_text(json.dumps({**told, "submission": "sent"}))
    ran = mlcc(*BENCHMARK)
    assert ran.code == 2, ran
    assert f"The job {job.name} is not what was sent" in ran.err


def test_the_request_of_the_plan_is_sent(mlcc, account, run):
    plan = json.loads(mlcc(*BENCHMARK, "--dry-run").out)["managed"][0]["jobs"]
    assert sent(account) == []
    ran = mlcc(*BENCHMARK)
    assert ran.code == 0, ran
    planned = [{"TrainingJobName": j["job"], **j["request"]["CreateTrainingJob"]} for j in plan]
    assert sent(account) == planned


def test_the_price_stays_with_the_evaluation_and_tokens_where_they_are_told(mlcc, account, run):
    ran = mlcc(*BENCHMARK)
    assert ran.code == 0, ran
    [found] = json.loads(ran.out)["evaluations"]
    assert [charge["what"] for charge in found["cost"]] == [
        f"evaluation job, for {run}",
        "evaluation job, for base",
    ]
    assert found["spent"] == [], "nothing was told"
    for job in account.jobs.all():
        job.record["BillableTokenCount"] = 2_048
    [again] = json.loads(mlcc(*BENCHMARK).out)["evaluations"]
    assert again["cost"] == found["cost"]
    assert [(charge["quantity"], charge["price"]) for charge in again["spent"]] == [
        (0.002048, None),
        (0.002048, None),
    ]


def test_two_runs_share_the_job_of_their_base(mlcc, account, run):
    more = mlcc("tune", "s3://data/sft.jsonl", "--technique", "sft", "--epochs", "2", "--force")
    assert more.code == 0, more
    account.log.clear()
    other = next(job.name for job in account.jobs.all() if job.name != run)
    ran = mlcc(*MANAGED, run, other, "--benchmark", "gpqa")
    assert ran.code == 0, ran
    assert len(sent(account)) == 3
    assert [each["job"] for each in json.loads(ran.out)["evaluations"]] == [run, other]
    account.log.clear()
    ran = mlcc(*MANAGED, run, "--against", other, "--benchmark", "gpqa")
    assert ran.code == 0, ran
    assert sent(account) == []


def test_a_job_that_may_not_be_created(mlcc, account, run):
    account.jobs.course = courses.completes()
    account.inject("sagemaker:CreateTrainingJob", "denied", after=1)
    ran = mlcc(*MANAGED, "--benchmark", "bbh")
    assert ran.code == 3, ran
    assert ran.err.count("❌") == 1
    [first] = [job.name for job in account.jobs.all() if "-eval-" in job.name]
    assert f"{first} goes on; end it: mlcc stop {first}" in ran.err
    account.faults.clear()
    listed = mlcc("runs", "list")
    command = next(line for line in listed.out.splitlines() if first in line)
    words = command.partition("goes on with: ")[2].split()
    ran = mlcc(*words[1:])
    assert ran.code == 0, ran
    assert len(sent(account)) == 3, "the refused one, and one for each model"
    assert first not in mlcc("runs", "list").out
