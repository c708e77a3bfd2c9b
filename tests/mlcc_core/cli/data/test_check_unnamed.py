"""``mlcc check DATASET`` without a technique."""

from __future__ import annotations

import shlex
from typing import ClassVar

import pytest

from mlcc_core import Column, DatasetSchema
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import First, Scored, World


class Marked(First):
    """A technique that needs what another does, and more."""

    name: ClassVar[str] = "marked"
    schemas: ClassVar[tuple[DatasetSchema, ...]] = (
        DatasetSchema(
            (Column("prompt"), Column("completion"), Column("label", ("boolean",))),
            {"prompt": "a", "completion": "b", "label": True},
        ),
    )


@pytest.fixture(autouse=True)
def techniques(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    others = [noun for noun in world.nouns if not isinstance(noun, First)]
    monkeypatch.setattr(World, "nouns", [First(), Marked(), Scored(), *others])


NOTE = "Checked for technique 'fake', the only one that the columns fit as they are"


def test_the_only_technique_that_fits_is_checked_for(world: World, mlcc: Mlcc):
    said = mlcc("check", "train.jsonl")
    assert said.code == 0
    assert said.out.splitlines()[0] == f"ℹ️  {NOTE}"
    assert said.out.splitlines()[1].startswith("✅ 12 rows, all good")
    assert mlcc("check", "train.jsonl", "--json").document["notes"] == [NOTE]


def test_its_rows_are_the_verdict(world: World, mlcc: Mlcc):
    rows: list[dict[str, object]] = [{"prompt": "a", "completion": "b"}] * 20
    world.write("late.jsonl", [*rows, {"prompt": "a", "completion": 3}])
    said = mlcc("check", "late.jsonl")
    assert said.code == 1
    assert "late.jsonl:21, completion: found number, expected string" in said.out


def test_several_that_fit_are_named_with_a_command(world: World, mlcc: Mlcc):
    world.write("marked.jsonl", [{"prompt": "a", "completion": "b", "label": True}])
    said = mlcc("check", "marked.jsonl")
    columns = "the columns of marked.jsonl (prompt, completion, label)"
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [
        f"❌ --technique is missing: {columns} fit marked best.",
        "   marked: prompt, completion, label",
        "   fake: prompt, completion",
        "   scored: lacks reward_model",
        "   mlcc check --technique marked --dataset marked.jsonl",
    ]


def test_one_that_fits_with_a_change_is_named_and_not_checked_for(world: World, mlcc: Mlcc):
    world.write("qa.jsonl", [{"question": "a", "answer": "b"}])
    said = mlcc("check", "qa.jsonl")
    assert (said.code, said.out) == (1, "")
    command = said.err.splitlines()[-1].strip()
    assert "--column-map" in command
    assert mlcc(*shlex.split(command)[1:]).code == 0
    assert mlcc("check", "qa.jsonl", "--column-map", "question:prompt,answer:completion").code == 0


def test_works_without_a_project(world: World, mlcc: Mlcc):
    (world.root / "do" / "config").unlink()
    assert mlcc("check", "train.jsonl").code == 0


def test_the_exit_codes_are_documented(world: World, mlcc: Mlcc):
    text = " ".join(mlcc("check", "--help").out.split())
    assert "Exit code 0 when every row is good; 1 when a row is not" in text
    assert "or when no technique is named and the columns do not tell which" in text
