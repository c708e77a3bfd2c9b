"""A real small model for tests that a toy cannot stand in for: mark them ``slow``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlcc_core.errors import ExitCode

SURROUNDINGS = dict(os.environ)
"""As they were when pytest began: tests have a home and variables of their own."""

REQUIRED = "MLCC_REQUIRE_REAL_MODEL"
"""Set to 1, it makes a missing model a failure; else the tests are skipped with the reason."""


def kept_in() -> Path:
    """The folder that keeps the model between test runs."""
    if chosen := SURROUNDINGS.get("MLCC_TEST_CACHE"):
        return Path(chosen).expanduser().absolute()
    base = SURROUNDINGS.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mlcc-tests"


KEPT_IN = kept_in()


@pytest.fixture(scope="session")
def real_model() -> Path:
    """The folder of SmolLM2-135M-Instruct, fetched and converted once a machine.

    Its parent is good as ``MLCC_CACHE``, for tests that name the model ``smollm2-135m``. Tests
    must not write there.
    """
    made = subprocess.run(
        [sys.executable, "-P", "-m", "mlcc_engine.smollm2", str(KEPT_IN)],
        env=SURROUNDINGS,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode == 0:
        return Path(made.stdout.strip())
    why = made.stderr.strip()
    if made.returncode == ExitCode.PLATFORM and SURROUNDINGS.get(REQUIRED) != "1":
        pytest.skip(f"there is no real model: {why}")
    raise RuntimeError(f"The real model cannot be made: {why}")
