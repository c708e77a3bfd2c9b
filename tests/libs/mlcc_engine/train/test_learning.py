"""Signs that nothing is learned, from what trainers report."""

from __future__ import annotations

import pytest

from mlcc_core.errors import JobError
from mlcc_engine.train.learning import Signs, refuse_nothing


def signs(*reports: dict[str, float], limit: int | None = None) -> Signs:
    found = Signs(limit)
    for report in reports:
        found.add(report)
    return found


def rl(reward: float, alike: float, gradient: float = 1.0, cut: float = 0.0) -> dict[str, float]:
    return {
        "reward": reward,
        "frac_reward_zero_std": alike,
        "grad_norm": gradient,
        "completions/clipped_ratio": cut,
    }


def test_zero_reward_is_nothing() -> None:
    found = signs(*[rl(0.0, 1.0, 0.0)] * 6)
    reason = found.nothing_learned(changed=False)
    assert reason is not None
    assert reason.endswith("scored alike in every step, always 0")
    assert found.warnings[0].startswith("Replies to the same prompt score alike: in 100% of")
    with pytest.raises(JobError, match="Nothing was learned: all replies") as caught:
        refuse_nothing(reason)
    assert caught.value.exit_code == 2


def test_no_gradient_and_no_change_are_nothing() -> None:
    assert signs({"grad_norm": 0.0}).nothing_learned(changed=True) == "no step had a gradient"
    assert signs({"grad_norm": 1.0}).nothing_learned(changed=False) is not None
    assert signs({"loss": 1.0}).nothing_learned(changed=True) is None
    refuse_nothing(None)


def test_one_group_that_differs_is_something() -> None:
    reports = [rl(0.0, 1.0, 0.0)] * 5 + [rl(0.1, 0.75, 0.2)]
    assert signs(*reports).nothing_learned(changed=True) is None


def test_each_warning_is_told_once() -> None:
    found = Signs(32)
    told = [line for _ in range(20) for line in found.add(rl(0.5, 0.9, 1.0, 0.75))]
    assert len(told) == 2
    assert "cut at 32 tokens: 75% so far" in told[1]
    verdict = found.verdict()
    assert any("In 90% of the groups" in line for line in verdict)
    assert any("75% of the replies were cut at 32 tokens" in line for line in verdict)


def test_little_is_not_told_too_soon() -> None:
    assert signs(*[rl(0.0, 1.0, 0.0)] * 4).warnings == []


@pytest.mark.parametrize(
    ("rewards", "flat"),
    [
        ([0.2, 0.3, 0.2, 0.3, 0.2, 0.3, 0.2, 0.3, 0.2], True),
        ([0.2, 0.25, 0.2, 0.4, 0.5, 0.5, 0.7, 0.75, 0.8], False),
        ([0.2, 0.3, 0.2], False),
        ([0.9, 0.8, 0.8, 0.5, 0.4, 0.4, 0.2, 0.1, 0.1], True),
    ],
)
def test_reward_that_does_not_rise(rewards: list[float], flat: bool) -> None:
    verdict = signs(*[rl(reward, 0.0) for reward in rewards]).verdict()
    assert any("no rise" in line for line in verdict) is flat
    assert all("±" in line for line in verdict)


@pytest.mark.parametrize(
    ("losses", "told"),
    [
        ([2.31] * 5, "Flat loss: 2.31 in the last 5 reports."),
        ([2.0, 1.0, *[0.0] * 5], "Zero loss: in the last 5 reports."),
        ([float("nan")] * 5, "Not a finite number: loss of the last 5 reports."),
        ([2.31] * 4, None),
        ([2.0, 1.9, 1.8, 1.7, 1.6], None),
        ([float("nan")] * 4 + [1.0], None),
    ],
)
def test_a_loss_that_stands_still_is_told_at_once_and_at_the_end(
    losses: list[float], told: str | None
) -> None:
    found = Signs()
    new = [line for loss in losses for line in found.add({"loss": loss, "grad_norm": 1.0})]
    assert [line.startswith(str(told)) for line in new] == [True] * (told is not None)
    assert found.verdict() == new


def noisy(*levels: float) -> list[float]:
    """Losses of batches around each level in turn."""
    return [level + wave for level in levels for wave in (0.1, -0.1, 0.05, 0.0, -0.05, 0.1)]


@pytest.mark.parametrize(
    ("losses", "told"),
    [
        (noisy(6.0, 6.0, 6.0), "The loss shows no fall: 6.02 ± 0.067 in the first 6 reports, 6.02"),
        ([6.0, *noisy(285.0, 40.0, 21.0)], "The loss rose: 6 in the first report, 21 ± "),
        (noisy(6.0, 5.0, 4.0), None),
        ([0.69, 0.015, 0.003, 1e-4, 9e-5, 5e-5, 3e-5, 2e-5, 1e-5], None),
        (noisy(6.0)[:5], None),
    ],
)
def test_a_loss_that_does_not_fall_is_told(losses: list[float], told: str | None) -> None:
    found = signs(*[{"loss": loss} for loss in losses])
    assert [line.startswith(str(told)) for line in found.verdict()] == [True] * (told is not None)
    assert found.warnings == []


def test_a_loss_that_does_not_fall_for_a_while_is_told_at_once() -> None:
    (warning,) = signs(*[{"loss": loss} for loss in noisy(*[6.0] * 10)]).warnings
    assert warning.startswith("The loss shows no fall: 6.02 ± ")
    assert signs(*[{"loss": loss} for loss in noisy(*range(10, 1, -1))]).warnings == []


def test_a_reward_that_stands_still_is_told_and_its_loss_is_not() -> None:
    found = signs(*[{**rl(0.25, 0.0), "loss": 0.0}] * 5)
    assert found.warnings == ["Flat reward: 0.25 in the last 5 reports."]
    assert (
        signs(*[{**rl(float("nan"), 0.0), "loss": 0.0}] * 5)
        .warnings[0]
        .startswith("Not a finite number: reward")
    )
