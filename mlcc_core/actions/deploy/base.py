"""Deploy the base model of the project or another one in its place, at a price that is told."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mlcc_core.actions.deploy.own_options import with_deploy_options
from mlcc_core.actions.money.bill import MAX_COST, Bill, check_limit, exact_dollars, untold
from mlcc_core.actions.money.expiring import EXPIRES, LONGEST, seconds_until
from mlcc_core.actions.money.remembering import remember, settle
from mlcc_core.actions.parts import require_serving
from mlcc_core.actions.requests import flag_of, flag_words
from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.errors import Interrupted, MlccError


@dataclass(frozen=True)
class DeployRequest:
    """One call of ``deploy``.

    Attributes:
        model_data: the model that replaces the base model; ``None`` deploys the base model.
        assume_yes: do not ask before creating what costs money.
        expires: how long it is to stand: ``30m``, ``4h``, ``2d``; ``None`` for no such time, and
            for the one that an earlier call gave what stands already.
        max_cost: US dollars that it may cost until it expires; ``None`` for no limit.
        options: the platform's own flags for deployments that were given, by key.
    """

    model_data: str | None = None
    assume_yes: bool = False
    expires: str | None = None
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
        yield "--force-ic", self.model_data is not None
        yield "--model-data", self.model_data
        yield EXPIRES, self.expires
        yield MAX_COST, None if self.max_cost is None else f"{self.max_cost:g}"
        yield from ((flag_of(key), value) for key, value in self.options.items())
        yield "--platform", platform
        yield "--yes", self.assume_yes


@dataclass(frozen=True)
class Deployed:
    """The result of ``deploy``.

    Attributes:
        model: the model data that replaced the base, else the base model's name; the name of what
            was deployed to a further place.
        lines: the platform's lines for the user.
        bill: what it costs.
        expires: when it is to be taken down, in seconds since 1970, UTC; ``None`` for no time.
        destination: the further place of the platform that it was deployed to; ``None`` for none.
    """

    model: str | None
    lines: tuple[str, ...]
    bill: Bill = field(default_factory=Bill)
    expires: float | None = None
    destination: str | None = None


def deploy(session: Session, request: DeployRequest | None = None) -> Deployed:
    """Deploy the base model of the project, or replace it.

    Args:
        session: its ``say`` takes lines about what would be created and what that costs, its
            ``confirm`` is asked first where it costs money.
        request: by default the base model.

    Raises:
        MlccError: the model cannot be deployed, it may cost more than it is allowed to, or there
            is no terminal to ask on.
        PlatformError: credentials, permission, quota, network.
        Interrupted: the answer was no, or Ctrl-C; the message says what goes on.
    """
    request = request or DeployRequest()
    session = with_deploy_options(session, request.options)
    unlimited = request.command_line(session.platform.name, max_cost=None)
    check_limit(request.max_cost, unlimited)
    platform, context = session.platform, session.context
    serving = require_serving(platform)
    lasts = _seconds(platform, request)
    notice = serving.deploy_notice(context, request.model_data)
    bill = _bill(session, request, lasts)
    _hold(session, request, bill)
    for line in (*notice, *bill.lines()):
        session.say(line)
    question = f"Deploying on {platform.title} costs money. Go ahead?"
    if platform.costs_money and not request.assume_yes and not session.confirm(question):
        raise Interrupted("Nothing was done.")
    expires = None if lasts is None else float(round(time.time() + lasts))
    kept = None
    if platform.costs_money:
        kept = remember(session.project, platform.name, bill.hourly, expires)
    try:
        if expires is None:  # which platforms that cost nothing need not take
            lines = serving.deploy(context, request.model_data)
        else:
            lines = serving.deploy(context, request.model_data, expires)
    except KeyboardInterrupt:
        raise _interrupted(platform) from None
    except MlccError:
        with suppress(MlccError):  # the first error is the one that matters
            if kept is not None:
                _settled(session)
        raise
    if kept is not None and kept.expires != expires:
        expires = _settled(session)  # an earlier call said when, perhaps of what stands no more
    return Deployed(request.model_data or session.model, tuple(lines), bill, expires)


def _seconds(platform: Platform, request: DeployRequest) -> float | None:
    """Return how long it is to stand.

    Raises:
        MlccError: the duration is not one, or nothing costs anything here.
    """
    if request.expires is None:
        return None
    if not platform.costs_money:
        raise MlccError(
            f"What is deployed on {platform.title} costs nothing while it stands, and does not "
            "expire.",
            where=EXPIRES,
            hint=request.command_line(platform.name, expires=None),
        )
    return seconds_until(request.expires)


def _bill(session: Session, request: DeployRequest, lasts: float | None) -> Bill:
    platform = session.platform
    pricing = platform.pricing
    charges = tuple(pricing.of_deployment(session.context, request.model_data) if pricing else ())
    charges = charges or untold(platform, "hour")
    return Bill(charges, None if lasts is None else lasts / 3600)


def _hold(session: Session, request: DeployRequest, bill: Bill) -> None:
    """Refuse what may cost more than the limit, or costs until somebody thinks of it.

    Raises:
        MlccError: it may.
    """
    limit = request.max_cost
    if limit is None:
        return
    name = session.platform.name
    hourly = bill.hourly
    if request.expires is None and hourly:
        raise MlccError(
            f"{MAX_COST} {limit:g} cannot be kept: it costs {exact_dollars(hourly)} an hour until "
            f"it is taken down, and no {EXPIRES} says when.",
            where=MAX_COST,
            hint=request.command_line(name, **_within(limit, hourly)),
        )
    bill.hold_to(limit, request.command_line(name, max_cost=None))


def _within(limit: float, hourly: float) -> dict[str, object]:
    """Return the change of a request that keeps its limit, or leaves it out if nothing does."""
    minutes = int(min(60 * limit / hourly, LONGEST / 60))
    if not minutes:
        return {"max_cost": None}
    return {"expires": f"{minutes}m" if minutes < 60 else f"{minutes // 60}h"}


def _settled(session: Session) -> float | None:
    """Return when what stands expires, as the platform tells it, and remember that."""
    found = require_serving(session.platform).standing(session.context)
    return settle(session.project, session.platform.name, found)


def _interrupted(platform: Platform) -> Interrupted:
    """Return the error for Ctrl-C during a deployment, with what is left of it."""
    what = "Interrupted; what was begun goes on"
    if platform.costs_money:
        what += ", and costs money by the hour until you run: mlcc undeploy"
    return Interrupted(f"{what}.", hint="mlcc deploy   # goes on where it was")
