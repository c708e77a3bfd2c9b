"""``check``: only the data. Every row, every error, and what is worth knowing about the rest."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, cast

from mlcc_core.errors import MlccError, raise_all
from mlcc_core.manager import Plugins
from mlcc_core.project import Project
from mlcc_core.session import source_access
from mlcc_core.staging import CheckReport, check, inspect
from mlcc_core.technique import TargetModel
from mlcc_core.tune.dataset import dataset_job
from mlcc_core.tune.request import TuneRequest


def check_dataset(
    plugins: Plugins,
    request: TuneRequest,
    settings: Mapping[str, str],
    *,
    project: Project | None = None,
    fixed: Path | None = None,
    cap: int = 1000,
) -> CheckReport:
    """Look at every row of a dataset.

    Args:
        request: technique, dataset, model and dataset options count.
        settings: where sources find regions and credentials.
        project: whose catalog counts; ``None`` for none.
        fixed: a new file for the rows that are right, converted; written whole or not at all.
        cap: errors that are kept word for word; all are counted.

    Raises:
        MlccError, Problems: the dataset cannot be read as what it should be; ``fixed`` exists.
        PlatformError: the source cannot be reached, ``fixed`` cannot be written.
    """
    from mlcc_core.catalog import load_catalog

    technique = plugins.technique(request.technique)
    name = request.model or settings.get("MODEL_ID") or ""
    entry = load_catalog(plugins, project.root if project else None).find(name)
    dataset_format = entry.dataset_format(technique.name) if entry else "default"
    schema = technique.dataset_schema(TargetModel(name, dataset_format))
    given = any(a.option.key in request.values for a in technique.evaluator_args())
    access = source_access(settings)
    job = dataset_job(plugins, access, request, schema, technique.flatten_rules(schema), given)
    raise_all(inspect(job).problems)
    if fixed is None:
        return check(job, cap=cap)
    if fixed.exists():
        raise MlccError(
            f"{fixed} exists already, expected a new file.", where="--fixed", hint=f"rm {fixed}"
        )
    folder = fixed.resolve().parent
    if not folder.is_dir():
        raise MlccError(
            f"The folder {folder} does not exist.", where="--fixed", hint=f"mkdir -p {folder}"
        )
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{fixed.name}.", delete=False) as file:
        temporary = Path(file.name)
        try:
            report = check(job, fixed=cast("BinaryIO", file), cap=cap)
            file.flush()
            temporary.chmod(0o644)
            temporary.replace(fixed)
        finally:
            temporary.unlink(missing_ok=True)
    return report
