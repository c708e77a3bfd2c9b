"""Ranks of adapters, and the command by which vLLM serves them."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from mlcc_core.helpers import VLLM_RANKS, lora_rank, vllm_with_adapter


@pytest.mark.parametrize(
    ("config", "rank"),
    [
        ({"r": 4}, 4),
        ({"r": 8, "rank_pattern": {"q_proj": 32, "v_proj": 2}}, 32),
        ({"r": None, "rank_pattern": None}, 8),
        ({}, 8),
    ],
)
def test_the_largest_rank_counts(config: dict[str, Any], rank: int) -> None:
    assert lora_rank(config) == rank


@pytest.mark.parametrize(
    ("rank", "held"), [(1, None), (16, None), (17, 32), (300, 320), (512, 512)]
)
def test_a_rank_above_the_default_is_said(rank: int, held: int | None) -> None:
    words = shlex.split(vllm_with_adapter("org/base", "tuned=./out", rank))
    assert words[:6] == [
        "vllm",
        "serve",
        "org/base",
        "--enable-lora",
        "--lora-modules",
        "tuned=./out",
    ]
    assert words[6:] == ([] if held is None else ["--max-lora-rank", str(held)])
    assert held is None or held in VLLM_RANKS
