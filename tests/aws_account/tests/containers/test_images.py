"""The Python of the image, what a job installs into it, and what a container leaves behind."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.aws_account.containers.job_requests import channel, instance_request, until

pytestmark = pytest.mark.slow

WHEEL = "own_package-1.0-py3-none-any.whl"


def wheel(path: Path) -> bytes:
    """A wheel of one module and one program."""
    info = "own_package-1.0.dist-info"
    files = {
        "own_package.py": "ANSWER = 42\ndef main():\n    print('the program says', ANSWER)\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: own-package\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nown-program = own_package:main\n",
    }
    with zipfile.ZipFile(path, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
        record = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
        file.writestr(f"{info}/RECORD", record)
    return path.read_bytes()


def text(lines):
    return [line for _, line in lines()]


def test_what_a_job_installs_stays_with_the_job(aws, ran, lines, tmp_path):
    aws.bucket("wheels", {WHEEL: wheel(tmp_path / WHEEL)})
    code = f"""
import subprocess, sys
wheel = ML + "/input/data/wheels/{WHEEL}"
command = [sys.executable, "-m", "pip", "install", "-q", "--no-index", wheel]
subprocess.run(command, check=True)
subprocess.run(["own-program"], check=True)
"""
    ran(code, InputDataConfig=[channel("wheels", "s3://wheels/")])
    assert "the program says 42" in text(lines)
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("own-package")


def test_the_image_has_the_packages_and_programs_of_this_interpreter(ran, lines):
    code = """
import importlib.metadata as metadata, json, shutil, subprocess, sys
import botocore
print("botocore", botocore.__version__)
print("programs", subprocess.run(["pytest", "--version"], check=True, capture_output=True).stdout)
texts = [one.read_text("direct_url.json") for one in metadata.distributions()]
print("editable", any('"editable"' in (text or "") for text in texts))
print("same", shutil.which("python3") == sys.executable)
"""
    ran(code)
    found = dict(line.split(" ", 1) for line in text(lines))
    assert found["botocore"] == importlib.metadata.version("botocore")
    assert importlib.metadata.version("pytest") in found["programs"]
    assert (found["editable"], found["same"]) == ("False", "True")


def test_an_environment_of_a_host_costs_little(aws, tmp_path):
    image = aws.containers._place.image
    image.environment(tmp_path / "first")
    began = time.process_time()
    image.environment(tmp_path / "second")
    assert time.process_time() - began < 0.5


STAYS = """
import subprocess, sys, time
stays = "import time; print('here', flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", stays], start_new_session=True)
"""


def alive(mark: str) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and folder.name != str(os.getpid()):
            try:
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if mark in command:
                found.append(command)
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_the_end_of_the_first_process_ends_all_of_its_container(aws, ran, lines):
    ran(STAYS + "time.sleep(1)")
    assert text(lines) == ["here"]
    assert alive("import time; print('here'") == []


def test_nothing_of_a_job_outlives_the_account(aws, sagemaker, lines):
    code = "import time; print(ML, flush=True); time.sleep(600)"
    sagemaker.create_training_job(**instance_request(aws, code))
    until(sagemaker, "Training")
    while not lines():
        time.sleep(0.02)
    root = Path(text(lines)[0])
    assert root.is_dir()
    aws.clear()
    assert not root.exists()
    assert alive(str(root)) == []


def test_a_job_that_waits_does_not_outlive_the_account_either(aws, sagemaker):
    spot = {
        "EnableManagedSpotTraining": True,
        "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 600},
    }
    aws.containers.capacity("ml.g5.xlarge", available=False)
    sagemaker.create_training_job(**instance_request(aws, "", **spot))
    aws.clear()
    assert aws.containers.bugs == []


KILLED = """
import os, sys, time
sys.path[:0] = {path!r}
from tests.aws_account.aws import Aws
from tests.aws_account.containers.job_requests import instance_request, until
aws = Aws()
code = "import time; print('here', flush=True); time.sleep(600)"
aws.client("sagemaker").create_training_job(**instance_request(aws, code))
until(aws.client("sagemaker"), "Training")
print(aws.containers.root("job-1"), flush=True)
os._exit(0)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_containers_do_not_outlive_a_test_process_that_is_killed():
    program = KILLED.format(path=[path for path in sys.path if path])
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    root = done.stdout.strip()
    end = time.monotonic() + 30
    while Path(root).exists() or alive(root):
        assert time.monotonic() < end, alive(root)
        time.sleep(0.05)
