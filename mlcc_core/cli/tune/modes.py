"""The modes of ``mlcc tune``: run, plan, show status, list models."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from mlcc_core.actions.runs.compare.held_out import held_out_of
from mlcc_core.actions.session import Session, open_session
from mlcc_core.actions.tune import settings
from mlcc_core.actions.tune.dry_run import dry_run
from mlcc_core.actions.tune.job.status import JobRow, job_rows
from mlcc_core.actions.tune.run import TuneResult, tune
from mlcc_core.cli.confirm import can_ask, confirm
from mlcc_core.cli.console import Console
from mlcc_core.cli.model_note import note_model
from mlcc_core.cli.progress import TuneProgress, metrics_text, status_text
from mlcc_core.cli.tune.asked import with_columns, with_technique
from mlcc_core.cli.tune.plan_text import plan_document, plan_lines
from mlcc_core.cli.tune.result_text import result_document, result_lines
from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.actions.tune.plan.request import TuneRequest
    from mlcc_core.loader.manager import Plugins


def run_tune(console: Console, plugins: Plugins, request: TuneRequest) -> None:
    """Run ``tune``, or show its plan alone; what was not named is guessed and asked about."""
    session = open_session(platform=request.platform, plugins=plugins, say=console.note)
    if can_ask(console):
        session = dataclasses.replace(session, confirm=confirm)
    if not request.technique:
        request = with_technique(console, session, request)
    try:
        _run(console, session, request)
    except MlccError as error:
        _run(console, session, with_columns(console, session, request, error))


def _run(console: Console, session: Session, request: TuneRequest) -> None:
    with TuneProgress(console) as reporter:
        session = dataclasses.replace(session, say=reporter.say)
        if request.dry_run:
            found = dry_run(session, request, reporter)
        else:
            result = tune(session, request, reporter)
    if request.dry_run:
        for line in plan_lines(found):
            console.result(line)
        console.document(plan_document(found))
    else:
        show_result(console, result)
        if not result.created:  # of a new job, its plan has said so
            note_model(console, session.platform, request.model or session.model)


def show_result(console: Console, result: TuneResult) -> None:
    """Show the end of ``tune``."""
    for line in result_lines(result):
        console.result(line)
    console.document(result_document(result))


def show_status(console: Console, plugins: Plugins, platform: str | None) -> None:
    """Show every tracked job as its platform describes it now, asked in parallel."""
    session = open_session(platform=platform, plugins=plugins, say=console.note)
    rows = job_rows(session)
    if not rows:
        console.result("ℹ️  No tune job is tracked in this project.")
        console.result("   ./do/tune --help")
    else:
        columns = ("technique", "job", "platform", "status", "progress", "reason")
        console.table(columns, [_cells(row) for row in rows])
        for row in rows:
            held_out = held_out_of(row.progress.metrics) if row.progress is not None else None
            if held_out is not None and held_out.before is not None:
                console.result(f"📋 {row.job}: {held_out.in_words()}")
            if row.go_on is not None:
                place = _place(row.saved_step)
                console.result(f"↻ {row.job} goes on from {place} with: {row.go_on}")
    console.document({"jobs": [dataclasses.asdict(row) for row in rows]})


def list_models(console: Console, plugins: Plugins, technique: str | None) -> None:
    """Show the Supported Model Catalog, or its models for one technique."""
    from mlcc_core.actions.project.catalog import find_catalog
    from mlcc_core.cli.project.catalog import print_models

    for warning in plugins.warnings:
        console.note(f"⚠️  {warning}")
    catalog = find_catalog(plugins)
    if technique:
        plugins.technique(technique)  # or say that there is none
        kept = tuple(model for model in catalog.models if technique in model.techniques)
        catalog = dataclasses.replace(catalog, models=kept)
    print_models(console, catalog)


def list_settings(console: Console, plugins: Plugins, request: TuneRequest) -> None:
    """Show what ``--set`` takes for a technique: name, values, default, and whose it is."""
    session = open_session(platform=request.platform, plugins=plugins, say=console.note)
    with TuneProgress(console) as reporter, reporter.working("Looking at the trainer's settings"):
        found = settings.list_settings(session, request)
    console.table(
        ("setting", "default", "of", "help", "values"),
        [(each.name, each.default, each.of, each.help, each.values) for each in found],
    )
    console.document(
        {"technique": request.technique, "settings": [dataclasses.asdict(each) for each in found]}
    )


def _place(step: int | None) -> str:
    """Say from where an interrupted job goes on."""
    return "the beginning" if step is None else f"step {step}" if step else "its checkpoints"


def _cells(row: JobRow) -> tuple[str, ...]:
    progress = row.progress
    done = ""
    if progress is not None and progress.steps:
        done = ", ".join([f"step {progress.step}/{progress.steps}", *metrics_text(progress)])
    status = status_text(row.status, row.phase)
    return row.technique, row.job, row.platform, status, done, row.reason or ""
