import pytest

from mlcc_core.testing.contracts import MetricContract
from mlcc_core.testing.metric import FakeMetric


class TestFake(MetricContract):
    bounds = (0.0, 1.0)

    @pytest.fixture
    def metric(self):
        return FakeMetric()
