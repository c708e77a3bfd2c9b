"""Models of a project asked in a process of their own, as an evaluation does."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from mlcc_core import Context, MlccError, Output, Passage, PlatformError, Prompt, Subject
from mlcc_core.contract.platform.answering import AnswerSession
from mlcc_folders.answering import rewarding
from mlcc_folders.folder_answering import FolderAnswering
from mlcc_folders.folder_serving import FolderServing
from tests.libs.mlcc_engine.rl import judge_server

pytestmark = pytest.mark.slow

ANSWERING = FolderAnswering("mlcc-tiny")

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


def prompt(text: str) -> Prompt:
    return Prompt(({"role": "user", "content": text},))


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def context(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.chdir(tmp_path)
    return Context(root=tmp_path, project="demo", say=said.append)


@pytest.fixture
def base(context: Context) -> Subject:
    return ANSWERING.base_subject(context, "mlcc-tiny")


@contextmanager
def opened(context: Context, *subjects: Subject) -> Iterator[AnswerSession]:
    with ANSWERING.open(context, subjects) as session:
        yield session


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


def test_replies_log_probabilities_and_judgements(context: Context, base: Subject) -> None:
    texts = ["Hi", "What is the capital of France?", "Bees"]
    with opened(context, base) as session:
        replies = dict(session.replies(base, [prompt(text) for text in texts], 8))
        passages = [Passage(prompt(text), "Yes.") for text in texts]
        found = dict(session.log_probabilities(base, passages))
        assert dict(session.replies(base, [prompt(texts[1])], 8)) == {0: replies[1]}
        assert list(session.replies(base, [], 8)) == []
        with pytest.raises(MlccError) as caught:
            list(session.replies(base, [prompt("Hi"), prompt("x" * 9000)], 8))
        judged = dict(session.judgements("mlcc-tiny", ["Which?", "Or which?"]))
        with pytest.raises(MlccError, match="neither a model nor an address"):
            list(session.judgements("nothing-of-that-name", ["Which?"]))
    assert set(replies) == set(found) == {0, 1, 2}
    assert set(judged) == {0, 1}
    assert all(answer.tokens and answer.tokens <= 8 for answer in replies.values())
    assert all(value < 0 for values in found.values() for value in values)
    assert str(caught.value.where).startswith("the prompt 'xxx")
    assert caught.value.exit_code == 1


def test_it_goes_on_with_another_process(context: Context, base: Subject) -> None:
    with opened(context, base) as session:
        few = session.replies(base, [prompt(str(number)) for number in range(64)], 8)
        next(few)
        few.close()  # the rest is not wanted
        assert len(list(session.replies(base, [prompt("Hi")], 8))) == 1
        process = session._models._child._process.pid
        os.kill(process, signal.SIGSTOP)
        asked = session.replies(base, [prompt("Hi")], 8)
        os.kill(process, signal.SIGKILL)
        with pytest.raises(PlatformError, match="The process that answers"):
            list(asked)
        assert len(list(session.replies(base, [prompt("Hi")], 8))) == 1


ASK_AND_DIE = """
import os, sys
from pathlib import Path
from mlcc_core import Context, Prompt
from mlcc_folders.folder_answering import FolderAnswering
answering = FolderAnswering("mlcc-tiny")
context = Context(root=Path(), project="demo")
base = answering.base_subject(context, "mlcc-tiny")
with answering.open(context, [base]) as session:
    asked = [Prompt(({"role": "user", "content": str(number)},)) for number in range(500)]
    for _ in session.replies(base, asked, 200):
        print(session._models._child._process.pid, flush=True)
        os.kill(os.getpid(), 9)
