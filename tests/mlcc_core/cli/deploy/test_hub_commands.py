"""Adapters of a hub, added and updated by the command."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.mlcc_core.cli.conftest import Mlcc, met_by_commands
from tests.mlcc_core.hub_world import HubWorld, make_hub_world


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubWorld:
    world = make_hub_world(tmp_path, monkeypatch)
    met_by_commands(world, monkeypatch)
    world.finished()
    return world


def test_a_newer_commit_of_the_hub_is_swapped_in_by_the_printed_command(
    world: HubWorld, mlcc: Mlcc
) -> None:
    def pushed() -> str:
        said = mlcc("push", "me/tuned", "--json")
        return f"hub me/tuned@{said.document['revision'][:7]}"

    first = pushed()
    assert mlcc("adapter", "add", "tuned", "--from-hub", "me/tuned").code == 0
    again = mlcc("adapter", "add", "tuned", "--from-hub", "me/tuned", "--json").document
    assert (again["changed"], again["source"]) == (False, first)
    (weights,) = world.root.glob("outputs/*/adapter_model.safetensors")
    weights.write_bytes(weights.read_bytes() + b"more")
    second = pushed()
    taken = mlcc("adapter", "add", "tuned", "--from-hub", "me/tuned")
    assert taken.code == 1
    printed = shlex.split(taken.err.splitlines()[-1])
    assert printed == ["mlcc", "adapter", "update", "tuned", "--from-hub", "me/tuned"]
    updated = mlcc(*printed[1:], "--json").document
    assert (updated["changed"], updated["source"]) == (True, second)
    (row,) = mlcc("adapter", "list", "--json").document["adapters"]
    assert row["source"] == second
    assert mlcc(*printed[1:], "--json").document["changed"] is False


def test_one_place_of_weights_is_asked_for_by_the_command_that_was_typed(
    world: HubWorld, mlcc: Mlcc
) -> None:
    said = mlcc("adapter", "update", "tuned")
    assert said.code == 1
    assert said.err.splitlines()[-1].strip() == "mlcc adapter update tuned --from-tune"
