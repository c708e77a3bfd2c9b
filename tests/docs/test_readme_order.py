"""README's commands for SageMaker, as they are written and in their order, typed at a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.aws_account.aws import Aws
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import lines
from tests.plugins.mlcc_sagemaker.installed import make_installable, path_for_children

pytest.importorskip("sagemaker.core")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy:UserWarning"),
]

README = Path(__file__).parents[2] / "README.md"
HEADING = "## From this machine to SageMaker AI"
BIN = Path(sys.executable).parent
Terminal = Callable[[str], tuple[int, str]]


def commands() -> list[str]:
    """The lines of the section's block of commands, but for the installation."""
    section = README.read_text().partition(f"\n{HEADING}\n")[2].partition("\n## ")[0]
    [block] = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return [line for line in block.splitlines() if not line.startswith("pip ")]


@pytest.fixture
def terminal(aws: Aws, tmp_path: Path) -> Terminal:
    """Runs lines in one shell whose user answers every question with yes."""
    aws.changes.looks = 0
    aws.jobs.course = courses.at_once()
    aws.bucket("my-bucket", {"train.jsonl": lines("sft")})
    extra = make_installable(tmp_path / "site")
    paths = [path_for_children(extra), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }

    def run(script: str) -> tuple[int, str]:
        mine, theirs = pty.openpty()
        try:
            os.write(mine, b"y\n" * 10)
            ran = subprocess.run(
                ["bash", "-ec", script],
                cwd=tmp_path,
                env=environment,
                stdin=theirs,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=120,
                check=False,
            )
        finally:
            os.close(mine)
            os.close(theirs)
        return ran.returncode, ran.stdout

    return run


def test_the_commands_run_as_they_are_written(terminal: Terminal, aws: Aws) -> None:
    written = commands()
    text = "\n".join(written)
    order = ("mlcc init", "mlcc bootstrap", "--dry-run", "do/deploy", "mlcc undeploy")
    at = [text.find(words) for words in order]
    assert -1 not in at
    assert at == sorted(at)
    code, said = terminal(text)
    assert code == 0, said
    assert "❌" not in said
    in_order = [
        "📋 Plan (dry run",
        "endpoint: paid-project-endpoint is not deployed",
        "completed",
        "is in service on paid-project-endpoint",
        "tuned-sft answers differently from its base",
        "it costs nothing any more",
    ]
    places = [said.find(words) for words in in_order]
    assert -1 not in places, (in_order, said)
    assert places == sorted(places), said
    assert [job.status for job in aws.jobs.all()] == ["Completed"]
    assert aws.serving.endpoints == {}
    assert aws.trap.hosts == []
