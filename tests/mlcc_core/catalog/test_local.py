"""Names of a plugin's catalog on ``local``, which asks the Hub for models."""

import json
from pathlib import Path

import pytest

from mlcc_core.cli.main import run
from mlcc_local.job.runner import LocalJobs

pytestmark = pytest.mark.torch

CODE = """
    from pathlib import Path

    def mlcc_catalog_files():
        return [Path(__file__).with_name("acme.toml")]
"""
ACME = """
provider = "Acme"

[[family]]
name = "Roadrunner"
techniques.sft = ["lora"]

[[family.model]]
id = "acme-roadrunner-1b"
hub_id = "acme/Roadrunner-1B"
name = "Roadrunner 1B"
size = "1B"

[[family.model]]
id = "smollm2-135"
hub_id = "acme/Small"
name = "Small"
size = "135M"
"""


@pytest.fixture
def project(site, folder, monkeypatch, capsys):
    """A project on ``local`` beside an installed plugin that brings a catalog."""
    site.install("mlcc-acme", CODE, entry_points={"acme": "mlcc_acme"})
    (site.folder / "acme.toml").write_text(ACME)
    assert run(["init", "p", "--platform", "local"]) == 0
    monkeypatch.chdir(folder / "p")
    monkeypatch.setattr(
        LocalJobs, "forecast", lambda self, context, spec, request: ()
    )  # asks the Hub
    Path("rows.jsonl").write_text('{"prompt": "2 + 2 =", "completion": "4"}\n' * 3)
    prompt = {"prompt": [{"role": "user", "content": "Hi"}], "reference_answer": "Hello"}
    Path("prompts.jsonl").write_text(f"{json.dumps(prompt)}\n" * 3)
    Path("judge.txt").write_text("Score from 1 to 10: {reply}")
    capsys.readouterr()
    return folder / "p"


def planned(capsys, *words):
    assert run(["tune", *words, "--dry-run", "--json"]) == 0, capsys.readouterr()
    return json.loads(capsys.readouterr().out)["request"]["request"]


@pytest.mark.parametrize(
    ("name", "hub_id"),
    [
        ("acme-roadrunner-1b", "acme/Roadrunner-1B"),
        ("ACME-Roadrunner-1b", "acme/Roadrunner-1B"),
        ("smollm2-135", "acme/Small"),
        ("smollm2-135m", "smollm2-135m"),
        ("acme/Roadrunner-1B", "acme/Roadrunner-1B"),
        ("gpt2", "gpt2"),
    ],
)
def test_a_request_names_the_model_as_the_hub_does(project, capsys, name, hub_id):
    words = ("--technique", "sft", "--dataset", "rows.jsonl", "--model", name)
    assert planned(capsys, *words)["model"] == hub_id


def test_a_judge_may_be_a_model_of_the_catalog(project, capsys):
    words = ("--technique", "rlaif", "--dataset", "prompts.jsonl", "--reward-prompt", "judge.txt")
    request = planned(capsys, *words, "--judge-model", "acme-roadrunner-1b")
    assert request["evaluator"]["settings"]["judge_model"] == "acme/Roadrunner-1B"


def test_the_tokens_of_a_check_are_the_models(project, capsys):
    words = ("check", "rows.jsonl", "--technique", "sft", "--model", "acme-roadrunner-1b")
    run([*words, "--json"])
    assert "acme/Roadrunner-1B" in capsys.readouterr().out
