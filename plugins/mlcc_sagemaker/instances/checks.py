"""Prerequisites of jobs on instances, looked at without changing anything."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core import Check, Context, MlccError
from mlcc_sagemaker import checks as shared
from mlcc_sagemaker.instances.options.declared import INSTANCE_TYPE, TYPE_SETTING
from mlcc_sagemaker.instances.options.values import type_of


def checks(context: Context) -> Iterator[Check]:
    """Return every prerequisite: those of serverless jobs, and a fitting type of instances."""
    yield from shared.checks(context, anywhere=True)
    named = context.options.get(INSTANCE_TYPE.key) or context.settings.get(TYPE_SETTING)
    if not named:
        mend = f"set {TYPE_SETTING} in do/config, or pass {INSTANCE_TYPE.flag} each time"
        yield Check("instances", "warning", "no type is named for training jobs", mend)
        return
    try:
        yield Check("instances", "ok", type_of(context, {}))
    except MlccError as error:
        yield Check("instances", "warning", error.what.rstrip("."), error.hint)
