"""The contract suite of techniques, run on kto."""

import pytest
from mlcc_kto import plugin

from mlcc_core.testing.contracts import TechniqueContract


class TestKto(TechniqueContract):
    engines = ("trl",)

    @pytest.fixture
    def technique(self):
        return plugin
