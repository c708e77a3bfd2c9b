"""Run files: read, written, and found again."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import pytest
import yaml

from mlcc_core.actions.runs.run_file.given import without_secrets
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World


def write(name: str, text: str) -> str:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text)
    return name


FILE = """\
technique: fake
dataset: train.jsonl
epochs: 3
learning-rate: 2e-4
"""


def test_a_run_is_asked_for_by_a_file(world: World, mlcc: Mlcc):
    said = mlcc("tune", "--file", write("run.yaml", FILE), "--json")
    assert said.code == 0
    asked = said.document["record"]["asked"]
    assert (asked["--epochs"], asked["--learning-rate"]) == (3, 2e-4)
    words = ("tune", "train.jsonl", "--technique", "fake", "--epochs", "3")
    again = mlcc(*words, "--learning-rate", "2e-4", "--json").document
    assert (again["job"], again["created"]) == (said.document["job"], False)


def test_a_file_comes_through_a_pipe(world: World, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(FILE.encode())))
    asked = mlcc("tune", "--file", "-", "--json").document["record"]["asked"]
    assert (asked["--epochs"], asked["--learning-rate"]) == (3, 2e-4)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"zork: 1\n")))
    assert mlcc("tune", "--file", "-").crosses == ["❌ -:1: Unknown key 'zork'."]


def test_flags_beat_the_file(world: World, mlcc: Mlcc):
    world.write("other.jsonl", [{"prompt": "a", "completion": "b"}])
    write("run.yaml", FILE + "platform: elsewhere\n")
    words = ("--epochs", "5", "--platform", "fake", "other.jsonl")
    record = mlcc("tune", "--file", "run.yaml", *words, "--json").document["record"]
    assert (record["platform"], record["asked"]["--epochs"]) == ("fake", 5)
    assert record["dataset"] == "other.jsonl"


def test_a_dataset_starts_from_the_folder_of_the_file(world: World, mlcc: Mlcc):
    text = FILE + "validation: held.jsonl\n"
    write("runs/run.yaml", text)
    (world.root / "train.jsonl").rename(world.root / "runs" / "train.jsonl")
    world.write("runs/held.jsonl", [{"prompt": "a", "completion": "b"}])
    plan = mlcc("tune", "--file", "runs/run.yaml", "--dry-run", "--json").document["plan"]
    assert plan["dataset"]["uri"] == "runs/train.jsonl"
    assert plan["dataset"]["held_out"]["dataset"] == "runs/held.jsonl"


def test_every_wrong_line_is_one_line(world: World, mlcc: Mlcc):
    text = (
        "technique: fake\ndatset: x\nepochs: three\ntake: 2.5\nforce: true\n"
        "batch_size: [1]\nextract_prompt: please\non_misfit: ignore\nepochs: 3\nmodel:\n"
    )
    said = mlcc("tune", "--file", write("run.yaml", text))
    assert said.code == 1
    assert said.crosses == [
        "❌ run.yaml:2: Unknown key 'datset'. Did you mean 'dataset'?",
        "❌ run.yaml:3: epochs is 'three': expected an integer from 1 to 10000.",
        "❌ run.yaml:4: take is '2.5': expected an integer.",
        "❌ run.yaml:5: 'force' is about one call, not about a run: pass --force beside --file.",
        "❌ run.yaml:6: batch_size is a list: expected an integer from 1 to 1000000.",
        "❌ run.yaml:7: extract_prompt is 'please': expected true or false.",
        "❌ run.yaml:8: on_misfit is 'ignore': expected one of fail, skip.",
        "❌ run.yaml:9: The key 'epochs' stands twice, expected once.",
        "❌ run.yaml:10: model is nothing: expected a value.",
    ]
    assert world.jobs() == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b"a: [\n", "run.yaml:2"),
        (b"- a\n", "run.yaml:1"),
        (b"", "run.yaml:1"),
        (b"technique: fake\nmodel: \xff\n", "run.yaml:2"),
        (b"a: \x00\n", "run.yaml:1"),
        (b"a" * (1 << 21), "run.yaml:1"),
        (b"[" * 5000, "run.yaml:1"),
        (b"&a [*a]", "run.yaml:1"),
    ],
)
def test_what_is_no_run_file(world: World, mlcc: Mlcc, text: bytes, where: str):
    Path("run.yaml").write_bytes(text)
    said = mlcc("tune", "--file", "run.yaml")
    assert said.code == 1
    (cross,) = said.crosses
    assert cross.startswith(f"❌ {where}: ")


def test_a_file_that_is_not_there(world: World, mlcc: Mlcc):
    assert "nothing.yaml does not exist" in mlcc("tune", "--file", "nothing.yaml").err
    assert "do is a folder" in mlcc("tune", "--file", "do").err


WAYS = {
    "plain": ("train.jsonl", "--technique", "fake"),
    "flags": ("train.jsonl", "--technique", "fake", "--epochs", "2", "--learning-rate", "1e-12"),
    "columns": ("raw.jsonl", "--technique", "fake", "--column-map", "q:prompt", "--take", "2"),
    "held out": ("train.jsonl", "--technique", "fake", "--validation", "0.5"),
    "held apart": ("train.jsonl", "--technique", "fake", "--validation", "held.jsonl"),
    "full rank": ("train.jsonl", "--technique", "second", "--training-type", "full-rank"),
    "evaluator": ("scored.jsonl", "--technique", "scored", "--scorer", "x.py", "--samples", "3"),
    "elsewhere": ("train.jsonl", "--technique", "fake", "--platform", "elsewhere", "--queue=fast"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_file_of_a_run_finds_that_run(
    world: World, mlcc: Mlcc, way: str, monkeypatch: pytest.MonkeyPatch
):
    world.write("raw.jsonl", [{"q": str(i), "completion": "x"} for i in range(4)])
    world.write("held.jsonl", [{"prompt": "a", "completion": "b"}])
    world.write("scored.jsonl", [{"prompt": "a", "reward_model": "y.py"}])
    made = mlcc("tune", *WAYS[way], "--json").document
    text = mlcc("runs", "show", made["job"], "--as-file").out
    assert yaml.safe_load(text)["model"] == "fake-model"
    (world.root / "deep").mkdir()
    monkeypatch.chdir(world.root / "deep")
    Path("run.yaml").write_text(text)
    world.project.set({"MODEL_ID": "another", "PLATFORM": "fake"})
    said = mlcc("tune", "--file", "run.yaml", "--json")
    found = said.document
    assert (found["job"], found["created"]) == (made["job"], False)
    assert found["record"]["plan_hash"] == made["record"]["plan_hash"]


def test_a_file_names_the_run_that_a_technique_stood_for(world: World, mlcc: Mlcc):
    first = world.tune()
    made = world.tune(technique="second", from_tune="fake").job
    Path("run.yaml").write_text(mlcc("runs", "show", made, "--as-file").out)
    world.tune(values={"epochs": 9}, force=True)
    assert yaml.safe_load(Path("run.yaml").read_text())["from_tune"] == first.job
    assert mlcc("tune", "--file", "run.yaml", "--json").document["job"] == made


def test_a_copied_project_still_knows_its_datasets(
    world: World, mlcc: Mlcc, tmp_path_factory: pytest.TempPathFactory
):
    job = world.tune(dataset="train.jsonl").job
    copy = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(world.root, copy)
    os.chdir(copy)
    given = mlcc("runs", "show", job, "--json").document["run"]["given"]
    assert given["dataset"] == str(copy.resolve() / "train.jsonl")


def test_no_secret_is_written(world: World, mlcc: Mlcc):
    flags = ("--platform", "elsewhere", "--technique", "fake", "--validation", "none")
    job = mlcc("tune", "train.jsonl", *flags, "--json").document["job"]
    record = world.record(job)
    assert record.given["validation"] == "none"
    address = "https://me:pw@judge.example.org/v1?key=abc"
    assert without_secrets({"judge_url": address}) == {"judge_url": "https://judge.example.org/v1"}


def test_a_run_of_which_only_the_job_is_known_has_no_file(world: World, mlcc: Mlcc):
    job = world.tune().job
    path = world.project.state_folder / "runs" / f"{job}.json"
    path.unlink()
    world.tune()
    said = mlcc("runs", "show", job, "--as-file")
    assert said.code == 1
    assert "does not hold how it was asked for" in said.err
