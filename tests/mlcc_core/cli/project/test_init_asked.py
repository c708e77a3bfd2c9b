"""``mlcc init`` on a terminal asks; elsewhere it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mlcc_core.project.project import Project
from tests.terminal import Terminal, terminal

MLCC = str(Path(sys.executable).parent / "mlcc")

FOLDER, PLATFORM, MODEL = "project [", "Where do you want to train?", "Which model?"
ASKED = "name [1]: "


@contextmanager
def init(folder: Path, *words: str, columns: int = 80) -> Iterator[Terminal]:
    with terminal([MLCC, "init", *words], folder, os.environ, columns=columns) as there:
        yield there


@pytest.mark.slow
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_enter_takes_what_is_proposed(folder: Path, columns: int):
    (folder / "something").write_text("")
    with init(folder, columns=columns) as there:
        assert "[my-project]" in there.sees("]: ")
        there.type("\r")
        there.sees(PLATFORM)
        assert "no account, no cost" in there.sees(ASKED)
        there.type("\r")
        there.sees(MODEL)
        assert list(folder.iterdir()) == [folder / "something"]
        there.type("\r")
        assert there.ends() == 0
    text = " ".join(there.text().replace("\\\n", " ").split())
    assert "mlcc init my-project --platform local --model smollm2-135m" in text
    assert "a toy that knows nothing" in text
    assert there.broken() == []
    config = Project(folder / "my-project").config()
    assert config.get("MODEL_ID") == "smollm2-135m"
    assert config.get("PLATFORM") == "local"


@pytest.mark.slow
def test_answers_that_cannot_be_used_are_asked_for_again(folder: Path):
    (folder / "file").write_text("")
    with init(folder) as there:
        for answer in ("file", "new one"):
            there.sees(FOLDER)
            there.type(f"{answer}\r")
        for answer in ("0", "nowhere", "local"):
            there.sees(ASKED)
            there.type(f"{answer}\r")
        page = "https://huggingface.co/org/name"
        for answer in ("99", "qwen", "no such model!", "./nothing", page, "QWEN/qwen3-0.6b"):
            there.sees(ASKED)
            there.type(f"{answer}\r")
        assert there.ends() == 0
    text = " ".join(there.text().split())
    for said in (
        "file is a file, expected a folder",
        "0 is not in the list, expected 1 to ",
        "Unknown platform 'nowhere'",
        "99 is not in the list, expected 1 to ",
        "'qwen' is not the whole name of a model, expected one like ",
        "Model 'no such model!' is neither a folder with a model nor a Hub id (org/name)",
        f"'{page}' is an address, expected the Hub id in it: org/name",
        "./nothing is not the folder of a model",
        "mlcc init 'new one' --platform local --model Qwen/Qwen3-0.6B",
    ):
        assert said in text, said
    assert Project(folder / "new one").config().get("MODEL_ID") == "Qwen/Qwen3-0.6B"


@pytest.mark.slow
@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_leaving_makes_nothing(folder: Path, key: str):
    with init(folder, "new") as there:
        there.sees(ASKED)
        there.type("\r")
        there.sees(ASKED)
        there.type(key)
        assert there.ends() == 130
    assert list(folder.iterdir()) == []
    assert there.lines()[-1] == "❌ Interrupted."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "asks"),
    [
        (["p", "--model", "mlcc-tiny"], []),
        (["p", "--platform", "local"], [MODEL]),
        (["p", "--json"], []),
    ],
)
def test_what_was_said_is_not_asked(folder: Path, words: list[str], asks: list[str]):
    with init(folder, *words) as there:
        for question in asks:
            there.sees(question)
            there.sees(ASKED)
            there.type("\r")
        assert there.ends() == 0
    assert ASKED not in there.raw or asks
    assert PLATFORM not in there.raw


@pytest.mark.slow
def test_an_existing_project_is_asked_nothing(folder: Path):
    for _ in range(2):
        with init(folder, ".", "--model", "mlcc-tiny") as there:
            assert there.ends() == 0
    with init(folder, ".") as there:
        assert there.ends() == 0
    assert "is up to date" in " ".join(there.text().split())


@pytest.mark.slow
def test_a_pipe_is_asked_nothing(folder: Path):
    run = subprocess.run(
        [MLCC, "init", "p"], input="2\n2\n", capture_output=True, text=True, check=True
    )
    assert ASKED not in run.stderr
    assert Project(folder / "p").config().get("MODEL_ID") == "mlcc-tiny"
    run = subprocess.run([MLCC, "init"], input="p2\n", capture_output=True, text=True)
    assert run.returncode == 1
    assert "Missing argument 'DIR'" in run.stderr
