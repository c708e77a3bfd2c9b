"""Deploy the base model of the project or another one in its place; take everything down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlcc_core.actions.parts import require_serving
from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.errors import Interrupted


@dataclass(frozen=True)
class DeployRequest:
    """One call of ``deploy``.

    Attributes:
        model_data: the model that replaces the base model; ``None`` deploys the base model.
        assume_yes: do not ask before creating what costs money.
    """

    model_data: str | None = None
    assume_yes: bool = False


@dataclass(frozen=True)
class UndeployRequest:
    """One call of ``undeploy``.

    Attributes:
        assume_yes: do not ask before removing anything.
    """

    assume_yes: bool = False


@dataclass(frozen=True)
class Deployed:
    """The result of ``deploy``.

    Attributes:
        model: the model data that replaced the base, else the base model's name.
        lines: the platform's lines for the user.
    """

    model: str | None
    lines: tuple[str, ...]


def deploy(session: Session, request: DeployRequest | None = None) -> Deployed:
    """Deploy the base model of the project, or replace it.

    Args:
        session: its ``say`` takes lines about what would be created, its ``confirm`` is asked
            first where that costs money.
        request: by default the base model.

    Raises:
        MlccError: the model cannot be deployed, or there is no terminal to ask on.
        PlatformError: credentials, permission, quota, network.
        Interrupted: the answer was no, or Ctrl-C; the message says what goes on.
    """
    request = request or DeployRequest()
    platform, context = session.platform, session.context
    for line in require_serving(platform).deploy_notice(context, request.model_data):
        session.say(line)
    question = f"Deploying on {platform.title} costs money. Go ahead?"
    if platform.costs_money and not request.assume_yes and not session.confirm(question):
        raise Interrupted("Nothing was done.")
    try:
        lines = require_serving(platform).deploy(context, request.model_data)
    except KeyboardInterrupt:
        raise _interrupted(platform) from None
    return Deployed(request.model_data or session.model, tuple(lines))


def _interrupted(platform: Platform) -> Interrupted:
    """Return the error for Ctrl-C during a deployment, with what is left of it."""
    what = "Interrupted; what was begun goes on"
    if platform.costs_money:
        what += ", and costs money by the hour until you run: mlcc undeploy"
    return Interrupted(f"{what}.", hint="mlcc deploy   # goes on where it was")


def undeploy(session: Session, request: UndeployRequest | None = None) -> Sequence[str]:
    """Take down everything that this project deployed.

    Args:
        session: its ``say`` takes lines about what would be removed, its ``confirm`` is asked.
        request: by default the user is asked.

    Returns:
        Lines for the user.

    Raises:
        MlccError: there is no terminal to ask on.
        PlatformError: something could not be removed.
        Interrupted: the answer was no.
    """
    request = request or UndeployRequest()
    notice = require_serving(session.platform).undeploy_notice(session.context)
    if notice and not request.assume_yes:
        session.say("📋 Undeploying removes:")
        for line in notice:
            session.say(f"   {line}")
        if not session.confirm("Remove all of this?"):
            raise Interrupted("Nothing was removed.")
    return require_serving(session.platform).undeploy(session.context)
