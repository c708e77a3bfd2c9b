"""Tests lie where the code lies that they hold to account."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
MIRRORED = ("mlcc_core", "libs", "plugins")
OTHERS = {"aws_account", "docs", "examples", "fuzz", "packaging", "rules", "servers"}


def folders(root):
    return {root} | {path for path in root.rglob("*") if path.is_dir() and any(path.glob("*.py"))}


def test_the_rooms_of_the_tests_are_known():
    rooms = {path.name for path in TESTS.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert rooms == {*MIRRORED, *OTHERS}


@pytest.mark.parametrize("room", MIRRORED)
def test_every_folder_of_tests_is_a_folder_of_the_sources(room):
    strangers = {
        str(folder.relative_to(ROOT))
        for folder in folders(TESTS / room)
        if not (ROOT / folder.relative_to(TESTS)).is_dir()
    }
    assert strangers == set()


def test_every_package_has_tests_of_its_own():
    """A technique is held to its contract beside the others of its kind."""
    together = (TESTS / "plugins" / "test_techniques.py").read_text()
    without = {
        package.name
        for room in ("libs", "plugins")
        for package in (ROOT / room).iterdir()
        if (package / "__init__.py").is_file() and not (TESTS / room / package.name).is_dir()
        if package.name not in together
    }
    assert without == set()
