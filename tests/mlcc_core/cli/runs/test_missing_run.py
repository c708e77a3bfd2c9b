"""A run that is not named: it is said so, with the command that lists them."""

from __future__ import annotations

import pytest

from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World


@pytest.mark.parametrize("words", [("report",), ("compare",), ("show",), ("remove",)])
def test_a_run_is_missing(world: World, mlcc: Mlcc, words: tuple[str, ...]) -> None:
    said = mlcc("runs", *words)
    assert said.code == 1
    (cross,) = said.crosses
    assert cross.startswith("❌ RUN")
    assert cross.endswith(" is missing, expected the name of a run, its beginning, or a technique.")
    assert said.err.splitlines()[-1].strip() == "mlcc runs list"
