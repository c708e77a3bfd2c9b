"""The platform that trains any model: another one, where a project's own takes a list of them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from typing import TypeVar

from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.errors import MlccError, NotTrainedHere
from mlcc_core.loader.manager import Plugins

TRAIN = "./do/train"

T = TypeVar("T", bound=Session)


def trainer_of_any(plugins: Plugins, platform: Platform) -> Platform:
    """Return the platform on which ``train`` runs in projects of a platform.

    Raises:
        MlccError: the platform names one that is not installed.
    """
    name = platform.trains_any
    return platform if name is None else plugins.platform(name)


def on_trainer(session: T, given: str | None) -> T:
    """Return a session on the platform that ``train`` runs on.

    Args:
        session: of the project.
        given: the value of ``--platform``, which the session has, if it was given: it counts as
            it stands.

    Raises:
        MlccError: the project's platform names one that is not installed.
    """
    if given is not None:
        return session
    return dataclasses.replace(session, platform=trainer_of_any(session.plugins, session.platform))


def offer_training(session: Session, request: TuneRequest, problems: Iterable[MlccError]) -> None:
    """Tell, in each problem of a model that is not trained here, the command that trains it.

    It becomes the hint where that would have been the list of models, else a line of the detail.

    Args:
        session: on the platform that refuses.
        request: that it refuses.
        problems: of the request.
    """
    from mlcc_core.catalog.lookup import LIST_COMMAND

    refused = [problem for problem in problems if isinstance(problem, NotTrainedHere)]
    command = train_command(session, request) if refused else None
    for problem in refused:
        if command is None:
            return
        if problem.hint in (None, LIST_COMMAND):
            problem.hint = command
        else:
            problem.detail = (*problem.detail, f"As it is asked for: {command}")


def train_command(session: Session, request: TuneRequest) -> str | None:
    """Return the command that trains what a platform refuses; ``None`` where no other trains more.

    Flags that only the refusing platform has are left out.

    Args:
        session: on the platform that refuses.
        request: that it refuses.

    Example:
        ``./do/train --technique sft --model my-custom-model-7b --dataset train.jsonl``
    """
    other = session.plugins.platforms.get(session.platform.trains_any or "")
    if other is None or other.insists_on_catalog:
        return None
    known = {option.key for option in other.options}
    own = {option.key for option in session.platform.options} - known
    anew = dataclasses.replace(
        request,
        values={key: value for key, value in request.values.items() if key not in own},
        settings=request.settings if other.takes_settings else {},
        platform=None if request.platform is None else other.name,
    )
    return re.sub(r"\A\./do/tune\b", TRAIN, anew.command_line())
