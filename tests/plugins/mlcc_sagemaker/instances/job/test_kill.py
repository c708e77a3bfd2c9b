"""``tune`` on instances killed at random moments: in the end one job, and one continuation.

``--full`` kills 20 times instead of 4, ``MLCC_KILLS`` as often as it says.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.mlcc_sagemaker.installed import make_installable, plugin_folder
from tests.plugins.mlcc_sagemaker.instances.job import courses
from tests.plugins.mlcc_sagemaker.instances.job.conftest import TUNE
from tests.plugins.mlcc_sagemaker.test_kill import PROGRAM, ROOT, copy_of, kill_somewhere

pytest.importorskip("sagemaker.core")
pytestmark = pytest.mark.slow

KILLS = os.environ.get("MLCC_KILLS")


def start(project: Path, site: Path | None) -> subprocess.Popen[str]:
    own = [str(path) for path in (site, plugin_folder(), ROOT, ROOT / "libs") if path]
    paths = [*filter(None, [os.environ.get("PYTHONPATH")]), *own]
    environment = {**os.environ, "MLCC_PROJECT": str(project), "PYTHONPATH": ":".join(paths)}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *TUNE],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def named(project: Path, name: str) -> Path:
    """A copy of a project, with a name of its own, which its jobs begin with."""
    other = copy_of(project, f"project-{name}")
    config = other / "do" / "config"
    text = config.read_text().replace("PROJECT_NAME=demo", f"PROJECT_NAME={name}")
    config.write_text(text)
    return other


@pytest.mark.timeout(120 + 60 * int(KILLS or 20))
@pytest.mark.parametrize("goes_on", [False, True], ids=["submitted", "resumed"])
def test_killed_at_random(project, aws, tmp_path, monkeypatch, pytestconfig, goes_on):
    kills = int(KILLS or (20 if pytestconfig.getoption("--full") else 4))
    site = make_installable(tmp_path / "site")
    aws.containers.runs = False
    aws.inject("", "slow", times=None, seconds=0.02)
    killed = 0
    for attempt in range(kills):
        name = f"k{attempt}{'r' if goes_on else 's'}"
        own = named(project.folder, name)
        monkeypatch.setenv("MLCC_PROJECT", str(own))
        if goes_on:
            aws.jobs.course = courses.loses_an_instance()
            assert project(*TUNE).code == 3
        aws.jobs.course = courses.completes()
        aws.log.clear()
        chance = random.Random(attempt)
        killed += kill_somewhere(start(own, site), aws, chance) == -signal.SIGKILL
        second = copy_of(own, f"second-{name}")
        for place in (own, second):
            monkeypatch.setenv("MLCC_PROJECT", str(place))
            ran = project(*TUNE)
            assert ran.code == 0, (attempt, ran)
        names = [job.name for job in aws.jobs.all() if job.name.startswith(f"{name}-")]
        assert len(names) == 1 + goes_on, (attempt, names)
        assert names[1:] == ([f"{names[0]}-c2"] if goes_on else [])
    assert killed > kills // 3, "too few were killed for this to say anything"
    assert aws.trap.hosts == []
