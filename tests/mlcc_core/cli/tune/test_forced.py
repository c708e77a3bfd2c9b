"""``mlcc tune --force`` while a job runs."""

from __future__ import annotations

import pytest

from tests.mlcc_core.cli.conftest import Mlcc, Terminal
from tests.mlcc_core.world import World

FORCED = ("tune", "train.jsonl", "--technique", "fake", "--epochs", "9", "--force")


@pytest.fixture
def running(world: World) -> str:
    """A job that runs, and jobs that complete from now on."""
    world.platform.course = ("running",) * 1000
    job = world.tune(wait=False).job
    world.platform.course = ("completed",)
    return job


def test_a_yes_stops_the_one_that_runs_first(world: World, running: str, terminal: Terminal):
    code, shown = terminal("y", *FORCED)
    assert code == 0
    assert f"{running} is not over, and a new job takes its place. Stop it? [y/N]" in shown
    assert f"{running} is stopped." in shown
    assert world.record(running).status == "stopped"
    calls = [call for call in world.platform.calls if call in ("stop", "submit")]
    assert calls == ["submit", "stop", "submit"]


def test_a_no_lets_both_go_on(world: World, running: str, terminal: Terminal):
    code, shown = terminal("n", *FORCED)
    assert code == 0
    assert f"mlcc stop {running}" in shown
    assert "stop" not in world.platform.calls
    assert len(world.jobs()) == 2


def test_a_script_is_warned(world: World, running: str, mlcc: Mlcc):
    said = mlcc(*FORCED)
    assert said.code == 0
    assert f"⚠️  {running} is not over, and a new job takes its place" in said.err
    assert f"mlcc stop {running}" in said.err
    assert "stop" not in world.platform.calls


def test_one_that_is_not_tracked_any_more_is_told_of(world: World, running: str, mlcc: Mlcc):
    mlcc(*FORCED)
    said = mlcc(*FORCED, "--learning-rate", "1e-4")
    assert said.code == 0
    assert f"⚠️  {running} is not over either" in said.err
    assert f"mlcc stop {running}" in said.err


def test_nothing_is_stopped_for_a_job_that_cannot_begin(world: World, running: str, mlcc: Mlcc):
    said = mlcc("tune", "nothing.jsonl", "--technique", "fake", "--force")
    assert said.code == 1
    assert "takes its place" not in said.err


def test_nothing_runs_and_nothing_is_asked(world: World, terminal: Terminal):
    world.tune()
    code, shown = terminal("", *FORCED)
    assert code == 0
    assert "[y/N]" not in shown
