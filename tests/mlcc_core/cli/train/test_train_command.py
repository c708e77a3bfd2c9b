"""``mlcc train``: tune's flags on the platform that trains any model, and scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import click
import pytest
from jsonschema import validate

from mlcc_core.cli.documents.schema import json_schema
from mlcc_core.cli.train.train import SCRIPT_OPTIONS
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import Elsewhere, World


@pytest.fixture
def script(world: World) -> str:
    (world.root / "train.py").write_text("print('hello')\n")
    return "train.py"


@pytest.fixture
def sent_elsewhere(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A project whose platform leaves any model to ``elsewhere``."""
    monkeypatch.setattr(FakePlatform, "trains_any", "elsewhere")
    monkeypatch.setattr(Elsewhere, "trains_any", None)
    return world


def checked(name: str, document: dict[str, Any]) -> dict[str, Any]:
    validate({"schema_version": 1, **document}, json_schema(name))
    return document


def test_it_tunes_where_any_model_is_trained(sent_elsewhere: World, mlcc: Mlcc):
    said = mlcc("train", "train.jsonl", "--technique", "fake", "--epochs", "2", "--json")
    assert said.code == 0, said.err
    document = checked("tune", said.document)
    job = document["job"]
    assert sent_elsewhere.jobs(sent_elsewhere.elsewhere) == [job]
    assert sent_elsewhere.jobs() == []
    assert document["record"]["command"] == (
        "./do/tune --technique fake --platform elsewhere --epochs 2 --dataset train.jsonl"
    )
    again = mlcc(
        "tune",
        "train.jsonl",
        "--technique",
        "fake",
        "--epochs",
        "2",
        "--platform",
        "elsewhere",
        "--json",
    )
    assert (again.document["job"], again.document["created"]) == (job, False)


def test_a_platform_that_is_named_counts_as_it_stands(sent_elsewhere: World, mlcc: Mlcc):
    assert mlcc("train", "train.jsonl", "--technique", "fake", "--platform", "fake").code == 0
    assert len(sent_elsewhere.jobs()) == 1


def test_the_whole_command_of_a_guess_goes_to_the_same_place(sent_elsewhere: World, mlcc: Mlcc):
    said = mlcc("train", "train.jsonl")
    assert said.code == 1
    assert "--platform elsewhere" in said.err


def test_the_modes_are_those_of_tune(sent_elsewhere: World, mlcc: Mlcc):
    assert mlcc("train", "--list-models").code == 0
    assert "No tune job is tracked" in mlcc("train", "--status").out
    mlcc("train", "train.jsonl", "--technique", "fake")
    assert "elsewhere" in mlcc("train", "--status").out


def test_a_script_is_run_and_shown(world: World, mlcc: Mlcc, script: str):
    words = ("train", "--script", script, "--hyperparameter", "epochs=3", "--hyperparameter", "a=")
    said = mlcc(*words, "--json")
    assert said.code == 0, said.err
    document = checked("tune", said.document)
    assert document["record"]["script"]["hyperparameters"] == {"epochs": "3", "a": ""}
    assert document["record"]["command"] == (
        "./do/train --script train.py --hyperparameter epochs=3 --hyperparameter a= --platform fake"
    )
    job = document["job"]
    said = mlcc(*words)
    assert f"✅ {job} completed: what its script left is in fake://artifacts/{job}" in said.out
    shown = mlcc("runs", "show", "script").out
    assert "again with" in shown
    assert "--as-file" not in shown
    checked("runs-show", mlcc("runs", "show", "script", "--json").document)
    checked("runs-list", mlcc("runs", "list", "--json").document)
    checked("tune-status", mlcc("train", "--status", "--json").document)
    assert mlcc("runs", "show", "script", "--as-file").code == 1
    report = mlcc("runs", "report", "script", "--json")
    assert report.code == 0, report.err
    assert "train.py" in Path(report.document["path"]).read_text()


def test_a_plan_is_shown_and_nothing_written(world: World, mlcc: Mlcc, script: str):
    (world.root / "r.txt").write_text("numpy\n")
    words = (
        "train",
        "--script",
        script,
        "--requirements",
        "r.txt",
        "--input",
        "train=train.jsonl",
        "--hyperparameter",
        "lr=1e-4",
        "--dry-run",
    )
    said = mlcc(*words)
    assert said.code == 0, said.err
    for line in (
        "   script         train.py",
        "   requirements   r.txt",
        "   --lr           1e-4",
        "   input train    ./train.jsonl",
    ):
        assert line in said.out.splitlines()
    document = checked("train-script-dry-run", mlcc(*words, "--json").document)
    assert document["plan"]["inputs"] == {"train": "./train.jsonl"}
    assert document["request"]["hyperparameters"] == {"lr": "1e-4"}
    assert world.jobs() == []
    assert mlcc(*words[:-1]).code == 0
    assert "completed; it would be shown, no other one created" in mlcc(*words).out


