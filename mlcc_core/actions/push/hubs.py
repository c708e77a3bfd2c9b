"""The hub that a repository's name belongs to."""

from __future__ import annotations

from mlcc_core.actions.session import Session
from mlcc_core.contract.model_hub import ModelHub
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import shown_uri


def hub_for(session: Session, repo: str, where: str, name: str | None = None) -> ModelHub:
    """Return the hub that has repositories of that form; of several, the one that is named.

    Args:
        session: its plugins are asked.
        repo: as typed, without a revision.
        where: the flag or argument that it was given to.
        name: the value of ``--hub``.

    Raises:
        MlccError: no installed hub does, or several do.
    """
    hubs = session.plugins.model_hubs
    if name is not None and name not in hubs:
        raise MlccError(
            f"There is no hub {name!r}, expected {', '.join(hubs) or 'an installed one'}.",
            where="--hub",
            hint="mlcc plugins",
        )
    fitting = [each for each in hubs.values() if name in (None, each.name) and each.fits(repo)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(each.name for each in fitting)
        raise MlccError(
            f"Several hubs have names like {repo!r}: {names}.",
            where="--hub",
            hint=f"pass --hub {fitting[0].name}",
        )
    if not hubs:
        raise MlccError("No hub of models is installed.", where=where, hint="mlcc plugins")
    inner = "/".join(repo.partition("://")[2].rstrip("/").split("/")[-2:])
    if "://" in repo and any(each.fits(inner) for each in hubs.values()):
        raise MlccError(
            f"{shown_uri(repo)!r} is an address, expected the name in it.",
            where=where,
            hint=f"pass {inner}",
        )
    raise MlccError(
        f"{repo!r} is not the name of a repository, expected ORG/NAME.",
        where=where,
        hint="mlcc push --help",
    )
