"""``deploy --to``: places of a platform, told with their price, deployed once, interrupted."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import ClassVar

import jsonschema
import pytest

from mlcc_core.cli.documents.schema import json_schema
from mlcc_core.contract.money.charge import Charge
from mlcc_core.contract.money.pricing import Pricing
from mlcc_core.contract.platform.values import Adapter, Context
from mlcc_core.errors import PlatformError
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

TO = ("deploy", "--to", "moon", "--model-data", "fake://model", "--name", "tuned-v1")


class Far(FakePlatform, Pricing):
    """Deploys to the moon, at a price by the month."""

    costs_money: ClassVar[bool] = True
    destinations: ClassVar[tuple[str, ...]] = ("moon",)

    def deploy_to_notice(
        self, context: Context, destination: str, name: str, weights: str
    ) -> Sequence[str]:
        if name in self.adapters:
            return ()
        return super().deploy_to_notice(context, destination, name, weights)

    def of_destination(
        self, context: Context, destination: str, name: str, weights: str
    ) -> Sequence[Charge]:
        return [Charge(f"{name} on the {destination}", "month", 1.0, price=3.0, source="list")]


@pytest.fixture
def far(world: World) -> Far:
    world.platform = platform = Far()
    platform.artifacts["fake://model"] = "model"
    return platform


def test_it_is_told_asked_and_deployed_once(far: Far, mlcc: Mlcc):
    said = mlcc(*TO)
    assert said.code == 1
    assert "📋 tuned-v1 on moon: fake://model" in said.err
    assert "💰 tuned-v1 on the moon: 1 month × $3.00 (list) = $3.00" in said.err
    assert "Deploying tuned-v1 to moon costs money. Go ahead?" in said.err
    assert far.adapters == {}
    said = mlcc(*TO, "--yes", "--json")
    assert said.code == 0
    jsonschema.validate({"schema_version": 1, **said.document}, json_schema("deploy"))
    assert (said.document["deployed"], said.document["destination"]) == ("tuned-v1", "moon")
    assert far.adapters["tuned-v1"] == Adapter("tuned-v1", "model", "fake://model", "moon")
    again = mlcc(*TO)  # nothing is created, so that nothing is asked
    assert again.code == 0
    assert "💰" not in again.err


def test_a_limit(far: Far, mlcc: Mlcc):
    said = mlcc(*TO, "--max-cost", "2", "--yes")
    assert said.code == 1
    assert "This may cost $3.00, more than --max-cost 2 allows." in said.err
    assert far.adapters == {}
    assert mlcc(*TO, "--max-cost", "3", "--yes").code == 0


def test_ctrl_c_says_what_goes_on_and_pastes(far: Far, mlcc: Mlcc):
    far.fail("deploy_to moon", KeyboardInterrupt())
    said = mlcc(*TO, "--yes")
    assert said.code == 130
    assert "Interrupted; what was begun of tuned-v1 goes on" in said.err
    lines = (line.strip() for line in said.err.splitlines())
    [hint] = [line for line in lines if line.startswith("mlcc deploy --to moon")]
    assert mlcc(*hint.split("#")[0].split()[1:], "--yes").code == 0
    assert list(far.adapters) == ["tuned-v1"]


def test_a_fault_of_the_platform(far: Far, mlcc: Mlcc):
    far.fail("deploy_to moon", PlatformError("The moon is full.", hint="mlcc doctor"))
    said = mlcc(*TO, "--yes")
    assert said.code == 3
    assert said.crosses == ["❌ The moon is full."]


def test_a_platform_without_such_places(world: World, mlcc: Mlcc):
    said = mlcc(*TO, "--yes")
    assert said.code == 1
    assert said.crosses == ["❌ --to: Platform 'fake' deploys nothing to 'moon'."]


def test_a_place_that_is_mistyped_leads_to_the_one_that_was_meant(far: Far, mlcc: Mlcc):
    said = mlcc(*(word.replace("moon", "mooon") for word in TO), "--yes")
    assert said.code == 1
    assert "deploys nothing to 'mooon', expected one of: moon" in said.crosses[0]
    lines = (line.strip() for line in said.err.splitlines())
    [hint] = [line for line in lines if line.startswith("mlcc deploy --to moon")]
    assert mlcc(*shlex.split(hint)[1:]).code == 0
