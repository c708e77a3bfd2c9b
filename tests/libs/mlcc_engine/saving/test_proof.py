"""Proof that what is saved is what was trained."""

from __future__ import annotations

import pytest

from mlcc_core.errors import JobError
from mlcc_engine.saving.proof import compare


def test_equal_losses_are_told() -> None:
    line = compare([4.0, 4.0], [0.30, 0.34], [0.301, 0.341])
    assert "loss 0.3210 on 2 trained passages, 0.3200 before it was saved, 4.0000" in line


@pytest.mark.parametrize(
    ("before", "trained", "saved"),
    [
        ([4.2, 3.9], [0.37, 0.36], [1.40, 1.39]),  # rounded to the nearest
        ([4.2346, 2.0803], [4.0315, 2.0799], [4.2333, 2.0802]),  # of a preference run
        ([4.0], [4.0], [9.0]),  # other weights
    ],
)
def test_what_is_lost_fails_the_job(
    before: list[float], trained: list[float], saved: list[float]
) -> None:
    with pytest.raises(JobError, match="is not what was trained") as caught:
        compare(before, trained, saved)
    assert caught.value.exit_code == 2


def test_stochastic_rounding_is_within_bounds() -> None:
    line = compare([4.2346, 2.0803], [4.0315, 2.0799], [4.0328, 2.0795])
    assert "loss 3.0561 on 2 trained passages, 3.0557 before it was saved" in line
    line = compare([4.2347, 3.9489], [1.6654, 1.3277], [1.6617, 1.3224])
    assert "loss 1.4920 on 2 trained passages, 1.4966 before it was saved" in line


def test_rounding_may_move_losses_more_than_a_small_training_did() -> None:
    before, trained, saved = [4.0, 2.0], [3.9996, 1.9998], [4.0021, 1.9977]
    with pytest.raises(JobError):
        compare(before, trained, saved)
    compare(before, trained, saved, rounded=True)
    with pytest.raises(JobError):
        compare(before, trained, [4.2, 2.1], rounded=True)
