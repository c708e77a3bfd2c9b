"""Scripts on instances keep the contract; the last test runs one in a container."""

from __future__ import annotations

import pytest

from mlcc_core.testing.contracts import ScriptContract
from tests.plugins.mlcc_sagemaker.conftest import lines

pytest.importorskip("sagemaker.core")

pytestmark = pytest.mark.slow


class TestInstanceScripts(ScriptContract):
    rows = lines("sft", 2)

    @pytest.fixture
    def context(self, place):
        return place

    @pytest.fixture
    def scripts(self, jobs):
        return jobs.scripts

    @pytest.fixture
    def runner(self, jobs):
        return jobs.runner
