"""The files of a model in a folder of their own, ready to leave."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlcc_core.actions.named_models import find_model
from mlcc_core.actions.parts import require_exporting
from mlcc_core.actions.push.files import copy_model, is_model_file
from mlcc_core.actions.push.request import Form, PushRequest
from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.exporting import ExportPlan
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import remove_old_drafts
from mlcc_core.project.records import RunRecord


@contextmanager
def draft(session: Session) -> Iterator[Path]:
    """Make a folder of the project for the files that leave; it is gone afterwards."""
    state = session.project.state_folder
    with disk_errors(state, doing="prepare the files"):
        session.project.make_state_folder()
        remove_old_drafts(state, "push")
        made = tempfile.TemporaryDirectory(".partial", f".push.{os.getpid()}-", state)
    with made as folder:
        yield Path(folder)


def fill(
    session: Session, request: PushRequest, record: RunRecord, form: Form, folder: Path
) -> None:
    """Put the files of the model into a folder: its own, or those that its platform exports.

    Raises:
        MlccError: the platform cannot export it.
    """
    output = record.output
    if output is not None and Path(output.path).is_dir():
        as_it_is = output.kind == "model" or form == "adapter"
        if as_it_is and copy_model(Path(output.path), folder):
            return
    model = find_model(session, record.job, "TARGET", request.platform)
    exporting = require_exporting(
        model.platform,
        session.plugins.platforms,
        lambda name: request.command_line(platform=name),
    )
    lacks = exporting.lacks(model.context, model.subject, form)
    if lacks is not None:
        raise lacks
    session.say(f"Writing {record.job} as {'a whole model' if form == 'merged' else 'files'} …")
    exported = folder / "exported"
    exported.mkdir()
    exporting.export(model.context, ExportPlan(model.subject, form), exported)
    for path in list(exported.iterdir()):
        if is_model_file(path.name):
            path.rename(folder / path.name)
        else:
            _remove(path)
    exported.rmdir()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
