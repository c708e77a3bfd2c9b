"""``do/config`` under concurrent writers, kills, links and disks that refuse."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlcc_core.errors import ExitCode, PlatformError
from mlcc_core.project.config import read_config
from mlcc_core.project.project import CONFIG, Project

WRITER = """
import sys
from pathlib import Path
from mlcc_core.project.project import Project
project, name, count = Project(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
for i in range(count):
    project.set({f"{name}_{i}": f"it's {i}", "SHARED": name * 500})
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "do").mkdir()
    (tmp_path / CONFIG).write_text("# head\nexport KEPT='yes'   # and this\n")
    return Project(tmp_path)


def writer(project: Project, name: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, project.root, name, str(count)])


def test_no_write_of_several_processes_is_lost(project: Project):
    writers = [writer(project, name, 50) for name in ("A", "B", "C", "D")]
    assert [w.wait(timeout=120) for w in writers] == [0, 0, 0, 0]
    known = project.config().known()
    assert {known[f"{name}_{i}"] for name in "ABCD" for i in range(50)} == {
        f"it's {i}" for i in range(50)
    }
    assert known["KEPT"] == "yes"
    assert len(known) == 202


def test_a_killed_writer_leaves_a_whole_file_and_no_lock(project: Project):
    for round_ in range(5):
        process = writer(project, f"K{round_}", 100_000)
        deadline = time.monotonic() + 60
        while f"K{round_}_3" not in read_config(project.config_path).known():
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGKILL)
        process.wait()
        config = project.config()
        assert config.get("KEPT") == "yes"
        assert config.odd_lines == ()
        assert len(set(config.known()["SHARED"])) > 0
        project.set({"AFTER": str(round_)})
        assert project.config().get("AFTER") == str(round_)


def test_a_linked_config_stays_a_link_and_keeps_its_mode(project: Project, tmp_path: Path):
    real = tmp_path / "elsewhere" / "settings"
    real.parent.mkdir()
    project.config_path.rename(real)
    real.chmod(0o640)
    project.config_path.symlink_to(real)
    project.set({"A": "1"})
    assert project.config_path.is_symlink()
    assert read_config(real).get("A") == "1"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(path.name for path in real.parent.iterdir()) == ["settings"]


def test_a_disk_that_takes_no_more_is_a_platform_error_and_leaves_the_old_file(project: Project):
    before = project.config_path.read_bytes()
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from mlcc_core.errors import PlatformError\n"
        "from mlcc_core.project.project import Project\n"
        "project = Project(Path(sys.argv[1]))\n"
        "project.make_state_folder()\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8))\n"
        "try:\n"
        "    project.set({'A': 'x' * 5000})\n"
        "except PlatformError as error:\n"
        "    print(error.what)\n"
        "    print(error.hint)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, project.root], capture_output=True, text=True, timeout=60
    )
    what, hint = run.stdout.splitlines()
    assert what.startswith("The disk is full: ")
    assert hint.startswith("df -h ")
    assert project.config_path.read_bytes() == before
    assert [path.name for path in project.config_path.parent.iterdir()] == ["config"]


def test_a_state_folder_that_cannot_be_made_is_a_platform_error(project: Project):
    project.state_folder.write_text("in the way")
    with pytest.raises(PlatformError, match=r"\.mlcc") as caught:
        project.set({"A": "1"})
    assert caught.value.exit_code == ExitCode.PLATFORM
    assert str(caught.value.hint).startswith("ls -la ")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_folder_is_a_platform_error(project: Project):
    project.make_state_folder()
    project.config_path.parent.chmod(0o500)
    try:
        with pytest.raises(PlatformError, match="Permission denied"):
            project.set({"A": "1"})
    finally:
        project.config_path.parent.chmod(0o700)


def test_the_state_folder_is_hidden_from_git(project: Project):
    project.set({"A": "1"})
    assert (project.state_folder / ".gitignore").read_text().splitlines()[-1] == "*"
