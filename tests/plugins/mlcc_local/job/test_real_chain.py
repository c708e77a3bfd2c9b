"""A chain on a real model: what three techniques learn shows on rows that none was trained on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.cli.main import run
from tests.libs.mlcc_engine.trainings import write_rows
from tests.plugins.mlcc_local.job import plain_peft

pytestmark = [
    # Two minutes. Chains are tested on the tiny model beside this file and in
    # tests/libs/mlcc_engine/start, what each technique learns on this model in
    # tests/libs/mlcc_engine/test_real_model*.py and heldout/test_real_model.py.
    pytest.mark.full,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(900),
]

CAPITALS = {
    "France": "Paris",
    "Japan": "Tokyo",
    "Italy": "Rome",
    "Egypt": "Cairo",
    "Spain": "Madrid",
    "Greece": "Athens",
    "Peru": "Lima",
    "Kenya": "Nairobi",
    "Norway": "Oslo",
    "Cuba": "Havana",
    "Poland": "Warsaw",
    "Ireland": "Dublin",
    "Portugal": "Lisbon",
    "Austria": "Vienna",
}
TRAINED, PAIRS_HELD_OUT = 8, 3
"""Places that are trained on; those that follow are held out: all six where replies are sampled."""

REWARD = """
def greets(events):
    def score(reply):
        return float(reply["content"].startswith("Ahoy"))

    scores = [
        {"id": event["id"], "aggregate_reward_score": score(event["messages"][-1])}
        for event in events
    ]
    return {"statusCode": 200, "body": scores}
"""
COMMON = ("--seed", "1", "--json")
SFT = ("--technique", "sft", "--lora-rank", "8", "--learning-rate", "1e-3", "--batch-size", "4")
DPO = ("--technique", "dpo", "--from-tune", "sft", "--learning-rate", "2e-4", "--batch-size", "2")
RLVR = (
    *("--technique", "rlvr", "--from-tune", "dpo", "--learning-rate", "5e-4"),
    *("--batch-size", "2", "--set", "num_generations=4", "--max-response-length", "4"),
    *("--reward-function", "reward.py:greets"),
)
PROMPT = "What is the capital of Norway?"


@pytest.fixture
def project(tmp_path: Path, real_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with rows for each technique, and the same for other places to hold out."""
    monkeypatch.setenv("MLCC_CACHE", str(real_model.parent))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "do").mkdir()
    (tmp_path / "do" / "config").write_text(
        "export PROJECT_NAME=demo\nexport MODEL_ID=smollm2-135m\n"
    )
    (tmp_path / "reward.py").write_text(REWARD)
    told, chosen, asked = [], [], []
    for place, capital in CAPITALS.items():
        question = f"What is the capital of {place}?"
        pirate, plain = f"Ahoy! The capital be {capital}, me hearty.", f"It is {capital}."
        told.append({"prompt": question, "completion": pirate})
        chosen.append({"prompt": question, "chosen": f"Ahoy! {capital}!", "rejected": plain})
        asked.append({"prompt": [{"role": "user", "content": question}]})
    for name, rows in {"sft": told, "dpo": chosen, "rlvr": asked}.items():
        unseen = rows[TRAINED:] if name == "rlvr" else rows[TRAINED:][:PAIRS_HELD_OUT]
        write_rows(tmp_path / f"{name}.jsonl", rows[:TRAINED])
        write_rows(tmp_path / f"{name}-unseen.jsonl", unseen)
    return tmp_path


def test_every_link_learns_what_holds_for_other_rows(
    project: Path, real_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from mlcc_engine import generate

    def tune(name: str, steps: int, *words: str) -> Any:
        capsys.readouterr()
        walk = ("--set", f"max_steps={steps}", "--eval-every", str(steps))
        files = (f"{name}.jsonl", "--validation", f"{name}-unseen.jsonl")
        assert run(["tune", *files, *words, *walk, *COMMON]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    first, second, third = tune("sft", 4, *SFT), tune("dpo", 3, *DPO), tune("rlvr", 4, *RLVR)

    numbers = first["record"]["metrics"]
    # About 4 → 1.4, each ± 0.1.
    assert numbers["held_out_loss_best"] < 0.6 * numbers["held_out_loss_before"]
    numbers = second["record"]["metrics"]
    # About accuracy 0.5 → 1, margin 0 → 1. At the start, the model is its own reference.
    assert numbers["held_out_margin_before"] == pytest.approx(0, abs=1e-3)
    assert numbers["held_out_accuracy_before"] < numbers["held_out_accuracy_best"] == 1
    assert numbers["held_out_margin_best"] > 0.3
    numbers = third["record"]["metrics"]
    # About 0.2 ± 0.1 → 1, of twelve replies.
    assert numbers["held_out_reward_best"] > numbers["held_out_reward_before"] + 0.35

    jobs = [tuned["job"] for tuned in (first, second, third)]
    lineage = third["record"]["lineage"]
    assert [(run["technique"], run["job"]) for run in lineage] == [
        ("sft", jobs[0]),
        ("dpo", jobs[1]),
    ]
    output = Path(third["output"]["path"])
    mine = generate.load(str(real_model), adapter=output)
    ends, said = mine.model.generation_config.eos_token_id, mine.say(PROMPT, longest=24)
    answer = plain_peft.answer(str(real_model), output, PROMPT, ends=ends, longest=24)
    assert answer == said
    assert said.startswith("Ahoy")
    assert run(["adapter", "add", "chained", "--from-tune", "rlvr"]) == 0
    capsys.readouterr()
    assert run(["test", "--adapter", "chained", "--prompt", PROMPT]) == 0
    assert said in capsys.readouterr().out
