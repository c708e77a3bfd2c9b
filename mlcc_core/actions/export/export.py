"""``export``: a tuned model in files that other programs load, asked again before it is there."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.actions.export import destination
from mlcc_core.actions.export.asking import Asked, compare
from mlcc_core.actions.export.described import describe
from mlcc_core.actions.export.prompts import find_prompts
from mlcc_core.actions.export.request import GGUF, ExportRequest
from mlcc_core.actions.named_models import NamedModel, find_model, newest_finished, while_there
from mlcc_core.actions.parts import require_exporting
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.platform.exporting import (
    Exported,
    ExportForm,
    ExportFormat,
    Exporting,
    ExportPlan,
)
from mlcc_core.errors import Interrupted, MlccError
from mlcc_core.helpers.hints import path_word


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of an export.

    Attributes:
        name: in the folder.
        bytes: its size.
    """

    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class ExportResult:
    """An export that was written.

    Attributes:
        target: the model, as it is called.
        job: the run that made it; ``None`` for another model.
        model: its base.
        form: of what was written.
        dtype: number format of the weights; ``None`` for an adapter's.
        path: the folder, or the file in GGUF; absolute.
        files: that were written.
        asked: how its answers compare with the model's; ``None`` where none were asked for, or
            where it cannot be loaded here.
        loads: how other programs load it, by program.
        notes: lines for people.
    """

    target: str
    job: str | None
    model: str
    form: ExportForm
    dtype: ExportFormat | None
    path: str
    files: tuple[WrittenFile, ...]
    asked: Asked | None
    loads: Mapping[str, str]
    notes: tuple[str, ...]


def export(
    session: Session, request: ExportRequest, reporter: Reporter | None = None
) -> ExportResult:
    """Write a model for other programs, ask it again, and publish it whole.

    Args:
        session: project, plugins and platform; see ``open_session``.
        request: the model, the place and the form.
        reporter: takes the news; by default lines on stderr.

    Raises:
        MlccError: something is wrong with the request or the model; nothing was written.
        JobError: what was written cannot be loaded again, or answers nothing as the model does.
        PlatformError: the disk is full, a model cannot be had or asked; nothing is left.
        Interrupted: Ctrl-C; nothing is left.
    """
    reporter = reporter or Reporter()
    request.check()
    place = destination.find_destination(session, request)
    with reporter.working("Looking at the model"):
        named = _named(session, request)
    with while_there(session, [named.record], "exported"):
        return _exported(session, request, reporter, named, place)


def _exported(
    session: Session,
    request: ExportRequest,
    reporter: Reporter,
    named: NamedModel,
    place: destination.Destination,
) -> ExportResult:
    """Write a model that was found to its place."""
    exporting = require_exporting(
        named.platform,
        session.plugins.platforms,
        lambda name: request.command_line(platform=name),
    )
    form = request.chosen_form
    lacking = exporting.lacks(named.context, named.subject, form)
    if lacking is not None:
        raise _with_command(lacking, request, _other_form(named, exporting, form))
    plan = ExportPlan(named.subject, form, place.name, request.chosen_dtype, request.shard_bytes)
    try:
        with place.draft() as folder:
            with reporter.working(f"Writing {named.subject.title} as {form}"):
                written = exporting.export(named.context, plan, folder)
            asked = _asked(session, named, written, request, reporter)
            destination.remove(folder, written.scratch)
            if not place.is_file:  # beside a file there may be a README of something else
                describe(session, named, form, written, asked, folder)
            files = tuple(_files(folder))
    except KeyboardInterrupt:
        raise Interrupted(
            "Interrupted; nothing is left behind.", hint=request.command_line()
        ) from None
    return ExportResult(
        target=named.subject.title,
        job=named.record.job if named.record else None,
        model=named.subject.model,
        form=form,
        dtype=written.dtype,
        path=str(place.path),
        files=files,
        asked=asked,
        loads=_lines(written.loads, place.folder),
        notes=written.lines,
    )


def _named(session: Session, request: ExportRequest) -> NamedModel:
    target = request.target
    if target is None:
        done = newest_finished(session)
        if not done:
            raise MlccError("No run of this project has completed.", hint="mlcc tune --help")
        target = done[0].job
    return find_model(session, target, "TARGET", request.platform)


def _other_form(named: NamedModel, exporting: Exporting, form: ExportForm) -> ExportForm | None:
    """Return a form of a folder that can be had where ``form`` cannot."""
    forms: tuple[ExportForm, ...] = ("merged", "adapter")
    fits = (each for each in forms if each != form)
    lacks = exporting.lacks
    return next((e for e in fits if lacks(named.context, named.subject, e) is None), None)


def _with_command(error: MlccError, request: ExportRequest, other: ExportForm | None) -> MlccError:
    """Return the error with the command that exports once it is mended, or in another form."""
    if error.hint is not None:
        error.hint = f"{error.hint} && {request.command_line()}"
    elif other is not None:
        folder = request.to.with_suffix("") if request.to.suffix == GGUF else request.to
        error.hint = request.command_line(form=None if other == "merged" else other, to=folder)
    return error


def _asked(
    session: Session,
    named: NamedModel,
    written: Exported,
    request: ExportRequest,
    reporter: Reporter,
) -> Asked | None:
    if written.subject is None or request.prompts == 0:
        return None
    session = dataclasses.replace(session, say=reporter.say)
    prompts = find_prompts(session, named, request.prompts)
    try:
        return compare(named, written.subject, prompts, reporter)
    except MlccError as error:
        error.hint = error.hint or f"{request.command_line(prompts=0)}   # exports without asking"
        raise


def _files(folder: Path) -> list[WrittenFile]:
    return [
        WrittenFile(str(path.relative_to(folder)), path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def _lines(loads: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    """Return the lines with the place of the files, as it is named from here."""
    here = Path.cwd()
    shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
    word = path_word(shown)
    return {program: line.replace("{path}", word) for program, line in loads.items()}
