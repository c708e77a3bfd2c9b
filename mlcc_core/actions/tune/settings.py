"""Settings of a trainer, as typed: ``--set NAME=VALUE``, with a value as JSON has it, or text."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.actions.session import Session
    from mlcc_core.actions.tune.plan.request import TuneRequest
    from mlcc_core.contract.technique.trainer_setting import TrainerSetting

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def parse_settings(typed: Iterable[str], technique: str = "") -> dict[str, object]:
    """Return the settings by name.

    Args:
        typed: as ``NAME=VALUE`` each.
        technique: of the job, for the hint.

    Raises:
        MlccError: one has another form, or a name is given twice.

    Example:
        >>> parse_settings(["weight_decay=1e-3", "lr_scheduler_type=cosine"])
        {'weight_decay': 0.001, 'lr_scheduler_type': 'cosine'}
    """
    settings: dict[str, object] = {}
    for pair in typed:
        name, equals, text = pair.partition("=")
        name = name.strip()
        if not equals or not NAME.match(name) or not text.strip():
            raise MlccError(
                f"--set {pair!r} is not understood: expected NAME=VALUE.",
                where="--set",
                hint=_listing(technique),
            )
        if name in settings:
            raise MlccError(
                f"--set {name} is given twice: expected one value.",
                where="--set",
                hint=_listing(technique),
            )
        settings[name] = value_of(text)
    return settings


def value_of(text: str) -> object:
    """Return what a text means: a value of JSON where it is one, else the text itself."""
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        return text


def written(value: object) -> str:
    """Return a value as a user would type it; :func:`value_of` reads it back."""
    if isinstance(value, str) and value_of(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def list_settings(session: Session, request: TuneRequest) -> tuple[TrainerSetting, ...]:
    """Return the settings of a technique's trainer on the session's platform.

    Those that have a flag of their own, which is what gives them, say so in their help.

    Args:
        session: project, plugins and platform.
        request: names the technique, and LoRA or not; its dataset does not matter.

    Raises:
        MlccError: no such technique, no recipe of it for the platform, or the platform takes no
            settings.
    """
    from mlcc_core.actions.requests import flag_of
    from mlcc_core.actions.tune.plan.choices import check_training_type
    from mlcc_core.actions.tune.plan.recipes import require_recipe

    names = ", ".join(session.plugins.techniques)
    if not request.technique:
        raise MlccError(
            f"--list-settings needs a technique: expected one of {names}.",
            where="--technique",
            hint=_listing(""),
        )
    technique = session.plugins.technique(request.technique)
    platform = session.platform
    training_type = check_training_type(request)
    chosen = require_recipe(session.plugins, request, technique, platform)
    if not platform.takes_settings:
        raise MlccError(
            f"Platform {platform.name!r} has no settings to list: it takes the flags alone.",
            where="--list-settings",
            hint="mlcc tune --help",
        )
    found = platform.runner.list_settings(
        session.context, chosen.recipe, training_type, request.model or session.model
    )
    refused = technique.technique.refused_options
    flags = {name: flag_of(key) for key, name in chosen.names.items() if key not in refused}
    return tuple(_with_flag(setting, flags.get(setting.name)) for setting in found)


def _listing(technique: str) -> str:
    """Return the command that lists the settings of a technique."""
    return f"mlcc tune --technique {shlex.quote(technique or 'NAME')} --list-settings"


def _with_flag(setting: TrainerSetting, flag: str | None) -> TrainerSetting:
    """Return a setting whose help begins with the flag that gives it, if it has one."""
    if flag is None:
        return setting
    help_text = f"given by {flag}" + (f"; {setting.help}" if setting.help else "")
    return dataclasses.replace(setting, help=help_text)


def _finite(digits: str) -> float:
    return float(digits) if math.isfinite(float(digits)) else _no_number(digits)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")
