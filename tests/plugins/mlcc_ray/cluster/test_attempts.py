"""Restarts of workers are counted from checkpoint to checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_ray.cluster import attempts
from mlcc_ray.cluster.attempts import IN_VAIN
from mlcc_ray.cluster.place import Place


@pytest.fixture
def place(shared: Path) -> Place:
    return Place.at(shared.as_uri(), "demo")


def checkpoint(place: Place, step: int, *, whole: bool = True) -> None:
    name = "manifest.json" if whole else "model.safetensors"
    place.storage.write(place.path(f"checkpoints/rank-0/step-{step}/{name}"), b"{}")


def test_the_first_start_has_no_reason(place: Place) -> None:
    assert attempts.begin(place) == (0, None, None)


def test_three_restarts_in_vain_are_the_last(place: Place) -> None:
    checkpoint(place, 4)
    attempts.begin(place)
    for _ in range(IN_VAIN):
        step, reason, given_up = attempts.begin(place)
        assert (step, given_up) == (4, None)
        assert reason == "a worker process or its machine is gone"
    attempts.explain(place, OSError("no more memory."))
    _, _, given_up = attempts.begin(place)
    assert given_up is not None
    assert given_up.interrupted
    assert given_up.reason == (
        "The workers were lost 4 times in a row after the checkpoint at step 4: no more memory."
    )


def test_a_new_checkpoint_lets_the_count_begin_anew(place: Place) -> None:
    attempts.begin(place)
    for step in range(2, 20, 2):
        for _ in range(IN_VAIN):
            assert attempts.begin(place)[2] is None
        checkpoint(place, step)
        assert attempts.begin(place) == (step, attempts.UNKNOWN, None)


def test_half_a_checkpoint_does_not_count(place: Place) -> None:
    checkpoint(place, 2)
    checkpoint(place, 4, whole=False)
    assert attempts.begin(place)[0] == 2


def test_a_further_submission_counts_anew(place: Place) -> None:
    attempts.begin(place)
    for _ in range(IN_VAIN):
        attempts.begin(place)
    attempts.forget(place)
    assert attempts.begin(place) == (0, None, None)


def test_errors_of_ray_say_no_more_than_that_a_worker_is_gone(place: Place) -> None:
    from ray.exceptions import RayActorError

    attempts.begin(place)
    attempts.explain(place, RayActorError())
    assert attempts.begin(place)[1] == attempts.UNKNOWN
