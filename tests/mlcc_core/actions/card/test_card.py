"""The card of a run: what is known is in it, what is not is said, nothing is made up."""

from __future__ import annotations

import os
import stat

import pytest
import yaml

from mlcc_core.actions.card.card import card_text
from mlcc_core.actions.card.write import write_card
from mlcc_core.actions.evaluate.stored import write_evaluation
from mlcc_core.errors import MlccError
from tests.mlcc_core.evaluations import HOSTILE, sample_evaluation


def header_of(text):
    assert text.startswith("---\n")
    return yaml.safe_load(text.split("---\n")[1])


def test_what_was_not_measured_is_said_and_has_no_numbers(world):
    text = card_text(world.session(), world.finished(metrics={}))
    head = header_of(text)
    assert head["library_name"] == "peft"
    assert head["pipeline_tag"] == "text-generation"
    assert head["tags"][:3] == ["mlcc", "fake", "lora"]
    assert not {"model-index", "license", "datasets"} & set(head)
    assert "were not compared with those of the base model" in text
    assert "No number was measured on rows that were held out" in text
    assert "[More Information Needed]" not in text


def test_evaluations_are_shown_with_interval_rows_and_verdict(world):
    record = world.finished(metrics={"held_out_loss": 1.5, "held_out_loss_error": 0.1})
    write_evaluation(world.project, sample_evaluation(record.job))
    text = card_text(world.session(), record)
    assert (
        "| Exact match — decides | base | 0.25 | 0.75 | +0.5 (+0.29 to +0.71) | 24 | better |"
        in text
    )
    assert "Held-out loss: 1.5 after it (1.304 to 1.696, 95 % interval)" in text
    assert "Against base: **better**, by Exact match 0.25 → 0.75 on 24 rows." in text
    assert "may differ a little" in text
    (model,) = header_of(text)["model-index"]
    values = {m["type"]: m["value"] for r in model["results"] for m in r["metrics"]}
    assert values["exact_match"] == 0.75
    assert values["held_out_loss"] == 1.5
    assert HOSTILE not in text


def test_rows_are_shown_only_where_that_is_asked_for(world):
    record = world.finished()
    with pytest.raises(MlccError, match="No evaluation"):
        card_text(world.session(), record, examples=2)
    write_evaluation(world.project, sample_evaluation(record.job))
    assert "Say 1." not in card_text(world.session(), record)
    text = card_text(world.session(), record, examples=2)
    assert "Say 1." in text
    assert "**this model**: " in text
    assert "**base**: " in text
    assert "Say 2." not in text


def test_settings_have_their_origin_and_the_command_is_there(world):
    record = world.finished()
    text = card_text(world.session(), record, place="org/tuned", licence="apache-2.0")
    assert "| --technique | fake | given |" in text
    assert "mlcc tune --technique fake --dataset train.jsonl" in text
    assert "dataset: train.jsonl" in text
    assert header_of(text)["license"] == "apache-2.0"
    assert "LoRA: rank 64, alpha 32, on q_proj, v_proj" in text
    assert 'from_pretrained("org/tuned")' in text
    assert str(world.root) not in text


def test_what_the_platform_chose_and_how_long_it_took_is_told(world):
    record = world.finished(
        forecast=["35 rows, 2 steps of 8 rows, learning rate 0.0002", "Memory: 2 GB"],
        seconds={"job": 75.2},
    )
    text = card_text(world.session(), record)
    assert "- 35 rows, 2 steps of 8 rows, learning rate 0.0002" in text
    assert "- It took 1 min 15 s." in text
    assert "Memory" not in text


def test_the_model_is_named_where_the_project_decided(world):
    record = world.finished()
    assert "--model" not in record.command
    text = card_text(world.session(), record)
    assert "mlcc tune --technique fake --dataset train.jsonl --model fake-model" in text
    own = record.model_copy(update={"command": f"{record.command} --model other"})
    assert "--model other\n" in card_text(world.session(), own)


def test_a_dataset_of_a_hub_is_linked(world):
    record = world.finished(dataset="fake-hub://org/data?split=train")
    text = card_text(world.session(), record)
    assert header_of(text)["datasets"] == ["org/data"]


def test_the_same_record_has_the_same_card(world):
    record = world.finished()
    assert card_text(world.session(), record) == card_text(world.session(), record)


def test_it_lies_beside_the_output_with_the_usual_mode(world):
    record = world.finished()
    before = os.umask(0o027)
    try:
        path = write_card(world.session(), record.job)
    finally:
        os.umask(before)
    assert path is not None
    assert path.name == "README.md"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    written = path.stat().st_mtime_ns
    write_card(world.session(), record.job)
    assert path.stat().st_mtime_ns == written


def test_an_evaluation_is_added_and_what_people_edited_stays(world):
    record = world.finished()
    path = write_card(world.session(), record.job)
    write_evaluation(world.project, sample_evaluation(record.job))
    write_card(world.session(), record.job)
    assert "Exact match" in path.read_text()
    for edited in (f"{path.read_text()}More.\n", path.read_text().replace("Exact", "My"), "Mine\n"):
        path.write_text(edited)
        world.heard.lines.clear()
        write_card(world.session(), record.job)
        assert path.read_text() == edited
        assert f"outputs/{record.job}/README.md was edited: it stays" in world.heard.lines[0]
    path.unlink()
    write_card(world.session(), record.job)
    assert "Exact match" in path.read_text()


def test_what_a_killed_process_left_is_removed(world):
    record = world.finished()
    folder = world.root / "outputs" / record.job
    (folder / ".README.md.999999999-probe.partial").touch()
    write_card(world.session(), record.job)
    assert not list(folder.glob(".*"))


def test_a_card_that_cannot_be_written_is_a_warning_alone(world):
    record = world.finished()
    folder = world.root / "outputs" / record.job
    (folder / "README.md").mkdir()
    assert write_card(world.session(), record.job) is None
    assert any("The model card" in line for line in world.heard.lines)
