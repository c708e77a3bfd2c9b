"""``mlcc tune DATASET``: what is not named is guessed, shown and asked; never in a script."""

from __future__ import annotations

import shlex
from typing import Any, ClassVar

import pytest

from mlcc_core import Column, DatasetSchema
from mlcc_core.cli.main import mlcc as group
from tests.mlcc_core.cli.conftest import Mlcc, Terminal
from tests.mlcc_core.world import First, Scored, World

COMMAND = (
    './do/tune --technique fake --dataset "qa file.jsonl" '
    "--column-map question:prompt,answer:completion"
)
CHOICE = {"prompt": "a", "chosen": "b", "rejected": "c"}


class Paired(First):
    """A technique that prefers."""

    name: ClassVar[str] = "paired"
    schemas: ClassVar[tuple[DatasetSchema, ...]] = (
        DatasetSchema((Column("prompt"), Column("chosen"), Column("rejected")), CHOICE),
    )


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The project, with techniques that differ in their columns."""
    others = [noun for noun in world.nouns if not isinstance(noun, First)]
    monkeypatch.setattr(World, "nouns", [First(), Paired(), Scored(), *others])
    world.write("qa file.jsonl", [{"question": f"{n}?", "answer": "b", "id": n} for n in range(3)])
    world.write("pairs.jsonl", [CHOICE] * 3)
    world.write("other.jsonl", [{"x": 1}])
    return world


def test_the_dataset_is_an_argument(world: World, mlcc: Mlcc):
    assert mlcc("tune", "train.jsonl", "--technique", "fake").code == 0
    (job,) = world.jobs()
    same = ("--technique", "fake", "--json")
    assert mlcc("tune", "--dataset", "train.jsonl", *same).document["job"] == job
    assert mlcc("tune", "train.jsonl", "--dataset", "train.jsonl", *same).document["job"] == job
    assert world.jobs() == [job]


def test_two_datasets_are_one_too_many(world: World, mlcc: Mlcc):
    for words in (
        ("train.jsonl", "--dataset", "pairs.jsonl"),
        ("train.jsonl", "pairs.jsonl"),
    ):
        said = mlcc("tune", *words, "--technique", "fake")
        assert said.code == 1
        assert said.crosses == [
            "❌ Two datasets are named, train.jsonl and pairs.jsonl; expected one."
        ]
    assert world.jobs() == []


@pytest.mark.parametrize(
    ("dataset", "command"),
    [
        ("train.jsonl", "./do/tune --technique fake --dataset train.jsonl"),
        ("pairs.jsonl", "./do/tune --technique paired --dataset pairs.jsonl"),
        ("qa file.jsonl", COMMAND),
    ],
)
def test_a_script_gets_the_whole_command(world: World, mlcc: Mlcc, dataset: str, command: str):
    said = mlcc("tune", dataset)
    assert said.code == 1
    assert len(said.crosses) == 1
    assert said.crosses[0].startswith(f"❌ --technique is missing: the columns of {dataset} (")
    assert said.err.splitlines()[-1] == f"   {command}"
    assert world.jobs() == []
    assert mlcc("tune", dataset, "--json").document["error"]["hint"] == command
    assert mlcc(*shlex.split(command.replace("./do/tune", "tune"))).code == 0
    assert len(world.jobs()) == 1


def test_columns_alone_are_named_in_the_command_too(world: World, mlcc: Mlcc):
    said = mlcc("tune", "qa file.jsonl", "--technique", "fake", "--epochs", "2")
    assert said.code == 1
    command = said.err.splitlines()[-1].strip()
    assert command.startswith("./do/tune --technique fake --epochs 2 --dataset")
    assert mlcc(*shlex.split(command.replace("./do/tune", "tune"))).code == 0


def test_a_project_that_trained_before_changes_nothing(world: World, mlcc: Mlcc):
    assert mlcc("tune", "train.jsonl", "--technique", "fake").code == 0
    assert mlcc("tune", "train.jsonl").code == 1
    said = mlcc("tune", "pairs.jsonl")
    assert said.err.splitlines()[-1] == "   ./do/tune --technique paired --dataset pairs.jsonl"
    assert len(world.jobs()) == 1


def test_what_fits_nothing_is_told_of_each_technique(world: World, mlcc: Mlcc):
    said = mlcc("tune", "other.jsonl")
    assert said.code == 1
    assert said.err.splitlines() == [
        "❌ --technique is missing: the columns of other.jsonl (x) fit none.",
        "   fake: lacks prompt, completion",
        "   paired: lacks prompt, chosen, rejected",
        "   scored: lacks prompt, reward_model",
        "   mlcc plugins",
        "   # lists the techniques",
    ]


def test_a_terminal_is_asked_about_technique_and_columns(world: World, terminal: Terminal):
    code, shown = terminal("n", "tune", "qa file.jsonl")
    assert (code, world.jobs()) == (130, [])
    assert [line.strip() for line in shown.splitlines()[:7]] == [
        "📋 qa file.jsonl would be trained on like this:",
        "technique  fake: Fake (nothing is learned)",
        'columns    --column-map "question:prompt,answer:completion"',
        "dropped    id",
        'first row  {"prompt": "0?", "completion": "b"}',
        f"command    {COMMAND}",
        "Go ahead? [y/N]: n",
    ]
    assert "❌ Nothing was done." in shown
    code, shown = terminal("y", "tune", "qa file.jsonl")
    assert code == 0
    (job,) = world.jobs()
    assert world.record(job).technique == "fake"
    assert world.record(job).rows == 3


def test_a_terminal_is_asked_about_columns_alone(world: World, terminal: Terminal):
    code, shown = terminal("", "tune", "qa file.jsonl", "--technique", "fake")
    assert (code, world.jobs()) == (130, [])
    code, shown = terminal("y", "tune", "qa file.jsonl", "--technique", "fake")
    assert (code, len(world.jobs())) == (0, 1)
    assert shown.count("[y/N]") == 1


def test_a_terminal_is_not_asked_where_nothing_is_guessed(world: World, terminal: Terminal):
    code, shown = terminal("y", "tune", "train.jsonl", "--technique", "fake")
    assert code == 0
    for words in (
        ("other.jsonl",),
        ("other.jsonl", "--technique", "fake"),
        ("qa file.jsonl", "--technique", "fake", "--epochs", "0"),
        ("qa file.jsonl", "--json"),
    ):
        code, more = terminal("y", "tune", *words)
        assert code == 1
        shown += more
    assert "[y/N]" not in shown


def test_rows_that_are_wrong_are_said_before_the_question(world: World, terminal: Terminal):
    rows: list[dict[str, Any]] = [{"question": "q", "answer": "b"}] * 3
    world.write("some.jsonl", [*rows, {"question": "q", "answer": 3}])
    _, shown = terminal("n", "tune", "some.jsonl")
    assert "⚠️  1 row is not right among the first 4." in shown


@pytest.mark.parametrize(
    ("words", "cross", "command"),
    [
        (("fake",), "'fake' is the name of a technique, expected a dataset", "mlcc tune --help"),
        (("Fake",), "'Fake' is the name of a technique, expected a dataset", "mlcc tune --help"),
        (("fkae",), "Did you mean the technique 'fake'", "mlcc tune --help"),
        (
            ("paired", "pairs.jsonl", "--epochs", "2"),
            "'paired' is the name of a technique",
            "mlcc tune pairs.jsonl --epochs 2 --technique paired",
        ),
        (("status",), "Did you mean --status?", "mlcc tune --status"),
        (("statsu",), "Did you mean --status?", "mlcc tune --status"),
        (("list-models",), "Did you mean --list-models?", "mlcc tune --list-models"),
        (("list_models",), "Did you mean --list-models?", "mlcc tune --list-models"),
        (("stop",), "Did you mean the command 'stop'?", "mlcc stop --help"),
        (("chekc",), "Did you mean the command 'check'?", "mlcc check --help"),
    ],
)
def test_a_name_of_something_else_is_not_a_dataset(
    world: World, mlcc: Mlcc, words: tuple[str, ...], cross: str, command: str
):
    said = mlcc("tune", *words)
    assert said.code == 1
    assert len(said.crosses) == 1
    assert cross in said.crosses[0]
    assert said.err.splitlines()[-1] == f"   {command}"
    assert mlcc(*shlex.split(command)[1:]).code == 0


def test_a_file_of_such_a_name_is_a_dataset(world: World, mlcc: Mlcc):
    (world.root / "fake").mkdir()
    world.write("fake/a.jsonl", [CHOICE])
    assert mlcc("tune", "fake", "--technique", "paired").code == 0
    world.write("stop.jsonl", [CHOICE])
    said = mlcc("tune", "stop", "--technique", "paired")
    assert said.err.splitlines()[-1].endswith("stop.jsonl")


def test_a_shell_completes_files_and_schemes(world: World):
    from click.shell_completion import BashComplete

    def completed(*words: str) -> list[tuple[str, str]]:
        *before, last = words
        shell = BashComplete(group, {}, "mlcc", "_MLCC_COMPLETE")
        return [(item.type, item.value) for item in shell.get_completions(before, last)]

    for command in ("tune", "check"):
        assert completed(command, "tr") == [("file", "tr")]
        assert completed(command, "--dataset", "tr") == [("file", "tr")]


def test_schemes_of_sources_are_completed(world: World, monkeypatch: pytest.MonkeyPatch):
    from click.shell_completion import BashComplete

    from mlcc_core.testing.source import FakeSource

    shelf = type("Shelf", (FakeSource,), {"name": "shelf", "schemes": ("shelf",)})({})
    monkeypatch.setattr(World, "nouns", [*world.nouns, shelf])
    shell = BashComplete(group, {}, "mlcc", "_MLCC_COMPLETE")
    found = [(item.type, item.value) for item in shell.get_completions(["tune"], "sh")]
    assert found == [("file", "sh"), ("plain", "shelf://")]
    assert shell.get_completions(["tune"], "shelf://a") == []


def test_rows_are_offered_to_be_skipped_only_where_some_are_left(world: World, mlcc: Mlcc):
    reply = {"role": "assistant", "content": "b"}
    good = {"prompt": "a", "completion": [reply]}
    lossy = {"prompt": "a", "completion": [reply, {**reply, "audio": {"id": "x"}}]}
    world.write("some.jsonl", [good, lossy])
    world.write("lossy.jsonl", [lossy] * 3)
    tune = ("tune", "--technique", "fake", "--dry-run")
    assert mlcc(*tune, "some.jsonl").err.splitlines()[-1].endswith("some.jsonl --on-misfit skip")
    said = mlcc(*tune, "lossy.jsonl")
    assert said.code == 1
    assert said.err.splitlines()[-1] == "   mlcc check --technique fake lossy.jsonl"
    assert "--on-misfit" not in mlcc("check", "--technique", "fake", "lossy.jsonl").out
