"""Rounding that keeps what training changed."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_mean_is_kept_and_exact_values_stay(kind: str) -> None:
    import torch

    from mlcc_engine.saving.rounding import round_stochastically

    dtype = getattr(torch, kind)
    draws = torch.Generator().manual_seed(3)
    values = torch.linspace(0.5, 2.0, 200_000) * torch.tensor([1.0, -1.0]).repeat(100_000)
    rounded = round_stochastically(values, dtype, draws)
    assert rounded.dtype == dtype
    spacing = torch.finfo(dtype).eps
    error = (rounded.float() - values) / values
    assert error.abs().max() <= spacing
    assert error.mean().abs() < spacing / 100
    assert (rounded != values.to(dtype)).float().mean() > 0.2
    exact = values.to(dtype).float()
    assert torch.equal(round_stochastically(exact, dtype, draws).float(), exact)


def test_small_changes_survive_together() -> None:
    import torch

    from mlcc_engine.saving.rounding import round_stochastically

    base = torch.full((100_000,), 0.75)
    trained = base + 1e-4  # a thirtieth of what bfloat16 tells apart here
    nearest = (trained.to(torch.bfloat16).float() - base).mean()
    kept = (
        round_stochastically(trained, torch.bfloat16, torch.Generator().manual_seed(0)).float()
        - base
    ).mean()
    assert nearest == 0.0
    assert float(kept) == pytest.approx(1e-4, rel=0.05)


def test_one_seed_one_result_and_ties_stay() -> None:
    import torch

    from mlcc_engine.saving.rounding import round_weights

    def rounded(seed: int) -> torch.nn.Module:
        torch.manual_seed(0)
        first, last = torch.nn.Linear(32, 32), torch.nn.Linear(32, 32)
        last.weight = first.weight
        model = torch.nn.Sequential(first, last)
        round_weights(model, torch.bfloat16, seed)
        return model

    one, same, other = rounded(1), rounded(1), rounded(2)
    assert one[0].weight is one[1].weight
    assert one[0].weight.dtype == torch.bfloat16
    assert torch.equal(one[0].weight, same[0].weight)
    assert not torch.equal(one[0].weight, other[0].weight)
