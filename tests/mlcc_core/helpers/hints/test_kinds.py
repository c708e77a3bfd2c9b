"""Commands of hints are built in registered functions, and each of these has a case."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcc_core.helpers.hints import KINDS, hint_kind
from tests.mlcc_core.actions.train.test_hints import CASES as OF_SCRIPTS
from tests.mlcc_core.helpers.hints.test_commands import CASES as OF_PATHS
from tests.mlcc_core.staging.advice.test_hints import CASES as OF_DATASETS
from tests.mlcc_core.staging.advice.test_hints import NAMING_CHECK

ROOT = Path(__file__).parents[4]
ROOMS = ("mlcc_core", "plugins", "libs")
QUOTING = {"quote", "path_word", "shell_path", "file_word"}
"""Functions that make a word of a shell out of a user's data."""

OF_NO_USER = {
    "mlcc_core/cli/data/misplaced.py": "the words of the command line, each as it was typed",
    "libs/mlcc_engine/smollm2/model.py": "the running Python's path",
    "libs/mlcc_engine/smollm2/package.py": "the running Python's path",
    "libs/mlcc_engine/scripting/packages.py": "the running Python's path",
    "plugins/mlcc_sagemaker/request/hub.py": "an address that the service gave",
    "plugins/mlcc_sagemaker/managed/results/outputs.py": "an address that the service gave",
    "plugins/mlcc_sagemaker/request/options/values.py": "a value without its wrong parts",
}
"""Hints that quote nothing of a user's."""


def name_of(call: ast.expr) -> str:
    return call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def builders() -> dict[str, str]:
    """Kinds with the name of the function that builds them, as the sources have it."""
    found = {}
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and name_of(mark.func) == "hint_kind":
                        (kind,) = mark.args
                        found[ast.literal_eval(kind)] = node.name
    return found


def quotes(node: ast.AST, registered: set[str]) -> bool:
    """Return whether an expression quotes words outside of a call of a registered function."""
    if isinstance(node, ast.Call):
        if name_of(node.func) in registered:
            return False
        if name_of(node.func) in QUOTING or ast.unparse(node.func) == "shlex.join":
            return True
    return any(quotes(child, registered) for child in ast.iter_child_nodes(node))


def test_every_kind_has_a_case():
    assert set(builders()) == {*OF_DATASETS, *OF_PATHS, *OF_SCRIPTS, NAMING_CHECK}


def test_no_hint_quotes_words_beside_the_registered_kinds():
    registered = set(builders().values())
    strangers = {
        f"{place}:{keyword.value.lineno}"
        for place, tree in trees()
        if place not in OF_NO_USER
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "hint" and quotes(keyword.value, registered)
    }
    assert strangers == set()


def test_a_kind_is_built_in_one_place():
    with pytest.raises(ValueError, match="are built by"):
        hint_kind(next(iter(KINDS)))(test_a_kind_is_built_in_one_place)
