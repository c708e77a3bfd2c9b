"""The optimizer and the schedule of a Config, built on one weight as the trainer will on all.

A package that one of them needs, or another setting, is named where it is missing.
"""

from __future__ import annotations

import copy
import inspect
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers import first_line, install_command
from mlcc_engine import process

OPTIMIZER = ("optim", "optim_args", "optim_target_modules")
SCHEDULE, ARGUMENTS = "lr_scheduler_type", "lr_scheduler_kwargs"

ENOUGH: Mapping[str, str] = {
    "cosine_with_min_lr": '{"min_lr_rate":0.1}',
    "cosine_warmup_with_min_lr": '{"min_lr_rate":0.1}',
    "warmup_stable_decay": '{"num_decay_steps":10}',
}
"""Arguments with which a schedule works that does not without any."""

GIVEN_BY_TRAINER = ("optimizer", "num_warmup_steps", "num_training_steps", "last_epoch")
"""Arguments of the functions of schedules that are not for users."""

WITHOUT_ARGUMENTS = ("constant", "constant_with_warmup")
"""Schedules for which transformers drops all arguments in silence."""

PACKAGES: Mapping[str, tuple[str, str]] = {
    "use_liger_kernel": ("liger_kernel", "liger-kernel"),
    "use_vllm": ("vllm", "trl[vllm]"),
}
"""The module that a setting needs where it is true, and the requirement that brings it."""

INSTALLED_BY = re.compile(r"pip install (?:-U )?([^\s`'\"]+)")
"""The requirement in an error of transformers about a package that it misses."""

QUOTED = re.compile(r"`([^`\s]+)`")
"""The package's name in such an error."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbers of a job that its schedule depends on.

    Attributes:
        steps: optimizer steps in all.
        rate: the learning rate.
    """

    steps: int
    rate: float


def wrongs(
    config: Any, plan: Plan, given: Collection[str], hint: str, *, elsewhere: bool
) -> Iterator[MlccError]:
    """Yield what keeps the trainer from building what a Config names.

    Args:
        config: of the trainer.
        plan: of the job.
        given: the names of the settings that the user gave.
        hint: the command that lists all settings.
        elsewhere: the job runs with other packages than those here.
    """
    from transformers import TrainingArguments

    if not isinstance(config, TrainingArguments):
        return
    found = [_wrong_schedule(config, plan)]
    if not elsewhere:
        found += [_missing_package(config, name) for name in PACKAGES if name in given]
        if any(name in given for name in OPTIMIZER):
            found.append(_wrong_optimizer(config))
    for error in found:
        if error is not None:
            error.hint = error.hint or hint
            yield error


def _wrong_schedule(config: Any, plan: Plan) -> MlccError | None:
    """Return the error of a schedule that cannot be built, or breaks on its way.

    The arguments are those of the functions of ``transformers.optimization``.
    """
    from transformers import SchedulerType
    from transformers.optimization import TYPE_TO_SCHEDULER_FUNCTION

    kind = SchedulerType(config.lr_scheduler_type)
    given: Mapping[str, Any] = config.lr_scheduler_kwargs or {}
    function: Any = TYPE_TO_SCHEDULER_FUNCTION[kind]
    parameters = inspect.signature(function).parameters
    takes = [name for name in parameters if name not in GIVEN_BY_TRAINER]
    unknown = [name for name in given if name not in takes or kind.value in WITHOUT_ARGUMENTS]
    if unknown:
        takes_none = not takes or kind.value in WITHOUT_ARGUMENTS
        return MlccError(
            f"--set {ARGUMENTS}={json.dumps(given)} cannot be used: {SCHEDULE}={kind.value} "
            f"takes no {unknown[0]!r}, "
            + ("and no other argument." if takes_none else f"expected {', '.join(takes)}."),
            where=f"--set {ARGUMENTS}",
            hint=f"leave --set {ARGUMENTS} out" if takes_none else None,
        )
    lacking = [
        name
        for name in takes
        if parameters[name].default is inspect.Parameter.empty and name not in given
    ]
    reason = f"{lacking[0]} is missing from {ARGUMENTS}" if lacking else _tried(config, plan)
    if not reason:
        return None
    enough = None if given else ENOUGH.get(kind.value)
    also = f" with {ARGUMENTS}={json.dumps(given)}" if given else ""
    return MlccError(
        f"--set {SCHEDULE}={kind.value}{also} cannot be used: {reason}.",
        where=f"--set {ARGUMENTS if given else SCHEDULE}",
        hint=f"--set '{ARGUMENTS}={enough}'" if enough else None,
    )


