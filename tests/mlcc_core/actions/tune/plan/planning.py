"""Plans and what is wrong with them."""

from __future__ import annotations

import pytest

from mlcc_core.actions.tune.plan.plan import Plan, build_plan
from mlcc_core.errors import MlccError, Problems
from tests.mlcc_core.world import World


def plan(world: World, **given: object) -> Plan:
    return build_plan(world.session(given.get("platform")), world.request(**given))


def problems(world: World, **given: object) -> list[MlccError]:
    with pytest.raises(MlccError) as caught:
        plan(world, **given)
    error = caught.value
    return list(error.problems) if isinstance(error, Problems) else [error]
