"""No command is silent for long: each runs on a terminal while what it asks takes its time."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlcc_core.project.commands import COMMANDS
from tests.mlcc_core.world import make_world
from tests.terminal import Terminal, terminal

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]

SECONDS = 5.0
"""For which the stand-ins keep a command waiting."""

ALLOWED = 3.5
"""Seconds of silence on a machine that is busy; a quiet one takes 0.8."""

READY = "the stand-ins are there"

PROGRAM = f"""
import sys, time
from pathlib import Path
import mlcc_core.loader.manager
from mlcc_core.cli import main
from mlcc_core.loader.entry_points import Loaded, Origin
from mlcc_core.testing.faults import Faults
from tests.mlcc_core.world import World

slow = sys.argv.pop(1)
call = Faults.call
waits = [{SECONDS}]
def slowly(self, method):
    if waits and slow == "platform":
        time.sleep(waits.pop())
    return call(self, method)
Faults.call = slowly
nouns = World(Path()).nouns
def load(*_):
    if slow == "plugins":
        time.sleep({SECONDS})
    return [Loaded(noun, Origin("tests", "tests", "tests", "1")) for noun in nouns], []
mlcc_core.loader.manager.load_entry_points = load
print("{READY}", flush=True)
main()
"""

WITHOUT_PLUGINS = ("completion", "catalog", "demo", "chat")
"""Commands that load no plugins, or need more than the fakes have."""

ARGUMENTS = {
    "init": ("init", "new", "--model", "m"),
    "tune": ("tune", "--technique", "fake", "--dataset", "train.jsonl", "--dry-run"),
    "runs": ("runs", "list"),
    "push": ("push", "me/model"),
    "check": ("check", "train.jsonl", "--technique", "fake"),
    "adapter": ("adapter", "list"),
    "add-ic": ("add-ic", "x", "--from-tune"),
    "test": ("test", "--adapter", "tuned"),
    "export": ("export", "--to", "there"),
    "train": ("train", "--technique", "fake", "--dataset", "train.jsonl", "--dry-run"),
    "serve": ("serve", "nothing-of-this-name"),
    "undeploy": ("undeploy", "--yes"),
    "secrets": ("secrets", "check"),
}
"""Words of commands that need more than their name; to fail after the wait is an end, too."""


@pytest.fixture
def env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}


def shown(folder: Path, env: dict[str, str], slow: str, *words: str) -> Terminal:
    command = [sys.executable, "-c", PROGRAM, slow, *words]
    with terminal(command, folder, env, columns=60) as there:
        there.sees(READY)
        there.longest = 0
        there.ends(SECONDS * 20)
    return there


def test_no_command_is_silent_while_plugins_are_loaded(folder: Path, env: dict[str, str]):
    make_world(folder)
    names = [name for name in COMMANDS if name not in WITHOUT_PLUGINS]
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(
            lambda name: shown(folder, env, "plugins", *ARGUMENTS.get(name, (name,))), names
        )
    for name, there in zip(names, found, strict=True):
        assert there.longest < ALLOWED, f"{name}: {there.silent_after!r}"
        assert "Traceback" not in there.raw, name
        # It was drawn, and nothing of it is left.
        assert "⠋" in there.raw, name
        assert not any(mark in there.text() for mark in "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"), there.text()
        assert there.broken() == [], name


def test_no_command_is_silent_while_a_platform_answers(folder: Path, env: dict[str, str]):
    make_world(folder)
    commands = [("doctor",), ARGUMENTS["tune"], ARGUMENTS["adapter"], ARGUMENTS["test"]]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda words: shown(folder, env, "platform", *words), commands))
    for words, there in zip(commands, found, strict=True):
        assert there.longest < ALLOWED, f"{words}: {there.silent_after!r}"
        assert "Traceback" not in there.raw


def test_a_log_gets_a_line_and_standard_output_stays_clean(folder: Path, env: dict[str, str]):
    make_world(folder)
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, "plugins", "models", "--json"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith(f"{READY}\n{{")
    assert "Looking at the models …" in run.stderr.splitlines()
    assert "\x1b" not in run.stderr + run.stdout
