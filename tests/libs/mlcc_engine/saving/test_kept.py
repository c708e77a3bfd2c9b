"""Proof that rounding kept the update, however small it is."""

from __future__ import annotations

from typing import Any

import pytest

from mlcc_core.errors import JobError
from mlcc_engine.saving import kept

pytestmark = pytest.mark.slow

RATES = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4]
"""Updates of one step: every weight moves by so much."""


def models_of(rate: float, dtype: Any) -> tuple[Any, Any, Any]:
    """A base whose weights ``dtype`` holds, the same after a step, and it again, to be rounded."""
    import torch

    draws = torch.Generator().manual_seed(12345)
    base, trained, other = (torch.nn.Linear(500, 500) for _ in range(3))
    with torch.no_grad():
        for name, weight in base.named_parameters():
            weight.copy_((0.05 * torch.randn(weight.shape, generator=draws)).to(dtype).float())
            signs = torch.randint(0, 2, weight.shape, generator=draws) * 2.0 - 1.0
            for model in (trained, other):
                model.get_parameter(name).copy_(weight + rate * signs)
    return base, trained, other


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
@pytest.mark.parametrize("rate", RATES)
def test_an_honest_rounding_never_fails(rate: float, kind: str) -> None:
    import torch

    from mlcc_engine.saving.rounding import round_weights

    dtype = getattr(torch, kind)
    for seed in range(12):
        base, trained, other = models_of(rate, dtype)
        round_weights(other, dtype, seed)
        kept.check(kept.sample(base), kept.sample(trained), kept.sample(other), dtype)


@pytest.mark.parametrize("rate", [rate for rate in RATES if rate > 1e-6])
def test_rounding_to_the_nearest_fails(rate: float) -> None:
    """Smaller updates of so few weights (of 4596) may be lost by chance."""
    import torch

    base, trained, other = models_of(rate, torch.bfloat16)
    other.to(torch.bfloat16)
    with pytest.raises(JobError, match=r"of the change by training is there") as caught:
        kept.check(kept.sample(base), kept.sample(trained), kept.sample(other), torch.bfloat16)
    assert caught.value.hint == "--save-dtype float32"


def test_nothing_is_lost_in_float32() -> None:
    import torch

    base, trained, _ = models_of(1e-9, torch.bfloat16)
    told = kept.sample(trained)
    assert kept.check(kept.sample(base), told, told, torch.float32) == 1.0


def test_an_update_of_nothing_that_was_looked_at_passes() -> None:
    import torch

    base, _, _ = models_of(1e-5, torch.bfloat16)
    told = kept.sample(base)
    assert kept.check(told, told, told, torch.bfloat16) is None


def test_other_parameters_fail() -> None:
    import torch

    told = kept.sample(torch.nn.Linear(3, 3))
    with pytest.raises(JobError, match="'bias' differs"):
        kept.check(told, told, kept.sample(torch.nn.Linear(3, 3, bias=False)), torch.bfloat16)


def test_samples_are_of_all_columns() -> None:
    import torch

    wide = torch.nn.Linear(576, 49152, bias=False)
    with torch.no_grad():
        wide.weight.copy_(torch.arange(576.0).expand(49152, 576))
    (told,) = kept.sample(wide).values()
    assert len(told) == kept.SAMPLED_PER_PARAMETER
    assert len(set(told.tolist())) == 576
