"""``deploy --to``: the output of a run deployed to a further place of a platform."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlcc_core.actions.deploy.base import Deployed
from mlcc_core.actions.deploy.own_options import with_deploy_options
from mlcc_core.actions.deploy.weights import FLAG, WEIGHTS_FLAG, check_name, tuned_of_any_kind
from mlcc_core.actions.money.bill import MAX_COST, Bill, check_limit, untold
from mlcc_core.actions.money.remembering import remember, remembered
from mlcc_core.actions.parts import require_serving
from mlcc_core.actions.requests import flag_of, flag_words
from mlcc_core.actions.session import Session
from mlcc_core.errors import Interrupted, MlccError
from mlcc_core.helpers.names import close_matches

TO, NAME = "--to", "--name"


@dataclass(frozen=True)
class DeployToRequest:
    """One call of ``deploy --to``.

    Attributes:
        to: one of the platform's destinations.
        from_tune: the output of this run, or the latest one of this technique; ``True`` for the
            latest one of any.
        weights: a folder, an archive or a URI, in place of that.
        name: that it gets; ``None`` for that of the run.
        assume_yes: do not ask before creating what costs money.
        max_cost: US dollars that it may cost; ``None`` for no limit.
        options: the platform's own flags for deployments that were given, by key.
    """

    to: str
    from_tune: str | Literal[True] | None = None
    weights: str | None = None
    name: str | None = None
    assume_yes: bool = False
    max_cost: float | None = None
    options: Mapping[str, object] = field(default_factory=dict)

    def command_line(self, platform: str | None = None, **changes: Any) -> str:
        """Return the command that asks for the same, to be pasted into a shell.

        Args:
            platform: that it names; ``None`` for the project's own.
            changes: fields of this class to be different.
        """
        changed = dataclasses.replace(self, **changes)
        return " ".join(("mlcc deploy", *flag_words(changed.flags(platform))))

    def flags(self, platform: str | None) -> Iterator[tuple[str, object]]:
        """Yield the command's flags with their values."""
        yield TO, self.to
        yield FLAG, self.from_tune
        yield WEIGHTS_FLAG["model"], self.weights
        yield NAME, self.name
        yield MAX_COST, None if self.max_cost is None else f"{self.max_cost:g}"
        yield from ((flag_of(key), value) for key, value in self.options.items())
        yield "--platform", platform
        yield "--yes", self.assume_yes


@dataclass(frozen=True)
class _Weights:
    """Weights with the name that they get."""

    path: str
    name: str


def deploy_to(session: Session, request: DeployToRequest) -> Deployed:
    """Deploy the output of a run to a further place of the platform, once.

    Args:
        session: its ``say`` takes lines about what would be created and what that costs, its
            ``confirm`` is asked first where it costs money.
        request: the place, the weights, the name.

    Raises:
        MlccError: the place or the weights are not there, the name is taken, it may cost more
            than it is allowed to, or there is no terminal to ask on.
        PlatformError: credentials, permission, quota, network.
        Interrupted: the answer was no, or Ctrl-C; the message says what goes on.
    """
    session = with_deploy_options(session, request.options)
    platform = session.platform
    _check_destination(session, request)
    check_limit(request.max_cost, request.command_line(platform.name, max_cost=None))
    serving, context = require_serving(platform), session.context
    weights = _weights(session, request)
    notice = serving.deploy_to_notice(context, request.to, weights.name, weights.path)
    bill = _bill(session, request, weights) if notice else Bill()
    bill.hold_to(request.max_cost, request.command_line(platform.name, max_cost=None))
    for line in (*notice, *bill.lines()):
        session.say(line)
    question = f"Deploying {weights.name} to {request.to} costs money. Go ahead?"
    asks = bool(notice) and platform.costs_money and not request.assume_yes
    if asks and not session.confirm(question):
        raise Interrupted("Nothing was done.")
    if platform.costs_money and remembered(session.project, platform.name) is None:
        remember(session.project, platform.name, None, None)
    try:
        made = serving.deploy_to(context, request.to, weights.name, weights.path)
    except KeyboardInterrupt:
        again = request.command_line(platform.name, assume_yes=False)
        raise _interrupted(weights.name, again, costs=platform.costs_money) from None
    line = f"✅ {made.name} is deployed to {request.to}: {made.source}"
    return Deployed(made.name, (line,), bill, destination=request.to)


def _check_destination(session: Session, request: DeployToRequest) -> None:
    """Refuse a place that the platform does not have.

    Raises:
        MlccError: with the places that it has, or the platform that has this one.
    """
    names = session.platform.destinations
    if request.to in names:
        return
    owners = {
        name: platform.name
        for platform in (*session.plugins.platforms.values(), session.platform)
        for name in platform.destinations
    }
    meant, *_ = (*close_matches(request.to, owners), "")
    expected = f", expected one of: {', '.join(names)}" if names else ""
    hint = request.command_line(owners[meant], to=meant) if meant else "mlcc deploy --help"
    raise MlccError(
        f"Platform {session.platform.name!r} deploys nothing to {request.to!r}{expected}.",
        where=TO,
        hint=hint,
    )


def _weights(session: Session, request: DeployToRequest) -> _Weights:
    """Return the weights, and the name that they get.

    Raises:
        MlccError: none or two are named, the name does not fit or is missing, or no run left any.
    """
    flag = WEIGHTS_FLAG["model"]
    if (request.from_tune is None) == (request.weights is None):
        several = ", not both" if request.weights else ""
        raise MlccError(
            f"Expected either {FLAG} or {flag}{several}.",
            where=TO,
            hint=request.command_line(from_tune=True, weights=None),
        )
    if request.weights is not None:
        if request.name is None:
            raise MlccError(
                f"{flag} needs {NAME}: the name that the model gets.",
                where=NAME,
                hint=request.command_line(name="tuned-v1"),
            )
        return _Weights(request.weights, check_name(request.name))
    text = request.from_tune if isinstance(request.from_tune, str) else None
    tuned = tuned_of_any_kind(session, text)
    name = request.name or (tuned.record.job if tuned.record else "")
    if not name:
        raise MlccError(
            "The record of the run is not on this machine, so that nothing names the model.",
            where=NAME,
            hint=request.command_line(name="tuned-v1"),
        )
    return _Weights(tuned.output.path, check_name(name))


def _bill(session: Session, request: DeployToRequest, weights: _Weights) -> Bill:
    pricing = session.platform.pricing
    charges = (
        pricing.of_destination(session.context, request.to, weights.name, weights.path)
        if pricing
        else ()
    )
    return Bill(tuple(charges) or untold(session.platform, "hour"))


def _interrupted(name: str, again: str, *, costs: bool) -> Interrupted:
    """Return the error for Ctrl-C, with what is left of the deployment."""
    what = f"Interrupted; what was begun of {name} goes on"
    if costs:
        what += ", and costs money until you run: mlcc undeploy"
    return Interrupted(f"{what}.", hint=f"{again}   # goes on where it was")
