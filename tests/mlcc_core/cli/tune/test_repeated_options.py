"""A flag of a platform that may be given several times, from the command line to a run file."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml

from mlcc_core.contract.job import TrainingSpec
from mlcc_core.contract.options import Option
from mlcc_core.contract.platform.values import Context, Request
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import Elsewhere, World

TUNE = ("tune", "train.jsonl", "--technique", "fake", "--platform", "elsewhere")
LABELS = ("--label", "team=red bus", "--label", "cost=7")
VALUES = ["team=red bus", "cost=7"]
LABEL = Option("--label", str, "For the bill", "K=V", repeated=True)


class Labelling(Elsewhere):
    """Remembers the labels of the last spec."""

    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        self.labels = spec.options.get("label")
        return super().build_request(context, spec)


def test_all_that_was_given_reaches_the_platform_in_its_order(world: World, mlcc: Mlcc):
    world.elsewhere = platform = Labelling()
    record = mlcc(*TUNE, *LABELS, "--json").document["record"]
    assert record["options"]["label"] == record["given"]["label"] == VALUES
    assert platform.labels == tuple(VALUES)
    assert "label" not in mlcc(*TUNE, "--force", "--json").document["record"]["given"]


def test_a_printed_command_has_each_of_them(world: World, mlcc: Mlcc):
    mlcc(*TUNE, "--epochs", "1", "--json")
    said = mlcc(*TUNE, *LABELS, "--epochs", "2")
    (line,) = (line for line in said.err.splitlines() if "--force" in line)
    command = shlex.split(line, comments=True)
    assert [command[at + 1] for at, word in enumerate(command) if word == "--label"] == VALUES


def test_a_run_file_has_a_list_or_one(world: World, mlcc: Mlcc):
    run = mlcc(*TUNE, *LABELS, "--json").document["job"]
    text = mlcc("runs", "show", run, "--as-file").out
    assert yaml.safe_load(text)["label"] == VALUES
    Path("run.yaml").write_text(text)
    again = mlcc("tune", "--file", "run.yaml", "--json").document
    assert (again["job"], again["created"]) == (run, False)
    Path("one.yaml").write_text("label: a=b\nplatform: elsewhere\ntechnique: fake\n")
    record = mlcc("tune", "train.jsonl", "--file", "one.yaml", "--force", "--json").document
    assert record["record"]["given"]["label"] == ["a=b"]
    words = ("--label", "c=d", "--force", "--json")
    record = mlcc("tune", "train.jsonl", "--file", "one.yaml", *words).document["record"]
    assert record["given"]["label"] == ["c=d"]


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("label: []", 1, "an empty list: expected a list of values"),
        ("label:\n  - a=b\n  - {c: d}", 3, "a mapping: expected a value, or a list of values."),
        ("label: {c: d}", 1, "a mapping: expected a value, or a list of values."),
    ],
)
def test_a_run_file_with_none(world: World, mlcc: Mlcc, text: str, line: int, found: str):
    Path("run.yaml").write_text(text)
    (cross,) = mlcc("tune", "train.jsonl", "--file", "run.yaml").crosses
    assert cross.startswith(f"❌ run.yaml:{line}: label is {found}")


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        (("a", "b"), None),
        (["a"], None),
        ("a", "--label is 'a': expected a list of values, each a value."),
        ((), "--label is (): expected a list of values, each a value."),
        (("a", 1), "--label is 1: expected a value."),
        (("a", " "), "--label is empty: expected a value."),
    ],
)
def test_each_value_is_checked(value: object, wrong: str | None):
    found = LABEL.check(value)
    assert (found.what if found else None) == wrong


def test_flags_that_come_too_late_are_told(world: World, mlcc: Mlcc):
    job = mlcc(*TUNE, "--label", "a=b", "--json").document["job"]
    said = mlcc(*TUNE, *LABELS)
    late = '--label "team=red bus" --label cost=7 does not change; --force starts a new job.'
    assert f"⚠️  {job} was started with --label a=b, which {late}" in said.err.splitlines()
    for words in (("--label", "a=b"), ()):
        assert "does not change" not in mlcc(*TUNE, *words).err
