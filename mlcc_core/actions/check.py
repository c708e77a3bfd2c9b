"""``check``: only the data. Every row, every error, and a summary of the rest."""

from __future__ import annotations

import dataclasses
import os
from glob import escape
from pathlib import Path

from mlcc_core.actions.check_tokens import TokenCheck
from mlcc_core.actions.requests import CheckRequest
from mlcc_core.actions.session import Workspace
from mlcc_core.actions.tune.plan.dataset import dataset_job
from mlcc_core.actions.tune.plan.held_out.choice import HeldOut
from mlcc_core.actions.tune.plan.held_out.parts import find_held_out
from mlcc_core.actions.tune.plan.rows import count_all
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.technique.schema import TargetModel
from mlcc_core.contract.tokens import RowText
from mlcc_core.errors import MlccError, raise_all
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import atomic_file, remove_old_drafts
from mlcc_core.helpers.hints import made_folder, removed
from mlcc_core.loader.bound_hooks import BoundTechnique
from mlcc_core.staging import ERRORS_KEPT, CheckReport, DatasetJob, preview
from mlcc_core.staging import check as check_rows
from mlcc_core.staging.run.held_out import RowHashes, require_two


def check(
    workspace: Workspace, request: CheckRequest, reporter: Reporter | None = None
) -> CheckReport:
    """Look at every row of a dataset.

    Args:
        workspace: a session, or a folder outside of a project: see ``open_workspace``.
        request: the dataset, its technique, and what is asked about it.
        reporter: takes the progress of the check and of the count of tokens.

    Raises:
        MlccError, Problems: the dataset cannot be read as what it should be; ``fixed`` exists; a
            limit in tokens is asked about, and there is nothing that can count them.
        PlatformError: the source cannot be reached, ``fixed`` cannot be written.
    """
    reporter = reporter or Reporter()
    technique = workspace.plugins.technique(
        request.technique, lambda meant: request.command_line(technique=meant)
    )
    fixed = request.fixed
    leaves_out = request.on_misfit == "skip" or technique.checks_rows
    rejects = rejects_of(fixed) if fixed and leaves_out else None
    for path in filter(None, (fixed, rejects)):
        _check_new(path)
    name = request.model or workspace.access.settings.get("MODEL_ID") or ""
    tokens = TokenCheck(workspace, request, technique)
    model = target_model_of(workspace, name, technique.name)
    job = dataset_job(
        workspace.plugins,
        workspace.access,
        request,
        technique,
        model,
        named_only=workspace.insists_on_catalog,
    )
    held_out = _held_out(job, workspace, request, technique, model)
    rule = held_out.rule if held_out else None
    prompts = RowHashes() if held_out and held_out.other else None
    cap = ERRORS_KEPT if request.errors_kept is None else request.errors_kept
    shown: tuple[RowText, ...] = ()
    with tokens.tally(name, reporter.tokens) as tally:
        if fixed is None:
            report = check_rows(
                job,
                cap=cap,
                tokens=tally,
                progress=reporter.staging,
                hold_out=rule,
                prompts=prompts,
            )
        else:
            remove_old_drafts(fixed.absolute().parent, escape(fixed.name))
            with disk_errors(fixed), atomic_file(fixed, mode=0o644, keep_empty=False) as file:
                report = check_rows(
                    job,
                    fixed=file,
                    rejects=rejects,
                    cap=cap,
                    tokens=tally,
                    progress=reporter.staging,
                    hold_out=rule,
                    prompts=prompts,
                )
        if tally is not None:
            shown = tally.shown()
    notes = (*job.listing.notes, *report.notes)
    report = dataclasses.replace(report, notes=notes, no_tokens=tokens.why_not(tally), shown=shown)
    return report if held_out is None else _with_held_out(report, held_out, prompts, reporter)


def _held_out(
    job: DatasetJob,
    workspace: Workspace,
    request: CheckRequest,
    technique: BoundTechnique,
    model: TargetModel,
) -> HeldOut | None:
    """Return the rows that are held out, where the request asks about them."""
    if request.validation is None:
        return None
    found = find_held_out(job, preview(job), workspace, request, technique, model)
    raise_all(found.other.preview.problems if found.other else ())
    return found


def _with_held_out(
    report: CheckReport, held_out: HeldOut, trained: RowHashes | None, reporter: Reporter
) -> CheckReport:
    """Say which rows are held out; those of another dataset are checked, too."""
    others, shared = None, 0
    if held_out.rule is not None and report.ok:
        require_two(held_out.rule, report.ledger, held_out.mend)
    if held_out.other is not None and trained is not None:
        other, prompts = held_out.other, RowHashes()
        others = count_all(other.job, other.preview, reporter.staging, prompts=prompts).rows
        shared = prompts.meets(trained)
    return dataclasses.replace(report, held_out=held_out.in_words(report.ledger, others, shared))


def target_model_of(workspace: Workspace, name: str, technique: str) -> TargetModel:
    """Return a model with the dataset format that the catalog names for it, if it knows it."""
    from mlcc_core.catalog.lookup import load_catalog

    root = workspace.project.root if workspace.project else None
    entry = load_catalog(workspace.plugins, root).find(name)
    return TargetModel(name, entry.dataset_format(technique) if entry else "default")


def rejects_of(fixed: Path) -> Path:
    """Return the path for rows that are left out of ``fixed`` on request, with their reasons."""
    return fixed.with_name(f"{fixed.stem}.rejects.jsonl")


def _check_new(fixed: Path) -> None:
    if os.path.lexists(fixed):
        raise MlccError(
            f"{fixed} exists already, expected a new file.", where="--fixed", hint=removed(fixed)
        )
    if not fixed.absolute().parent.is_dir():
        raise MlccError(
            f"The folder {fixed.absolute().parent} does not exist.",
            where="--fixed",
            hint=made_folder(fixed.absolute().parent),
        )
