"""Results of jobs that completed: numbers with their errors, and rows that both sides share."""

from __future__ import annotations

import json
import math

import pytest

from mlcc_core.errors import MlccError
from tests.plugins.mlcc_sagemaker.conftest import BUCKET
from tests.plugins.mlcc_sagemaker.managed.conftest import QUESTIONS, evaluate, make_spec, scorer

pytest.importorskip("sagemaker.core")

NAME = "demo-eval-0badcafe-1"
BASE = "demo-eval-0badcafe-2"
FOLDER = f"demo/evaluate/{NAME}/output/output"


def result(platform, context, spec, name=NAME):
    spec = evaluate(platform, context, spec, name)
    return platform.managed.scores(context, name, spec)


def put(account, key, body):
    account.account.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)


def test_a_benchmark_has_a_mean_with_its_error(tuned, context, platform):
    (score,) = result(platform, context, make_spec("benchmark")).scores
    assert (score.name, score.title, score.value, score.error) == (
        *("accuracy", "accuracy"),
        *(0.625, 0.02),
    )
    assert score.decides
    assert score.higher_is_better
    assert score.rows is None
    (base,) = result(platform, context, make_spec("benchmark", base=True), BASE).scores
    assert base.value == 0.5


def test_the_rows_of_a_scorer_are_the_same_for_both_models(tuned, context, platform):
    mine = result(platform, context, make_spec("scorer"))
    base = result(platform, context, make_spec("scorer", base=True), BASE)
    own, text = mine.scores
    assert (own.name, own.value, own.error, own.rows, own.decides) == ("prime_math", 1, 0, 4, True)
    assert (text.name, text.decides) == ("em", False)
    assert base.scores[0].value == 0
    assert [row.row for row in mine.rows] == [row.row for row in base.rows]
    assert len({row.row for row in mine.rows}) == len(QUESTIONS)
    assert mine.rows[0].prompt == (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "2 + 2 ="},
    )
    assert [(row.expected, row.reply) for row in base.rows[1:3]] == [
        ("yes", "It's 3, isn't it?"),
        ("4", "2 + 2 ="),
    ]


def test_a_reward_function_scores(tuned, context, platform):
    spec = make_spec("scorer", evaluator=scorer(tuned.reward_arn))
    own, _ = result(platform, context, spec).scores
    assert (own.name, own.title, own.value) == (
        *("aggregate_reward_score", "aggregate reward score"),
        1,
    )


def test_a_judge_scores_every_row(tuned, context, platform):
    tuned.evaluations.judges = lambda job, line, metric: (
        None if "isn't" in line["prompt"] else float(line["inference"] == "4") / 2
    )
    metrics = ("harmfulness", "Builtin.Correctness")
    made = result(platform, context, make_spec("judge", metrics=metrics))
    first, second = made.scores
    assert (first.name, first.decides, first.higher_is_better) == ("Harmfulness", True, False)
    assert (second.name, second.decides, second.higher_is_better) == ("Correctness", False, True)
    assert (first.value, first.rows, first.error) == (0.5, 3, 0)
    assert [row.values["Correctness"] for row in made.rows] == [0.5, None, 0.5, 0.5]
    assert [row.reply for row in made.rows] == ["4", "yes", "4", "4"]
    assert made.notes == (
        "The judge gave no harmfulness for 1 rows, which do not count.",
        "The judge gave no correctness for 1 rows, which do not count.",
    )
    base = result(platform, context, make_spec("judge", base=True), BASE)
    assert [row.row for row in made.rows] == [row.row for row in base.rows]


def test_the_error_of_a_judge_follows_from_its_deviation(tuned, context, platform):
    tuned.evaluations.judges = lambda job, line, metric: float("isn't" in line["prompt"])
    score = result(platform, context, make_spec("judge")).scores[0]
    assert score.value == 0.25
    assert math.isclose(score.error, math.sqrt(0.25 * 0.75) / 2)


def test_rows_that_bedrock_did_not_leave_are_told(tuned, context, platform):
    spec = evaluate(platform, context, make_spec("judge"))
    s3 = tuned.account.client("s3")
    (key,) = [k for k in tuned.objects(BUCKET) if k.endswith("_output.jsonl") and "Infer" not in k]
    s3.delete_object(Bucket=BUCKET, Key=key)
    made = platform.managed.scores(context, NAME, spec)
    assert made.rows == ()
    assert made.notes == (f"No scores of single rows are at s3://{BUCKET}/demo/evaluate/{NAME}/.",)


def test_the_newest_result_counts(tuned, context, platform):
    spec = evaluate(platform, context, make_spec("benchmark"))
    newer = {"results": {"all": {}, "custom|mmlu|0": {"acc": 0.75, "acc_stderr": math.nan}}}
    key = f"{FOLDER}/None/eval_results/results_2026-12-01T00-00-00.json"
    put(tuned, key, json.dumps(newer))
    made = platform.managed.scores(context, NAME, spec)
    assert [(score.name, score.value, score.error) for score in made.scores] == [
        ("acc", 0.75, None)
    ]
    assert made.notes == ("The result names no accuracy; acc stands in for it.",)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "is not a JSON object"),
        (b"[1]", "is not a JSON object"),
        (b"{}", "has no numbers under results"),
        (b'{"results": {"all": {"accuracy": "high"}}}', "has no numbers under results"),
        (b"\xff", "is not a JSON object"),
    ],
)
def test_a_result_that_is_strange(tuned, context, platform, body, why):
    spec = evaluate(platform, context, make_spec("benchmark"))
    (key,) = tuned.objects(BUCKET, FOLDER)
    put(tuned, key, body)
    with pytest.raises(MlccError) as caught:
        platform.managed.scores(context, NAME, spec)
    uri = f"s3://{BUCKET}/{key}"
    assert caught.value.what == f"The result of {NAME} cannot be understood: {uri} {why}."
    assert caught.value.hint == f"aws s3 cp {uri} -   # shows what it is"


def test_a_result_that_is_not_there(tuned, context, platform):
    spec = evaluate(platform, context, make_spec("benchmark"))
    (key,) = tuned.objects(BUCKET, FOLDER)
    tuned.account.client("s3").delete_object(Bucket=BUCKET, Key=key)
    with pytest.raises(MlccError) as caught:
        platform.managed.scores(context, NAME, spec)
    assert caught.value.what == f"The job {NAME} left no results below s3://{BUCKET}/{FOLDER}/."


def test_a_line_that_is_strange_is_named(tuned, context, platform):
    spec = evaluate(platform, context, make_spec("scorer"))
    (key,) = [key for key in tuned.objects(BUCKET, FOLDER) if key.endswith(".jsonl")]
    put(tuned, key, b'{"prompt": "a", "inference": "b"}\n\n[]\n')
    with pytest.raises(MlccError, match="has no JSON object on line 3"):
        platform.managed.scores(context, NAME, spec)
