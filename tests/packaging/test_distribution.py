"""What is installed is what is tested: the archives hold every package, and the catalog."""

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CATALOG = {f"mlcc_core/catalog_files/{path.name}" for path in (ROOT / "catalog").glob("*.toml")}


def built(source, target, folder):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", folder],
        cwd=source,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (archive,) = folder.iterdir()
    return archive


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    with zipfile.ZipFile(built(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_catalog(wheel):
    assert len(CATALOG) == 6
    assert wheel >= CATALOG


def test_the_wheel_holds_every_package(wheel):
    folders = [*(ROOT / "plugins").glob("mlcc_*"), *(ROOT / "libs").glob("mlcc_*")]
    packages = {"mlcc_core", *(path.name for path in folders)}
    assert {name.partition("/")[0] for name in wheel if name.endswith("/py.typed")} == packages


def test_every_plugin_has_its_entry_point():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    shipped = {path.name for path in (ROOT / "plugins").glob("mlcc_*")}
    assert {value.partition(":")[0] for value in declared["mlcc"].values()} == shipped


def test_a_wheel_made_from_the_source_archive_is_the_same(wheel, tmp_path):
    with tarfile.open(built(ROOT, "sdist", tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    with zipfile.ZipFile(built(source, "wheel", tmp_path / "wheel")) as archive:
        assert set(archive.namelist()) == wheel
