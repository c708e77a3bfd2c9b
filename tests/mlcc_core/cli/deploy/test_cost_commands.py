"""``deploy`` at a price and for a time, ``undeploy`` of what has expired, orphans told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import jsonschema
import pytest

from mlcc_core.cli.documents.schema import json_schema
from mlcc_core.contract.money.charge import Charge
from mlcc_core.contract.money.pricing import Pricing
from mlcc_core.contract.money.standing import Standing
from mlcc_core.contract.options import Option
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import PlatformError
from mlcc_core.project.deployments import Deployment, remember_deployment, remembered_deployment
from mlcc_core.testing.parts.serving import ENDPOINT
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World


class Costly(FakePlatform, Pricing):
    """Takes two dollars an hour, unless a test says otherwise."""

    costs_money: ClassVar[bool] = True
    deploy_options: ClassVar[tuple[Option, ...]] = (
        Option("--rack", int, "Where it stands", minimum=1, maximum=4),
    )

    def of_deployment(self, context: Context, model_data: str | None) -> Sequence[Charge]:
        source = "fake list" if self.hourly is not None else ""
        return [Charge("fake endpoint", "hour", price=self.hourly, source=source, by_the_hour=True)]


@pytest.fixture
def costly(world: World) -> Costly:
    world.platform = platform = Costly()
    return platform


PRICE = "💰 fake endpoint: $2.00 an hour (fake list) until it is taken down"


def test_the_price_is_told_before_the_question_and_without_one(costly: Costly, mlcc: Mlcc):
    said = mlcc("deploy")
    assert said.code == 1
    assert PRICE in said.err.splitlines()[0]
    assert "deploy" not in costly.calls
    assert PRICE in mlcc("deploy", "--yes").err
    document = mlcc("deploy", "--yes", "--json").document
    jsonschema.validate({"schema_version": 1, **document}, json_schema("deploy"))
    assert document["cost"]["charges"][0]["price"] == 2.0
    assert (document["cost"]["total"], document["expires"]) == (None, None)


def test_no_price_is_said(costly: Costly, mlcc: Mlcc):
    costly.hourly = None
    assert "💰 fake endpoint: no price is published" in mlcc("deploy", "--yes").err


def test_a_limit_wants_an_end(costly: Costly, mlcc: Mlcc):
    said = mlcc("deploy", "--yes", "--max-cost", "9")
    assert said.crosses == [
        (
            "❌ --max-cost 9 cannot be kept: it costs $2.00 an hour until it is taken down, and no "
            "--expires says when."
        )
    ]
    hint = said.err.splitlines()[-1].strip()
    assert hint == "mlcc deploy --expires 4h --max-cost 9 --platform fake --yes"
    assert "deploy" not in costly.calls
    assert mlcc(*hint.split()[1:]).code == 0


def test_a_limit_that_is_too_low(costly: Costly, mlcc: Mlcc):
    said = mlcc("deploy", "--yes", "--expires", "5h", "--max-cost", "9.5")
    assert said.crosses == ["❌ This may cost $10.00, more than --max-cost 9.5 allows."]
    assert "deploy" not in costly.calls
    said = mlcc("deploy", "--yes", "--max-cost", "0.001")
    assert said.err.splitlines()[-1] == "   mlcc deploy --platform fake --yes"
    assert mlcc("deploy", "--yes", "--max-cost", "0.5").err.splitlines()[-1].split()[3] == "15m"
    for wrong in ("-1", "0", "nan", "inf"):
        said = mlcc("deploy", "--yes", "--max-cost", wrong)
        assert said.code == 1
        assert said.crosses == [f"❌ --max-cost is {wrong}, expected US dollars above 0."]
        (hint,) = (line.strip() for line in said.err.splitlines() if line.startswith("   mlcc"))
        assert mlcc(*hint.split()[1:]).code == 0


@pytest.mark.parametrize("words", [(), ("--expires", "1h")])
def test_a_limit_refuses_what_has_no_price(costly: Costly, mlcc: Mlcc, words: tuple[str, ...]):
    costly.hourly = None
    said = mlcc("deploy", "--yes", "--max-cost", "9", *words)
    assert "the cost is not known (fake endpoint" in said.crosses[0]
    assert "deploy" not in costly.calls


def test_a_platform_without_prices_is_not_taken_for_free(world: World, mlcc: Mlcc):
    class Silent(FakePlatform):
        costs_money: ClassVar[bool] = True

    world.platform = Silent()
    said = mlcc("deploy", "--yes", "--max-cost", "9", "--expires", "1h")
    assert "the cost is not known" in said.crosses[0]
    assert "the price is not known" in mlcc("deploy", "--yes").err


def test_what_costs_nothing_does_not_expire(world: World, mlcc: Mlcc):
    said = mlcc("deploy", "--expires", "1h")
    assert "costs nothing while it stands" in said.crosses[0]
    assert said.err.splitlines()[-1] == "   mlcc deploy --platform fake"
    assert remembered_deployment(world.project, "fake") is None


def test_every_later_command_reminds(costly: Costly, world: World, mlcc: Mlcc):
    said = mlcc("deploy", "--yes", "--expires", "4h")
    assert "mlcc undeploy --expired" in said.out
    assert abs((costly.expires or 0) - time.time() - 4 * 3600) < 60
    assert "💰 fake endpoint: 4 hours × $2.00 (fake list) = $8.00" in said.err
    for words in (("adapter", "list"), ("runs", "list", "--json"), ("deploy", "--yes")):
        said = mlcc(*words)
        assert "⚠️  The deployment on fake costs $2.00 an hour since" in said.err, words
        assert "it expires in 3 h 59 min" in said.err or "in 4 h 0 min" in said.err
    assert "⚠️" not in mlcc("runs", "--help").err
    assert mlcc("deploy", "--yes", "--json").document["expires"] == costly.expires
    assert mlcc("undeploy", "--yes").code == 0
    assert "⚠️" not in mlcc("adapter", "list").err


def test_a_killed_deploy_is_reminded_of(costly: Costly, world: World, mlcc: Mlcc):
    costly.fail("deploy", KeyboardInterrupt(), after=True)
    assert mlcc("deploy", "--yes", "--expires", "4h").code == 130
    assert "The deployment on fake costs" in mlcc("adapter", "list").err


def test_a_deploy_that_made_nothing_is_not(costly: Costly, world: World, mlcc: Mlcc):
    costly.fail("deploy", PlatformError("A quota is exhausted."))
    assert mlcc("deploy", "--yes", "--expires", "4h").code == 3
    assert remembered_deployment(world.project, "fake") is None
    costly.fail("deploy", PlatformError("The answer was lost."))
    costly.fail("standing", PlatformError("No connection."))
    assert "The answer was lost" in mlcc("deploy", "--yes", "--expires", "4h").crosses[0]
    assert remembered_deployment(world.project, "fake") is not None


def expire(platform: FakePlatform, world: World) -> None:
    """Let an hour pass since what stands has expired."""
    past = time.time() - 3600
    platform.expires = past
    platform.stands = {n: replace(t, expires=past) for n, t in platform.stands.items()}
    remember_deployment(world.project, Deployment("fake", past - 60, past))


def test_what_has_expired_is_taken_down_unasked(costly: Costly, world: World, mlcc: Mlcc):
    assert mlcc("undeploy", "--expired").out == "ℹ️  Nothing has expired.\n"
    mlcc("deploy", "--yes", "--expires", "4h")
    assert mlcc("undeploy", "--expired").code == 0
    assert list(costly.stands) == [ENDPOINT]
    expire(costly, world)
    costly.stands["old"] = Standing("old", "endpoint", expires=time.time() - 5, current=False)
    costly.stands["kept"] = Standing("kept", "endpoint", current=False)
    said = mlcc("adapter", "list")
    assert "mlcc undeploy --expired --platform fake" in said.err
    said = mlcc("undeploy", "--expired", "--platform", "fake")
    assert said.out.splitlines() == [f"Took down {ENDPOINT}.", "Took down old."]
    assert f"📋 Expired 1 h 0 min ago: the endpoint {ENDPOINT} (InService)" in said.err
    assert list(costly.stands) == ["kept"]
    assert remembered_deployment(world.project, "fake") is None
    document = mlcc("undeploy", "--expired", "--json").document
    assert document["undeployed"] == ["ℹ️  Nothing has expired."]
    jsonschema.validate({"schema_version": 1, **document}, json_schema("undeploy"))


def test_a_fresh_checkout_takes_down_as_well(costly: Costly, world: World, mlcc: Mlcc):
    past = time.time() - 60
    costly.stands[ENDPOINT] = Standing(ENDPOINT, "endpoint", expires=past)
    assert mlcc("undeploy", "--expired").out == f"Took down {ENDPOINT}.\n"


def test_one_that_fails_keeps_no_other_standing(costly: Costly, world: World, mlcc: Mlcc):
    mlcc("deploy", "--yes", "--expires", "4h")
    expire(costly, world)
    costly.stands["old"] = Standing("old", "endpoint", expires=time.time() - 5, current=False)
    costly.fail(f"take_down {ENDPOINT}", PlatformError("Throttled."))
    said = mlcc("undeploy", "--expired")
    assert (said.code, said.crosses) == (3, ["❌ Throttled."])
    assert "Took down old." in said.err
    assert mlcc("undeploy", "--expired").out == f"Took down {ENDPOINT}.\n"


def test_taken_down_elsewhere_is_no_reason_to_remind(costly: Costly, world: World, mlcc: Mlcc):
    mlcc("deploy", "--yes", "--expires", "4h")
    expire(costly, world)
    costly.stands.clear()
    assert mlcc("undeploy", "--expired").code == 0
    assert remembered_deployment(world.project, "fake") is None


def test_given_more_time_elsewhere(costly: Costly, world: World, mlcc: Mlcc):
    mlcc("deploy", "--yes", "--expires", "4h")
    expire(costly, world)
    later = time.time() + 600
    costly.stands[ENDPOINT] = replace(costly.stands[ENDPOINT], expires=later)
    assert mlcc("undeploy", "--expired").out == "ℹ️  Nothing has expired.\n"
    kept = remembered_deployment(world.project, "fake")
    assert kept is not None
    assert kept.expires == later


def test_orphans_are_asked_for_and_taken_down(costly: Costly, world: World, mlcc: Mlcc):
    assert mlcc("undeploy", "--orphans").out == "ℹ️  This project has no orphans.\n"
    mlcc("deploy", "--yes")
    costly.stands["old"] = Standing("old", "endpoint", "InService", current=False)
    said = mlcc("undeploy", "--orphans")
    assert said.code == 1
    assert said.err.splitlines()[:2] == [
        "📋 Undeploying removes:",
        "   the endpoint old (InService)",
    ]
    assert mlcc("undeploy", "--orphans", "--yes").out == "Took down old.\n"
    assert list(costly.stands) == [ENDPOINT]
    costly.stands["old"] = Standing("old", "endpoint", "InService", current=False)
    told = mlcc("undeploy", "--yes").out.splitlines()[-1]
    assert told.endswith("the endpoint old (InService); mlcc undeploy --orphans")
    said = mlcc("undeploy", "--expired", "--orphans")
    assert "exclude each other" in said.crosses[0]


def test_an_orphan_that_is_gone_is_not_reminded_of(costly: Costly, world: World, mlcc: Mlcc):
    mlcc("deploy", "--yes", "--expires", "4h")
    thing = replace(costly.stands.pop(ENDPOINT), name="old", current=False)
    costly.stands["old"] = thing
    assert "it expires in" in mlcc("adapter", "list").err
    assert mlcc("undeploy", "--orphans", "--yes").code == 0
    assert "it expires in" not in mlcc("adapter", "list").err


def test_options_of_the_platform(costly: Costly, world: World, mlcc: Mlcc):
    assert "--rack INTEGER" in mlcc("deploy", "--help").out
    assert "Of platforms:" in mlcc("deploy", "--help").out
    for rack, code in (("4", 0), ("5", 1)):
        said = mlcc("deploy", "--yes", "--rack", rack)
        assert said.code == code, said
    assert said.crosses == ["❌ --rack 5 is out of range: expected an integer from 1 to 4."]
    said = mlcc("deploy", "--yes", "--rack", "1", "--platform", "elsewhere")
    assert said.crosses == [
        (
            "❌ --rack does not apply to deployments on platform 'elsewhere'; it belongs to "
            "platform fake."
        )
    ]
    assert mlcc(*said.err.splitlines()[-1].split()[1:]).code == 0


def test_lists_tell_what_stands(costly: Costly, world: World, mlcc: Mlcc):
    mlcc("deploy", "--yes", "--expires", "4h")
    costly.stands["old"] = Standing("old", "endpoint", since=0.0, current=False)
    for words in (("runs", "list"), ("doctor",)):
        shown = [line.strip() for line in mlcc(*words).out.splitlines()]
        assert f"💰 endpoint {ENDPOINT} (InService)" in shown
        assert "fake endpoint: $2.00 an hour until it is taken down" in shown
        assert shown[shown.index("mlcc undeploy --orphans") - 1].startswith(
            "⚠️  endpoint old since 19"
        )
        document = mlcc(*words, "--json").document
        parts = document.get("sections", [document])
        things = [thing for part in parts for thing in part["standing"]]
        assert [(t["name"], t["current"], t["take_down"]) for t in things] == [
            (ENDPOINT, True, "mlcc undeploy"),
            ("old", False, "mlcc undeploy --orphans"),
        ]
        assert things[0]["charges"][0]["price"] == 2.0
        assert things[0]["expires"] == costly.expires


def test_a_platform_that_cannot_be_asked_fails_no_list(costly: Costly, mlcc: Mlcc):
    for words in (("runs", "list"), ("doctor",)):
        costly.fail("standing", PlatformError("No credentials.", hint="aws login"))
        said = mlcc(*words)
        assert said.code == 0
        assert "Not known of fake: what stands and costs. No credentials." in said.out
        costly.fail("standing", PlatformError("No credentials.", hint="aws login"))
        document = mlcc(*words, "--json").document
        parts = document.get("sections", [document])
        assert [silent for part in parts for silent in part["not_asked"]] == [
            {"platform": "fake", "what": "No credentials.", "hint": "aws login"}
        ]


def test_doctor_of_one_platform(costly: Costly, world: World, mlcc: Mlcc):
    from mlcc_core.contract.platform.values import Check

    world.elsewhere.prerequisites = [Check("disk", "missing", "none")]
    for name, code in (("fake", 0), ("elsewhere", 3)):
        said = mlcc("doctor", "--platform", name)
        titles = [line for line in said.out.splitlines() if line.startswith("📋 platform")]
        assert (said.code, len(titles)) == (code, 1)
        assert name in titles[0]
    said = mlcc("doctor", "--platform", "elsewere")
    assert said.code == 1
    assert "elsewhere" in said.err
