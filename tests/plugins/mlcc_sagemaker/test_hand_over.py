"""A tuned model is asked, updated, served and taken home, as typed."""

from __future__ import annotations

import io
import json
import os
import signal
import threading

import openai
import pytest

import mlcc_core.cli.serve.serve as serve_command
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN

pytest.importorskip("sagemaker.core")
pytestmark = pytest.mark.slow

BETTER = f"s3://{BUCKET}/better"


@pytest.fixture
def tuned(deployed, account):
    """The project after a run that left an adapter alone, which is deployed; the run's name."""
    account.jobs.makes = lambda job: outputs.adapter(QWEN)
    ran = deployed(
        *("tune", "--technique", "sft", "--dataset", "s3://data/train.jsonl"),
        *("--poll-interval", "0.01"),
    )
    assert ran.code == 0, ran
    assert "--form adapter" in ran.out
    ran = deployed("adapter", "add", "tuned", "--from-tune")
    assert ran.code == 0, ran
    account.log.clear()
    return account.jobs.all()[-1].name


def test_it_is_asked_and_served(deployed, account, tuned, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Hello\nAnd you?\n"))
    ran = deployed("chat", tuned)
    assert (ran.code, ran.out) == (0, "tuned says: Hello\ntuned says: And you?\n"), ran
    assert account.log.calls("InvokeEndpoint") == []
    ran = deployed("test", "2 + 2 =", "--adapter", "tuned")
    assert ran.code == 0, ran
    assert "tuned says: 2 + 2 =" in ran.out
    assert "demo-endpoint-base says: 2 + 2 =" in ran.out
    answers = []
    shown = serve_command.show_ready

    def ask(ready):
        try:
            with openai.OpenAI(base_url=ready.url, api_key="none", max_retries=0) as client:
                messages = [{"role": "user", "content": "Hello"}]
                whole = client.chat.completions.create(model="tuned", messages=messages)
                answers.append(whole.choices[0].message.content)
                stream = client.chat.completions.create(
                    model="base", messages=messages, stream=True
                )
                answers.append("".join(c.choices[0].delta.content or "" for c in stream))
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    def show_ready(console, ready):
        shown(console, ready)
        threading.Thread(target=ask, args=(ready,), daemon=True).start()

    monkeypatch.setattr(serve_command, "show_ready", show_ready)
    ran = deployed("serve", "--port", "0")
    assert ran.code == 0, ran
    assert answers == ["tuned says: Hello", "demo-endpoint-base says: Hello"]


def test_it_is_updated_and_taken_home(deployed, account, tuned, tmp_path):
    """Neither endpoint nor component is needed to take it home."""
    ran = deployed("adapter", "add", "tuned", "--from-tune")
    assert ran.code == 0, ran
    assert account.log.writing() == []
    put(account, "better/", outputs.adapter(QWEN, rank=16, under=""))
    ran = deployed("adapter", "add", "tuned", "--weights", BETTER)
    assert ran.code == 1
    assert f"mlcc adapter update tuned --weights {BETTER}" in ran.err
    ran = deployed("adapter", "update", "tuned", "--weights", BETTER)
    assert ran.code == 0, ran
    account.log.only("UpdateInferenceComponent")
    assert deployed("undeploy", "--yes").code == 0
    ran = deployed("export", tuned, "--to", str(tmp_path / "merged"))
    assert ran.code == 1
    assert f"mlcc export {tuned} --to {tmp_path / 'merged'} --form adapter" in ran.err
    home = tmp_path / "home"
    ran = deployed("export", tuned, "--to", str(home), "--form", "adapter")
    assert ran.code == 0, ran
    assert "vllm serve Qwen/Qwen3-0.6B --enable-lora" in ran.out
    config = json.loads((home / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "Qwen/Qwen3-0.6B"
