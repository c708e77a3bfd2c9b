"""Weights in fewer bits without losing what training changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def round_stochastically(
    values: torch.Tensor, dtype: torch.dtype, generator: torch.Generator
) -> torch.Tensor:
    """Round each value to one of its neighbours in ``dtype``, at random, so that the mean is kept.

    A value a quarter of the way from one neighbour to the next becomes the next one with
    probability 1/4. Fine-tuning moves weights by less than bfloat16 tells apart: rounded to the
    nearest, most of them become what they were before, and the training is lost. Values that
    ``dtype`` holds exactly stay as they are.

    Args:
        values: float32, finite.
        dtype: bfloat16 or float16.
        generator: on the device of ``values``.

    Returns:
        A new tensor of ``dtype``.
    """
    import torch

    if dtype == torch.bfloat16:
        # bfloat16 is the upper half of float32: a random lower half carries into it as often as
        # the share that it would lose.
        drawn = torch.randint(
            0x10000, values.shape, generator=generator, device=values.device, dtype=torch.int32
        )
        return ((values.view(torch.int32) + drawn) & -0x10000).view(torch.float32).to(dtype)
    near, other, chance = neighbours(values, dtype)
    drawn = torch.rand(values.shape, generator=generator, device=values.device)
    return torch.where((drawn < chance) & torch.isfinite(other), other, near)


def neighbours(
    values: torch.Tensor, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return what each value lies between in ``dtype``.

    Args:
        values: float32, finite.
        dtype: of fewer bits, or float32.

    Returns:
        The nearest value in ``dtype``, the one on the other side, and how far the value is on the
        way to that one, from 0 to 1/2.
    """
    import torch

    near = values.to(dtype)
    error = values - near.float()
    towards = torch.where(error > 0, torch.inf, -torch.inf).to(dtype)
    other = torch.nextafter(near, towards)
    step = (other.float() - near.float()).abs()
    return near, other, torch.where(error == 0, 0.0, error.abs() / step)


def round_weights(model: torch.nn.Module, dtype: torch.dtype, seed: int) -> None:
    """Bring the float32 weights of ``model`` to ``dtype`` in place, rounding stochastically.

    The same weights and the same seed give the same result. Tied weights stay tied; buffers keep
    their number format.

    Args:
        model: is changed in place.
        dtype: the number format to round to.
        seed: of the draws.
    """
    import torch

    generators: dict[torch.device, torch.Generator] = {}
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dtype != torch.float32 or dtype == torch.float32:
                continue
            device = weight.device
            if device not in generators:
                generators[device] = torch.Generator(device).manual_seed(seed)
            weight.grad = None
            weight.data = round_stochastically(weight.data, dtype, generators[device])
