"""Folders of this machine that a job reads: outputs of earlier runs, and models."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlcc_core import Output, Start
from mlcc_core.errors import MlccError
from mlcc_ray import plugin

runner = plugin.runner

LORA = '{"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"]}'


@pytest.fixture
def output(place):
    """A stand-in for what a run left: the files alone matter for where they go."""
    folder = place.root / "outputs" / "demo-sft-1"
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(LORA)
    return folder


def test_what_is_gone_on_from_is_brought_along_once(place, spec, output, shared):
    start = Start(Output("adapter", str(output)), "mlcc-tiny", "ab" * 32)
    request = runner.build_request(place, spec(start=start))
    where = f"starts/{'ab' * 16}"
    assert request.body["uploads"] == {where: str(output)}
    assert request.body["request"]["start"]["path"] == f"{shared.as_uri()}/{where}"
    reported = runner.read_spec(request.body)
    assert (reported.start, reported.start_fingerprint) == (str(output), "ab" * 32)
    lines = []
    runner.submit(replace(place, say=lines.append), "demo-sft-2", request)
    assert (shared / where / "adapter_config.json").read_text() == LORA
    runner.submit(replace(place, say=lines.append), "demo-sft-3", request)
    assert len(lines) == 1


def test_a_whole_model_that_is_gone_on_from_is_the_jobs_model(place, spec, output, shared):
    start = Start(Output("model", str(output)), "./outputs/demo-sft-1", "cd" * 32)
    request = runner.build_request(place, spec(start=start, model="./outputs/demo-sft-1"))
    asked = request.body["request"]
    assert asked["model"] == asked["start"]["path"] == f"{shared.as_uri()}/starts/{'cd' * 16}"
    reported = runner.read_spec(request.body)
    assert (reported.model, reported.start) == ("./outputs/demo-sft-1", str(output))


def test_the_folder_that_an_adapter_was_trained_on_is_found_again(place, spec, output):
    """A job on the cluster has a model of this machine under another name."""
    from mlcc_ray.request.folders import base_of

    start = Start(Output("model", str(output)), "./outputs/demo-sft-1", "cd" * 32)
    request = runner.build_request(place, spec(start=start, model="./outputs/demo-sft-1"))
    runner.submit(place, "demo-sft-2", request)
    runner.describe(place, "demo-sft-2")
    made = place.root / "outputs" / "demo-sft-2"
    made.mkdir()
    written = {"format": 1, "job": "demo-sft-2", "technique": "sft", "kind": "adapter", "from": []}
    (made / "mlcc_lineage.json").write_text(json.dumps(written))
    assert base_of(place, str(made)) == str(output)
    runner.submit(place, "demo-sft-3", runner.build_request(place, spec()))
    runner.describe(place, "demo-sft-3")
    (made / "mlcc_lineage.json").write_text(json.dumps({**written, "job": "demo-sft-3"}))
    assert base_of(place, str(made)) is None
    assert base_of(place, str(place.root)) is None


def test_a_folder_that_is_not_a_model_is_refused(place, spec, output, refusal):
    error = refusal(runner.build_request, place, spec(model=str(output)))
    assert isinstance(error, MlccError)
    assert error.where == "--model"


def test_proof_survives_the_move_of_a_project(place, spec, output, shared, tmp_path):
    start = Start(Output("adapter", str(output)), "mlcc-tiny", "ab" * 32)
    request = runner.build_request(place, spec(start=start))
    runner.submit(place, "demo-sft-2", request)
    proof = json.loads((shared / "jobs" / "demo-sft-2" / "proof.json").read_text())
    assert list(proof["places"].values()) == ["./outputs/demo-sft-1"]
    moved = place.root.rename(tmp_path / "moved")
    state = runner.describe(replace(place, root=moved), "demo-sft-2")
    assert state.reported is not None
    assert state.reported.start == str(moved / "outputs" / "demo-sft-1")
