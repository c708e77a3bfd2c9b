"""The repository that is pushed to, looked at before anything is made."""

from __future__ import annotations

from contextlib import suppress
from fnmatch import fnmatch

from mlcc_core.actions.card.base import base_of
from mlcc_core.actions.card.header import TAG
from mlcc_core.actions.card.write import CARD
from mlcc_core.actions.push.request import Form, PushRequest
from mlcc_core.actions.session import Session
from mlcc_core.contract.model_hub import HubModel, ModelHub
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import plural
from mlcc_core.project.records import RunRecord

WHERE = "ORG/NAME"
KEPT = (".gitattributes",)
"""Files that a hub makes by itself."""

ADAPTER, WHOLE = "an adapter", "a whole model"
OF_FORM = {
    ADAPTER: ("adapter_config.json", "adapter_model*"),
    WHOLE: ("config.json", "model*.safetensors*"),
}
"""Names of files that only an adapter has, or only a whole model."""


def check_repository(request: PushRequest, found: HubModel | None) -> None:
    """Refuse a repository that is not what the user seems to think.

    Raises:
        MlccError: it has another name now, others can see it, or it holds what is not ours.
    """
    if found is None:
        return
    if found.repo != request.repo:
        raise MlccError(
            f"{request.repo} was renamed: it is {found.repo} now.",
            where=WHERE,
            hint=request.command_line(repo=found.repo),
        )
    if not found.private and not request.public:
        raise MlccError(
            f"{found.repo} is public, and a push is private unless it is said otherwise.",
            where=WHERE,
            hint=f"{request.command_line(public=True)}   # or make it private at "
            f"{found.address}/settings",
        )
    others = sorted(set(found.files) - {*KEPT, CARD})
    if TAG not in found.tags and not request.replace and others:
        raise MlccError(
            f"{found.repo} exists and holds {plural(len(others), 'file')} that mlcc did not push.",
            where=WHERE,
            hint=f"{request.command_line(replace=True)}   # removes them, or choose another name",
            detail=tuple(f"  {name}" for name in others[:10]),
        )


def check_form(request: PushRequest, found: HubModel | None, form: Form) -> None:
    """Refuse to put an adapter in the place of a whole model, or the other way round, unasked.

    Raises:
        MlccError: the repository holds the other form.
    """
    if found is None or request.replace:
        return
    mine, others = {"adapter": (ADAPTER, WHOLE), "merged": (WHOLE, ADAPTER)}[form]
    removed = [
        name
        for name in sorted(found.files)
        if any(fnmatch(name, pattern) for pattern in OF_FORM[others])
    ]
    if not removed:
        return
    raise MlccError(
        f"{found.repo} holds {others}, in whose place {mine} would come: "
        f"{', '.join(removed)} would be removed.",
        where=WHERE,
        hint=f"{request.command_line(replace=True)}   # removes them, or choose another name",
    )


def ask_public(session: Session, request: PushRequest, found: HubModel | None) -> None:
    """Ask before a repository that everybody can see is made.

    Raises:
        MlccError: the user says no.
    """
    if not request.public:
        return
    if found is not None and found.private:
        session.say(f"ℹ️  {found.repo} stays private; change that at {found.address}/settings")
        return
    if found is None and not request.assume_yes:
        question = f"Everybody will be able to load {request.repo}. Make it public?"
        if not session.confirm(question):
            raise MlccError(
                f"{request.repo} was not made.", hint=request.command_line(public=False)
            )


def licence_of(session: Session, hub: ModelHub, record: RunRecord) -> str | None:
    """Return the licence of the base model as the hub names it; ``None`` where it is unknown."""
    base = base_of(session, record)
    if base.id is None or not hub.fits(base.id):
        return None
    with suppress(MlccError):  # the card says that it is not known
        found = hub.find(session.access, base.id)
        return None if found is None else found.licence
    return None
