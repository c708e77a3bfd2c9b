"""The wheel of what a job runs: stable, valid, and enough to begin with."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import subprocess
import sys
import venv
import zipfile
from email.parser import Parser
from importlib import invalidate_caches

import pytest
from packaging.utils import parse_wheel_filename

import mlcc_core
from mlcc_sagemaker.instances.code import wheel
from mlcc_sagemaker.instances.code.wheel import OWN, build_wheel


@pytest.fixture
def theirs(tmp_path, monkeypatch):
    """Makes a package of a third party that can be imported."""

    def make(name, files):
        for place, text in files.items():
            path = tmp_path / "site" / name / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path / "site"))
        invalidate_caches()
        return name

    return make


def opened(made):
    return zipfile.ZipFile(io.BytesIO(made.data))


def test_the_same_packages_make_the_same_bytes():
    first = build_wheel(OWN)
    build_wheel.cache_clear()
    second = build_wheel(tuple(reversed(OWN)))
    assert first == second


def test_another_line_is_another_version(theirs):
    package = theirs("mine_a", {"__init__.py": "A = 1\n"})
    first = build_wheel((*OWN, package))
    theirs("mine_a", {"__init__.py": "A = 2\n"})
    build_wheel.cache_clear()
    second = build_wheel((*OWN, package))
    assert first.name != second.name
    name, version, _, tags = parse_wheel_filename(first.name)
    assert (name, str(version).partition(".post")[0], *map(str, tags)) == (
        *("mlcc", mlcc_core.__version__, "py3-none-any"),
    )


def test_every_file_is_in_the_record_as_it_is():
    archive = opened(build_wheel(OWN))
    names = archive.namelist()
    (record,) = (name for name in names if name.endswith("/RECORD"))
    lines = [line.rsplit(",", 2) for line in archive.read(record).decode().splitlines()]
    assert [line[0] for line in lines if line[1]] == sorted(set(names) - {record})
    for name, digest, size in lines:
        if name == record:
            continue
        data = archive.read(name)
        expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        assert (digest, int(size)) == (f"sha256={expected}", len(data))
    metadata = Parser().parsestr(archive.read(record.replace("RECORD", "METADATA")).decode())
    assert metadata["Name"] == "mlcc"
    assert {name.partition("/")[0] for name in names} == {*OWN, record.partition("/")[0]}
    assert not any("__pycache__" in name or "catalog_files" in name for name in names)


def test_a_module_of_one_file_comes_too(tmp_path, monkeypatch):
    (tmp_path / "one_file.py").write_text("B = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "one_file.py" in opened(build_wheel((*OWN, "one_file"))).namelist()


def test_a_package_that_is_not_here_is_one_line(refusal):
    error = refusal(build_wheel, (*OWN, "nowhere_at_all"))
    assert "'nowhere_at_all', which the job needs, cannot be imported here" in error.what


def test_compiled_parts_are_not_sent(theirs, refusal):
    package = theirs("mine_c", {"__init__.py": "", "fast.cpython-311-x86_64-linux-gnu.so": ""})
    error = refusal(build_wheel, (*OWN, package))
    assert "compiled parts (fast.cpython-311-x86_64-linux-gnu.so)" in error.what
    assert "--packages FILE" in error.hint


def test_our_packages_have_no_compiled_parts_and_no_hidden_files():
    for package in OWN:
        assert all(not name.endswith(wheel.COMPILED) for name, _ in wheel.files_of(package))


@pytest.mark.slow
def test_pip_installs_it_offline_and_the_engine_begins(tmp_path):
    """In a venv of its own, over the packages that an image and the requirements bring."""
    venv.create(tmp_path / "venv", system_site_packages=True, symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    made = build_wheel(OWN)
    (tmp_path / made.name).write_bytes(made.data)
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PIP_NO_INDEX": "1"}
    parents = [path for path in sys.path if path.endswith("site-packages")]
    # A venv sees the base interpreter's packages, not those of a venv that runs the tests.
    (tmp_path / "venv" / "lib").glob("*/site-packages")
    (site,) = (tmp_path / "venv" / "lib").glob("*/site-packages")
    (site / "image.pth").write_text("\n".join(parents) + "\n")

    def run(*words):
        return subprocess.run(
            [str(python), *words], env=clean, capture_output=True, text=True, cwd=tmp_path
        )

    installed = run("-m", "pip", "install", "--no-deps", str(tmp_path / made.name))
    assert installed.returncode == 0, installed.stderr
    places = run("-c", "import mlcc_engine, mlcc_core; print(mlcc_engine.__path__[0])")
    assert places.stdout.startswith(str(site)), places
    empty = run("-m", "mlcc_engine.container", str(tmp_path / "ml"))
    assert "No module named" not in empty.stderr
    assert "Traceback" not in empty.stderr, empty.stderr
    assert empty.returncode != 0
