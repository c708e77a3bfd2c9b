"""What fits on a cluster, and what is told where it does not."""

from __future__ import annotations

import pytest

from mlcc_core.errors import MlccError
from mlcc_ray.api.nodes import Nodes, check_room

CPUS = Nodes(({"CPU": 4.0}, {"CPU": 2.0}))
GPUS = Nodes(({"CPU": 8.0}, {"CPU": 16.0, "GPU": 2.0}))


def test_a_worker_takes_a_gpu_where_there_is_one():
    assert CPUS.usual() == {"CPU": 1.0}
    assert GPUS.usual() == {"CPU": 1.0, "GPU": 1.0}
    assert Nodes(({"CPU": 1.0, "GPU": 0.5},)).usual() == {"CPU": 1.0}


def test_a_worker_is_on_one_node():
    assert CPUS.room({"CPU": 1.0}) == 6
    assert CPUS.room({"CPU": 3.0}) == 1
    assert GPUS.room({"CPU": 8.0, "GPU": 1.0}) == 2
    assert Nodes(()).room({"CPU": 1.0}) == 0


@pytest.mark.parametrize(
    ("nodes", "workers", "wanted", "told", "hint"),
    [
        (CPUS, 1, {"CPU": 1.0, "GPU": 1.0}, "has 6 CPUs, no GPU.", "pass --resources CPU=1"),
        (CPUS, 1, {"CPU": 6.0}, "has 6 CPUs.", "pass --resources CPU=4"),
        (CPUS, 8, {"CPU": 1.0}, "has 6 CPUs: 6 fit.", "pass --workers 6"),
        (GPUS, 3, {"CPU": 1.0, "GPU": 1.0}, "2 GPUs: 2 fit.", "pass --workers 2"),
        (CPUS, 1, {"TPU": 1.0}, "has no TPU.", "pass --resources CPU=1"),
    ],
)
def test_more_than_there_is_is_refused_with_what_there_is(nodes, workers, wanted, told, hint):
    with pytest.raises(MlccError) as caught:
        check_room(nodes, workers, wanted)
    assert caught.value.what.endswith(told)
    assert caught.value.hint == hint


def test_a_cluster_that_grows_is_waited_for():
    grows = Nodes(({"CPU": 1.0},), grows=True)
    warning = check_room(grows, 4, {"CPU": 1.0, "GPU": 1.0})
    assert warning is not None
    assert "the job waits for more" in warning
    assert check_room(grows, 1, {"CPU": 1.0}) is None
