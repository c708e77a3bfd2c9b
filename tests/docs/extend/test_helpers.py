"""The helpers for authors of plugins: each is on the page, and the plugins use them by name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import mlcc_core.helpers
from tests.docs.calls import call_of

ROOT = Path(__file__).parents[3]
PLUGINS = sorted(path for room in ("plugins", "libs") for path in (ROOT / room).rglob("*.py"))
ADDRESSES = (
    *("mlcc_core.helpers", "mlcc_core.helpers.hints", "mlcc_core.helpers.http"),
    *("mlcc_core.helpers.splits", "mlcc_core.testing"),
)
"""Packages whose names plugins import, besides ``mlcc_core``."""

OWN_NAMES = {"reward", "TechniqueContract"}
"""Modules and suites that are not among the names of ``mlcc_core``."""


def test_the_page_lists_every_helper() -> None:
    section = (ROOT / "docs/extend/classes.md").read_text().partition("\n## Helpers\n")[2]
    table = section.partition("\n## ")[0]
    calls = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert sorted(calls) == sorted(map(written, mlcc_core.helpers.__all__))


def written(name: str) -> str:
    """Return a helper as the page has it."""
    helper = getattr(mlcc_core.helpers, name)
    return call_of(name, helper) if callable(helper) else name


def test_every_helper_is_where_the_list_says() -> None:
    for name in mlcc_core.helpers.__all__:
        assert getattr(mlcc_core.helpers, name) is not None


def test_plugins_import_names_and_no_rooms() -> None:
    rooms = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in PLUGINS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("mlcc_core.")
        and node.module not in ADDRESSES
        and not OWN_NAMES.issuperset(alias.name for alias in node.names)
    }
    assert rooms == set()
