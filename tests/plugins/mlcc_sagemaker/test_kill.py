"""``tune`` killed at random moments: in the end one job, found again from wherever it is asked for.

``--full`` kills 20 times instead of 8, ``MLCC_KILLS`` as often as it says.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlcc_core.project.project import Project
from tests.plugins.mlcc_sagemaker.conftest import lines
from tests.plugins.mlcc_sagemaker.installed import make_installable, plugin_folder

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")

KILLS = os.environ.get("MLCC_KILLS")
ROOT = Path(__file__).parents[3]
PROGRAM = "import sys; from mlcc_core.cli.main import run; sys.exit(run(sys.argv[1:]))"
FLAGS = ("--technique", "sft", "--dataset", "s3://raw/a/", "--poll-interval", "0.02")
REQUESTS = 40
"""More than a whole run makes, so that some runs are not killed at all."""


def start(project, site, flags=FLAGS):
    paths = [str(path) for path in (site, plugin_folder(), ROOT, ROOT / "libs") if path]
    environment = {**os.environ, "MLCC_PROJECT": str(project), "PYTHONPATH": ":".join(paths)}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "tune", *flags],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def kill_somewhere(process, account, chance):
    """Kill after a random number of requests, and a little later than the last of them."""
    target = chance.randint(0, REQUESTS)
    if target == 0:
        time.sleep(chance.uniform(0, 1))
    while process.poll() is None and len(account.log.calls()) < target:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.05))
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err
    return process.returncode


def copy_of(project, name):
    other = project.with_name(name)
    (other / "do").mkdir(parents=True)
    text = (project / "do" / "config").read_text()
    kept = [line for line in text.splitlines() if "TUNE_JOB" not in line and "_LATEST" not in line]
    (other / "do" / "config").write_text("\n".join(kept) + "\n")
    return other


@pytest.mark.timeout(120 + 60 * int(KILLS or 20))
def test_killed_at_random(ready, account, tmp_path, monkeypatch, pytestconfig):
    kills = int(KILLS or (20 if pytestconfig.getoption("--full") else 8))
    site = make_installable(tmp_path / "site")
    account.bucket("raw", {"a/1.jsonl": lines("sft"), "a/2.jsonl": lines("sft")})
    account.inject("", "slow", times=None, seconds=0.02)
    killed = 0
    for attempt in range(kills):
        chance = random.Random(attempt)
        project = copy_of(ready.project, f"killed-{attempt}")
        config = project / "do" / "config"
        config.write_text(
            config.read_text().replace("PROJECT_NAME=demo", f"PROJECT_NAME=k{attempt}")
            + "# kept\nexport ENDPOINT_NAME=demo-endpoint\n"
        )
        before = set(Project(project).config().known().items())
        account.log.clear()
        killed += kill_somewhere(start(project, site), account, chance) == -signal.SIGKILL
        second = copy_of(project, f"second-{attempt}")
        for place in (project, second):
            monkeypatch.setenv("MLCC_PROJECT", str(place))
            ran = ready("tune", *FLAGS)
            assert ran.code == 0, (attempt, ran)
            names = [job.name for job in account.jobs.all() if job.name.startswith(f"k{attempt}-")]
            assert len(names) == 1, (attempt, names)
            known = Project(place).config().known()
            assert known["TUNE_JOB_NAME_SFT"] == names[0]
            assert before <= set(known.items())
            assert "# kept\n" in (place / "do" / "config").read_text()
    assert killed > kills // 3, "too few were killed for this to say anything"
    assert account.trap.hosts == []


@pytest.mark.timeout(300)
def test_a_chain_with_a_notification_killed_at_random(
    ready, account, tmp_path, monkeypatch, pytestconfig
):
    kills = int(KILLS or (20 if pytestconfig.getoption("--full") else 3))
    site = make_installable(tmp_path / "site")
    sns = account.account.client("sns").create_topic(Name="ends")
    data = ("--dataset", "s3://data/sft.jsonl", "--poll-interval", "0.02")
    first = ready("tune", "--technique", "sft", *data)
    assert first.code == 0, first
    (package,) = account.packages.list_model_packages({})["ModelPackageSummaryList"]
    start_of_all = ("--from-weights", package["ModelPackageArn"])
    flags = ("--technique", "sft", *data, *start_of_all, "--notify", sns["TopicArn"])
    account.inject("", "slow", times=None, seconds=0.02)
    for attempt in range(kills):
        project = copy_of(ready.project, f"chained-{attempt}")
        config = project / "do" / "config"
        text = config.read_text().replace("PROJECT_NAME=demo", f"PROJECT_NAME=c{attempt}")
        config.write_text(text + "export ENDPOINT_NAME=demo-endpoint\n")
        account.log.clear()
        kill_somewhere(start(project, site, flags), account, random.Random(attempt))
        monkeypatch.setenv("MLCC_PROJECT", str(project))
        ran = ready("tune", *flags)
        assert ran.code == 0, (attempt, ran)
        names = [job.name for job in account.jobs.all() if job.name.startswith(f"c{attempt}-")]
        assert len(names) == 1, (attempt, names)
        events = account.account.client("events")
        assert len(events.list_rules()["Rules"]) == attempt + 1