def test_a_script_goes_where_any_is_run(sent_elsewhere: World, mlcc: Mlcc, script: str):
    said = mlcc("train", "--script", script, "--queue", "fast", "--json")
    assert said.code == 0, said.err
    assert sent_elsewhere.jobs(sent_elsewhere.elsewhere) == [said.document["job"]]
    assert said.document["record"]["command"].endswith("--platform elsewhere --queue fast")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--epochs", "3"), "--epochs means nothing for a script"),
        (("--technique", "fake"), "--technique means nothing for a script"),
        (("--model", "m"), "--model means nothing for a script"),
        (("--samples", "3"), "--samples means nothing for a script"),
        (("--scorer", "a.py"), "--scorer means nothing for a script"),
        (("--dataset", "d"), "--dataset means nothing for a script"),
        (("--file", "r.yaml"), "--file means nothing for a script"),
        (("--on-misfit", "skip"), "--on-misfit means nothing for a script"),
        (("--from-tune", "fake"), "--from-tune means nothing for a script"),
        (("--set", "a=1"), "--set means nothing for a script"),
        (("train.jsonl",), "A script takes no dataset (train.jsonl); its data is given by"),
        (("--hyperparameter", "lr"), "--hyperparameter is 'lr', expected NAME=VALUE"),
        (("--input", "a=b", "--input", "a=c"), "--input names 'a' twice"),
    ],
)
def test_what_means_nothing_for_a_script_is_refused(
    world: World, mlcc: Mlcc, script: str, words: tuple[str, ...], what: str
):
    said = mlcc("train", "--script", script, *words)
    assert said.code == 1
    (cross,) = said.crosses
    assert what in cross
    assert world.jobs() == []


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--epochs", "3"), "mlcc train --script train.py --hyperparameter epochs=3"),
        (
            ("--learning-rate=0.5",),
            "mlcc train --script train.py --hyperparameter learning-rate=0.5",
        ),
        (("--model", "m"), "mlcc train --script train.py\n   # without --model"),
        (("--no-transform",), "mlcc train --script train.py\n   # without --no-transform"),
    ],
)
def test_a_foreign_flag_is_mended_by_one_paste(
    world: World, mlcc: Mlcc, script: str, words: tuple[str, ...], hint: str
):
    assert hint in mlcc("train", "--script", script, *words).err


def test_a_platform_that_runs_no_scripts_hints_at_the_project_s_own_other(
    sent_elsewhere: World, mlcc: Mlcc, script: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Elsewhere, "scripts", vars(FakePlatform)["scripts"], raising=False)
    monkeypatch.setattr(FakePlatform, "scripts", None)
    said = mlcc("train", "--script", script, "--platform", "fake")
    assert "'fake' runs no scripts" in said.err
    assert "--platform elsewhere" in said.err


@pytest.mark.parametrize(
    "words",
    [("--hyperparameter", "a=1"), ("--requirements", "r.txt"), ("--folder",), ("--input", "a=b")],
)
def test_what_is_for_scripts_alone_is_refused(world: World, mlcc: Mlcc, words: tuple[str, ...]):
    said = mlcc("train", "train.jsonl", "--technique", "fake", *words)
    assert said.code == 1
    assert f"{words[0]} is for scripts, expected --script with it" in said.err


def test_a_script_and_a_mode(world: World, mlcc: Mlcc, script: str):
    said = mlcc("train", "--script", script, "--status")
    assert said.code == 1
    assert "--script" in said.crosses[0]


def test_help_names_what_tune_takes_and_more(world: World, mlcc: Mlcc):
    tune, train = mlcc("tune", "--help").out, mlcc("train", "--help").out
    assert "Script:\n  --script FILE" in train
    assert "mlcc train --script train.py" in train
    for line in tune[tune.index("Technique and dataset:") :].splitlines():
        assert line in train


def test_exit_codes(world: World, mlcc: Mlcc, script: str):
    world.platform.course = ("failed",)
    said = mlcc("train", "--script", script)
    assert said.code == 2
    assert said.crosses == [f"❌ The job {world.jobs()[0]} failed: the loss is not a number"]
    error = json.loads(mlcc("train", "--script", "no.py", "--json").out)
    validate(error, json_schema("error"))


class Scriptless(FakePlatform):
    """A platform that runs none."""

    name: ClassVar[str] = "scriptless"
    default: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.runs_scripts = None


def test_a_platform_without_scripts(world: World, mlcc: Mlcc, script: str, monkeypatch: Any):
    nouns = [*world.nouns, Scriptless()]
    monkeypatch.setattr(World, "nouns", property(lambda self: nouns))
    said = mlcc("train", "--script", script, "--platform", "scriptless")
    assert said.crosses == [
        "❌ --platform: Platform 'scriptless' runs no scripts; these do: elsewhere, fake."
    ]


@pytest.mark.parametrize("flag", ["--script", "--requirements"])
def test_a_shell_completes_files(flag: str):
    (option,) = (option for option in SCRIPT_OPTIONS if flag in option.opts)
    (item,) = option.type.shell_complete(click.Context(click.Command("train")), option, "tr")
    assert item.type == "file"
