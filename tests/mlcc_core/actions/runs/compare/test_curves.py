"""The numbers of a run over its steps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mlcc_core.actions.runs.compare.curves import POINTS, curves_of, thinned
from mlcc_core.contract.job import Progress
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import PlatformError
from mlcc_core.project.records import write_record
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World


class Logging(FakePlatform):
    """A platform that logs three steps."""

    def progress_since(self, context: Context, name: str, step: int) -> Sequence[Progress]:
        with self.call("progress_since"):
            steps = [
                Progress(step=n, loss=3.0 / n, metrics={"learning_rate": 0.1, "grad_norm": 1.0})
                for n in (1, 2, 3)
            ]
            last = {"held_out_loss": 0.8, "reward": math.nan}
            return [*steps, Progress(step=4, metrics=last)]


def test_curves_begin_with_what_was_measured_before(world: World):
    world.platform = Logging()
    record = world.record(world.tune().job)
    record.metrics["held_out_loss_before"] = 3.0
    write_record(world.project, record)
    found = {curve.metric: curve for curve in curves_of(world.session(), record)}
    assert found["loss"].points == ((1, 3.0), (2, 1.5), (3, 1.0))
    assert found["held_out_loss"].points == ((0, 3.0), (4, 0.8))
    assert found["held_out_loss"].title == "held-out loss"
    assert list(found) == ["loss", "held_out_loss", "learning_rate"]


def test_a_silent_platform_costs_the_curves_alone(world: World):
    world.platform = Logging()
    record = world.record(world.tune().job)
    world.platform.fail("progress_since", PlatformError("The network is away."))
    assert curves_of(world.session(), record) == ()
    assert world.heard.lines[-1] == f"⚠️  {record.job} has no curves: The network is away."


def test_a_platform_that_counts_no_steps_has_no_curves(world: World):
    assert curves_of(world.session(), world.record(world.tune().job)) == ()


def test_peaks_survive_where_points_are_many():
    points = [(float(n), 0.0) for n in range(100_000)]
    points[54_321] = (54_321.0, 9.0)
    found = thinned(points)
    assert len(found) <= POINTS
    assert (54_321.0, 9.0) in found
    assert (found[0], found[-1]) == (points[0], points[-1])
    assert list(found) == sorted(found)
