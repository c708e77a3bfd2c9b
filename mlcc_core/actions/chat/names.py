"""Names of models that a conversation may go on with."""

from __future__ import annotations

from contextlib import suppress

from mlcc_core.actions.requests import BASE
from mlcc_core.actions.runs.find import run_names
from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.errors import MlccError


def model_names(session: Session, platform: Platform) -> list[str]:
    """Return what is deployed, ``base``, techniques and runs; what cannot be read is left out.

    Args:
        session: the project, its plugins and its platform.
        platform: where models are asked.
    """
    found: list[str] = []
    with suppress(MlccError):
        if platform.serving is not None:
            found += [each.name for each in platform.serving.deployed(session.context)]
    with suppress(MlccError):
        found += [BASE, *session.plugins.techniques, *run_names(session.project)]
    return list(dict.fromkeys(found))
