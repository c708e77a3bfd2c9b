"""Contract suites: subclass one in a test file, give its fixtures, run pytest.

::

    from mlcc_core.testing.contracts import TechniqueContract

    class TestKto(TechniqueContract):
        engines = ("trl",)

        @pytest.fixture
        def technique(self):
            return Kto()

A platform has a suite for each of its parts, and :class:`PlatformContract`, which joins those of
the parts that it has. Each test's docstring is the promise that it holds a plugin to.
"""

import pytest

PARTS = (
    *("part", "store", "runner", "serving", "answering", "chatting", "exporting", "managed"),
    "pricing",
    "account",
    "scripts",
)

pytest.register_assert_rewrite(
    *(
        f"mlcc_core.testing.contracts.{name}"
        for name in (
            *("technique", "recipes", "weight", "source", "metric", "pair_metric", "model_hub"),
            "platform",
            *(f"parts.{part}" for part in PARTS),
        )
    )
)

# pytest rewrites assertions only in modules that are imported after they are registered.
from mlcc_core.testing.contracts.metric import MetricContract  # noqa: E402
from mlcc_core.testing.contracts.model_hub import ModelHubContract  # noqa: E402
from mlcc_core.testing.contracts.pair_metric import PairMetricContract  # noqa: E402
from mlcc_core.testing.contracts.parts.account import AccountContract  # noqa: E402
from mlcc_core.testing.contracts.parts.answering import AnsweringContract  # noqa: E402
from mlcc_core.testing.contracts.parts.chatting import ChatContract  # noqa: E402
from mlcc_core.testing.contracts.parts.exporting import ExportingContract  # noqa: E402
from mlcc_core.testing.contracts.parts.managed import ManagedContract  # noqa: E402
from mlcc_core.testing.contracts.parts.pricing import PricingContract  # noqa: E402
from mlcc_core.testing.contracts.parts.runner import RunnerContract  # noqa: E402
from mlcc_core.testing.contracts.parts.scripts import ScriptContract  # noqa: E402
from mlcc_core.testing.contracts.parts.serving import ServingContract  # noqa: E402
from mlcc_core.testing.contracts.parts.store import StoreContract  # noqa: E402
from mlcc_core.testing.contracts.platform import PlatformContract  # noqa: E402
from mlcc_core.testing.contracts.source import SourceContract  # noqa: E402
from mlcc_core.testing.contracts.technique import TechniqueContract  # noqa: E402

__all__ = [
    "AccountContract",
    "AnsweringContract",
    "ChatContract",
    "ExportingContract",
    "ManagedContract",
    "MetricContract",
    "ModelHubContract",
    "PairMetricContract",
    "PlatformContract",
    "PricingContract",
    "RunnerContract",
    "ScriptContract",
    "ServingContract",
    "SourceContract",
    "StoreContract",
    "TechniqueContract",
]
