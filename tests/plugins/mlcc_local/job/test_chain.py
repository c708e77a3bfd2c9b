"""Runs that go on from earlier ones on this machine, from the command to the output."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.cli.main import run
from mlcc_engine.base import bases
from tests.libs.mlcc_engine.rl import DIGITS
from tests.libs.mlcc_engine.trainings import FACTS, write_rows
from tests.plugins.mlcc_local.job import plain_peft
from tests.plugins.mlcc_local.job.left import names_no_place, words_of

pytestmark = pytest.mark.slow

PROMPT = "What do bees make?"
SFT = ("sft.jsonl", "--technique", "sft", "--lora-rank", "8", "--epochs", "12")
DPO = ("dpo.jsonl", "--technique", "dpo", "--learning-rate", "1e-3", "--epochs", "1")
RLVR = (
    *("rl.jsonl", "--technique", "rlvr", "--reward-function", "reward.py", "--epochs", "1"),
    *("--max-response-length", "16"),
)

Tune = Callable[..., Any]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a dataset for each technique."""
    folder = tmp_path_factory.mktemp("chain")
    (folder / "do").mkdir()
    (folder / "do" / "config").write_text("export PROJECT_NAME=demo\n")
    write_rows(folder / "sft.jsonl", [{"prompt": p, "completion": c} for p, c in FACTS.items()])
    write_rows(
        folder / "dpo.jsonl",
        [{"prompt": p, "chosen": c, "rejected": "I do not know."} for p, c in FACTS.items()],
    )
    write_rows(folder / "rl.jsonl", [{"prompt": [{"role": "user", "content": p}]} for p in FACTS])
    (folder / "reward.py").write_text(DIGITS.replace("char.isdigit()", "char in 'aeiou'"))
    return folder


@pytest.fixture
def tune(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Tune:
    """Run ``tune`` to its end, and return its document."""
    monkeypatch.chdir(project)

    def call(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert run(["tune", *words, "--json"]) == code, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    return call


def test_a_chain_of_three_techniques_is_one_adapter_on_the_base(
    tune: Tune, project: Path, capsys: pytest.CaptureFixture[str]
):
    from mlcc_engine import generate
    from mlcc_engine.model import models

    first = tune(*SFT)
    second = tune(*DPO, "--from-tune", "sft")
    third = tune(*RLVR, "--from-tune", second["job"][:-2])
    jobs = [first["job"], second["job"], third["job"]]
    lineage = third["record"]["lineage"]
    assert [ancestor["job"] for ancestor in lineage] == jobs[:2]
    assert [ancestor["technique"] for ancestor in lineage] == ["sft", "dpo"]
    output = Path(third["output"]["path"])
    config = json.loads((output / "adapter_config.json").read_text())
    assert (config["r"], config["base_model_name_or_path"]) == (8, "mlcc-tiny")
    assert bases.read(output) == bases.read(Path(first["output"]["path"]))
    assert tune(*RLVR, "--from-tune", "dpo")["job"] == third["job"]

    base = models.locate("mlcc-tiny")
    mine = generate.load("mlcc-tiny", adapter=output)
    ends = mine.model.generation_config.eos_token_id
    assert plain_peft.answer(base, output, PROMPT, ends=ends, longest=256) == mine.say(PROMPT)
    assert run(["adapter", "add", "three", "--from-tune", third["job"]]) == 0
    capsys.readouterr()
    assert run(["test", "--adapter", "three", "--prompt", PROMPT]) == 0
    assert mine.say(PROMPT) in capsys.readouterr().out


def test_an_adapter_on_a_model_that_a_run_made(tune: Tune, project: Path, tmp_path: Path):
    first = tune(*SFT[:3], "--training-type", "full-rank", "--epochs", "1", "--force")
    made = first["output"]["path"]
    second = tune(*DPO, "--from-tune", first["job"], "--force")
    base = bases.read(Path(second["output"]["path"]))
    assert base is not None
    assert (base["run"], base["folder"]) == (first["job"], first["job"])
    assert (base["asked"], base["hub_id"]) == (None, None)
    for each in (first, second):
        names_no_place(Path(each["output"]["path"]), project)
    for step in second["next_steps"][:2]:
        assert run(words_of(step)) == 0
    third = tune(*RLVR, "--from-tune", second["job"], "--force", "--dry-run")
    assert third["plan"]["model"] == f"./outputs/{first['job']}"
    assert [run["job"] for run in third["plan"]["start"]["lineage"]] == [
        first["job"],
        second["job"],
    ]
    copy = tmp_path / "copy"
    shutil.copytree(second["output"]["path"], copy)
    Path(made).rename(tmp_path / "gone")
    gone = tune(*RLVR, "--from-weights", str(copy), "--force", code=1)["error"]
    assert "The base model of the adapter" in gone["what"]
    assert "is gone" in gone["what"]
    assert "--model FOLDER" in gone["hint"]
    found = tune(
        *(*RLVR, "--from-weights", str(copy), "--model", str(tmp_path / "gone")),
        *("--force", "--dry-run"),
    )
    assert [run["job"] for run in found["plan"]["start"]["lineage"]] == [
        first["job"],
        second["job"],
    ]
    wrong = tune(*(*RLVR, "--from-weights", str(copy), "--model", "mlcc-tiny", "--force"), code=1)[
        "error"
    ]
    assert "was trained on other weights than those of mlcc-tiny" in wrong["what"]
