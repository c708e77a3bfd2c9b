"""The pages of Extend are whole: each hook, each kind of plugin, and the example beside them."""

import re
from pathlib import Path

import pytest

from mlcc_core.actions.plugins.new import NEXT
from mlcc_core.contract import hookspecs
from mlcc_core.testing import contracts
from tests.docs.blocks import blocks

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "extend"
PAGES = sorted(FOLDER.glob("*.md"))
HOOKS = [name for name in vars(hookspecs) if name.startswith("mlcc_")]
SEVERAL = ("mlcc_techniques", "mlcc_sources", "mlcc_model_hubs")
"""Hooks that are like others, which are shown."""


def code():
    return [block.text for page in PAGES for block in blocks(page) if block.language == "python"]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_shown_or_named(hook):
    shown = any(f"def {hook}(" in text for text in code())
    named = any(f"`{hook}`" in page.read_text() for page in PAGES)
    assert shown or (hook in SEVERAL and named)


def test_the_page_ends_at_the_example():
    files = {block.file: block.text for block in blocks(FOLDER / "technique.md") if block.file}
    for name in ("mlcc_kto.py", "test_kto.py"):
        assert files[f"mlcc-kto/{name}"] == (ROOT / "examples" / "mlcc-kto" / name).read_text()


@pytest.mark.parametrize("kind", NEXT)
def test_every_kind_is_begun_by_the_command_that_writes_it(kind):
    assert any(f"$ mlcc plugins new {kind} " in page.read_text() for page in PAGES)


@pytest.mark.parametrize("suite", contracts.__all__)
def test_every_suite_is_named(suite):
    assert any(suite in page.read_text() for page in PAGES)


def test_pages_import_public_names_alone():
    """Authors import what these pages import; test_parts holds where libraries are told."""
    modules = {
        module
        for text in code()
        for module in re.findall(r"^ *from (mlcc_(?:core|engine|folders)[\w.]*) import", text, re.M)
    }
    public = {"mlcc_core", "mlcc_core.helpers", "mlcc_core.helpers.http"}
    testing = {name for name in modules if name.startswith("mlcc_core.testing")}
    libraries = {name for name in modules if not name.startswith("mlcc_core")}
    assert modules - public - testing - libraries == set()
