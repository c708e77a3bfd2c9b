"""Deploy what a job left behind, and ask it: adapters, inference components, the base model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.job.tracking import output_variable, tracked_techniques
from mlcc_core.contract.platform import Adapter
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import unknown_name
from mlcc_core.helpers.project_paths import found

NAME = re.compile(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,62}\Z")
"""Names of adapters and components: the narrowest rule of the platforms, kept everywhere."""

DEPLOY_WORD = {"adapter": "adapter add", "model": "add-ic"}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a deployed model.

    Attributes:
        prompt: what was asked.
        target: the adapter or component asked; ``None`` for the base model alone.
        answer: its answer.
        base: the base model's answer to the same prompt; ``None`` when only it was asked.
    """

    prompt: str
    target: str | None
    answer: str
    base: str | None

    @property
    def differs(self) -> bool | None:
        """Return whether adapter and base differ; ``None`` when there is nothing to compare."""
        return None if self.base is None else self.answer != self.base


def check_name(name: str) -> str:
    """``name`` itself, if an adapter or component may be called so.

    Raises:
        MlccError: it is not 1 to 63 letters, digits and single hyphens between them.
    """
    if not NAME.match(name) or len(name) > 63:
        raise MlccError(
            f"The name {name!r} does not fit: expected 1 to 63 letters, digits and single "
            "hyphens, beginning and ending with a letter or digit.",
            hint="./do/adapter list   # a good name is tuned-v1",
        )
    return name


def tuned_output(
    session: Session, kind: Literal["adapter", "model"], technique: str | None, name: str
) -> str:
    """Return the path of the latest output of that kind: ``--from-tune [technique]``.

    Args:
        name: what it is to be deployed as, for hints.

    Raises:
        MlccError: nothing was tuned, or what was is of the other kind (its command is named).
    """
    other: Literal["adapter", "model"] = "model" if kind == "adapter" else "adapter"
    config = session.project.config()
    if technique is None:
        path = config.get("TUNE_OUTPUT_PATH_LATEST")
        kind_of = config.get("TUNE_OUTPUT_TYPE_LATEST")
        if path and kind_of == kind:
            return found(session.project.root, path)
        what, latest = "The latest tune output", path
    else:
        tracked = tracked_techniques(session.project)
        if technique not in {*session.plugins.techniques, *tracked}:
            raise unknown_name(
                "technique",
                technique,
                session.plugins.techniques,
                where="--from-tune",
                hint="mlcc plugins",
            )
        path = config.get(output_variable(technique, kind))
        if path:
            return found(session.project.root, path)
        what = f"The output of {technique}"
        latest = config.get(output_variable(technique, other))
    suffix = f" {technique}" if technique else ""
    if latest:
        noun = "a full model" if other == "model" else "a LoRA adapter"
        raise MlccError(
            f"{what} is {noun}, which {DEPLOY_WORD[kind]!r} does not take.",
            where="--from-tune",
            hint=f"./do/{DEPLOY_WORD[other]} {name} --from-tune{suffix}",
        )
    raise MlccError(
        f"{what} does not exist: no completed job is on record in {config.path}.",
        where="--from-tune",
        hint="./do/tune --status",
    )


def add_adapter(session: Session, name: str, weights: str) -> Adapter:
    """Put LoRA weights on the deployed base model, as ``name``."""
    return session.platform.add_adapter(session.context, check_name(name), weights)


def add_component(session: Session, name: str, model_data: str) -> Adapter:
    """Deploy a whole model beside the base model, as ``name``."""
    return session.platform.add_component(session.context, check_name(name), model_data)


def remove_adapter(session: Session, name: str) -> None:
    """Take an adapter down.

    Raises:
        MlccError: none of that name is deployed.
    """
    require_deployed(session, name, None)
    session.platform.remove_adapter(session.context, name)


def require_deployed(
    session: Session, name: str, kind: Literal["adapter", "model"] | None
) -> Adapter:
    """The deployed adapter or component of that name.

    Raises:
        MlccError: there is none, or it is of the other kind.
    """
    deployed: Sequence[Adapter] = session.platform.deployed(session.context)
    found = next((item for item in deployed if item.name == name), None)
    if found is None:
        noun = {"adapter": "adapter", "model": "inference component", None: "adapter"}[kind]
        names = [item.name for item in deployed if kind in (None, item.kind)]
        raise unknown_name(noun, name, names, hint="./do/adapter list")
    if kind is not None and found.kind != kind:
        flag = "--adapter" if found.kind == "adapter" else "--ic"
        raise MlccError(
            f"{name!r} is deployed as {found.kind}, not as {kind}.",
            hint=f"./do/test {flag} {name}",
        )
    return found


def ask(
    session: Session, prompt: str, name: str | None, kind: Literal["adapter", "model"] | None
) -> Reply:
    """Ask the deployed model; with an adapter or component, ask the base the same.

    Raises:
        MlccError: nothing is deployed, or nothing of that name.
    """
    if name is None:
        return Reply(prompt, None, session.platform.ask(session.context, prompt, None), None)
    require_deployed(session, name, kind)
    base, answer = session.platform.ask_both(session.context, prompt, name)
    return Reply(prompt, name, answer, base)
