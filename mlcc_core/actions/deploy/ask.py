"""Ask the deployed model, and its base the same."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from mlcc_core.actions.deploy.adapters import require_deployed
from mlcc_core.actions.parts import require_serving
from mlcc_core.actions.session import Session
from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind


@dataclass(frozen=True)
class AskRequest:
    """One call of ``test``.

    Attributes:
        prompt: the question.
        adapter, component: the name of the one that is asked besides the base model, if any.
    """

    prompt: str
    adapter: str | None = None
    component: str | None = None


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


@hint_kind("a question to an adapter")
def asked(adapter: str) -> str:
    """Return the command that asks an adapter."""
    return f"./do/test --adapter {shlex.quote(adapter)}"


def ask(session: Session, request: AskRequest) -> Reply:
    """Ask the deployed model; with an adapter or component, ask the base the same.

    Raises:
        MlccError: nothing is deployed, nothing of that name, or two are to be asked.
    """
    if request.adapter is not None and request.component is not None:
        raise MlccError(
            "--adapter and --ic exclude each other.",
            hint=asked(request.adapter),
        )
    name = request.adapter or request.component
    if not name:
        answer = require_serving(session.platform).ask(session.context, request.prompt, None)
        return Reply(request.prompt, None, answer, None)
    require_deployed(session, name, "adapter" if request.adapter else "model")
    base, answer = require_serving(session.platform).ask_both(session.context, request.prompt, name)
    return Reply(request.prompt, name, answer, base)
