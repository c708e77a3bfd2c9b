"""Prerequisites of jobs on instances, looked at without changing anything."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core import Check, Context
from mlcc_sagemaker import checks as shared


def checks(context: Context) -> Iterator[Check]:
    """Return every prerequisite: those of serverless jobs, in any region that AWS has."""
    yield from (check for check in shared.checks(context) if check.name != "region")
