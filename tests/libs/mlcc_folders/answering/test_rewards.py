"""Rewards by the evaluator of a run, in a process of its own."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from mlcc_core import Context, MlccError, PlatformError, Subject
from mlcc_folders.answering import rewarding
from tests.libs.mlcc_engine.rl import judge_server
from tests.libs.mlcc_folders.answering.asked import opened

pytestmark = pytest.mark.slow

REWARDS = """
import json, os, sys, time

def score(event):
    said = event["messages"][-1]["content"]
    print("scoring", said)
    if said == "raise":
        raise ValueError("no such key")
    if said == "crash":
        os._exit(7)
    if said == "hang":
        sys.stdin.read()
        time.sleep(1000)
    return float(said == event["reference_answer"])

def lambda_handler(events):
    scores = [{"id": e["id"], "aggregate_reward_score": score(e)} for e in events]
    return {"statusCode": 200, "body": json.dumps(scores)}
"""


def evaluator(folder: Path, code: str = REWARDS) -> dict[str, Any]:
    """The body of a run's request, with a reward function."""
    (folder / "rewards.py").write_text(code)
    return {
        "request": {
            "evaluator": {
                "kind": "function",
                "value": f"{folder / 'rewards.py'}:lambda_handler",
                "argument": "reward_funcs",
                "settings": {"max_failed_rewards": 0},
            }
        }
    }


def test_rewards_are_those_of_the_function(
    context: Context, said: list[str], base: Subject
) -> None:
    replies = ["4", "5", "raise", "4"]
    rows = [{"prompt": "2 + 2", "reference_answer": "4"}] * len(replies)
    with opened(context) as session:
        found = dict(session.rewards(evaluator(context.root), rows, replies))
    assert found == {0: 1.0, 1: 0.0, 2: None, 3: 1.0}
    (line,) = said
    assert "1 of 4 replies has no reward" in line
    assert "ValueError: no such key" in line


def test_a_reward_function_may_crash_or_hang(
    context: Context, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewarding, "SECONDS", {"function": 3.0})
    replies = ["4", "crash", "5", "hang", *["4"] * 8]
    rows = [{"prompt": "2 + 2", "reference_answer": "4"}] * len(replies)
    with opened(context) as session:
        found = dict(session.rewards(evaluator(context.root), rows, replies))
    assert [found[place] for place in range(4)] == [1.0, None, 0.0, None]
    assert set(list(found.values())[4:]) == {1.0}
    assert "exit code 7" in said[0]


def test_one_that_always_crashes_is_told(context: Context) -> None:
    code = "import os\ndef lambda_handler(events): os._exit(7)"
    rows = [{"prompt": "2 + 2"}] * 9
    with opened(context) as session, pytest.raises(MlccError, match="crashed or hung on 3 replies"):
        list(session.rewards(evaluator(context.root, code), rows, ["4"] * 9))


def test_rewards_are_by_the_code_that_trained(context: Context) -> None:
    body = evaluator(context.root)
    file = context.root / "rewards.py"
    body["fingerprints"] = {"evaluator": hashlib.sha256(file.read_bytes()).hexdigest()}
    body["asked"] = {body["request"]["evaluator"]["value"]: "rewards.py"}
    row = {"prompt": "2 + 2", "reference_answer": "4"}
    with opened(context) as session:
        assert dict(session.rewards(body, [row], ["4"])) == {0: 1.0}
        body["request"]["evaluator"]["value"] = "/gone/rewards.py:lambda_handler"
        body["asked"] = {"/gone/rewards.py:lambda_handler": "rewards.py"}
        assert dict(session.rewards(body, [row], ["4"])) == {0: 1.0}  # the project was moved
        file.write_text(file.read_text() + "\n# better\n")
        with pytest.raises(MlccError, match=r"rewards\.py was changed since"):
            list(session.rewards(body, [row], ["4"]))
        file.unlink()
        with pytest.raises(MlccError, match=r"/gone/rewards\.py of the run is gone"):
            list(session.rewards(body, [row], ["4"]))


def test_a_run_without_an_evaluator_has_no_rewards(context: Context) -> None:
    with opened(context) as session, pytest.raises(MlccError, match="without a reward function"):
        list(session.rewards({"request": {"evaluator": None}}, [{}], ["4"]))


def judged(folder: Path, **settings: str) -> dict[str, Any]:
    """The body of a run's request, with a reward prompt."""
    (folder / "judge.txt").write_text("Rate {response} to {prompt} from 1 to 10.")
    found = {"kind": "prompt", "value": str(folder / "judge.txt"), "settings": settings}
    return {"request": {"evaluator": found}}


def test_one_reply_that_a_judge_fails_at_has_no_reward(
    context: Context, said: list[str], quick: None
) -> None:
    def answer(_: object, asked: str) -> tuple[int, str]:
        return (200, '{"error": "busy"}' if "odd" in asked else "7")

    with judge_server(answer) as judge, opened(context) as session:
        body = judged(context.root, judge_url=judge.url)
        found = dict(session.rewards(body, [{"prompt": "2 + 2"}] * 3, ["4", "odd", "5"]))
    assert found == {0: 7.0, 1: None, 2: 7.0}
    assert "1 of 3 replies has no reward" in said[0]


def test_a_judge_of_rewards_that_is_down_is_the_platforms_fault(
    context: Context, quick: None
) -> None:
    found: dict[int, float | None] = {}

    def answer(stub: Any, _: str) -> tuple[int, str]:
        return (200, "7" if len(stub.asked) <= rewarding.AT_ONCE else '{"error": "down"}')

    with judge_server(answer) as judge, opened(context) as session:
        body = judged(context.root, judge_url=judge.url)
        scored = session.rewards(body, [{"prompt": "2 + 2"}] * 12, ["4"] * 12)
        with pytest.raises(PlatformError) as caught:
            found.update(scored)
    assert found == dict.fromkeys(range(rewarding.AT_ONCE), 7.0)
    assert "down" in caught.value.what
    assert "--judge-url" not in str(caught.value.hint)


def test_a_judge_of_rewards_that_hangs_is_the_platforms_fault(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewarding, "SECONDS", {"prompt": 0.0})
    body = judged(context.root, judge_model="mlcc-tiny")
    with opened(context) as session, pytest.raises(PlatformError, match="hung on 3 replies"):
        list(session.rewards(body, [{"prompt": "2 + 2"}] * 3, ["4"] * 3))
