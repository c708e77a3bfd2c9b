"""A request is built once a dataset's place is known, and handed on from there."""

from __future__ import annotations

import pytest

from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World


class HandedOn(FakePlatform):
    """Keeps every request that it is handed."""

    def __init__(self) -> None:
        super().__init__()
        self.built: list[object] = []
        self.handed: list[object] = []

    def build_request(self, context, spec):
        request = super().build_request(context, spec)
        self.built.append(request)
        return request

    def forecast(self, context, spec, request):
        self.handed.append(request)
        return super().forecast(context, spec, request)

    def try_evaluator(self, context, spec, request, rows):
        self.handed.append(request)
        return super().try_evaluator(context, spec, request, rows)

    def submit(self, context, name, request):
        self.handed.append(request)
        super().submit(context, name, request)


@pytest.fixture
def platform(world: World) -> HandedOn:
    world.platform = platform = HandedOn()
    return platform


def test_a_staged_dataset_needs_a_preview_and_one_request(world: World, platform: HandedOn):
    platform.out_of_reach = "jobs run elsewhere"
    world.tune()
    assert len(platform.built) == 2
    assert [request is platform.built[1] for request in platform.handed] == [True, True]


def test_the_preview_of_a_dataset_used_in_place_is_the_request(world: World, platform: HandedOn):
    world.tune()
    assert len(platform.built) == 1
    assert [request is platform.built[0] for request in platform.handed] == [True, True]


def test_the_evaluator_is_tried_with_the_request_that_is_sent(world: World, platform: HandedOn):
    world.write("scored.jsonl", [{"prompt": "a", "reward_model": "s.py"}])
    world.tune(technique="scored", dataset=str(world.root / "scored.jsonl"))
    assert platform.calls.count("try_evaluator") == 1
    assert [request is platform.built[-1] for request in platform.handed] == [True, True, True]
