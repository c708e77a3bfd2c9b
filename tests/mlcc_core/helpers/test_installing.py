"""Commands that install packages: run as printed, they reach the environment that runs mlcc."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from mlcc_core.helpers import install_command
from mlcc_core.helpers.extras import ORIGIN


@pytest.fixture(autouse=True)
def own_pip(monkeypatch, tmp_path):
    """Have ``pip`` on the PATH be the one of this environment."""
    bin_folder = tmp_path / "env" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "pip").write_text("#!/bin/sh\n")
    (bin_folder / "pip").chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_folder))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))


@pytest.fixture
def came_from(monkeypatch, tmp_path):
    """Install a distribution ``mlcc`` that came from somewhere; ``None`` is a package index."""

    def install(origin):
        site = tmp_path / "site" / "mlcc-0.1.0.dist-info"
        site.mkdir(parents=True)
        (site / "METADATA").write_text("Metadata-Version: 2.4\nName: mlcc\nVersion: 0.1.0\n")
        if origin is not None:
            (site / ORIGIN).write_text(origin if isinstance(origin, str) else json.dumps(origin))
        monkeypatch.syspath_prepend(str(site.parent))

    return install


@pytest.mark.parametrize("origin", [None, "{", "[]", '{"url": 3}'])
def test_a_package_of_an_index(came_from, origin):
    came_from(origin)
    assert install_command("mlcc[local]") == "pip install 'mlcc[local]'"


@pytest.mark.parametrize("pinned", [False, True])
def test_a_checkout(came_from, tmp_path, pinned):
    checkout = tmp_path / "my source"
    checkout.mkdir()
    if pinned:
        (checkout / "constraints.txt").touch()
    came_from({"url": checkout.as_uri(), "dir_info": {"editable": True}})
    pins = ["-c", f"{checkout}/constraints.txt"] if pinned else []
    assert shlex.split(install_command("mlcc[local]")) == [
        *("pip", "install", *pins, "-e", f"{checkout}[local]")
    ]


def test_a_folder_that_was_installed_as_a_copy(came_from, tmp_path):
    came_from({"url": tmp_path.as_uri(), "dir_info": {}})
    assert install_command("mlcc[s3,xlsx]") == f"pip install '{tmp_path}[s3,xlsx]'"


def test_a_folder_that_is_gone(came_from, tmp_path):
    came_from({"url": (tmp_path / "moved").as_uri(), "dir_info": {"editable": True}})
    assert install_command("mlcc[local]") == "pip install 'mlcc[local]'"


@pytest.mark.parametrize("kept", [True, False])
def test_a_wheel_that_may_have_been_removed_since(came_from, tmp_path, kept):
    wheel = tmp_path / "my wheels" / "mlcc-0.1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    if kept:
        wheel.touch()
    came_from({"url": wheel.as_uri(), "archive_info": {}})
    expected = f"mlcc[local] @ {wheel.as_uri()}" if kept else "mlcc[local]"
    assert shlex.split(install_command("mlcc[local]")) == ["pip", "install", expected]


def test_a_wheel_of_a_web_address(came_from):
    url = "https://host.example/mlcc-0.1.0-py3-none-any.whl"
    came_from({"url": url, "archive_info": {}})
    assert install_command("mlcc[local]") == f"pip install 'mlcc[local] @ {url}'"


def test_a_repository(came_from):
    version = {"vcs": "git", "commit_id": "abc", "requested_revision": "v1"}
    came_from({"url": "https://host.example/mlcc.git", "vcs_info": version})
    expected = "pip install 'mlcc[local] @ git+https://host.example/mlcc.git@v1'"
    assert install_command("mlcc[local]") == expected


def test_other_packages_are_left_as_they_are(came_from):
    came_from(None)
    assert install_command("-U", "trl>=1.0") == "pip install -U 'trl>=1.0'"


def test_a_pip_of_another_environment_is_not_named(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "other"))
    assert install_command("trl") == f"{shlex.quote(sys.executable)} -m pip install trl"


def test_an_environment_without_pip(monkeypatch, tmp_path):
    uv = Path(os.environ["PATH"]) / "uv"
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    monkeypatch.setattr("mlcc_core.helpers.extras.find_spec", lambda name: None)
    assert install_command("trl") == f"uv pip install --python {shlex.quote(sys.executable)} trl"


def test_the_command_runs_here(monkeypatch):
    monkeypatch.undo()
    command = f"{install_command('mlcc[no-such-extra]')} --no-deps --no-index --dry-run --help"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "pip install" in done.stdout
