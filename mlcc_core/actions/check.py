"""``check``: only the data. Every row, every error, and a summary of the rest."""

from __future__ import annotations

import dataclasses
import os
import shlex
from glob import escape
from pathlib import Path

from mlcc_core.actions.check_tokens import TokenCheck
from mlcc_core.actions.requests import CheckRequest
from mlcc_core.actions.session import Workspace
from mlcc_core.actions.tune.plan.dataset import dataset_job
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.technique.schema import TargetModel
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import atomic_file, remove_old_drafts
from mlcc_core.staging import ERRORS_KEPT, CheckReport
from mlcc_core.staging import check as check_rows


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
    technique = workspace.plugins.technique(request.technique)
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
        named_only=workspace.platform is not None and workspace.platform.insists_on_catalog,
    )
    cap = ERRORS_KEPT if request.errors_kept is None else request.errors_kept
    with tokens.tally(name, reporter.tokens) as tally:
        if fixed is None:
            report = check_rows(job, cap=cap, tokens=tally, progress=reporter.staging)
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
                )
    notes = (*job.listing.notes, *report.notes)
    return dataclasses.replace(report, notes=notes, no_tokens=tokens.why_not(tally))


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
    where = shlex.quote(str(fixed))
    if os.path.lexists(fixed):
        raise MlccError(
            f"{fixed} exists already, expected a new file.", where="--fixed", hint=f"rm {where}"
        )
    if not fixed.absolute().parent.is_dir():
        raise MlccError(
            f"The folder {fixed.absolute().parent} does not exist.",
            where="--fixed",
            hint=f"mkdir -p {shlex.quote(str(fixed.absolute().parent))}",
        )
