"""What every command has in common: help, errors, exit codes, projects."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from mlcc_core.cli.main import mlcc as group
from mlcc_core.project.commands import COMMANDS
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

IN_A_PROJECT = [
    *(["tune", "--technique", "fake", "--dataset", "x"], ["tune", "--status"], ["stop"]),
    *(["logs"], ["adapter", "list"], ["adapter", "add", "a", "--from-tune"]),
    *(["adapter", "remove", "a"], ["add-ic", "a", "--from-tune"], ["deploy"], ["undeploy"]),
    *(["test"], ["secrets", "check"], ["bootstrap"]),
]


def every_command() -> list[list[str]]:
    found = [[name] for name in COMMANDS]
    context = click.Context(group)
    for name in COMMANDS:
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            found += [[name, sub] for sub in command.list_commands(context)]
    return found


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_help_says_what_a_command_does(mlcc: Mlcc, words: list[str]):
    for flag in ("--help", "-h"):
        said = mlcc(*words, flag)
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith(f"Usage: mlcc {' '.join(words)}")
        assert max(map(len, said.out.splitlines())) <= 100
        first = said.out.split("\n\n")[1].strip()
        assert first.endswith((".", ":"))


def test_the_list_of_commands(mlcc: Mlcc):
    said = mlcc("--help")
    assert said.code == 0
    listed = said.out.partition("Commands:\n")[2].partition("\n\n")[0]
    assert [line.split()[0] for line in listed.splitlines() if line[2] != " "] == list(COMMANDS)
    assert "Exit codes: 0 done" in said.out


@pytest.mark.parametrize("words", [(), ("adapter",), ("catalog",)])
def test_no_command_shows_the_help_and_is_an_input_error(mlcc: Mlcc, words: tuple[str, ...]):
    said = mlcc(*words)
    assert said.code == 1
    assert said.out == ""
    assert said.err.startswith("Usage: mlcc")


def test_an_unknown_command(mlcc: Mlcc):
    said = mlcc("tuen")
    assert said.code == 1
    assert said.crosses == ["❌ Unknown command 'tuen'. Did you mean 'tune'?"]
    assert mlcc("tuen", "--json").document["error"]["exit_code"] == 1
    assert mlcc("adapter", "lst").code == 1


def test_version(mlcc: Mlcc):
    said = mlcc("--version")
    assert said.code == 0
    assert said.out.startswith("mlcc, version ")


@pytest.mark.parametrize("words", IN_A_PROJECT, ids=" ".join)
def test_outside_a_project(folder: Path, mlcc: Mlcc, words: list[str]):
    said = mlcc(*words)
    assert said.code == 1
    assert said.out == ""
    assert said.err.splitlines() == [
        f"❌ {folder} is not an mlcc project: neither it nor a folder above has do/config.",
        "   mlcc init .",
        "   # makes one here",
    ]
    assert mlcc(*words, "--json").document["error"]["hint"].startswith("mlcc init .")


@pytest.mark.parametrize("words", IN_A_PROJECT, ids=" ".join)
def test_a_config_that_is_nonsense(folder: Path, mlcc: Mlcc, words: list[str]):
    (folder / "do").mkdir()
    config = folder / "do" / "config"
    for data in (b"\x7fELF\xff\xfe", b"A=1\nB='never closed\n", b"A=\0\n"):
        config.write_bytes(data)
        said = mlcc(*words)
        assert said.code == 1
        assert len(said.crosses) == 1
        assert str(config) in said.crosses[0]
        assert "Traceback" not in said.err
        assert config.read_bytes() == data


@pytest.mark.parametrize(
    "line", ["export PLATFORM=$(echo fake)", "export PROJECT_NAME=`id`", "PROJECT_NAME='a b'"]
)
def test_a_config_that_wants_a_shell(world: World, mlcc: Mlcc, line: str):
    with world.project.config_path.open("a") as file:
        file.write(f"{line}\n")
    said = mlcc("adapter", "list")
    assert said.code == 1
    assert len(said.crosses) == 1
    name = line.replace("export ", "").partition("=")[0]
    assert name in said.crosses[0]


def test_the_variable_leads_to_the_project(
    world: World,
    mlcc: Mlcc,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert mlcc("adapter", "list").code == 1
    monkeypatch.setenv("MLCC_PROJECT", str(world.root))
    assert mlcc("adapter", "list").code == 0
    monkeypatch.setenv("MLCC_PROJECT", "not there")
    said = mlcc("adapter", "list")
    assert said.err.splitlines()[-1] == f"   mlcc init '{Path.cwd()}/not there'"


def test_a_missing_argument_is_one_line(mlcc: Mlcc):
    said = mlcc("secrets")
    assert said.err.splitlines() == [
        "❌ Missing argument '{set|check|remove}'. Choose from: set, check, remove",
        "   mlcc secrets --help",
    ]


def test_a_bug_is_one_line_and_debug_shows_where(world: World, mlcc: Mlcc, monkeypatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("mlcc_core.actions.deploy.adapters.require_serving", fail)
    said = mlcc("adapter", "list")
    assert said.code == 3
    assert said.err.splitlines() == [
        "❌ This is a bug in mlcc: ZeroDivisionError: a",
        "   MLCC_DEBUG=1 mlcc adapter list",
        "   # and report what it prints",
    ]
    for words in (["--debug", "adapter", "list"], ["adapter", "list", "--debug"]):
        said = mlcc(*words)
        assert said.code == 3
        assert "Traceback (most recent call last)" in said.err
        assert len(said.crosses) == 1
    monkeypatch.setenv("MLCC_DEBUG", "1")
    assert "Traceback" in mlcc("adapter", "list").err
    said = mlcc("adapter", "list", "--json")
    assert said.document["error"]["exit_code"] == 3


def test_a_failing_plugin_is_named_and_debug_shows_where(world: World, mlcc: Mlcc):
    world.platform.fail("deployed", ZeroDivisionError("a\nb"))
    said = mlcc("adapter", "list")
    assert said.code == 1
    assert said.err.splitlines() == [
        "❌ Platform fake (fakes 1.0) failed in deployed: ZeroDivisionError: a",
        "   MLCC_DEBUG=1 mlcc …",
        "   # shows where in its code",
    ]
    world.platform.fail("deployed", ZeroDivisionError("a\nb"))
    said = mlcc("adapter", "list", "--debug")
    assert "Traceback (most recent call last)" in said.err
    assert "in deployed" in said.err


def test_errors_of_the_system_are_the_platforms(world: World, mlcc: Mlcc):
    failed = "❌ Platform fake (fakes 1.0) failed in deployed: PermissionError: [Errno 13]"
    world.platform.fail("deployed", PermissionError(13, "Permission denied", "/x/y"))
    said = mlcc("adapter", "list")
    assert (said.code, said.crosses) == (3, [f"{failed} Permission denied: '/x/y'"])
    world.platform.fail("deployed", OSError(28, "No space left on device"))
    said = mlcc("adapter", "list")
    assert said.code == 3
    assert "No space left on device" in said.crosses[0]
    assert "df -h" in said.err
    world.platform.fail("deployed", BrokenPipeError(32, "Broken pipe"))
    said = mlcc("adapter", "list")
    assert said.code == 3
    assert "Broken pipe" in said.crosses[0]


def test_ctrl_c_anywhere(world: World, mlcc: Mlcc):
    world.platform.fail("deployed", KeyboardInterrupt())
    said = mlcc("adapter", "list", "--json")
    assert said.code == 130
    assert said.document["error"]["what"] == "Interrupted."


def test_ctrl_c_while_a_class_is_made(world: World, mlcc: Mlcc):
    """Python up to 3.11 wraps what ``__set_name__`` raises in a RuntimeError."""
    error = RuntimeError("Error calling __set_name__")
    error.__cause__ = KeyboardInterrupt()
    world.platform.fail("deployed", error)
    said = mlcc("adapter", "list")
    assert (said.code, said.crosses) == (130, ["❌ Interrupted."])


def test_no_escape_sequence_reaches_the_terminal(world: World, mlcc: Mlcc):
    said = mlcc("adapter", "remove", "a\x1b[31m\rb")
    assert said.code == 1
    assert "\x1b" not in said.err
    assert "\r" not in said.err
    assert len(said.crosses) == 1


def test_doctor(world: World, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch):
    from mlcc_core.contract.platform.values import Check

    said = mlcc("doctor")
    assert said.code == 0
    assert "📋 platform fake: usable" in said.out
    world.platform.prerequisites = (Check("torch", "missing", "absent", "pip install torch"),)
    world.elsewhere.fail("checks", ValueError("oops"))
    said = mlcc("doctor")
    assert said.code == 3
    assert "📋 platform fake: not usable" in said.out
    assert "      pip install torch" in said.out
    assert "Platform elsewhere (fakes 1.0) failed in checks: ValueError: oops" in said.out
    titles = [section["title"] for section in mlcc("doctor", "--json").document["sections"]]
    assert titles == [
        *("machine", "plugins", "project", "credentials", "platform elsewhere", "platform fake"),
    ]


def test_doctor_judges_the_platform_of_the_project(world: World, mlcc: Mlcc, monkeypatch):
    from mlcc_core.contract.platform.values import Check

    missing = (Check("torch", "missing", "absent", "pip install torch"),)
    world.elsewhere.prerequisites = missing
    said = mlcc("doctor")
    assert said.code == 0
    assert "📋 platform elsewhere: not usable" in said.out
    assert "📋 platform fake: usable (this project's platform)" in said.out
    monkeypatch.setenv("PLATFORM", "elsewhere")
    assert mlcc("doctor").code == 3
    chosen = {s["title"]: s["chosen"] for s in mlcc("doctor", "--json").document["sections"]}
    assert [title for title, is_chosen in chosen.items() if is_chosen] == ["platform elsewhere"]
    world.elsewhere.prerequisites, world.platform.prerequisites = (), missing
    assert mlcc("doctor").code == 0
    monkeypatch.setenv("PLATFORM", "nowhere")
    assert mlcc("doctor").code == 3


def test_doctor_reads_the_config(world: World, mlcc: Mlcc):
    with world.project.config_path.open("a") as file:
        file.write("if true\nPLATFORM=nowhere\nMODEL_ID=$(x)\nPROJECT_NAME='a b'\n")
    out = mlcc("doctor").out
    line = world.project.config_path.read_text().split("\n").index("if true") + 1
    assert f"line {line} is neither a comment nor an assignment" in out
    assert "❌ PLATFORM: 'nowhere'; installed are: elsewhere, fake" in out
    assert "❌ MODEL_ID: MODEL_ID is set to something that only a shell could evaluate" in out
    assert "❌ PROJECT_NAME: The project name 'a b' does not fit" in out
    world.project.config_path.write_bytes(b"\xff")
    assert "not UTF-8 text" in mlcc("doctor").out


def test_doctor_outside_a_project(folder: Path, mlcc: Mlcc):
    assert "is not an mlcc project" in mlcc("doctor").out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(mlcc: Mlcc, shell: str):
    said = mlcc("completion", shell)
    assert said.code == 0
    assert "_MLCC_COMPLETE" in said.out
    assert mlcc("completion", "tcsh").code == 1
