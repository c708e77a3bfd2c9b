"""Flags of ``deploy`` that platforms declare: held to the platform that is deployed on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from mlcc_core.actions.requests import flag_of
from mlcc_core.actions.session import Session
from mlcc_core.errors import MlccError, raise_all


def with_deploy_options(session: Session, given: Mapping[str, object]) -> Session:
    """Return the session with the platform's own flags of a deployment.

    Args:
        session: of the platform that is deployed on.
        given: values by option key.

    Raises:
        MlccError: a flag belongs to another platform, or a value is out of its range.
    """
    own = {option.key: option for option in session.platform.deploy_options}
    problems = []
    for key, value in given.items():
        if key not in own:
            problems.append(_homeless(session, key))
        elif wrong := own[key].check(value):
            problems.append(wrong)
    raise_all(problems)
    return dataclasses.replace(session, options={**session.options, **given})


def _homeless(session: Session, key: str) -> MlccError:
    owners = [
        platform.name
        for platform in session.plugins.platforms.values()
        if any(option.key == key for option in platform.deploy_options)
    ]
    belongs = f"; it belongs to platform {' and '.join(owners)}" if owners else ""
    flag = flag_of(key)
    return MlccError(
        f"{flag} does not apply to deployments on platform {session.platform.name!r}{belongs}.",
        where=flag,
        hint=f"mlcc deploy --platform {owners[0]} --help" if owners else "mlcc deploy --help",
    )
