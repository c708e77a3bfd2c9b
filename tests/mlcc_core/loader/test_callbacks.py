"""The import strings of training call-backs."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from mlcc_core.loader.entry_points import Disabled, Loaded, Origin
from mlcc_core.loader.manager import Plugins, build_manager
from tests.mlcc_core.world import World, make_world


@pytest.fixture
def world(folder: Path) -> World:
    return make_world(folder)


class Tracker:
    def mlcc_training_callbacks(self, job):
        return []


def no_callbacks():
    return []


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("tracking")
    module.plugin = Tracker()
    module.mlcc_training_callbacks = no_callbacks
    monkeypatch.setitem(sys.modules, "tracking", module)
    return module


def test_module_and_object_of_an_entry_point(module: ModuleType):
    plugins = Plugins(
        [
            Loaded(module, Origin("a", "tracking", "tracking", "1")),
            Loaded(module.plugin, Origin("b", "tracking:plugin", "tracking", "1")),
        ],
        Disabled(""),
    )
    assert plugins.training_callbacks == (
        "tracking:mlcc_training_callbacks",
        "tracking:plugin.mlcc_training_callbacks",
    )


def test_object_that_cannot_be_imported_has_none():
    assert build_manager([Tracker()]).training_callbacks == ()


def test_they_reach_the_platform_and_make_no_other_job(
    world: World, module: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    asked = []
    build = world.platform.build_request

    def remember(context, spec):
        asked.append(spec.callbacks)
        return build(context, spec)

    monkeypatch.setattr(world.platform, "build_request", remember)
    first = world.tune()
    monkeypatch.setattr(World, "nouns", [*world.nouns, module])
    second = world.tune()
    assert (second.job, second.created) == (first.job, False)
    assert asked[0] == ()
    assert asked[-1] == ("tracking:mlcc_training_callbacks",)
