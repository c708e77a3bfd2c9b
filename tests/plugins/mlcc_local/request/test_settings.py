"""Options about held-out rows: in the engine's request, or refused before the job."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from mlcc_core.contract.job import DatasetRef, TrainingSpec
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.helpers import install_command
from mlcc_engine.request import parse
from mlcc_local import Local

Spec = Callable[..., TrainingSpec]


def test_they_reach_the_engine(local: Local, context: Context, spec: Spec, dataset: Path) -> None:
    parts = DatasetRef(str(dataset), "abc", 1, str(dataset))
    asked = spec(dataset=parts, options={"eval_every": "10%", "stop_early": 3})
    body = local.runner.build_request(context, asked).body["request"]
    request = parse({**body, "job": "a", "output": "out"})
    assert (request.eval_every, request.stop_early) == ("10%", 3)


def test_a_plan_whose_rows_wait_may_have_them(local: Local, context: Context, spec: Spec) -> None:
    asked = spec(dataset=None, holds_out=True, options={"stop_early": 3})
    assert local.runner.build_request(context, asked).body["request"]["stop_early"] == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stop_early": 3}, "--stop-early needs held-out rows"),
        ({"eval_every": "25"}, "--eval-every needs held-out rows"),
    ],
)
def test_they_need_held_out_rows(
    local: Local, context: Context, spec: Spec, options: dict[str, object], words: str
) -> None:
    with pytest.raises(MlccError, match=words) as caught:
        local.runner.build_request(context, spec(options=options))
    assert caught.value.hint == "--validation 0.1"


def test_an_interval_must_be_one(local: Local, context: Context, spec: Spec, dataset: Path) -> None:
    parts = DatasetRef(str(dataset), "abc", 1, str(dataset))
    with pytest.raises(MlccError, match="expected a number of steps"):
        local.runner.build_request(context, spec(dataset=parts, options={"eval_every": "often"}))


@pytest.mark.parametrize(
    ("options", "packing"), [({}, None), ({"packing": True}, True), ({"no_packing": True}, False)]
)
def test_packing_is_asked_for_refused_or_left_open(
    local: Local,
    context: Context,
    spec: Spec,
    dataset: Path,
    options: dict[str, object],
    packing: bool | None,
) -> None:
    parts = DatasetRef(str(dataset), "abc", 1)
    body = local.runner.build_request(context, spec(dataset=parts, options=options)).body
    assert body["request"].get("packing") is packing


def test_packing_cannot_be_both(local: Local, context: Context, spec: Spec) -> None:
    both = spec(options={"packing": True, "no_packing": True})
    with pytest.raises(MlccError, match="--packing and --no-packing contradict each other"):
        local.runner.build_request(context, both)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("lomo_optim") is not None, reason="lomo_optim is installed")
def test_packages_of_this_machine_count(
    local: Local, context: Context, spec: Spec, dataset: Path
) -> None:
    parts = DatasetRef(str(dataset), "abc", 1, str(dataset))
    asked = spec(dataset=parts, settings={"optim": "lomo"})
    request = local.runner.build_request(context, asked)
    with pytest.raises(MlccError, match="needs lomo_optim, which is not installed here") as caught:
        local.runner.check_settings(context, asked, request)
    assert caught.value.hint == install_command("lomo-optim")
