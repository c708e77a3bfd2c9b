"""The decision to compute activations twice."""

from __future__ import annotations

import pytest

from mlcc_engine.choices.checkpointing import choose


@pytest.mark.parametrize(
    ("free", "on"), [(None, False), (20_000, False), (12_600, False), (12_400, True), (1, True)]
)
def test_only_where_memory_is_short(free: int | None, on: bool) -> None:
    found = choose(None, 10_000, 4_000, free)
    assert found.on is on
    assert found.need == (4_000 if on else 10_000)
    assert bool(found.line) is on


@pytest.mark.parametrize("asked", [True, False])
def test_the_users_choice_wins(asked: bool) -> None:
    for free in (1, 10**9):
        found = choose(asked, 10_000, 4_000, free)
        assert found.on is asked
        assert not found.line


def test_not_where_it_saves_nothing() -> None:
    assert not choose(None, 10_000, 10_000, 1).on
