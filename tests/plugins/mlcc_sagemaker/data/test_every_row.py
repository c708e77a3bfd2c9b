"""Every row of a dataset in S3 is validated before a job is asked for, in place or copied."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.plugins.mlcc_sagemaker.conftest import BUCKET

pytest.importorskip("sagemaker.core")
pytestmark = pytest.mark.slow

GOOD = [{"prompt": f"{n}", "completion": "c"} for n in range(500)]
LATE = [*GOOD[:299], {"prompt": "299"}, *GOOD[300:]]
TUNE = ("tune", "--poll-interval", "0.01", "--technique", "sft", "--dataset")


def jsonl(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def parquet(rows):
    sink = io.BytesIO()
    pq.write_table(
        pa.Table.from_pylist(rows, pa.schema({"prompt": "string", "completion": "string"})), sink
    )
    return sink.getvalue()


@pytest.fixture(params=["train.jsonl", "train.parquet"])
def uri(request, account):
    """A dataset whose row 300 is wrong: jobs read the lines in place, and a copy of the table."""
    data = jsonl(LATE) if request.param.endswith("jsonl") else parquet(LATE)
    account.bucket("late", {request.param: data})
    account.log.clear()
    return f"s3://late/{request.param}"


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_a_row_that_is_wrong_behind_the_first_ones(ready, account, uri, words):
    ran = ready(*TUNE, uri, *words)
    assert ran.code == 1, ran
    unit = "line" if uri.endswith("jsonl") else "row"
    assert f"{uri.rpartition('/')[2]}, {unit} 300, column 'completion': found " in ran.err
    assert account.log.calls("CreateTrainingJob") == []
    assert account.jobs.all() == []
    assert account.objects(BUCKET, "demo/datasets/") == {}
    checked = ready("check", uri, "--technique", "sft")
    assert checked.code == 1
    assert ":300, completion" in checked.out


def test_a_dry_run_uploads_nothing_and_prints_the_ledger(ready, account):
    account.bucket("good", {"train.jsonl": jsonl(GOOD), "train.parquet": parquet(GOOD)})
    for name in ("train.jsonl", "train.parquet"):
        account.log.clear()
        ran = ready(*TUNE, f"s3://good/{name}", "--dry-run")
        assert ran.code == 0, ran
        assert "📋 Rows: 500 read = 500 good + 0 left out + 0 wrong\n" in ran.out
        assert account.log.writing() == []


def test_data_in_place_is_read_once_behind_the_first_look(ready, account):
    account.bucket("good", {"train.jsonl": jsonl(GOOD * 40)})
    account.log.clear()
    ran = ready(*TUNE, "s3://good/train.jsonl")
    assert ran.code == 0, ran
    assert "📋 Rows: 20,000 read = 20,000 good + 0 left out + 0 wrong" in ran.out
    read = [call for call in account.log.calls("GetObject") if call.params["Bucket"] == "good"]
    assert 1 <= len(read) <= 4
    trained = account.log.calls("CreateTrainingJob")[-1].params
    source = trained["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    assert source["S3Uri"] == "s3://good/train.jsonl"


def test_the_first_rows_are_copied(ready, account, uri):
    ran = ready(*TUNE, uri, "--take", "299")
    assert ran.code == 0, ran
    (copied,) = [
        data for key, data in account.objects(BUCKET, "demo/datasets/").items() if key.endswith("l")
    ]
    assert [json.loads(line) for line in copied.splitlines()] == GOOD[:299]


def test_an_evaluator_that_rows_name_is_looked_for(ready, account):
    rows = [
        {"prompt": [{"role": "user", "content": f"{n}"}], "reward_model": account.reward_arn}
        for n in range(40)
    ]
    gone = account.reward_arn.replace("reward", "gone")
    tune = tuple("rlvr" if word == "sft" else word for word in TUNE)
    late = [*rows[:19], {**rows[0], "reward_model": gone}, *rows]
    account.bucket(
        "rewards",
        {"all.jsonl": jsonl([{**rows[0], "reward_model": gone}] * 3), "late.jsonl": jsonl(late)},
    )
    for words in ((), ("--dry-run",)):
        for name, line in (("all", 1), ("late", 20)):
            ran = ready(*tune, f"s3://rewards/{name}.jsonl", *words)
            assert ran.code == 1, ran
            place = (
                f"❌ {name}.jsonl, line {line}, column 'reward_model': The reward function {gone} "
            )
            assert place + "does not exist.\n" in ran.err
    assert account.jobs.all() == []


def test_a_function_that_needs_a_key_of_which_rows_have_none(ready, account):
    def needs(event, context):
        return {
            "statusCode": 200,
            "body": json.dumps(
                [{"id": e["id"], "aggregate_reward_score": e["level"]} for e in event]
            ),
        }

    arn = account.functions.add("needs", needs)
    ran = ready(
        *("tune", "--technique", "rlvr", "--dataset", "s3://data/rlvr.jsonl"),
        *("--reward-function", arn),
    )
    assert ran.code == 1, ran
    assert (
        "Reward function needs raised KeyError: 'level'; a row that it gets has the keys "
        in ran.err
    )
    assert "reference_answer" in ran.err
    assert account.jobs.all() == []
