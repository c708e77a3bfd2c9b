"""The site, built once a session as strictly as for readers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages.made_once import made_once

ROOT = Path(__file__).parents[3]
STRICT = ("-W", "--keep-going", "-n", "-q", "-b", "html")


def build(docs: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """Run Sphinx as `.ci/run` does: every warning is an error, and all of them are shown."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            *STRICT,
            "-d",
            str(out / ".doctrees"),
            str(docs),
            str(out),
        ],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
        check=False,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the site's pages."""

    def make(folder: Path) -> None:
        done = build(ROOT / "docs", folder)
        assert done.returncode == 0, done.stdout

    return made_once(tmp_path_factory, "site", make)
