"""Take down what was deployed: everything, what has expired, or orphans of the project."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from mlcc_core.actions.money.remembering import remembered, settle
from mlcc_core.actions.money.standing import standing_of
from mlcc_core.actions.parts import require_serving
from mlcc_core.actions.session import Session
from mlcc_core.contract.money.standing import Standing
from mlcc_core.errors import Interrupted, MlccError, raise_all
from mlcc_core.helpers.text import duration_text
from mlcc_core.project.deployments import forget_deployment


@dataclass(frozen=True)
class UndeployRequest:
    """One call of ``undeploy``.

    Attributes:
        assume_yes: do not ask before removing anything.
        expired: take down what has expired alone, orphans included, without a question.
        orphans: take down the orphans of the project alone.
    """

    assume_yes: bool = False
    expired: bool = False
    orphans: bool = False


def undeploy(session: Session, request: UndeployRequest | None = None) -> Sequence[str]:
    """Take down everything that this project deployed, or a part of it.

    Args:
        session: its ``say`` takes lines about what would be removed, its ``confirm`` is asked.
        request: by default the user is asked.

    Returns:
        Lines for the user.

    Raises:
        MlccError: there is no terminal to ask on.
        PlatformError: something could not be removed, or the platform cannot be asked.
        Interrupted: the answer was no.
    """
    request = request or UndeployRequest()
    if request.expired and request.orphans:
        raise MlccError(
            "--expired and --orphans exclude each other: orphans that have expired are among what "
            "--expired takes down.",
            hint="mlcc undeploy --expired",
        )
    if request.expired:
        return _undeploy_expired(session)
    if request.orphans:
        return _undeploy_orphans(session, request)
    serving = require_serving(session.platform)
    _ask(session, request, serving.undeploy_notice(session.context))
    lines = serving.undeploy(session.context)
    forget_deployment(session.project, session.platform.name)
    return [*lines, *_orphans_left(session)]


def _ask(session: Session, request: UndeployRequest, notice: Sequence[str]) -> None:
    """Ask before anything is removed, unless nothing is.

    Raises:
        MlccError: there is no terminal to ask on.
        Interrupted: the answer was no.
    """
    if not notice or request.assume_yes:
        return
    session.say("📋 Undeploying removes:")
    for line in notice:
        session.say(f"   {line}")
    if not session.confirm("Remove all of this?"):
        raise Interrupted("Nothing was removed.")


def _undeploy_orphans(session: Session, request: UndeployRequest) -> Sequence[str]:
    serving = require_serving(session.platform)
    project, name = session.project, session.platform.name
    things = serving.standing(session.context)
    orphans = [thing for thing in things if not thing.current]
    if not orphans:
        return ["ℹ️  This project has no orphans."]
    _ask(session, request, [f"the {_named(thing)}" for thing in orphans])
    lines = _take_down(session, orphans)
    kept = remembered(project, name)
    last = len(orphans) == len(things)
    if last and kept is not None and kept.expires in [thing.expires for thing in orphans]:
        forget_deployment(project, name)  # it was of an orphan
    return lines


def _undeploy_expired(session: Session) -> Sequence[str]:
    """Take down what has expired; what has not, and what has no such time, stands on."""
    project, platform, now = session.project, session.platform, time.time()
    things = require_serving(platform).standing(session.context)
    expired = [t for t in things if t.expires is not None and t.expires <= now]
    for thing in expired:
        ago = duration_text(now - (thing.expires or now))
        session.say(f"📋 Expired {ago} ago: the {_named(thing)}")
    lines = list(_take_down(session, expired))
    left = [thing for thing in things if thing not in expired]
    kept = remembered(project, platform.name)
    if any(thing.current for thing in (*left, *expired)):
        settle(project, platform.name, left)
    elif kept is not None and kept.expires is not None and kept.expires <= now:
        # Nothing stands any more: what a command that was cut off left behind goes, too.
        lines += require_serving(platform).undeploy(session.context)
        forget_deployment(project, platform.name)
    return lines or ["ℹ️  Nothing has expired."]


def _take_down(session: Session, things: Sequence[Standing]) -> Sequence[str]:
    """Take down one thing after the other; one that fails does not keep the others standing.

    Raises:
        MlccError: some could not be taken down; lines about the others were said.
    """
    serving = require_serving(session.platform)
    lines: list[str] = []
    problems: list[MlccError] = []
    for thing in things:
        try:
            lines += serving.take_down(session.context, thing.name)
        except MlccError as error:
            problems.append(error)
    if problems:
        for line in lines:
            session.say(line)
    raise_all(problems)
    return lines


def _orphans_left(session: Session) -> Sequence[str]:
    """Return what still costs money after everything that ``do/config`` names is gone."""
    found = standing_of(session.platform, session.context, session.platform.name)
    lines = [
        f"⚠️  An orphan of this project still stands: the {_named(thing)}; mlcc undeploy --orphans"
        for thing in found.standing
        if not thing.current
    ]
    silent = (f"ℹ️  Orphans could not be looked for: {one.what}" for one in found.not_asked)
    return [*lines, *silent]


def _named(thing: Standing) -> str:
    state = f" ({thing.status})" if thing.status else ""
    return f"{thing.kind} {thing.name}{state}"
