"""``push``: a model of a run to a hub, with its card, in one commit."""

from __future__ import annotations

from pathlib import Path

from mlcc_core.actions.card.base import Base, base_of
from mlcc_core.actions.card.card import card_text
from mlcc_core.actions.card.leaving import Leaving
from mlcc_core.actions.card.loading import in_shell
from mlcc_core.actions.card.lora import lora_of
from mlcc_core.actions.card.write import CARD
from mlcc_core.actions.named_models import newest_finished, run_named, while_there
from mlcc_core.actions.push.files import model_files, name_places
from mlcc_core.actions.push.hubs import hub_for
from mlcc_core.actions.push.leaks import check_leaks
from mlcc_core.actions.push.prepared import draft, fill
from mlcc_core.actions.push.repository import (
    KEPT,
    WHERE,
    ask_public,
    check_form,
    check_repository,
    licence_of,
)
from mlcc_core.actions.push.request import Form, Pushed, PushRequest
from mlcc_core.actions.push.unchanged import changed_files
from mlcc_core.actions.runs.find import LIST
from mlcc_core.actions.session import Session
from mlcc_core.contract.model_hub import HubModel, ModelHub, Upload, Uploaded
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import plural
from mlcc_core.project.records import RunRecord


def push(session: Session, request: PushRequest) -> Pushed:
    """Push the output of a run; everything is checked before anything is made.

    Raises:
        MlccError: the target is not a run with an output, or the repository holds something else.
        PlatformError: the hub refuses or cannot be reached; nothing half of it is visible.
    """
    hub = hub_for(session, request.repo, WHERE, request.hub)
    record = _run(session, request)
    form = _form(record, request)
    hub.check_upload(session.access, request.repo)
    found = hub.find(session.access, request.repo)
    check_repository(request, found)
    check_form(request, found, form)
    ask_public(session, request, found)
    base = base_of(session, record, licence_of(session, hub, record))
    card = card_text(
        session,
        record,
        place=request.repo,
        form=form,
        licence=base.licence,
        examples=request.examples,
    )
    with while_there(session, [record], "pushed"), draft(session) as folder:
        fill(session, request, record, form, folder)
        if not list(folder.glob("*.safetensors")):
            raise MlccError(
                f"The output of {record.job} holds no weights in safetensors.",
                where="TARGET",
                hint=f"mlcc runs show {record.job}   # tells where it is",
            )
        name_places(folder, base, Leaving(session))
        (folder / CARD).write_text(card)
        token = hub.credential and session.access.secret(hub.credential)
        check_leaks(session, record.job, folder, (token,) if token else ())
        return _send(session, hub, request, record, form, base, folder, found)


def _run(session: Session, request: PushRequest) -> RunRecord:
    if request.target is None:
        runs = newest_finished(session)
        if not runs:
            raise MlccError("No run of this project left an output.", where="TARGET", hint=LIST)
        return runs[0]
    record = run_named(session, request.target, "TARGET")
    if record is None or record.output is None:
        raise MlccError(
            f"{request.target!r} is not a run of this project, whose record a model card is made "
            "of.",
            where="TARGET",
            hint=LIST,
        )
    return record


def _form(record: RunRecord, request: PushRequest) -> Form:
    whole = request.merged or (record.output is not None and record.output.kind == "model")
    return "merged" if whole else "adapter"


def _send(
    session: Session,
    hub: ModelHub,
    request: PushRequest,
    record: RunRecord,
    form: Form,
    base: Base,
    folder: Path,
    found: HubModel | None,
) -> Pushed:
    names = sorted(path.name for path in folder.iterdir())
    there = set(found.files) - {*names, *KEPT} if found is not None else set()
    removed = tuple(sorted(there) if request.replace else model_files(there))
    uploaded = _upload(
        session, hub, request, _message(record, request, form), folder, found, removed
    )
    lora = lora_of(record)
    adapter = form == "adapter"
    loads = in_shell(base, request.repo, adapter=adapter, rank=lora.rank if lora else None)
    return Pushed(
        repo=request.repo,
        address=uploaded.address,
        revision=uploaded.revision,
        job=record.job,
        form=form,
        private=found.private if found is not None else not request.public,
        changed=found is None or found.revision != uploaded.revision,
        files=tuple(names),
        removed=removed,
        loads=tuple(loads),
    )


def _message(record: RunRecord, request: PushRequest, form: Form) -> str:
    what = "adapter" if form == "adapter" else "model"
    return request.message or f"Add the {what} of {record.job}"


def _upload(
    session: Session,
    hub: ModelHub,
    request: PushRequest,
    message: str,
    folder: Path,
    found: HubModel | None,
    removed: tuple[str, ...],
) -> Uploaded:
    """Upload what the repository does not hold; where it holds all, nothing is sent."""
    changed = changed_files(folder, found)
    if found is not None and not changed and not removed:
        return Uploaded(found.address, found.revision)
    size = sum((folder / name).stat().st_size for name in changed)
    session.say(
        f"Uploading {plural(len(changed), 'file')}, {size / 1e6:,.1f} MB, to {request.repo} "
        f"on {hub.title} …"
    )
    plan = Upload(
        request.repo,
        folder,
        message,
        private=not request.public,
        revision=None if found is None else found.revision,
        removed=removed,
    )
    return hub.upload(session.access, plan)
