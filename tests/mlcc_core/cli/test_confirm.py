"""A question on a terminal: what is typed that is no answer, and Ctrl-C."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.terminal import terminal

ASKS = """
import sys
import polars
from mlcc_core.cli.confirm import confirm
from mlcc_core.cli.main import run
from mlcc_core.errors import Interrupted
try:
    sys.exit(0 if confirm("Go ahead?") else 5)
except Interrupted as error:
    print(error.what)
    sys.exit(error.exit_code)
"""
"""Polars takes Ctrl-C over when it is imported, and lets a read go on after it."""

QUESTION = "Go ahead? [y/N]: "


@pytest.mark.slow
def test_ctrl_c_ends_a_question_at_once(folder: Path) -> None:
    with terminal([sys.executable, "-c", ASKS], folder, os.environ) as there:
        there.sees(QUESTION)
        there.rests()  # a person reads it first; the read begins a moment after it is shown
        there.type("\x03")
        there.sees("Interrupted.", seconds=60)
        assert there.ends(seconds=60) == 130


@pytest.mark.slow
def test_an_answer_that_is_none_is_told_and_asked_again(folder: Path) -> None:
    with terminal([sys.executable, "-c", ASKS], folder, os.environ) as there:
        there.sees(QUESTION)
        there.type("maybe\r")
        assert "❌ 'maybe' is not an answer, expected y or n." in there.sees(QUESTION)
        there.type("y\r")
        assert there.ends(seconds=60) == 0
