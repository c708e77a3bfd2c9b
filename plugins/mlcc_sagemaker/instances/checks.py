"""Prerequisites of jobs on instances, looked at without changing anything."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core import Check, Context, MlccError
from mlcc_sagemaker import checks as shared
from mlcc_sagemaker.instances.options.declared import TYPE_SETTING
from mlcc_sagemaker.instances.options.values import type_of


def checks(context: Context) -> Iterator[Check]:
    """Yield every prerequisite: those of serverless jobs, in any region that AWS has."""
    yield from shared.checks(context, regions=None)
    if context.settings.get(TYPE_SETTING):
        yield instance_check(context)


def instance_check(context: Context) -> Check:
    """Check the instances that the project names; a flag may name others."""
    try:
        return Check("instance type", "ok", type_of(context, {}))
    except MlccError as error:
        what = error.what.rstrip(".")
        return Check("instance type", "warning", what, f"set {TYPE_SETTING} in do/config")