def _tried(config: Any, plan: Plan) -> str:
    """Return why a schedule breaks when it is built or followed; empty where it does not."""
    import torch
    from transformers import get_scheduler

    optimizer = torch.optim.SGD([_weight()], lr=plan.rate)
    warm = config.get_warmup_steps(plan.steps)
    try:
        schedule = get_scheduler(
            config.lr_scheduler_type,
            optimizer=optimizer,
            num_warmup_steps=warm,
            num_training_steps=plan.steps,
            scheduler_specific_kwargs=config.lr_scheduler_kwargs,
        )
        for rate in getattr(schedule, "lr_lambdas", ()):
            for step in {0, warm, warm + 1, plan.steps // 2, plan.steps - 1, plan.steps}:
                rate(step)
    except Exception as error:  # of whatever type the arguments of a user lead to
        return _reason(error)
    return ""


def _wrong_optimizer(config: Any) -> MlccError | None:
    """Return the error of an optimizer that cannot be made, as the trainer makes it."""
    optimizer = str(getattr(config.optim, "value", config.optim))
    asked = f"--set optim={optimizer}"
    try:
        _make_optimizer(config)
    except Exception as error:  # of whatever type a package or the arguments of a user lead to
        needed = INSTALLED_BY.search(str(error))
        if needed is None:
            also = f" with optim_args={config.optim_args}" if config.optim_args else ""
            return MlccError(
                f"{asked}{also} cannot be used: {_reason(error)}.", where="--set optim"
            )
        requirement = needed[1].rstrip(".")
        name = QUOTED.search(str(error))
        return _uninstalled(asked, name[1] if name else requirement, requirement)
    return None


def _make_optimizer(config: Any) -> None:
    """Make the optimizer of a Config for a model of one weight; of some, find the class alone."""
    import torch

    with process.quick_imports():
        from transformers import Trainer

    model: Any = torch.nn.ModuleDict({"linear": torch.nn.Linear(2, 2, bias=False)})
    tried = copy.copy(config)
    if config.optim_target_modules is not None:
        tried.optim_target_modules = "all-linear"  # the names are those of another model
    kind, arguments = Trainer.get_optimizer_cls_and_kwargs(tried, model)
    usual = isinstance(kind, type) and issubclass(kind, torch.optim.Optimizer)
    if not usual or "model" in arguments or "optimizer_dict" in arguments:
        return
    weights = arguments.pop("params", None) or [
        {"params": list(model.parameters()), "weight_decay": config.weight_decay}
    ]
    kind(weights, **arguments)


def _missing_package(config: Any, name: str) -> MlccError | None:
    """Return the error of a setting that is true and needs a package that is not there."""
    module, requirement = PACKAGES[name]
    if not getattr(config, name, False) or find_spec(module) is not None:
        return None
    return _uninstalled(f"--set {name}=true", module, requirement)


def _uninstalled(asked: str, package: str, requirement: str) -> MlccError:
    return MlccError(
        f"{asked} needs {package}, which is not installed here.",
        where=asked.partition("=")[0],
        hint=install_command(requirement),
    )


def _weight() -> Any:
    import torch

    return torch.nn.Parameter(torch.zeros(1))


def _reason(error: Exception) -> str:
    return (first_line(error) or type(error).__name__).rstrip(".")
