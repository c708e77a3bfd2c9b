"""Settings that a Config takes and a trainer cannot build: told before there is a job."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from mlcc_core.errors import MlccError
from mlcc_core.helpers import install_command
from mlcc_engine.settings import given
from mlcc_engine.settings.listing import listed
from tests.libs.mlcc_engine.settings.asking import asked

pytestmark = pytest.mark.torch

LISTING = "mlcc tune --technique sft --list-settings"


def refused(settings: dict[str, Any], *, elsewhere: bool = False) -> MlccError:
    with pytest.raises(MlccError) as caught:
        given.check(asked(settings), elsewhere=elsewhere)
    assert caught.value.what.startswith("--set ")
    assert "\n" not in caught.value.what
    return caught.value


@pytest.mark.parametrize(
    ("optimizer", "module", "package", "requirement"),
    [
        (
            "galore_adamw",
            "galore_torch",
            "galore_torch",
            "git+https://github.com/jiaweizzhao/GaLore",
        ),
        ("lomo", "lomo_optim", "lomo_optim", "lomo-optim"),
        ("grokadamw", "grokadamw", "grokadamw", "grokadamw"),
        ("schedule_free_adamw", "schedulefree", "schedulefree", "schedulefree"),
        ("stable_adamw", "optimi", "torch-optimi", "torch-optimi"),
        ("adamw_torch_8bit", "torchao", "torchao>=0.4.0", "torchao"),
    ],
)
def test_an_optimizer_whose_package_is_missing(
    optimizer: str, module: str, package: str, requirement: str
) -> None:
    if importlib.util.find_spec(module) is not None:
        pytest.skip(f"{module} is installed")
    error = refused({"optim": optimizer})
    assert error.what == f"--set optim={optimizer} needs {package}, which is not installed here."
    assert error.hint == install_command(requirement)
    given.check(asked({"optim": optimizer}), elsewhere=True)  # it may be installed there


@pytest.mark.parametrize(("name", "module"), [("use_liger_kernel", "liger_kernel")])
def test_a_setting_whose_package_is_missing(name: str, module: str) -> None:
    if importlib.util.find_spec(module) is not None:
        pytest.skip(f"{module} is installed")
    error = refused({name: True})
    assert error.what == f"--set {name}=true needs {module}, which is not installed here."
    given.check(asked({name: True}), elsewhere=True)
    given.check(asked({name: False}))


@pytest.mark.parametrize(
    "settings",
    [
        {"optim": "adamw_torch"},
        {"optim": "adafactor"},
        {"optim": "sgd", "optim_args": "momentum=0.9,nesterov=true"},
        {"lr_scheduler_type": "cosine", "lr_scheduler_kwargs": {"num_cycles": 2}},
        {"lr_scheduler_type": "cosine_with_min_lr", "lr_scheduler_kwargs": {"min_lr_rate": 0.1}},
        # Above the rate that the Config has by itself, below the one that the job would have.
        {"lr_scheduler_type": "polynomial", "lr_scheduler_kwargs": {"lr_end": 0.001}},
        {"lr_scheduler_type": "inverse_sqrt", "warmup_steps": 0.1},
        {"lr_scheduler_type": "constant"},
    ],
)
def test_what_can_be_built_is_taken(settings: dict[str, Any]) -> None:
    given.check(asked(settings))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"optim": "sgd", "optim_args": "momentum=much"}, "optim_args=momentum=much cannot be"),
        ({"optim": "sgd", "optim_args": "momentum"}, "--set optim=sgd with optim_args=momentum"),
        ({"optim": "sgd", "optim_args": "nesterov=true"}, "requires a momentum"),
    ],
)
def test_arguments_that_an_optimizer_refuses(settings: dict[str, Any], words: str) -> None:
    error = refused(settings)
    assert words in error.what
    assert error.hint == LISTING


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize(
    ("schedule", "words", "enough"),
    [
        (
            "cosine_with_min_lr",
            "One of min_lr or min_lr_rate should be set",
            '{"min_lr_rate":0.1}',
        ),
        ("cosine_warmup_with_min_lr", "min_lr_rate should be set", '{"min_lr_rate":0.1}'),
        ("warmup_stable_decay", "num_decay_steps is missing", '{"num_decay_steps":10}'),
    ],
)
def test_a_schedule_without_the_argument_that_it_needs(
    schedule: str, words: str, enough: str, elsewhere: bool
) -> None:
    error = refused({"lr_scheduler_type": schedule}, elsewhere=elsewhere)
    assert error.what.startswith(f"--set lr_scheduler_type={schedule} cannot be used: ")
    assert words in error.what
    assert error.hint == f"--set 'lr_scheduler_kwargs={enough}'"


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"lr_scheduler_kwargs": {"nope": 2}}, "linear takes no 'nope', and no other argument."),
        (
            {"lr_scheduler_type": "constant", "lr_scheduler_kwargs": {"num_cycles": 2}},
            "constant takes no 'num_cycles', and no other argument.",
        ),
        (
            {"lr_scheduler_type": "polynomial", "lr_scheduler_kwargs": {"nope": 2}},
            "takes no 'nope', expected lr_end, power.",
        ),
        (
            {"lr_scheduler_type": "polynomial", "lr_scheduler_kwargs": {"lr_end": 1.5}},
            "lr_end (1.5) must be smaller than initial lr",
        ),
        (
            {
                "lr_scheduler_type": "cosine",
                "lr_scheduler_kwargs": {"num_cycles": "many"},
                "warmup_steps": 2,
            },
            'with lr_scheduler_kwargs={"num_cycles": "many"} cannot be used',
        ),
    ],
)
def test_arguments_that_a_schedule_refuses(
    settings: dict[str, Any], words: str, elsewhere: bool
) -> None:
    assert words in refused(settings, elsewhere=elsewhere).what


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lr_scheduler_type", "reduce_lr_on_plateau"),
        ("lr_scheduler_type", "greedy"),
        ("optim", "adamw_torch_xla"),
    ],
)
def test_values_that_never_work_are_offered_nowhere(name: str, value: str) -> None:
    found = {each.name: each for each in listed("trl:SFTTrainer", {}, "lora")}
    assert value not in found[name].values.replace(",", "").split()
    assert f"--set {name} cannot be {value}: " in refused({name: value}).what
    assert value not in refused({name: "nope"}).what
