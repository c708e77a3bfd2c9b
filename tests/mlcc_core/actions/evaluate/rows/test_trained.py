"""Rows that a model was trained on are refused, however the model and the rows are named."""

from __future__ import annotations

import pytest

from mlcc_core.actions.evaluate.rows.samples import Row
from mlcc_core.cli.evaluate.evaluation_text import evaluation_line
from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.answering import Subject
from tests.mlcc_core.actions.evaluate.conftest import Lab

REFUSED = "36 of 60 rows of the evaluation were trained on"
ASKED = {"dataset": "train.jsonl", "metrics": ("same",)}


def test_they_are_refused_and_counted(lab: Lab) -> None:
    error = lab.refused(**ASKED)
    assert error.what.startswith(REFUSED)
    assert error.hint is not None
    assert "--allow-trained-rows" in error.hint
    assert "--dataset train.jsonl" in error.hint
    assert lab.answers.asked == []
    (job,) = lab.world.jobs()
    assert f"Reading the rows that {job} was trained on …" in lab.world.heard.lines


def test_they_are_not_looked_for_where_they_are_allowed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lab.world.platform.store is not None
    monkeypatch.setattr(lab.world.platform.store, "open_staged", None)
    found = lab.evaluate(**ASKED, allow_trained_rows=True)
    assert len(found.rows) == 60
    assert evaluation_line(found).endswith("train.jsonl, perhaps some of them trained on)")
    said = "\n".join(lab.world.heard.lines)
    assert "⚠️  Rows that a model was trained on are asked, too (--allow-trained-rows)." in said
    assert "Reading the rows" not in said


def test_each_training_is_read_once(lab: Lab) -> None:
    (job,) = lab.world.jobs()
    lab.answers.models.add("mine")
    new = [{"prompt": f"{i} + 1 =", "completion": "x"} for i in range(200, 230)]
    lab.world.write("new.jsonl", new)
    lab.evaluate_all("mine", "base", against=job, dataset="new.jsonl", metrics=("same",))
    line = f"Reading the rows that {job} was trained on …"
    assert lab.world.heard.lines.count(line) == 1


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [{"role": "user", "content": "{}"}, {"role": "assistant", "content": "?"}]},
        {"prompt": "{}", "completion": "quite another reply"},
    ],
)
def test_the_prompt_tells_whatever_the_form_and_the_reply(lab: Lab, row: dict[str, object]) -> None:
    trained = [{"prompt": f"{i} + 1 =", "reward_model": "f.py"} for i in range(100, 130)]
    data = lab.world.write("scored.jsonl", trained)
    values = {"scorer": "f.py"}
    job = lab.world.tune(
        technique="scored", dataset=data, values=values, validation="none", force=True
    ).job
    text = str(row).replace("'", '"')
    rows = [text.replace('"{}"', f'"{i} + 1 ="') for i in range(110, 140)]
    (lab.world.root / "other.jsonl").write_text("\n".join(rows) + "\n")
    given = {"dataset": "other.jsonl", "metrics": ("same",), "from_messages": "messages" in row}
    error = lab.refused("fake", against=job, **given)
    assert error.what.startswith("20 of 30 rows of the evaluation were trained on")


@pytest.mark.parametrize("deployed", [None, "my-adapter"])
def test_the_run_is_found_by_its_output(lab: Lab, deployed: str | None) -> None:
    (job,) = lab.world.jobs()
    output = lab.world.record(job).output
    assert output is not None
    answers(lab, Output(output.kind, f"{output.path}/"), deployed)
    error = lab.refused("named", technique="fake", **ASKED)
    assert error.what.startswith(REFUSED)


def test_an_adapter_is_asked_the_rows_held_out_of_its_run(lab: Lab) -> None:
    (job,) = lab.world.jobs()
    output = lab.world.record(job).output
    assert output is not None
    answers(lab, Output(output.kind, output.path), "named")
    found = lab.evaluate("named", metrics=("same",))
    assert (found.target, found.job, len(found.rows)) == ("named", job, 24)
    assert found.dataset == f"held-out rows of {lab.world.root / 'train.jsonl'}"


def test_a_folder_of_weights_is_found_by_its_path(lab: Lab) -> None:
    (job,) = lab.world.jobs()
    output = lab.world.record(job).output
    assert output is not None
    answers(lab, None, None, model=output.path)
    assert lab.refused("named", technique="fake", **ASKED).what.startswith(REFUSED)


def test_that_it_cannot_be_told_is_said(lab: Lab) -> None:
    answers(lab, Output("adapter", "/elsewhere/adapter"), None)
    lab.evaluate("named", technique="fake", **ASKED)
    line = "⚠️  Trained rows cannot be told apart for named: no record of a run tells them."
    assert line in lab.world.heard.lines


USER, REPLY = {"role": "user", "content": "2 + 2 ="}, {"role": "assistant", "content": "4"}
MORE = {"role": "user", "content": "And 3 + 3?"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Row((USER,), expected="4"), Row((USER, REPLY, MORE), expected="6"), True),
        (Row((USER,)), Row(({**USER, "name": None},)), True),
        (Row((USER,)), Row((MORE,)), False),
        (Row((REPLY, MORE), expected="6"), Row((REPLY, MORE), expected="7"), False),
    ],
)
def test_a_conversation_is_known_by_its_opening(one: Row, other: Row, same: bool) -> None:
    assert (one.opening == other.opening) is same


def answers(
    lab: Lab, output: Output | None, deployed: str | None, model: str = "fake-model"
) -> None:
    """Let the platform find a model called ``named``."""
    subject = Subject("named", model, "f" * 64, output, deployed)
    lab.answers.find_subject = lambda context, text: subject  # type: ignore[method-assign]
