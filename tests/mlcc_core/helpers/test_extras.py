"""Versions of what is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_core import Context
from mlcc_core.helpers import installed_versions
from mlcc_local import Local


def test_versions_of_distributions_that_are_installed():
    found = installed_versions(["pytest", "no-such-distribution"])
    assert found == {"pytest": pytest.__version__}


@pytest.mark.torch
def test_this_machine_tells_the_libraries_that_train(tmp_path: Path):
    libraries = Local().runner.libraries(Context(root=tmp_path, project="demo"))
    assert libraries == installed_versions(libraries)
    assert "torch" in libraries
