"""What is installed is what is tested: the archives hold every package, and the catalog."""

import os
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
def archive(tmp_path_factory):
    return built(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def wheel(archive):
    with zipfile.ZipFile(archive) as opened:
        return set(opened.namelist())


def test_the_wheel_holds_the_catalog(wheel):
    assert len(CATALOG) == 6
    assert wheel >= CATALOG


def test_the_wheel_holds_every_package(wheel):
    folders = [*(ROOT / "plugins").glob("mlcc_*"), *(ROOT / "libs").glob("mlcc_*")]
    packages = {"mlcc_core", *(path.name for path in folders)}
    assert {name.partition("/")[0] for name in wheel if name.endswith("/py.typed")} == packages


def test_the_wheel_holds_every_file_of_a_package(wheel):
    packages = [ROOT / "mlcc_core", *(ROOT / "plugins").glob("*"), *(ROOT / "libs").glob("*")]
    files = {
        path.relative_to(package.parent).as_posix()
        for package in packages
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in files if name.endswith((".txt", ".yaml", ".toml", ".css", ".jsonl"))}
    assert files - wheel == set()


JOB = """
import mlcc_core
from mlcc_sagemaker.instances.code.contents import Code
made = Code("bucket").made
print(mlcc_core.__file__, *sorted(made), made["requirements.txt"].count(b"==") > 5)
"""


def test_an_installed_mlcc_sends_jobs_what_a_checkout_sends(archive, tmp_path):
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "site")

    def made(*places):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))}
        command = [sys.executable, "-c", JOB]
        answer = subprocess.run(
            command, env=environment, cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return answer.stdout.split()

    place, *installed = made(tmp_path / "site")
    assert place.startswith(str(tmp_path))
    assert made(ROOT, ROOT / "libs", ROOT / "plugins")[1:] == installed
    assert [name for name in installed if name.startswith("wheels/mlcc-")]
    assert "start.py" in installed


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
