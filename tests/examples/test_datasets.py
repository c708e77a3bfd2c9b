"""What lies in ``examples/`` is good data, and good code."""

import json
from pathlib import Path

import pytest

from mlcc_core.cli.main import run
from mlcc_core.contract.rewards.reward import load_function, try_reward_function
from tests.docs.blocks import blocks

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
        {
            "id": str(i),
            "messages": [{"role": "assistant", "content": reply}],
            "reference_answer": "r",
        }
        for i, reply in enumerate(["rrrr", "r...", "", "RR"])
    ]
    answer = function.call(events)
    scores = [item["aggregate_reward_score"] for item in json.loads(answer["body"])]
    assert scores == [1.0, 0.25, 0.0, 1.0]


def test_rows_name_evaluators_that_are_there():
    for name in ("rlvr", "rlaif"):
        for row in rows_of(name):
            assert (EXAMPLES / "datasets" / row["reward_model"]).is_file()


def test_the_reward_function_of_the_guide_scores_the_example(tmp_path):
    page = EXAMPLES.parent / "docs" / "guides" / "rewards.md"
    (text,) = (block.text for block in blocks(page) if block.file == "exact.py")
    path = tmp_path / "exact.py"
    path.write_text(text)
    lines = try_reward_function(load_function(str(path)), rows_of("rlvr"))
    assert len(lines) == 1, lines  # a second one warns that scores never differ
    assert "from 0 to 1." in lines[0]


def rows_of(name):
    text = (EXAMPLES / "datasets" / f"{name}.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]
