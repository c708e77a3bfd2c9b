"""Settings of the trainer: whose they are, and where they are seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from mlcc_core.actions.tune.dry_run import dry_run
from mlcc_core.actions.tune.run import tune
from mlcc_core.actions.tune.settings import list_settings, parse_settings
from mlcc_core.cli.tune.plan_text import plan_document, plan_lines
from mlcc_core.contract.technique.trainer_setting import TrainerSetting
from mlcc_core.errors import ExitCode, MlccError
from mlcc_core.project.records import read_record
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.actions.tune.plan.planning import plan, problems
from tests.mlcc_core.world import World

GIVEN = {"weight_decay": 0.1, "target_modules": ["q", "v"]}


class Setting(FakePlatform):
    """A platform whose trainer has settings of its own; ``bogus`` is none of them."""

    takes_settings: ClassVar[bool] = True

    def list_settings(self, *_: Any) -> Sequence[TrainerSetting]:
        return TrainerSetting("lr", "a number", "0.1"), TrainerSetting("decay", "a number", "0.0")

    def check_settings(self, context: Any, spec: Any, request: Any) -> Sequence[str]:
        with self.call("check_settings"):
            if "bogus" in spec.settings:
                raise MlccError("--set bogus: no such setting.", where="--set bogus")
            return ()


@pytest.fixture
def setting(world: World) -> World:
    world.platform = Setting()
    return world


@pytest.mark.parametrize("pair", ["bogus", "=1", "a b=1", "a=", "9=1"])
def test_a_pair_that_is_none(pair: str):
    with pytest.raises(MlccError, match="expected NAME=VALUE") as caught:
        parse_settings([pair], "sft")
    assert caught.value.exit_code == ExitCode.INPUT
    assert caught.value.hint == "mlcc tune --technique sft --list-settings"


def test_a_setting_given_twice():
    with pytest.raises(MlccError, match="--set a is given twice: expected one value"):
        parse_settings(["a=1", "a=2"])


def test_a_platform_without_settings(world: World):
    (found,) = problems(world, settings=GIVEN)
    assert found.what == ("--set (weight_decay, target_modules) does not apply to platform 'fake'.")
    assert found.hint == f"{world.request().command_line()}   # without --set"


@pytest.mark.parametrize("values", [{}, {"learning_rate": 0.2}])
def test_a_setting_that_has_a_flag(setting: World, values: dict[str, float]):
    (found,) = problems(setting, settings={"lr": 0.1}, values=values)
    assert found.what == "--set lr has a flag of its own: expected --learning-rate 0.1."
    assert found.hint == setting.request(values={"learning_rate": 0.1}).command_line()


def test_settings_are_part_of_plan_and_command(setting: World):
    found = plan(setting, settings=GIVEN)
    assert found.spec.settings == GIVEN
    assert found.asked["--set weight_decay"] == 0.1
    assert found.digest != plan(setting).digest
    line = found.request.command_line()
    assert """--set weight_decay=0.1 --set 'target_modules=["q", "v"]'""" in line


def test_settings_are_shown(setting: World):
    found = dry_run(setting.session(), setting.request(settings=GIVEN))
    assert "   --set weight_decay=0.1" in list(plan_lines(found))
    assert plan_document(found)["plan"]["settings"] == GIVEN
    json.dumps(found.plan.draft.body)


def test_settings_are_checked_before_anything_is_staged(setting: World):
    for run in (dry_run, tune):
        with pytest.raises(MlccError, match="--set bogus"):
            run(setting.session(), setting.request(settings={"bogus": 1}))
    assert "stage" not in setting.platform.calls
    assert "submit" not in setting.platform.calls


def test_settings_are_proved_recorded_and_compared(setting: World):
    done = tune(setting.session(), setting.request(settings=GIVEN))
    record = read_record(setting.session().project, done.job)
    assert record.asked["--set target_modules"] == ["q", "v"]
    assert record.request["hyperparameters"] == {"weight_decay": 0.1, "target_modules": ["q", "v"]}
    with pytest.raises(MlccError) as caught:
        tune(setting.session(), setting.request(settings={"weight_decay": 0.2}))
    assert "--set weight_decay: was 0.1, is now 0.2" in caught.value.detail


def test_the_list_names_the_flag_of_a_setting_that_has_one(setting: World):
    found = list_settings(setting.session(), setting.request())
    assert [(each.name, each.help) for each in found] == [
        ("lr", "given by --learning-rate"),
        ("decay", ""),
    ]


def test_a_list_needs_a_technique_and_a_platform_that_has_one(world: World):
    with pytest.raises(MlccError, match="--list-settings needs a technique"):
        list_settings(world.session(), world.request(technique=""))
    with pytest.raises(MlccError, match="Platform 'fake' has no settings to list"):
        list_settings(world.session(), world.request())
