"""What lies in ``examples/`` is good data, and good code."""

import json
from pathlib import Path

import pytest

from mlcc_core.cli.main import run
from mlcc_core.contract.reward import load_function

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("technique", ["sft", "dpo", "rlvr", "rlaif"])
def test_each_dataset_passes_the_check(technique, folder, capsys):
    dataset = EXAMPLES / "datasets" / f"{technique}.jsonl"
    assert run(["check", str(dataset), "--technique", technique]) == 0, capsys.readouterr().err


def test_there_is_a_dataset_for_each_technique():
    names = {path.stem for path in (EXAMPLES / "datasets").glob("*.jsonl")}
    assert names == {"sft", "dpo", "rlvr", "rlaif", "kto"}


def test_the_reward_function_scores_by_letters():
    function = load_function(str(EXAMPLES / "rewards" / "letters.py"))
    events = [
        {"id": str(i), "messages": [{"role": "assistant", "content": reply}], "letter": "r"}
        for i, reply in enumerate(["rrrr", "r...", "", "RR"])
    ]
    answer = function.call(events)
    scores = [item["aggregate_reward_score"] for item in json.loads(answer["body"])]
    assert scores == [1.0, 0.25, 0.0, 1.0]


def test_rows_name_evaluators_that_are_there():
    for name in ("rlvr", "rlaif"):
        for line in (EXAMPLES / "datasets" / f"{name}.jsonl").read_text().splitlines():
            assert (EXAMPLES.parent / json.loads(line)["reward_model"]).is_file()
