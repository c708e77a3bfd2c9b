"""Contract suites: subclass one in a test file, give its fixture, run pytest.

::

    from mlcc_core.testing.contracts import TechniqueContract

    class TestKto(TechniqueContract):
        platforms = ("local",)

        @pytest.fixture
        def technique(self):
            return Kto()
"""

import pytest

pytest.register_assert_rewrite(
    "mlcc_core.testing.contracts.technique",
    "mlcc_core.testing.contracts.source",
    "mlcc_core.testing.contracts.platform",
)

# pytest rewrites assertions only in modules that are imported after they are registered.
from mlcc_core.testing.contracts.platform import PlatformContract  # noqa: E402
from mlcc_core.testing.contracts.source import SourceContract  # noqa: E402
from mlcc_core.testing.contracts.technique import TechniqueContract  # noqa: E402

__all__ = ["PlatformContract", "SourceContract", "TechniqueContract"]
