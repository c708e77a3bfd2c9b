"""Packages of a script: installed by pip into a folder of the job, not into the environment."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from mlcc_core import JobError, MlccError, PlatformError
from mlcc_core.helpers.hints import path_word
from mlcc_engine.scripting.commands import Commands

DONE = ".installed"
"""A file in the folder: all of it was installed."""

UNREACHABLE = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Max retries exceeded|ProxyError"
    r"|Name or service not known|Temporary failure in name resolution|Connection refused"
    r"|No space left on device|Disk quota exceeded"
)
"""Words of pip where neither the file nor the script is to blame."""

ERROR = "ERROR: "
NO_PIP = "No module named pip"


def install(requirements: Path, packages: Path, commands: Commands) -> None:
    """Install a file of requirements into a folder, unless it was done before.

    Args:
        requirements: the file.
        packages: the folder; half an installation of an earlier try is removed.
        commands: runs pip, whose lines go to the job's log.

    Raises:
        MlccError: pip refuses the file, or finds no such package.
        PlatformError: pip is missing, the package index cannot be reached, or the disk is full.
        JobError: it failed for another reason.
    """
    mark = packages / DONE
    if mark.exists():
        return
    shutil.rmtree(packages, ignore_errors=True)
    options = ("--no-input", "--disable-pip-version-check", "--progress-bar", "off")
    words = (sys.executable, "-m", "pip", "install", *options)
    code = commands.run(
        [*words, "--target", str(packages), "--requirement", str(requirements)],
        str(requirements.parent),
        os.environ,
    )
    if commands.told:
        return
    if code != 0:
        raise failure(requirements, commands.lines)
    packages.mkdir(parents=True, exist_ok=True)  # a file without a requirement makes none
    mark.touch()


def failure(requirements: Path, lines: Iterable[str]) -> MlccError:
    """Return the error for an installation that failed, in pip's own words.

    Args:
        requirements: the file.
        lines: the last lines of pip.
    """
    said = list(lines)
    errors = [line.removeprefix(ERROR) for line in said if line.startswith(ERROR)]
    reason = (errors or [line for line in said if line.strip()] or ["no reason was given"])[0]
    what = f"The requirements cannot be installed: {reason.rstrip('.')}."
    where = str(requirements)
    if any(NO_PIP in line for line in said):
        return PlatformError(
            f"The requirements cannot be installed: {sys.executable} has no pip.",
            where=where,
            hint=f"{path_word(sys.executable)} -m ensurepip",
        )
    if any(UNREACHABLE.search(line) for line in said):
        return PlatformError(what, where=where)
    if errors:
        return MlccError(what, where=where)
    return JobError(what, where=where)