"""


def test_it_ends_with_a_command_that_is_killed(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ASK_AND_DIE], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    child = int(ran.stdout)
    until = time.monotonic() + 30
    with suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.kill(child, 0)
            time.sleep(0.1)
        pytest.fail("the process goes on")


def test_rewards_are_those_of_the_function(
    context: Context, said: list[str], base: Subject
) -> None:
    replies = ["4", "5", "raise", "4"]
    rows = [{"prompt": "2 + 2", "reference_answer": "4"}] * len(replies)
    with opened(context) as session:
        found = dict(session.rewards(evaluator(context.root), rows, replies))
    assert found == {0: 1.0, 1: 0.0, 2: None, 3: 1.0}
    (line,) = said
    assert "1 of 4 reply has no reward" in line
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


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy is asked for this machine."""
    monkeypatch.setenv("NO_PROXY", "*")


def test_a_judge_at_an_address(context: Context, quick: None) -> None:
    with (
        judge_server(lambda _, text: (200, f"I read {len(text)}")) as judge,
        opened(context) as session,
    ):
        found = dict(session.judgements(f"{judge.url}#wise", ["a", "bb"] * 6))
    assert found[0] == "I read 1"
    assert found[11] == "I read 2"
    assert judge.asked[0]["model"] == "wise"


def test_a_judge_that_is_down(
    context: Context, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with opened(context) as session, pytest.raises(PlatformError) as caught:
        list(session.judgements("http://127.0.0.1:9/v1", ["Which?"]))
    assert "cannot be reached" in caught.value.what
    assert "--judge-url" not in f"{caught.value.what}{caught.value.hint}"


def test_subjects_by_name(
    context: Context, train: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, base: Subject
) -> None:
    rows = [{"prompt": "What do bees make?", "completion": "Honey."}]
    adapter = train(rows, hyperparameters={"num_train_epochs": 10}).output
    FolderServing("mlcc-tiny").add_adapter(context, "tuned", str(adapter))
    run = ANSWERING.run_subject(context, "demo-sft-1", "mlcc-tiny", Output("adapter", str(adapter)))
    deployed = ANSWERING.find_subject(context, "tuned")
    folder = ANSWERING.find_subject(context, str(adapter))
    assert run.title == "demo-sft-1"
    assert deployed is not None
    assert folder is not None
    assert deployed.title == "tuned"
    assert run.fingerprint == deployed.fingerprint == folder.fingerprint != base.fingerprint
    assert ANSWERING.find_subject(context, "mlcc-tiny") == base
    assert ANSWERING.find_subject(context, "of-no-name") is None
    with opened(context, base, run) as session:
        alike = [
            dict(session.replies(subject, [prompt("What do bees make?")], 12))[0].text
            for subject in (run, deployed, folder, base)
        ]
    assert alike[0] == alike[1] == alike[2] != alike[3]
    config = adapter / "adapter_config.json"
    changed = json.loads(config.read_text())
    config.write_text(json.dumps({**changed, "lora_alpha": changed["lora_alpha"] * 2}))
    again = ANSWERING.find_subject(context, str(adapter))
    assert again is not None
    assert again.fingerprint != folder.fingerprint


def test_an_output_that_is_gone(context: Context) -> None:
    gone = Output("adapter", str(context.root / "gone"))
    with pytest.raises(MlccError, match="The output of demo-sft-1 is gone") as caught:
        ANSWERING.run_subject(context, "demo-sft-1", "mlcc-tiny", gone)
    assert caught.value.hint == "mlcc runs list"


def test_a_whole_model_beside_its_base(
    context: Context, train: Callable[..., Any], base: Subject
) -> None:
    rows = [{"prompt": "What do bees make?", "completion": "Honey."}]
    model = train(rows, training_type="full-rank", hyperparameters={"num_train_epochs": 10}).output
    run = ANSWERING.run_subject(context, "whole", "mlcc-tiny", Output("model", str(model)))
    found = ANSWERING.find_subject(context, str(model))
    assert found is not None
    assert run.model == "mlcc-tiny"
    assert run.fingerprint == found.fingerprint != base.fingerprint
    with opened(context, base, run) as session:
        asked = [prompt("What do bees make?")]
        one, other, third = (
            dict(session.replies(subject, asked, 12))[0].text for subject in (run, base, found)
        )
    assert one == third != other
