"""Real trainings in which some scores fail: the job goes on, counts them, and knows its limit."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.errors import JobError, MlccError, PlatformError
from mlcc_engine import job_result
from mlcc_engine.model import tiny
from mlcc_engine.request import Judging
from mlcc_engine.reward.rewards import Rewards, reward_function
from mlcc_engine.train.rows import ROW
from mlcc_tokens.templates.chat import Chat, prepare
from tests.libs.mlcc_engine.rl import Stub, judge_server, judge_with_outage
from tests.libs.mlcc_engine.trainings import Train, Trained

pytestmark = pytest.mark.slow

ROWS = [{"prompt": [{"role": "user", "content": f"Count to {number}."}]} for number in range(10)]
REPLIES = 8 * len(ROWS)
"""TRL samples eight replies to a prompt."""

ONE_ROW_RAISES = """
def lambda_handler(events):
    scores = []
    for event in events:
        words = event["messages"][0]["content"]
        if "7" in words:
            raise LookupError(f"no rule for {words!r}")
        share = sum(c.isdigit() for c in event["messages"][-1]["content"]) / 6
        scores.append({"id": event["id"], "aggregate_reward_score": share})
    return {"statusCode": 200, "body": scores}
"""


def judging(folder: Path, stub: Stub, **settings: object) -> dict[str, Any]:
    path = folder / "judge.txt"
    path.write_text("Rate from 0 to 4 how well {response} answers {prompt}")
    return {
        "kind": "prompt",
        "value": str(path),
        "settings": {"judge_url": stub.url, **settings},
    }


def judge_but_row_seven(stub: Stub, prompt: str) -> tuple[int, str]:
    """Score by the number of requests so far; nonsense for one row in ten."""
    if "Count to 7." in prompt:
        return 200, "2+3 = 5, so 8/10"
    return 200, json.dumps({"why": "…", "score": len(stub.asked) % 5})


def learn(train: Train, evaluator: Mapping[str, object], rows_a_step: int = 2) -> Trained:
    return train(
        ROWS,
        trainer="trl:GRPOTrainer",
        evaluator=evaluator,
        hyperparameters={
            "num_train_epochs": 1,
            "global_batch_size": rows_a_step,
            "max_completion_length": 6,
        },
    )


def warnings_in(printed: str) -> list[tuple[int, ...]]:
    """The counts of the warnings: failed, asked."""
    found = re.findall(r"⚠️  (\d+) of (\d+) repl", printed)
    return [tuple(map(int, pair)) for pair in found]


def test_judge_that_fails_at_times_and_is_down_for_a_while(
    train: Train,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with judge_with_outage(judge_but_row_seven, after=30, seconds=5.0) as stub:
        began = time.monotonic()
        done = learn(train, judging(tmp_path, stub))
        assert time.monotonic() - began > 5
    assert done.outcome.state == "completed"
    assert len(stub.asked) == REPLIES + 8  # once more for each nonsense
    printed = capsys.readouterr().out
    # As they double, and all of them at the end.
    assert [failed for failed, _ in warnings_in(printed)] == [1, 2, 4, 8, 8]
    assert "2+3 = 5, so 8/10" in printed
    assert "returned None" not in caplog.text
    assert all(0 <= reward <= 4 for reward in done.metric("reward"))


def test_judge_that_never_gives_a_score(train: Train, tmp_path: Path) -> None:
    with judge_server(lambda *_: (200, "I like it.")) as stub:
        with pytest.raises(JobError, match=r"21 of the last 21 replies got no score") as caught:
            learn(train, judging(tmp_path, stub))
        assert len(stub.asked) < REPLIES
    assert "I like it." in caught.value.what
    assert 'expected JSON with "score", a number from 0 to 4' in caught.value.what
    assert caught.value.hint
    ended = job_result.failure(caught.value)
    assert ended.exit_code == 2
    assert "I like it." in str(ended.reason)


def test_function_that_raises_for_one_row(
    train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rewards.py"
    path.write_text(ONE_ROW_RAISES)
    done = learn(train, {"kind": "function", "value": str(path)}, rows_a_step=1)
    assert done.outcome.state == "completed"
    assert len(done.metric("reward")) == len(ROWS) - 1  # one step had no score at all
    printed = capsys.readouterr().out
    # As they double, and all of them at the end.
    assert [failed for failed, _ in warnings_in(printed)] == [1, 2, 4, 8, 8]
    assert f"{path}:7" in printed
    assert "LookupError: no rule for 'Count to 7.'" in printed


def test_limit_of_none(train: Train, tmp_path: Path) -> None:
    path = tmp_path / "rewards.py"
    path.write_text(ONE_ROW_RAISES)
    settings = {"max_failed_rewards": 0}
    with pytest.raises(JobError, match="--max-failed-rewards 0 allows"):
        learn(train, {"kind": "function", "value": str(path), "settings": settings})


def rewards(judge: Judging, replies: int) -> list[float | None]:
    rows = [json.dumps({"prompt": "Hi"})] * replies
    return score(reward_function(judge, chat(), print), rows, ["x"] * replies)


def chat() -> Chat:
    return prepare(tiny.make_tokenizer(), "mlcc-tiny")


def score(function: Rewards, rows: list[str], replies: list[str]) -> list[float | None]:
    """Call the function as TRL does, with the tokens of replies."""
    ids = [chat().tokenizer(reply)["input_ids"] for reply in replies]
    prompts = [[{"role": "user", "content": json.loads(row)["prompt"]}] for row in rows]
    return function(prompts=prompts, completion_ids=ids, completions=replies, **{ROW: rows})


def test_function_has_scores_and_a_name(tmp_path: Path) -> None:
    path = tmp_path / "rewards.py"
    path.write_text(ONE_ROW_RAISES)
    function = reward_function(Judging("function", str(path)), chat(), print)
    assert function.__name__ == "function"
    row = json.dumps({"prompt": "Count to 7."})
    other = json.dumps({"prompt": "Count to 8."})
    assert score(function, [row, other], ["12", "123"]) == [None, 0.5]
    assert (function.scores.asked, function.scores.failed) == (2, 1)
    assert "no rule for" in str(function.scores.summary())


@pytest.mark.parametrize(("status", "code"), [(401, 3), (403, 3), (404, 1)])
def test_judge_that_refuses_every_request_stops_at_once(
    status: int, code: int, tmp_path: Path
) -> None:
    with judge_server(lambda *_: (status, "no")) as stub:
        judge = Judging(**judging(tmp_path, stub, max_failed_rewards=100))
        with pytest.raises(MlccError, match=str(status)) as caught:
            rewards(judge, 1)
    assert caught.value.exit_code == code


def test_judge_that_is_gone_is_the_platforms_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with judge_server(lambda *_: (200, "1")) as stub:
        pass
    with pytest.raises(PlatformError, match=r"cannot be reached: .*Connection refused") as caught:
        rewards(Judging(**judging(tmp_path, stub)), 24)
    assert "21 of the last 21 replies" in caught.value.what
    assert str(caught.value.hint).startswith("start it, or check --judge-url: curl ")
