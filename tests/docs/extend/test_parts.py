"""The page of all parts: methods of runners with their calls, and functions that are there."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

from mlcc_core import JobRunner
from mlcc_engine.options.training import TRAINING_OPTIONS
from mlcc_folders.folder_jobs import FolderJobs
from tests.docs.calls import call_of

FOLDER = Path(__file__).parents[3] / "docs" / "extend"
PAGES = sorted(FOLDER.glob("platform*.md"))
NAME = re.compile(r"`(mlcc_(?:engine|folders)\.[\w.]+)(\([^`)]*\))?`")
SHORTENED = "…"
"""Stands in a call for the arguments that the page's text tells."""


def section(page: str, title: str) -> str:
    text = (FOLDER / page).read_text()
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def calls(text: str) -> list[str]:
    """Return the calls in the first cells of a table."""
    return re.findall(r"^\| `(\w+\([^`]*\))`", text, re.MULTILINE)


def test_every_further_method_of_a_runner_has_its_call() -> None:
    further = {
        name: method
        for name, method in vars(JobRunner).items()
        if inspect.isfunction(method) and name not in JobRunner.__abstractmethods__
    }
    expected = sorted(call_of(name, method, bound=True) for name, method in further.items())
    assert sorted(calls(section("platform-parts.md", "Further methods of a runner"))) == expected


def test_methods_of_jobs_in_folders_have_their_calls() -> None:
    text = (FOLDER / "platform-commands.md").read_text()
    own = ("start", "life", "halt")
    expected = [call_of(name, getattr(FolderJobs, name), bound=True) for name in own]
    assert calls(text.partition("\n## ")[0]) == expected


def test_the_flags_of_the_engine_are_listed() -> None:
    text = (
        (FOLDER / "platform-engine.md").read_text().partition("\n### The flags of the engine\n")[2]
    )
    sentence = text.partition("`training_settings")[0]
    flags = {option.flag for option in TRAINING_OPTIONS}
    assert set(re.findall(r"`(--[a-z-]+)`", sentence)) == flags


def test_every_name_of_the_libraries_is_there() -> None:
    found = {match.group() for page in PAGES for match in NAME.finditer(page.read_text())}
    wrong = []
    for written in found:
        name, call = NAME.fullmatch(written).groups()  # type: ignore[union-attr]
        thing = resolve_name(name)
        short = name.rpartition(".")[2]
        if call and SHORTENED not in call and written[1:-1] != call_of(name, thing):
            wrong.append(f"{written}: {call_of(short, thing)}")
    assert len(found) > 20
    assert wrong == []


@pytest.mark.parametrize("page", sorted(FOLDER.glob("*.md")), ids=lambda page: page.stem)
def test_libraries_that_pages_import_are_in_a_table(page: Path) -> None:
    imported = re.findall(
        r"^from (mlcc_(?:engine|folders)[\w.]*) import (.+)$", page.read_text(), re.MULTILINE
    )
    told = "".join((FOLDER / name).read_text() for name in ("platform.md", "platform-parts.md"))
    for module, names in imported:
        for name in names.split(", "):
            assert module in told or f"{module}.{name}" in told, f"{module}.{name}"
