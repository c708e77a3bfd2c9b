"""Help texts: they fit 80 columns, and their examples are commands that mlcc takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from mlcc_core.cli.console import Console
from mlcc_core.cli.main import UNLISTED, mlcc
from mlcc_core.cli.meant.letters import SHORT
from mlcc_core.cli.meant.parsed import parses
from tests.mlcc_core.cli.conftest import Mlcc

ENDS = ("&&", "||", "|", ";", ">", "<")


def commands(context: click.Context) -> Iterator[click.Context]:
    """Yield every command and every group."""
    yield context
    group = context.command
    if isinstance(group, click.Group):
        unlisted = UNLISTED if context.parent is None else ()
        for name in (*group.list_commands(context), *unlisted):
            found = group.get_command(context, name)
            assert found is not None
            yield from commands(click.Context(found, info_name=name, parent=context))


PROGRAM = click.Context(mlcc, info_name="mlcc", obj=Console(), **mlcc.context_settings)
ALL = list(commands(PROGRAM))
BY_PATH = {context.command_path: context for context in ALL}


def help_of(path: str, monkeypatch: pytest.MonkeyPatch, width: int = 80) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    found = BY_PATH[path]
    return click.Context(found.command, info_name=found.info_name, parent=found.parent).get_help()


def examples(text: str) -> Iterator[str]:
    """Yield the lines below ``Examples:``."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.strip() == "Examples:":
            for example in lines:
                if not example.strip():
                    return
                yield example.strip()


def calls(example: str) -> Iterator[list[str]]:
    """Yield the words of each command of mlcc in a line of a shell."""
    lexer = shlex.shlex(example.replace("./do/", "mlcc "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in (*lexer, ";"):
        if word not in ENDS:
            words.append(word)
            continue
        while words and "=" in words[0]:
            words.pop(0)
        if words[:1] == ["mlcc"]:
            yield words[1:]
        words = []


@pytest.mark.parametrize("path", BY_PATH)
def test_a_help_text_fits_80_columns(path: str, monkeypatch: pytest.MonkeyPatch):
    wide = [line for line in help_of(path, monkeypatch).splitlines() if len(line) > 80]
    assert wide == []


@pytest.mark.parametrize("width", [60, 70, 80, 100])
@pytest.mark.parametrize("path", ["mlcc tune", "mlcc train", "mlcc evaluate"])
def test_a_flag_is_not_broken(path: str, width: int, monkeypatch: pytest.MonkeyPatch):
    text = help_of(path, monkeypatch, width)
    assert [line for line in text.splitlines() if re.search(r"--[a-z-]+-$", line)] == []


@pytest.mark.parametrize("path", BY_PATH)
def test_its_examples_are_commands_that_mlcc_takes(path: str, monkeypatch: pytest.MonkeyPatch):
    found = list(examples(help_of(path, monkeypatch, 200)))
    assert found, "a help text has examples"
    words = [(example, call) for example in found for call in calls(example)]
    assert words or path == "mlcc completion"
    own = path.split()[1:]
    for example, call in words:
        assert parses(mlcc, call), example
    if words and own:
        assert any(call[: len(own)] == own for _, call in words)


def test_an_example_that_is_wrong_is_found():
    assert not parses(mlcc, ["tune", "--no-such-flag"])
    assert not parses(mlcc, ["runs", "shwo"])
    assert parses(mlcc, ["runs", "show", "sft"])
    assert list(calls("A=b mlcc tune x && ./do/test 'a b' > c")) == [
        ["tune", "x"],
        ["test", "a b"],
    ]


def test_a_letter_is_the_same_flag_in_every_command():
    """``-f`` follows a log, and is the run file of a training."""
    meant: dict[str, set[str]] = {}
    for context in ALL:
        for param in context.command.params:
            if isinstance(param, click.Option):
                letters = [name for name in param.opts if len(name) == 2]
                longs = [name for name in param.opts if name.startswith("--")]
                for letter in letters:
                    meant.setdefault(letter, set()).add(longs[0])
    assert meant.pop("-f") == {"--file", "--follow"}
    assert {letter: flags for letter, flags in meant.items() if len(flags) != 1} == {}
    assert {flag: letter for letter, (flag,) in meant.items() if letter != "-V"} == {
        flag: letter for flag, letter in SHORT.items() if letter != "-f"
    }


def test_a_flag_has_its_letter_in_every_command():
    """``--to`` is a place where it deploys, and a file elsewhere: ``-o``."""
    lacking = {
        f"{context.command_path} {flag}"
        for context in ALL
        for param in context.command.params
        for flag in param.opts
        if flag in SHORT and SHORT[flag] not in param.opts
    }
    assert lacking == {"mlcc deploy --to"}


@pytest.mark.parametrize("words", [("help",), ("--help",), ("help", "tune"), ("tune", "-h")])
def test_help_is_a_command_too(mlcc: Mlcc, words: tuple[str, ...]):
    said = mlcc(*words)
    assert said.code == 0
    assert said.out.startswith(f"Usage: mlcc{' tune' if 'tune' in words else ''} [OPTIONS]")


def test_help_and_version_say_the_same_as_their_flags(mlcc: Mlcc):
    assert mlcc("help", "runs", "list").out == mlcc("runs", "list", "--help").out
    assert mlcc("version").out == mlcc("--version").out == mlcc("-V").out
    assert mlcc("help", "tnue").crosses == ["❌ Unknown command 'tnue'. Did you mean 'tune'?"]


@pytest.mark.parametrize("path", sorted(BY_PATH))
def test_no_line_is_wider_than_a_narrow_terminal(path: str, monkeypatch: pytest.MonkeyPatch):
    """What is one word, a URI, stays whole; an example still runs when it is pasted."""
    text = help_of(path, monkeypatch, width=60)
    wide = [line for line in text.splitlines() if len(line) > 60 and " " in line.strip()]
    assert wide == []
    narrow = {" ".join(each.split()) for each in text.replace("\\\n", "").splitlines()}
    for line in help_of(path, monkeypatch, width=100).splitlines():
        if line.startswith("    mlcc "):
            assert " ".join(line.split()) in narrow
