"""Run the contract suite of techniques on KTO."""

import pytest
from mlcc_kto import plugin

from mlcc_core.testing.contracts import TechniqueContract


class TestKto(TechniqueContract):
    """The suite of mlcc, run on KTO."""

    engines = ("trl",)

    @pytest.fixture
    def technique(self):  # noqa: ANN201
        """The technique under test."""
        return plugin
