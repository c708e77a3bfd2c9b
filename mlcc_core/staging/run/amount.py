"""The least number of rows that a dataset has, found without reading more of it than that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.staging.rules.plan import Tally
from mlcc_core.staging.run.batches import Batches

if TYPE_CHECKING:
    from mlcc_core.staging.model.request import DatasetJob
    from mlcc_core.staging.run.preview import DatasetPreview


def has_rows(job: DatasetJob, preview: DatasetPreview, least: int) -> bool:
    """Return whether a dataset has so many rows that are right.

    Footers are believed where they say enough. A dataset that cannot be read to that row counts as
    large: staging tells what is wrong with it.

    Args:
        job: the dataset.
        preview: of it.
        least: the number of rows.

    Raises:
        PlatformError: a file cannot be reached.
    """
    known = [file.file.rows for file in preview.files]
    if sum(rows or 0 for rows in known) >= least:
        return True
    if None not in known:
        return False
    found = 0
    try:
        with Batches(job, preview.plan, Tally(), wanted=False).read() as batches:
            for batch in batches:
                result = batch.convert(None)
                found += result.written
                if found >= least:
                    return True
    except PlatformError:
        raise
    except MlccError:
        return True
    return False
