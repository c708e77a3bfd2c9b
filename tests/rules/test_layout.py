"""Tests lie where the code lies that they hold to account."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
STAGING = "Staging is built in layers"
INNER = re.compile(r"^\s*from mlcc_core\.staging(?:\.(\w+)[\w.]*)? import ", re.MULTILINE)
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


def layers():
    """Rooms of staging by their height, from the rules of import-linter."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (found,) = (rule["layers"] for rule in contracts["contracts"] if rule["name"] == STAGING)
    return {room: -depth for depth, layer in enumerate(found) for room in layer.split(" | ")}


def test_tests_of_a_room_of_staging_reach_into_it_and_below_alone():
    heights = layers()
    strangers = {
        f"{path.relative_to(ROOT)}: {room}"
        for own, height in heights.items()
        for path in (TESTS / "mlcc_core" / "staging" / own).rglob("*.py")
        for room in INNER.findall(path.read_text())
        if room in heights and room != own and heights[room] >= height
    }
    assert strangers == set()


def test_other_tests_use_the_public_functions_of_staging():
    staging = TESTS / "mlcc_core" / "staging"
    strangers = {
        f"{path.relative_to(ROOT)}: {room}"
        for path in TESTS.rglob("*.py")
        for room in INNER.findall(path.read_text())
        if room in layers() and staging not in path.parents
    }
    assert strangers == set()
