"""Everything that stands and costs by the hour: asked of platforms, orphans included."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlcc_core.actions.session import Session
from mlcc_core.contract.money.standing import Standing
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.loader.manager import Plugins
from mlcc_core.project.deployments import Deployment, remembered_deployments
from mlcc_core.project.project import Project


@dataclass(frozen=True, slots=True)
class Stands(Standing):
    """A thing that stands on a platform.

    Attributes:
        platform: the platform's name.
        take_down: the command that takes it down.
    """

    platform: str = ""
    take_down: str = ""


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A platform that could not say what stands.

    Attributes:
        platform: that could not be asked, by its name.
        what: why it could not, in one line.
        hint: the command that mends it.
    """

    platform: str
    what: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class AllStanding:
    """Everything of a project that stands, on all platforms that were asked.

    Attributes:
        standing: what stands, by platform; what ``do/config`` names comes first.
        not_asked: the platforms that could not say.
    """

    standing: tuple[Stands, ...] = ()
    not_asked: tuple[NotAsked, ...] = ()


NOTHING_STANDS = AllStanding()


def standing(session: Session) -> AllStanding:
    """List what the project has deployed and what costs money while it stands.

    The session's platform is asked, and those on which the project remembers a deployment.
    """
    return standing_on(session.project, session.plugins, session.platform.name, session.context)


def standing_on(
    project: Project, plugins: Plugins, chosen: str | None, context: Context
) -> AllStanding:
    """List what stands on one platform, and on those where the project remembers a deployment.

    Args:
        project: the project.
        plugins: the installed plugins.
        chosen: a platform's name; ``None`` for none besides the others.
        context: the surroundings of the platforms' calls.
    """
    remembered = (d.platform for d in remembered_deployments(project) if isinstance(d, Deployment))
    names = dict.fromkeys([*([chosen] if chosen else []), *remembered])
    found = {
        name: standing_of(plugins.platforms[name], context, chosen)
        for name in names
        if name in plugins.platforms
    }
    once = each_once(found, chosen).values()
    return AllStanding(
        tuple(thing for each in once for thing in each.standing),
        tuple(silent for each in once for silent in each.not_asked),
    )


def each_once(found: Mapping[str, AllStanding], chosen: str | None) -> Mapping[str, AllStanding]:
    """Leave out what two platforms of one account both list; it stands, and costs, once.

    Args:
        found: what stands, by platform.
        chosen: the platform to which such a thing is counted, else the first one.
    """
    seen: set[tuple[str, str, float]] = set()
    once = {}
    for name in sorted(found, key=lambda name: name != chosen):
        kept = []
        for thing in found[name].standing:
            known = thing.since is not None and (thing.kind, thing.name, thing.since)
            if not known or known not in seen:
                kept.append(thing)
            seen.update([known] if known else [])
        once[name] = dataclasses.replace(found[name], standing=tuple(kept))
    return {name: once[name] for name in found}


def standing_of(platform: Platform, context: Context, chosen: str | None = None) -> AllStanding:
    """List what stands on a platform; one that deploys nothing has nothing standing.

    Args:
        platform: the platform.
        context: the surroundings of its calls.
        chosen: the platform that commands of the project take by themselves: others are named
            in the commands that take things down.
    """
    serving = platform.serving
    if serving is None:
        return NOTHING_STANDS
    try:
        found = serving.standing(context)
    except MlccError as error:
        return AllStanding(not_asked=(NotAsked(platform.name, error.what, error.hint),))
    flags = "" if platform.name == chosen else f" --platform {platform.name}"
    return AllStanding(tuple(_stands(thing, platform.name, flags) for thing in _in_order(found)))


def _in_order(things: Sequence[Standing]) -> list[Standing]:
    return sorted(things, key=lambda thing: (not thing.current, thing.name))


def _stands(thing: Standing, platform: str, flags: str) -> Stands:
    members = {field.name: getattr(thing, field.name) for field in dataclasses.fields(Standing)}
    command = "mlcc undeploy" if thing.current else "mlcc undeploy --orphans"
    return Stands(**members, platform=platform, take_down=f"{command}{flags}")
