"""Letters of flags, and the hints of a line that was typed with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_core.cli.meant.letters import spelled_out
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World


@pytest.mark.parametrize(
    ("typed", "long"),
    [
        (["tune", "-t", "sft", "-n"], ["tune", "--technique", "sft", "--dry-run"]),
        (["tune", "-e3"], ["tune", "--epochs", "3"]),
        (["tune", "-f", "run.yaml"], ["tune", "--file", "run.yaml"]),
        (["tune", "-epochs", "3"], ["tune", "-epochs", "3"]),
        (["logs", "-f"], ["logs", "-f"]),
        (["tune", "--set", "a=-t", "-"], ["tune", "--set", "a=-t", "-"]),
    ],
)
def test_letters_are_spelled_out_for_hints(typed: list[str], long: list[str]):
    assert spelled_out(typed) == long


def test_a_letter_does_what_its_flag_does(world: World, mlcc: Mlcc):
    world.write("rows.jsonl", [{"prompt": f"{i}?", "completion": "b"} for i in range(3)])
    long = mlcc("tune", "rows.jsonl", "--technique", "fake", "--epochs", "3", "--dry-run", "--json")
    short = mlcc("tune", "-d", "rows.jsonl", "-t", "fake", "-e", "3", "-n", "--json")
    assert long.code == short.code == 0
    assert long.document == short.document


def test_hints_that_change_the_line_know_its_letters(world: World, mlcc: Mlcc):
    """A dataset that is named twice, one of them the name of the technique."""
    said = mlcc("tune", "rows.jsonl", "fake", "-t", "fake")
    assert said.code == 1
    assert "Two datasets are named" in said.crosses[0]


def test_a_plugin_cannot_take_a_letter(site, folder: Path, mlcc: Mlcc):
    body = """
from mlcc_core import *
from mlcc_core.testing.technique import FakeTechnique

class Bad(FakeTechnique):
    name = "bad"
    options = (Option("-z", int, "mine"),)

plugin = Bad()
"""
    site.install("mlcc-bad", body, entry_points={"bad": "mlcc_bad:plugin"})
    said = mlcc("tune", "--help")
    assert "the flag is '-z', expected --like-this" in said.crosses[0]
