"""``check``: only the data. Every row, every error, and what is worth knowing about the rest."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import BinaryIO

from mlcc_core.actions.check_tokens import TokenCheck
from mlcc_core.actions.tune.plan.dataset import dataset_job
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.contract.platform import Context, Platform
from mlcc_core.contract.source import Access
from mlcc_core.contract.technique import TargetModel
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import new_draft, remove_old_drafts
from mlcc_core.loader.manager import Plugins
from mlcc_core.project.project import Project
from mlcc_core.staging import ERRORS_KEPT, CheckReport, StagingProgress, check


def check_dataset(
    plugins: Plugins,
    request: TuneRequest,
    access: Access,
    *,
    project: Project | None = None,
    platform: Platform | None = None,
    context: Context | None = None,
    fixed: Path | None = None,
    cap: int = ERRORS_KEPT,
    tell: Callable[[int], None] = lambda rows: None,
    progress: Callable[[StagingProgress], None] = lambda progress: None,
) -> CheckReport:
    """Look at every row of a dataset.

    Args:
        request: technique, dataset, model, dataset options and limits in tokens count.
        access: where sources find regions and credentials.
        project: whose catalog counts, and whose jobs cut rows where nothing is said; ``None`` for
            none.
        platform, context: who counts tokens; ``None`` for nobody.
        fixed: a new file for the rows that are right, converted; written whole or not at all,
            and only if there are any.
            Rows that the request leaves out go to the new file :func:`rejects_of` beside it.
        cap: errors that are kept word for word; all are counted.
        tell: told how many rows were counted in tokens, again and again.
        progress: told how far the check is, after each batch.

    Raises:
        MlccError, Problems: the dataset cannot be read as what it should be; ``fixed`` exists; a
            limit in tokens is asked about, and nobody can count them.
        PlatformError: the source cannot be reached, ``fixed`` cannot be written.
    """
    from mlcc_core.catalog.lookup import load_catalog

    technique = plugins.technique(request.technique)
    rejects = rejects_of(fixed) if fixed and request.on_misfit == "skip" else None
    for path in filter(None, (fixed, rejects)):
        _check_new(path)
    name = request.model or access.settings.get("MODEL_ID") or ""
    tokens = TokenCheck(plugins, request, technique, platform, context, in_project=bool(project))
    entry = load_catalog(plugins, project.root if project else None).find(name)
    model = TargetModel(name, entry.dataset_format(technique.name) if entry else "default")
    # The dataset follows as --dataset, which this command takes as well.
    command = request.own_check_command
    asked = dataset_job(plugins, access, request, technique, model, command=command)
    job = dataclasses.replace(asked, check_command=None)
    with tokens.tally(name, tell) as tally:
        if fixed is None:
            report = check(job, cap=cap, tokens=tally, progress=progress)
        else:
            with disk_errors(fixed), _new_file(fixed) as file:
                report = check(
                    job, fixed=file, rejects=rejects, cap=cap, tokens=tally, progress=progress
                )
    notes = (*job.listing.notes, *report.notes)
    return dataclasses.replace(report, notes=notes, no_tokens=tokens.why_not(tally))


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


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears at ``path`` when the block ends well, and not at all when it fails or
    writes nothing: no dataset is empty."""
    target = path.absolute()
    remove_old_drafts(target.parent, escape(path.name))
    draft = new_draft(target)
    try:
        with draft.open("wb") as file:
            yield file
        if draft.stat().st_size:
            draft.chmod(0o644)
            draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
