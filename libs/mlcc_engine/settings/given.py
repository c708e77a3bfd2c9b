"""Settings that a user gave: told apart, read and checked, before anything is trained."""

from __future__ import annotations

import dataclasses
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mlcc_core import MlccError, raise_all
from mlcc_core.helpers import close_matches, first_line
from mlcc_engine.devices import find_device
from mlcc_engine.request import Request
from mlcc_engine.settings import building, known
from mlcc_engine.settings.known import Known
from mlcc_engine.settings.owned import INSTEAD_BY_INIT, NEVER, NEW_BY_NAME, instead_of
from mlcc_engine.settings.values import Unfit
from mlcc_engine.train import defaults, trainers
from mlcc_engine.train.trainers import Trainer

MODULE_NAME = re.compile(r"[\w.]+\Z")
ALL_LINEAR = "all-linear"
NAMING_MODULES = ("target_modules", "exclude_modules", "modules_to_save")
"""Settings of LoRA for which one name is a list of one; PEFT would read it as an expression."""


def resolved(request: Request) -> Request:
    """Return the request with the settings of its user among those of the Config and of LoRA.

    Raises:
        MlccError, Problems: everything that is wrong with them, by name, type and range.
    """
    if not request.user_settings:
        return request
    trainer = Trainer(request.trainer)
    own, lora = known.of_trainer(trainer, request.settings), known.of_lora()
    values: dict[str, Any] = {}
    problems: list[MlccError] = []
    for name, value in request.user_settings.items():
        try:
            values[name] = _read(name, value, request, {**lora, **own})
        except MlccError as error:
            problems.append(error)
    problems.extend(_against_each_other(request, values, own))
    raise_all(problems)
    return dataclasses.replace(
        request,
        hyperparameters={
            **request.hyperparameters,
            **{name: value for name, value in values.items() if name in own},
        },
        lora={
            **request.lora,
            **{name: value for name, value in values.items() if name not in own},
        },
        user_settings={},
    )


def check(request: Request, *, elsewhere: bool = False) -> None:
    """Check the settings of a request, and build of them all that needs no model.

    That is the trainer's Config, its schedule and its optimizer.

    Args:
        request: what would be trained; its dataset may wait.
        elsewhere: the job runs on another machine: packages of this one do not count.

    Raises:
        MlccError, Problems: everything that is wrong with them.
    """
    whole = resolved(request)
    trainer = Trainer(whole.trainer)
    values = {**whole.settings, **whole.hyperparameters}
    rows = whole.rows or int(values.get("global_batch_size") or trainers.MICRO_BATCH)
    values = {**_rate(trainer, whole, rows), **values}
    plan = trainers.schedule(values, trainer.fields, rows)
    # Of several processes each would look for the others, which begin with the job.
    alone = dataclasses.replace(whole, processes=1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what the engine itself passes
            device, folder = find_device(), Path("output")
            config = trainers.configure(trainer, alone, values, plan, device, folder)
            numbers = building.Plan(plan.steps, float(getattr(config, "learning_rate", 0)))
            wrongs = list(
                building.wrongs(
                    config, numbers, request.user_settings, _listing(request), elsewhere=elsewhere
                )
            )
    except MlccError as error:
        raise MlccError(first_line(error.what), where="--set", hint=_listing(request)) from None
    except Exception as error:  # a Config may import what a value names
        raise MlccError(
            f"{request.trainer} refuses its settings: {first_line(error)}",
            where="--set",
            hint=_listing(request),
        ) from None
    raise_all(wrongs)


def _rate(trainer: Trainer, request: Request, rows: int) -> dict[str, float]:
    """Return the learning rate that the job would have by default, where that is not a Config's."""
    own = trainer.fields.get("learning_rate")
    found = defaults.hyperparameters(
        request.model,
        request.training_type,
        rows,
        own if isinstance(own, float) else None,
        sampled=trainers.SAMPLES in trainer.fields,
    )
    return {name: value for name, value in found.items() if name == "learning_rate"}


def _read(name: str, value: Any, request: Request, settings: Mapping[str, Known]) -> Any:
    """Return the value of one setting as its field has it.

    Raises:
        MlccError: there is no such setting to give, or not with this value.
    """
    setting = settings.get(name)
    if setting is None:
        raise _unknown(name, request, settings)
    if setting.of == "lora" and request.training_type != "lora":
        raise _wrong(
            name, f"only applies when --training-type is lora, not {request.training_type}", request
        )
    if name in NAMING_MODULES and isinstance(value, str) and value != ALL_LINEAR:
        value = [value] if MODULE_NAME.match(value) else value
    why = NEVER.get(name, {}).get(value) if isinstance(value, str) else None
    if why is not None:
        raise _wrong(name, f"cannot be {value}: {why}", request)
    try:
        found = setting.read(value)
    except Unfit:
        raise MlccError(
            f"--set {name}={_typed(value)} cannot be used: expected {setting.in_words()}."
            + _meant([value] if isinstance(value, str) else [], setting.texts()),
            where=f"--set {name}",
            hint=_listing(request),
        ) from None
    if name == "init_lora_weights" and isinstance(found, str):
        why = INSTEAD_BY_INIT.get(found.partition("_niter")[0])
        if why is not None:
            raise _wrong(name, f"cannot be {found}: {why}", request)
    return found


def _unknown(name: str, request: Request, settings: Mapping[str, Known]) -> MlccError:
    instead = instead_of(name)
    if instead is not None:
        return _wrong(name, f"is not for users to set: {instead}", request)
    if name in NEW_BY_NAME:
        return _wrong(name, f"does not exist here: it is {NEW_BY_NAME[name]}", request)
    return MlccError(
        f"--set {name}: neither {request.trainer} nor LoRA has such a setting."
        + _meant([name], settings),
        where=f"--set {name}",
        hint=_listing(request),
    )


def _against_each_other(
    request: Request, values: Mapping[str, Any], own: Mapping[str, Known]
) -> Iterator[MlccError]:
    """Yield what is wrong with several settings together."""
    off = values.get("disable_dropout", own["disable_dropout"].default if _drops(own) else False)
    if values.get("lora_dropout") and off:
        yield _wrong(
            "lora_dropout",
            f"has no effect: {request.trainer} turns dropout off; "
            "expected --set disable_dropout=false with it",
            request,
        )
    if values.get("layers_pattern") and values.get("layers_to_transform") is None:
        yield _wrong("layers_pattern", "needs --set layers_to_transform", request)


def _drops(own: Mapping[str, Known]) -> bool:
    return "disable_dropout" in own


def _wrong(name: str, what: str, request: Request) -> MlccError:
    return MlccError(f"--set {name} {what}.", where=f"--set {name}", hint=_listing(request))


def _meant(names: Iterable[str], known: Iterable[str]) -> str:
    close = [match for name in names for match in close_matches(name, known)]
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""


def _typed(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _listing(request: Request) -> str:
    lora = "" if request.training_type == "lora" else f" --training-type {request.training_type}"
    return f"mlcc tune --technique {request.technique}{lora} --list-settings"
