"""One command of every kind that is about scripts."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest

from mlcc_core.actions.train.hints import (
    as_hyperparameter,
    compiled,
    left_deployed,
    own_folder,
    with_input,
    without_flag,
)
from mlcc_core.actions.train.request import ScriptRequest
from tests.mlcc_core.helpers.hints.shell import ODD


def again() -> list[str]:
    asked = ScriptRequest(ODD, hyperparameters={"name": ODD}, inputs={"train": f"{ODD}/"})
    return shlex.split(asked.command_line(force=True))


CASES: dict[str, tuple[Callable[[], list[str]], list[str]]] = {
    "the same script run with other options": (
        again,
        [
            *("./do/train", "--script", ODD, "--hyperparameter", f"name={ODD}"),
            *("--input", f"train={ODD}/", "--force"),
        ],
    ),
    "a script, compiled alone": (
        lambda: shlex.split(compiled(ODD)),
        ["python", "-m", "py_compile", ODD],
    ),
    "a script, moved to a folder of its own": (
        lambda: shlex.split(own_folder(ODD)),
        ["mkdir", "-p", "src", "&&", "mv", ODD, "src/"],
    ),
    "what a script left, as an adapter": (
        lambda: shlex.split(left_deployed(ODD), comments=True),
        ["./do/adapter", "add", "tuned-script", "--weights", ODD],
    ),
    "a script run with its data as an input": (
        lambda: shlex.split(with_input(["train", ODD, "--script", "a.py"], ODD)),
        ["mlcc", "train", "--script", "a.py", "--input", f"train={ODD}"],
    ),
    "a script run without a flag that means nothing for it": (
        lambda: shlex.split(
            without_flag(["train", "--model", ODD, "--script", ODD], "--model", ODD), comments=True
        ),
        ["mlcc", "train", "--script", ODD],
    ),
    "a script given a hyperparameter in place of a training": (
        lambda: shlex.split(
            as_hyperparameter(["train", "--epochs=3", "--script", ODD], "--epochs", 3)
        ),
        ["mlcc", "train", "--script", ODD, "--hyperparameter", "epochs=3"],
    ),
}


def test_a_flag_without_a_value_takes_no_word_with_it() -> None:
    words = ["train", "--no-transform", "--script", "a.py"]
    hint = without_flag(words, "--no-transform", False)
    assert hint == "mlcc train --script a.py   # without --no-transform"


@pytest.mark.parametrize("kind", CASES)
def test_words_of_users_stay_words(kind: str) -> None:
    build, words = CASES[kind]
    assert build() == words
